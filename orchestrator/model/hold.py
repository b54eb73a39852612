"""What keeps calls from starting until somebody says otherwise."""

from dataclasses import dataclass
from typing import Literal

HoldKind = Literal["halted", "paused", "cancelled"]
"""A rule of the plan halted it; a person paused it, or cancelled what was not dialed."""


@dataclass(frozen=True, slots=True)
class Hold:
    """What holds a plan's edition, or every plan on the journal (`whole`).

    `reason` is the rule that halted, or why a person did it: empty where they gave none. `by` is that person, empty
    where the engine did it. `began_at` is RFC 3339 in UTC.
    """

    kind: HoldKind
    reason: str
    by: str
    began_at: str
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Suppression:
    """Why a number is never rung again, who said so, and when (RFC 3339 in UTC)."""

    because: str
    by: str
    at: str
