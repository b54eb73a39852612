"""Windows: weekdays, midnight, zones east and west, clock changes, adjoining and intersecting windows."""

from datetime import UTC, datetime, timedelta

import pytest

from orchestrator.model.policy import Window
from orchestrator.model.target import ALWAYS, LIVE_HOURS
from orchestrator.policy.windows import opening

MINUTE = timedelta(minutes=1)
EVERY_DAY = frozenset(range(7))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def window(hours: str, zone: str = "Asia/Kolkata", days: frozenset[int] = EVERY_DAY) -> Window:
    start, end = (int(part[:2]) * 60 + int(part[3:]) for part in hours.split("-"))
    return Window(days, start, end, zone)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-11-23T09:00:00+05:30", "2026-11-23T09:00:00+05:30"),  # the first second is inside
        ("2026-11-23T08:59:59+05:30", "2026-11-23T09:00:00+05:30"),
        ("2026-11-23T20:59:00+05:30", "2026-11-23T20:59:00+05:30"),  # a span that ends with the window fits
        ("2026-11-23T20:59:01+05:30", "2026-11-24T09:00:00+05:30"),  # one that does not waits for the next day
        ("2026-11-23T03:00:00+05:30", "2026-11-23T09:00:00+05:30"),
    ],
)
def test_a_span_must_lie_inside_the_default_hours_of_a_live_target(at: str, expected: str) -> None:
    assert opening([[LIVE_HOURS]], utc(at), MINUTE) == utc(expected)


def test_a_window_that_crosses_midnight_belongs_to_the_day_on_which_it_starts() -> None:
    friday_night = window("22:00-02:00", days=frozenset({4}))
    assert opening([[friday_night]], utc("2026-11-28T01:30:00+05:30"), MINUTE) == utc("2026-11-28T01:30:00+05:30")
    assert opening([[friday_night]], utc("2026-11-29T01:30:00+05:30"), MINUTE) == utc("2026-12-04T22:00:00+05:30")


def test_all_day_every_day_never_closes_not_even_at_midnight() -> None:
    before_midnight = utc("2026-11-23T23:59:50+00:00")
    assert opening([[ALWAYS]], before_midnight, timedelta(hours=30)) == before_midnight


def test_adjoining_windows_join() -> None:
    halves = [window("09:00-13:00"), window("13:00-21:00")]
    at = utc("2026-11-23T12:59:30+05:30")
    assert opening([halves], at, 2 * MINUTE) == at


def test_every_set_must_be_open_at_once() -> None:
    morning, late = [window("09:00-12:00")], [window("11:30-20:00")]
    at = utc("2026-11-23T09:30:00+05:30")
    assert opening([morning, late], at, MINUTE) == utc("2026-11-23T11:30:00+05:30")
    assert opening([morning, [window("13:00-14:00")]], at, MINUTE) is None
    assert opening([[], ()], at, MINUTE) == at


def test_a_span_longer_than_every_window_never_fits() -> None:
    assert opening([[window("09:00-09:10")]], utc("2026-11-23T09:00:00+05:30"), 11 * MINUTE) is None


def test_only_the_named_days_open() -> None:
    weekdays = window("09:00-21:00", days=frozenset(range(5)))
    saturday = utc("2026-11-28T10:00:00+05:30")
    assert opening([[weekdays]], saturday, MINUTE) == utc("2026-11-30T09:00:00+05:30")


@pytest.mark.parametrize(
    ("zone", "at", "expected"),
    [
        ("Pacific/Auckland", "2026-11-22T19:00:00+00:00", "2026-11-22T20:00:00+00:00"),  # Monday 09:00 NZDT
        ("America/Los_Angeles", "2026-11-22T12:00:00+00:00", "2026-11-22T17:00:00+00:00"),  # Sunday 09:00 PST
        ("Asia/Kathmandu", "2026-11-22T03:00:00+00:00", "2026-11-22T03:15:00+00:00"),  # UTC+05:45
    ],
)
def test_hours_are_those_of_the_windows_own_zone(zone: str, at: str, expected: str) -> None:
    assert opening([[window("09:00-21:00", zone)]], utc(at), MINUTE) == utc(expected)


def test_an_hour_that_the_clock_skips_does_not_exist() -> None:
    # Berlin, 2026-03-29: 02:00 becomes 03:00.
    skipped = window("02:00-03:00", "Europe/Berlin", frozenset({6}))
    opens = opening([[skipped]], utc("2026-03-28T12:00:00+00:00"), MINUTE)
    assert opens == utc("2026-04-05T02:00:00+02:00")


def test_an_hour_that_happens_twice_is_taken_at_its_narrower_reading() -> None:
    # Berlin, 2026-10-25: 03:00 CEST becomes 02:00 CET; 02:30 happens at 00:30 and at 01:30 UTC.
    sunday = frozenset({6})
    at = utc("2026-10-24T12:00:00+00:00")
    assert opening([[window("02:30-06:00", "Europe/Berlin", sunday)]], at, MINUTE) == utc("2026-10-25T01:30:00+00:00")
    until = [window("00:30-02:30", "Europe/Berlin", sunday)]
    assert opening([until], utc("2026-10-25T00:30:00+00:00"), MINUTE) == utc("2026-11-01T00:30:00+01:00")
