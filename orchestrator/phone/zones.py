"""The time zones in which a number may be: those of its own prefix, else all of its country's."""

from functools import lru_cache

from orchestrator.phone.numbers import HOME_CODE

HOME_ZONES = ("Asia/Kolkata",)
"""The zone of all numbers of the home region: nearly every number, and no table has to be loaded for it."""

UNKNOWN = "Etc/Unknown"
"""What the tables say where they know no zone, as of satellite telephones."""


@lru_cache(maxsize=65_536)
def zones_of(identity: str) -> tuple[str, ...]:
    """Return every zone that a number may be in, by its numbering plan; none where that does not tell.

    `identity` is that of `phone.numbers`. A fixed line is where its area code is; a mobile, a toll-free number and one
    that the plan does not know may be anywhere in the country. The code +1 is shared by many countries.
    """
    if identity.startswith(f"+{HOME_CODE}"):
        return HOME_ZONES
    if not identity.startswith("+"):
        return ()
    return _by_numbering_plan(identity)


def _by_numbering_plan(identity: str) -> tuple[str, ...]:
    import phonenumbers
    from phonenumbers.timezone import time_zones_for_number
    from phonenumbers.tzdata import TIMEZONE_DATA

    try:
        number = phonenumbers.parse(identity)
    except phonenumbers.NumberParseException:
        return ()
    if phonenumbers.is_valid_number(number):
        found = time_zones_for_number(number)
    else:
        found = TIMEZONE_DATA.get(str(number.country_code), ())
    return tuple(zone for zone in found if zone != UNKNOWN)
