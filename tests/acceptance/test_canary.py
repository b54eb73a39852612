"""What watches every command of the suite finds a leak, in whatever spelling, and finds nothing else."""

from pathlib import Path

import pytest

from acceptance import canary
from acceptance.desk import AGENT, Desk, call, customer

SECRET = "canarytoken9b02f4"


def held(folder: Path, said: str, *arguments: str) -> None:
    canary.check(arguments, folder, {"EXOTEL_API_TOKEN": SECRET}, folder / "typed", 0.0, said)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    (tmp_path / "plan.yaml").write_text('From: "+918069171234"\nTo: 09812345678\n')
    (tmp_path / "data" / "people.csv").write_text("id,phone\na,98123 40001\n")
    (tmp_path / "typed").write_text("+91-98123-40002")
    return tmp_path


@pytest.mark.parametrize(
    "said",
    [
        *("rings +918069171234", '{"from": "08069171234"}', "To=9812345678,", "to 98123-45678", "98123 40001"),
        *("(0091) 98123 40001", "`9812340002`", "suppressed 7700900101", "tel:9812345678"),
        *(f"sent {SECRET}", "Basic Y2FuYXJ5dG9rZW45YjAyZjQ"),
    ],
)
def test_a_leak_is_found(folder: Path, said: str) -> None:
    with pytest.raises(AssertionError, match="stand"):
        held(folder, said, "suppress", "7700900101")


@pytest.mark.parametrize("said", ["to +9198******78", "98******78", "order-9812345678901234", "9812340003", ""])
def test_what_is_masked_or_was_not_given_is_no_leak(folder: Path, said: str) -> None:
    held(folder, said, "run")


def test_numbers_that_were_asked_for_are_no_leak_and_secrets_always_are(folder: Path) -> None:
    held(folder, "rings +918069171234", "run", "--unmask")
    with pytest.raises(AssertionError, match="secret"):
        held(folder, SECRET, "run", "--unmask")


def test_a_report_that_leaks_is_found(folder: Path) -> None:
    (folder / "r.json").write_text('{"to": "9812345678"}')
    with pytest.raises(AssertionError, match=r"r\.json"):
        held(folder, "", "run", "--report", "r.json")


@pytest.mark.parametrize("place", ["beginning", "end"])
def test_a_large_file_is_looked_into_at_both_ends(folder: Path, place: str) -> None:
    many, one = "x,1\n" * canary.LOOKED_INTO, "y,9812340009\n"
    (folder / "data/people.csv").write_text(one + many if place == "beginning" else many + one)
    (folder / "r.csv").write_text(many + one if place == "beginning" else one + many)
    with pytest.raises(AssertionError, match=r"r\.csv"):
        held(folder, "", "run", "--report", "r.csv")


def test_a_file_that_has_changed_is_looked_into_again(folder: Path) -> None:
    held(folder, "9812340009", "run")
    (folder / "plan.yaml").write_text("To: 09812340009\n")
    with pytest.raises(AssertionError, match="stand"):
        held(folder, "9812340009", "run")


@pytest.mark.parametrize("environment", [{}, {"PYTHONUTF8": "1"}], ids=["forked", "started"])
def test_every_command_of_a_desk_is_held_to_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]
) -> None:
    plan = desk.plan([call("a")])
    desk.environment.update(environment)
    seen: list[str] = []
    monkeypatch.setattr(canary, "check", lambda *held_to: seen.append(held_to[-1]))
    said = [desk.orchestrate("plan", str(plan), "--requests", *more).said for more in ((), ("--unmask",))]
    assert seen == said
    assert AGENT in said[1]
    assert customer(0) in said[1]
