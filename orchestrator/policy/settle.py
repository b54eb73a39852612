"""Evidence about an attempt, folded into what is known: nothing known is ever overwritten by less."""

from dataclasses import replace

from orchestrator.model.outcome import CallFacts, Ending, Evidence, Leg, Placement
from orchestrator.model.record import AttemptRecord


def fold(
    known: AttemptRecord, facts: CallFacts, ending: Ending | None, evidence: Evidence, at: str, currency: str
) -> AttemptRecord:
    """Return the attempt with these facts added.

    A callback with the attempt's token, or a look-up of its Sid, makes it accepted whatever the reply said.
    The first ending stays; later facts only fill gaps (callbacks repeat and come out of order), but a price,
    duration or recording that was missing is taken whenever it comes.
    """
    settles = known.placement is not Placement.ACCEPTED
    ended = known.ending is None and ending is not None
    return replace(
        known,
        placement=Placement.ACCEPTED,
        evidence=evidence if settles or known.evidence is None else known.evidence,
        sid=known.sid or facts.sid,
        placed_at=known.placed_at or at,
        ending=known.ending or ending,
        ended_at=at if ended else known.ended_at,
        legs=_fuller(known.legs, facts.legs, over=known.ending is not None),
        duration=known.duration if known.duration is not None else _settled(facts, known.ending or ending),
        recording_url=known.recording_url or facts.recording_url,
        price=known.price or facts.price,
        currency=known.currency or (currency if facts.price else None),
    )


def _settled(facts: CallFacts, ending: Ending | None) -> int | None:
    """Return a duration only once the call is over: before, it still grows."""
    return facts.duration if ending is not None else None


def _fuller(known: tuple[Leg, ...], told: tuple[Leg, ...], *, over: bool) -> tuple[Leg, ...]:
    """Prefer what the later word says of the legs, unless the call was over already."""
    return told if told and not (over and known) else known
