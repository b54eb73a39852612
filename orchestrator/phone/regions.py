"""The country in which a number is, by its country code and area code."""

from functools import lru_cache

from orchestrator.phone.numbers import HOME_CODE, HOME_REGION


@lru_cache(maxsize=65_536)
def region_of(identity: str) -> str | None:
    """Return the two letters of a number's country; None where the number does not tell.

    `identity` is that of `phone.numbers`. Where countries share a code, as +1, a number that no plan has is taken for
    one of the largest of them.
    """
    if identity.startswith(f"+{HOME_CODE}"):
        return HOME_REGION
    if not identity.startswith("+"):
        return None
    import phonenumbers

    try:
        number = phonenumbers.parse(identity)
    except phonenumbers.NumberParseException:
        return None
    found = phonenumbers.region_code_for_number(number)
    return found or phonenumbers.region_code_for_country_code(number.country_code or 0)
