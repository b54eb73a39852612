"""Evidence about an attempt, folded into what is known: nothing known is ever overwritten by less."""

from dataclasses import replace

from orchestrator.model.outcome import CallFacts, Ending, Evidence, Leg, Placement
from orchestrator.model.record import AttemptRecord


def fold(
    known: AttemptRecord, facts: CallFacts, ending: Ending | None, evidence: Evidence, at: str, currency: str
) -> AttemptRecord:
    """Return the attempt with these facts added.

    A callback with the attempt's token, or a look-up of its Sid, makes it accepted whatever the reply said.
    The first ending stays - `unseen` is none -; later facts only fill gaps (callbacks repeat and come out of order),
    but a price or recording that was missing is taken whenever it comes, and a total duration always.
    """
    settles = known.placement is not Placement.ACCEPTED
    ended = known.ending in (None, Ending.UNSEEN) and ending is not None
    return replace(
        known,
        placement=Placement.ACCEPTED,
        evidence=evidence if settles or known.evidence is None else known.evidence,
        sid=known.sid or facts.sid,
        placed_at=known.placed_at or at,
        ending=ending if ended else known.ending,
        ended_at=at if ended else known.ended_at,
        legs=_fuller(known.legs, facts.legs, over=known.ending is not None),
        duration=_duration(known, facts) if known.ending or ending else known.duration,
        recording_url=known.recording_url or facts.recording_url,
        price=known.price or facts.price,
        currency=known.currency or (currency if facts.price else None),
    )


DID_NOT_RING = (Placement.REJECTED, Placement.THROTTLED, Placement.UNREACHED)


def contradiction(
    known: AttemptRecord, facts: CallFacts, ending: Ending | None, evidence: Evidence | None
) -> str | None:
    """Say where the evidence contradicts what is known; None where it does not. Neither is a reason to dial again."""
    source = f"a {evidence or 'callback'}"
    if known.placement in DID_NOT_RING:
        said = "a person said not-placed" if known.evidence is Evidence.PERSON else f"the answer was {known.placement}"
        return f"{said}, and {source} proves a call"
    if known.sid and facts.sid and known.sid != facts.sid:
        return f"it is call {known.sid}, and {source} names call {facts.sid}"
    if ending is None or known.ending in (None, Ending.UNSEEN) or _compatible(known.ending, ending):
        return None
    return f"it ended {known.ending}, and {source} says {ending}"


def beside(message: str | None, words: str) -> str:
    """Add words to an attempt's message."""
    return f"{message}; {words}" if message else words


def _compatible(one: Ending | None, other: Ending) -> bool:
    """Whether two endings can be of one call: `agent-no-answer` is what legs make of the carrier's other words."""
    finer = Ending.AGENT_NO_ANSWER in (one, other) and Ending.COMPLETED not in (one, other)
    return one is other or finer


def _duration(known: AttemptRecord, facts: CallFacts) -> int | None:
    """Return the duration of a call that is over: before, it still grows.

    The carrier's total, in its latest word - it may change for some minutes -; until a look-up tells it, the seconds
    in which both parties were joined, which is all that a callback knows.
    """
    if facts.duration is not None:
        return facts.duration
    return known.duration if known.duration is not None else facts.talked


def _fuller(known: tuple[Leg, ...], told: tuple[Leg, ...], *, over: bool) -> tuple[Leg, ...]:
    """Prefer what the later word says of the legs, unless the call was over already.

    Who answered a leg stays: only callbacks tell it, and a late one may be the first that does.
    """
    kept, other = (told, known) if told and not (over and known) else (known, told)
    answered = [leg.answered_by for leg in other] + [None] * len(kept)
    return tuple(replace(leg, answered_by=leg.answered_by or by) for leg, by in zip(kept, answered, strict=False))
