"""One thing in a journal that is not as it was written."""

from orchestrator.model.frozen import frozen


@frozen
class IntegrityFinding:
    """What was altered, where (the event's number, None where none speaks of it) and why we say so.

    `what` and `why` may hold phone numbers: mask them where people see them.
    """

    what: str
    seq: int | None
    why: str


def differs(name: str, stands: object, reported: object) -> str:
    """Say that a column does not agree with its event."""
    return f"its {name} is {_shown(stands)}, and the event says {_shown(reported)}"


def _shown(value: object) -> str:
    return "empty" if value is None else f"`{value}`"
