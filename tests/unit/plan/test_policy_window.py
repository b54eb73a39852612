"""Windows that no call fits into: both legs must have stopped ringing before they close."""

from pathlib import Path

import pytest
from unit.plan.desk import Read, plan

from orchestrator.model.diagnostic import Severity


def told(folder: Path, windows: str, defaults: str = "", call: str = "") -> Read:
    """A plan with one call; its window stands in line 9."""
    return plan(
        folder,
        'version: 1\nname: demo\ndefaults: {From: "+918069171234", CallerId: "08047112233"'
        f'{defaults}}}\ncalls:\n  - {{id: a, To: "+919900000001"{call}}}\n'
        '  - {id: b, To: "+919900000002", TimeOut: 59}\n'
        f"policy:\n  window:\n    [{windows}]\n",
    )


def window(hours: str, days: str = "mon-sun", zone: str = "Asia/Kolkata") -> str:
    return f'{{days: {days}, hours: "{hours}", timezone: {zone}}}'


@pytest.mark.parametrize(
    ("windows", "columns"),
    [
        (window("09:00-09:01"), [29]),
        (window("23:59-00:00"), [29]),
        (window("09:00-09:01") + ", " + window("09:02-09:03"), [29, 92]),
        (window("09:00-09:01") + ", " + window("10:00-21:00", "mon-fri"), [29]),
        (window("09:00-09:01", "mon-tue") + ", " + window("09:01-21:00", "wed"), [29]),
    ],
)
def test_a_window_that_no_call_fits_into_is_told_at_its_hours(tmp_path: Path, windows: str, columns: list[int]) -> None:
    read = told(tmp_path, windows)
    assert [(each.id, each.severity, each.spans[0].line, each.spans[0].column) for each in read.told] == [
        ("window-too-short", Severity.WARNING, 9, column) for column in columns
    ]
    assert all(each.hint for each in read.told)
    assert "118 s" in read.told[0].message


@pytest.mark.parametrize(
    "windows",
    [
        window("09:00-09:02"),
        window("23:59-00:01"),
        window("09:00-09:01") + ", " + window("09:01-09:02"),
        window("09:00-09:01", "mon-tue") + ", " + window("09:01-21:00", "tue"),
        window("23:59-24:00", "mon") + ", " + window("00:00-00:01", "tue"),
        window("09:00-09:01") + ", " + window("08:00-21:00", "fri"),
        window("09:00-09:01", zone="UTC") + ", " + window("14:31-14:32"),
    ],
)
def test_windows_that_adjoin_are_one(tmp_path: Path, windows: str) -> None:
    assert told(tmp_path, windows).told == []


@pytest.mark.parametrize(
    ("defaults", "call", "fits"),
    [
        ("", "", False),
        (", TimeOut: 30", "", True),
        (", TimeOut: 31", "", False),
        (", TimeOut: 31", ", TimeOut: 30", True),
        (", TimeOut: 30", ", TimeOut: 31", False),
        (", TimeOut: 30", ", TimeOut: ''", False),
        ("", ", TimeOut: '${var.ring}'", True),
        (", TimeOut: 123456789012345678", ", TimeOut: 40", False),
    ],
)
def test_the_call_that_rings_shortest_decides(tmp_path: Path, defaults: str, call: str, fits: bool) -> None:
    read = told(tmp_path, window("09:00-09:01"), defaults, call)
    assert ("window-too-short" not in read.ids) == fits


def test_a_window_that_never_closes_has_room_for_any_call(tmp_path: Path) -> None:
    always = window("00:00-24:00")
    text = 'calls:\n  - {id: a, To: "+919900000001", TimeOut: 123456789012345678}\npolicy:\n  window: [%s]\n'
    assert "window-too-short" not in plan(tmp_path, text % always).ids
    assert "window-too-short" in plan(tmp_path, text % always.replace("24:00", "23:59")).ids


@pytest.mark.parametrize("defaults", [", TimeOut: soon", ", TimeOut: [30]", ", TimeOut: '99999999999999999999'"])
def test_a_time_that_is_none_is_told_once(tmp_path: Path, defaults: str) -> None:
    assert "window-too-short" not in told(tmp_path, window("09:00-09:01"), defaults, ", TimeOut: x").ids
