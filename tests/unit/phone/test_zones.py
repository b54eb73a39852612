"""Where a number may be, by its numbering plan."""

import pytest
from phonenumbers.tzdata import TIMEZONE_DATA

from orchestrator.phone.numbers import identity
from orchestrator.phone.zones import HOME_ZONES, UNKNOWN, zones_of
from orchestrator.plan.text_formats import read_timezone


@pytest.mark.parametrize(
    ("number", "zones"),
    [
        ("+919900000001", ("Asia/Kolkata",)),
        ("080 4711 2233", ("Asia/Kolkata",)),
        ("1800123456", ("Asia/Kolkata",)),  # toll-free in India, which has one zone
        ("+12125550123", ("America/New_York",)),
        ("+16025550123", ("America/Phoenix",)),  # without daylight saving
        ("+19075551234", ("America/Adak", "America/Anchorage")),
        ("+393401234567", ("Europe/Rome", "Europe/Vatican")),
        ("+442079460123", ("Europe/London",)),
        ("+881612345678", ()),  # a satellite telephone
        ("+80012345678", ()),  # no country's
        ("12345", ()),  # a short number: nobody knows of which town
        ("", ()),
    ],
)
def test_a_number_is_where_its_prefix_is(number: str, zones: tuple[str, ...]) -> None:
    assert zones_of(identity(number)) == zones


@pytest.mark.parametrize(
    ("number", "some"),
    [
        ("+18005550123", {"America/New_York", "Pacific/Honolulu", "America/St_Johns", "Pacific/Guam"}),  # toll-free
        ("+61412345678", {"Australia/Perth", "Australia/Sydney"}),  # a mobile
        ("+79161234567", {"Europe/Moscow", "Asia/Kamchatka"}),
        ("+19995550123", {"America/New_York", "Pacific/Honolulu"}),  # an area code that nobody has
        ("+447700900123", {"Europe/London", "Europe/Isle_of_Man"}),  # kept for examples
    ],
)
def test_a_number_that_may_be_anywhere_in_its_country_is_everywhere(number: str, some: set[str]) -> None:
    found = zones_of(identity(number))
    assert some <= set(found)
    assert UNKNOWN not in found


def test_every_zone_of_the_tables_is_one_that_plans_may_name() -> None:
    named = {zone for zones in TIMEZONE_DATA.values() for zone in zones}
    assert [zone for zone in named if not isinstance(read_timezone(zone), str)] == []


def test_the_home_zone_is_what_the_tables_say_of_every_home_number() -> None:
    indian = {zones for prefix, zones in TIMEZONE_DATA.items() if prefix.startswith("91")}
    assert (indian, HOME_ZONES) == ({("Asia/Calcutta",)}, ("Asia/Kolkata",))
