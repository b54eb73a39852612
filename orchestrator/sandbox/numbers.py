"""What the sandbox tells of a phone number, in the shape of the carrier's metadata (docs/carrier.md, numbers).

By rule, not by chance, so that a plan can be tested: Indian numbers only; a landline's registration is `Unavailable`;
a mobile number is registered as do-not-disturb where it ends in one of its scenario's `dnd_digits` - in `everyday` in
3 or 7, a fifth of all, in `calm` in none.
"""

from typing import Any

import phonenumbers

from orchestrator.phone.numbers import identity
from orchestrator.sandbox.call import shown
from orchestrator.sandbox.scenarios import scenario_named


def number_body(number: str, scenario: str) -> dict[str, Any] | None:
    """Return the `Numbers` object of a number, however it is spelled; None where it is not an Indian one."""
    full = identity(number)
    if not full.startswith("+91"):
        return None
    is_landline = phonenumbers.number_type(phonenumbers.parse(full)) == phonenumbers.PhoneNumberType.FIXED_LINE
    is_registered = full[-1] in scenario_named(scenario).dnd_digits
    return {
        "PhoneNumber": shown(full),
        "Circle": "KA",
        "CircleName": "Karnataka",
        "Type": "Landline" if is_landline else "Mobile",
        "Operator": "SB",
        "OperatorName": "Sandbox",
        "DND": "Unavailable" if is_landline else "Yes" if is_registered else "No",
    }
