"""What proving a journal, or a proof of it, has found: each thing that is not as it was written."""

from collections.abc import Callable

from orchestrator.model.frozen import frozen


@frozen
class IntegrityFinding:
    """What was altered, where (the event's number, None where none speaks of it) and why we say so.

    `what` and `why` may hold phone numbers: mask them where people see them.
    """

    what: str
    seq: int | None
    why: str


Tell = Callable[[str, float | None], None]
"""Hears which part of the work is under way, and how much of it is done, from 0 to 1; None where nobody knows."""


def untold(_what: str, _part: float | None) -> None:
    """Let nobody hear how far the work has come."""


TOLD_EVERY = 4096
"""Events between two times that somebody hears how far the work has come."""

FINDINGS_KEPT = 100
"""Findings that are kept; more are only counted."""


@frozen
class Verified:
    """The journal's id, its events, the last one's hash, the first FINDINGS_KEPT findings, and how many there are.

    `withheld` is how many texts of a proof are not there, but for their hashes.
    """

    journal: str
    events: int
    head: str
    altered: tuple[IntegrityFinding, ...]
    count: int
    withheld: int = 0


def not_the_head(seq: int) -> IntegrityFinding:
    """Say that the chain, which ends with event `seq`, does not hold the head that was expected."""
    return IntegrityFinding(
        "the chain", seq, "no event has the head that was expected: events were cut off, or all written anew"
    )


def differs(name: str, stands: object, reported: object) -> str:
    """Say that a column does not agree with its event."""
    return f"its {name} is {_shown(stands)}, and the event says {_shown(reported)}"


def _shown(value: object) -> str:
    return "empty" if value is None else f"`{value}`"
