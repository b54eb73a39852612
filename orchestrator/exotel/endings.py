"""How a call ended, from the carrier's words (docs/carrier.md, replies)."""

from orchestrator.model.outcome import CallFacts, Ending

_WORDS = {
    "completed": Ending.COMPLETED,
    "busy": Ending.BUSY,
    "no-answer": Ending.NO_ANSWER,
    "failed": Ending.FAILED,
    "canceled": Ending.CANCELED,  # documented for legs; at call level in one guide only
}
_NOT_REACHED = frozenset(_WORDS) - {"completed"}


def ending(facts: CallFacts) -> Ending | None:
    """Return how the call ended, None while it goes on or as long as nothing says that it is over.

    An `answered` event never ends a call, whatever its status says. A `terminal` event always does: where its
    status is missing or a word we do not know, the call counts as `failed` - it is over, and nothing says that
    it went well - and `facts.status` keeps the carrier's word. Outside a terminal event an unknown word may
    as well mean a call in progress, so it ends nothing.
    """
    event = _word(facts.event)
    if event == "answered":
        return None
    ended = _WORDS.get(_word(facts.status))
    if ended is None:
        ended = Ending.FAILED if event == "terminal" else None
    if ended in (None, Ending.COMPLETED) or not _agent_never_answered(facts):
        return ended
    return Ending.AGENT_NO_ANSWER


def _agent_never_answered(facts: CallFacts) -> bool:
    """Leg 1 (index 0, From) was not reached, and leg 2 (index 1, To) has no status: it was never rung."""
    if not facts.legs or _word(facts.legs[0].status) not in _NOT_REACHED:
        return False
    return len(facts.legs) == 1 or facts.legs[1].status is None


def _word(text: str | None) -> str:
    return (text or "").lower()
