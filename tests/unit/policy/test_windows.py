"""Windows: weekdays, midnight, zones east and west, clock changes, adjoining and intersecting windows."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from orchestrator.model.policy import CALLEE, Window
from orchestrator.model.target import LIVE_HOURS
from orchestrator.policy.windows import closed_between, in_zones, longest_opening, opening

ALWAYS = Window(frozenset(range(7)), 0, 1440, "UTC")
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
    inside = [window("02:15-02:45", "Europe/Berlin", sunday)]  # 00:15 and 01:15 UTC
    assert opening([inside], utc("2026-10-24T22:00:00+00:00"), MINUTE) == utc("2026-10-25T01:15:00+00:00")
    assert opening([inside], utc("2026-10-25T01:45:00+00:00"), MINUTE) == utc("2026-11-01T01:15:00+00:00")
    spring = opening([inside], utc("2026-03-28T22:00:00+00:00"), MINUTE)
    assert spring == utc("2026-04-05T00:15:00+00:00"), "the hour does not exist on 29 March"
    until = [window("00:30-02:30", "Europe/Berlin", sunday)]
    assert opening([until], utc("2026-10-25T00:30:00+00:00"), MINUTE) == utc("2026-11-01T00:30:00+01:00")


DAY = "00:00-24:00"
NIGHT = "22:00-02:00"


@pytest.mark.parametrize(
    ("zone", "hours", "at", "expected"),
    [
        # The clock goes forward: the hours before and after it are whole, and end an hour of UTC earlier.
        ("Europe/Berlin", "09:00-21:00", "2026-03-29T06:30:00+00:00", "2026-03-29T07:00:00+00:00"),
        ("Europe/Berlin", "09:00-21:00", "2026-03-28T20:00:00+00:00", "2026-03-29T07:00:00+00:00"),
        ("America/New_York", "09:00-21:00", "2026-03-08T12:00:00+00:00", "2026-03-08T13:00:00+00:00"),
        ("America/New_York", "01:30-02:30", "2026-03-08T06:00:00+00:00", "2026-03-09T05:30:00+00:00"),  # 02:30 is none
        ("Pacific/Auckland", "09:00-21:00", "2026-09-26T19:59:00+00:00", "2026-09-26T20:00:00+00:00"),
        ("Pacific/Auckland", "01:00-02:30", "2026-09-26T12:00:00+00:00", "2026-09-26T13:00:00+00:00"),
        # It goes back: an hour of UTC later.
        ("Europe/Berlin", "09:00-21:00", "2026-10-25T07:00:00+00:00", "2026-10-25T08:00:00+00:00"),
        ("America/New_York", "09:00-21:00", "2026-11-01T13:00:00+00:00", "2026-11-01T14:00:00+00:00"),
        (
            "America/New_York",
            "01:30-03:00",
            "2026-11-01T05:30:00+00:00",
            "2026-11-01T06:30:00+00:00",
        ),  # the second 01:30
        ("America/New_York", "00:00-01:30", "2026-11-01T05:29:30+00:00", "2026-11-02T05:00:00+00:00"),  # till the first
        ("Pacific/Auckland", "02:30-06:00", "2026-04-04T13:30:00+00:00", "2026-04-04T14:30:00+00:00"),
        # Over midnight into the changed day.
        ("Europe/Berlin", NIGHT, "2026-03-28T23:30:00+00:00", "2026-03-28T23:30:00+00:00"),
        (
            "Europe/Berlin",
            "22:00-04:00",
            "2026-03-29T01:59:30+00:00",
            "2026-03-29T20:00:00+00:00",
        ),  # 04:00 is 02:00 UTC
        (
            "Europe/Berlin",
            "22:00-04:00",
            "2026-10-25T02:59:00+00:00",
            "2026-10-25T02:59:00+00:00",
        ),  # 04:00 is 03:00 UTC
        # Zones without changes, west and east of everything.
        ("Pacific/Kiritimati", "09:00-21:00", "2026-11-22T18:59:00+00:00", "2026-11-22T19:00:00+00:00"),  # UTC+14
        ("Pacific/Pago_Pago", "09:00-21:00", "2026-11-22T19:59:00+00:00", "2026-11-22T20:00:00+00:00"),  # UTC-11
        ("Pacific/Pago_Pago", NIGHT, "2026-11-23T12:30:00+00:00", "2026-11-23T12:30:00+00:00"),  # 01:30, of the 22nd
    ],
)
def test_a_clock_change_moves_a_window_in_utc_and_never_beyond_either_reading(
    zone: str, hours: str, at: str, expected: str
) -> None:
    assert opening([[window(hours, zone)]], utc(at), MINUTE) == utc(expected)


@pytest.mark.parametrize("zone", ["America/Havana", "Africa/Cairo", "Europe/Berlin", "Asia/Kolkata"])
@pytest.mark.parametrize("hours", [[DAY], ["00:00-12:00", "12:00-24:00"], ["22:00-06:00", "06:00-22:00"]])
def test_what_is_open_at_every_hour_does_not_close_where_the_clock_changes_at_midnight_either(
    zone: str, hours: list[str]
) -> None:
    """In Havana 01:00 becomes 00:00, which then happens twice; in Cairo 00:00 becomes 01:00."""
    windows = [window(each, zone) for each in hours]
    moment = utc("2026-01-01T00:00:00+00:00")
    for _ in range(365 * 5):
        assert opening([windows], moment, 300 * MINUTE) == moment
        moment += timedelta(hours=5)


HOLIDAY = frozenset({datetime(2026, 11, 25, tzinfo=UTC).date()})  # a Wednesday


@pytest.mark.parametrize(
    ("hours", "at", "expected"),
    [
        ("09:00-21:00", "2026-11-24T20:58:00", "2026-11-24T20:58:00"),
        ("09:00-21:00", "2026-11-25T09:00:00", "2026-11-26T09:00:00"),
        (DAY, "2026-11-24T23:59:00", "2026-11-24T23:59:00"),
        (DAY, "2026-11-24T23:59:01", "2026-11-26T00:00:00"),
        # A window that crosses midnight loses the part that falls on the holiday, whichever that is.
        (NIGHT, "2026-11-24T23:59:00", "2026-11-24T23:59:00"),
        (NIGHT, "2026-11-24T23:59:30", "2026-11-26T00:00:00"),
        (NIGHT, "2026-11-25T01:00:00", "2026-11-26T00:00:00"),
        (NIGHT, "2026-11-25T23:00:00", "2026-11-26T00:00:00"),
        (NIGHT, "2026-11-26T01:59:00", "2026-11-26T01:59:00"),  # of Wednesday's window, on Thursday
        ("22:00-00:00", "2026-11-24T23:59:00", "2026-11-24T23:59:00"),
        ("22:00-00:00", "2026-11-25T22:00:00", "2026-11-26T22:00:00"),
    ],
)
def test_on_a_holiday_nobody_is_rung_from_midnight_to_midnight(hours: str, at: str, expected: str) -> None:
    found = opening([[window(hours)]], utc(f"{at}+05:30"), MINUTE, HOLIDAY)
    assert found == utc(f"{expected}+05:30")


def test_a_holiday_is_a_day_of_each_windows_own_zone() -> None:
    at = utc("2026-11-24T18:30:00+00:00")  # midnight of the 25th in India, still the 24th in Lisbon
    assert opening([[window(DAY, "Europe/Lisbon")]], at, MINUTE, HOLIDAY) == at
    assert opening([[window(DAY)]], at, MINUTE, HOLIDAY) == utc("2026-11-26T00:00:00+05:30")
    both = opening([[window(DAY)], [window(DAY, "Europe/Lisbon")]], at, MINUTE, HOLIDAY)
    assert both == utc("2026-11-26T00:00:00+00:00")


def test_many_holidays_in_a_row_are_looked_beyond() -> None:
    days = frozenset((datetime(2026, 11, 1, tzinfo=UTC) + timedelta(n)).date() for n in range(30))
    at = utc("2026-11-01T10:00:00+05:30")
    assert opening([[LIVE_HOURS]], at, MINUTE, days) == utc("2026-12-01T09:00:00+05:30")
    year = frozenset((datetime(2026, 11, 1, tzinfo=UTC) + timedelta(n)).date() for n in range(365))
    assert opening([[LIVE_HOURS]], at, MINUTE, year) is None


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Pacific/Auckland", "Asia/Kathmandu"])
@pytest.mark.parametrize("hours", ["09:00-21:00", NIGHT, "01:30-02:30"])
def test_at_every_minute_of_an_opening_both_clocks_on_the_wall_are_inside(zone: str, hours: str) -> None:
    """Minute by minute through a year: the answer's local time, and that an hour off at a change, is in the window."""
    start, end = (int(part[:2]) * 60 + int(part[3:]) for part in hours.split("-"))
    moment = utc("2026-01-01T00:00:00+00:00")
    while moment < utc("2027-01-01T00:00:00+00:00"):
        opens = opening([[window(hours, zone)]], moment, MINUTE)
        assert opens is not None
        for at in (opens, opens + MINUTE - timedelta(seconds=1)):
            local = at.astimezone(ZoneInfo(zone))
            minute = local.hour * 60 + local.minute
            assert start <= minute < end if start < end else minute >= start or minute < end
        moment = opens + timedelta(minutes=53)


def test_a_window_of_the_callees_must_be_open_in_each_zone_that_they_may_be_in() -> None:
    day, london = window("09:00-21:00", CALLEE), window("10:00-11:00", "Europe/London")
    assert list(in_zones([day, london], ["Asia/Kolkata", "UTC"])) == [
        (window("09:00-21:00"), london),
        (window("09:00-21:00", "UTC"), london),
    ]
    assert list(in_zones([london], ["Asia/Kolkata", "UTC"])) == [[london]]
    coasts = in_zones([day], ["America/New_York", "America/Los_Angeles"])
    found = opening(coasts, utc("2026-11-23T03:00:00+00:00"), MINUTE)
    assert found == utc("2026-11-23T17:00:00+00:00"), "nine in the west is noon in the east"


def test_how_long_it_is_open_on_end_is_known_of_the_callees_windows_too() -> None:
    day, morning = window("09:00-21:00", CALLEE), window("06:00-12:00")
    assert longest_opening([[day]]) == timedelta(hours=12)
    assert longest_opening([[day], [morning]]) == timedelta(hours=6)
    assert longest_opening([[day], [window("20:00-23:00", CALLEE)]]) == timedelta(hours=1)


def test_closed_times_are_those_between_the_openings_holidays_included() -> None:
    start, end = utc("2026-11-23T08:00:00+05:30"), utc("2026-11-26T10:00:00+05:30")
    holidays = frozenset({utc("2026-11-24T12:00:00Z").date()})
    found = list(closed_between(((window("09:00-21:00"),), (window("07:00-20:00"),)), start, end, holidays))
    assert [(each[0].isoformat(), each[1].isoformat()) for each in found] == [
        ("2026-11-23T02:30:00+00:00", "2026-11-23T03:30:00+00:00"),
        ("2026-11-23T14:30:00+00:00", "2026-11-25T03:30:00+00:00"),
        ("2026-11-25T14:30:00+00:00", "2026-11-26T03:30:00+00:00"),
    ]
    assert list(closed_between(((ALWAYS,),), start, end)) == []
    assert list(closed_between((), start, end)) == []
    never = Window(frozenset(), 0, 1440, "UTC")
    assert list(closed_between(((never,),), start, end)) == [(start, end)]
