"""Names of time zones: they mean the same on every machine, or they are refused."""

from zoneinfo import ZoneInfo

import pytest

from orchestrator.plan.text_formats import ParseError, read_timezone


@pytest.mark.parametrize(
    "name", ["UTC", "Etc/UTC", "Etc/GMT-5", "GMT", "Asia/Kolkata", "Asia/Calcutta", "America/Argentina/Ushuaia"]
)
def test_a_published_name_is_a_zone(name: str) -> None:
    assert read_timezone(name) == name
    assert ZoneInfo(name)


@pytest.mark.parametrize("name", ["localtime", "posixrules", "Factory"])
def test_what_each_machine_sets_for_itself_is_refused(name: str) -> None:
    found = read_timezone(name)
    assert isinstance(found, ParseError)
    assert found.reason == "is a time zone that each machine sets for itself"
    assert "`Asia/Kolkata`" in found.hint


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("/usr/share/zoneinfo/Asia/Kolkata", "`UTC`"),
        ("../Asia/Kolkata", "`Asia/Kolkata`"),
        ("right/Asia/Kolkata", "did you mean `Asia/Kolkata`?"),
        ("posix/Asia/Kolkata", "did you mean `Asia/Kolkata`?"),
        ("asia/kolkata", "did you mean `Asia/Kolkata`?"),
        ("IST", "such as `Asia/Kolkata`"),
        ("zone.tab", "such as `Asia/Kolkata`"),
        ("", "such as `Asia/Kolkata`"),
    ],
)
def test_a_path_or_a_relation_of_a_zone_is_refused(name: str, hint: str) -> None:
    found = read_timezone(name)
    assert isinstance(found, ParseError)
    assert hint in found.hint
