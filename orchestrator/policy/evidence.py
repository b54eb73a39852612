"""What evidence - a callback, a look-up, a person - adds to what is known of an attempt: less never replaces more."""

from dataclasses import replace

from orchestrator.model.call import Attempt
from orchestrator.model.frozen import frozen
from orchestrator.model.outcome import CallFacts, Ending, Evidence, Leg, Placement, may_have_rung
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


def contradiction(
    known: AttemptRecord, facts: CallFacts, ending: Ending | None, evidence: Evidence | None
) -> str | None:
    """Say where the evidence contradicts what is known; None where it does not. Neither is a reason to dial again."""
    source = f"a {evidence or 'callback'}"
    if not may_have_rung(known.placement):
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

    The carrier's total, in its latest word - it may change for some minutes -; until a look-up brings it, the seconds
    in which both parties were joined, which is all that a callback knows.
    """
    if facts.duration is not None:
        return facts.duration
    return known.duration if known.duration is not None else facts.talked


def _fuller(known: tuple[Leg, ...], reported: tuple[Leg, ...], *, over: bool) -> tuple[Leg, ...]:
    """Prefer what the later word says of the legs, unless the call was over already.

    Who answered a leg stays: only callbacks say it, and a late one may be the first that does.
    """
    kept, other = (reported, known) if reported and not (over and known) else (known, reported)
    answered = [leg.answered_by for leg in other] + [None] * len(kept)
    return tuple(
        replace(leg, answered_by=by) if by and not leg.answered_by else leg
        for leg, by in zip(kept, answered, strict=False)
    )


@frozen
class Settlement:
    """What a person says of an attempt: it was `placed`, as the call `sid` if they know it; or it did not ring.

    `by` is the user's name on this machine, `because` their reason; both go into the journal.
    """

    placed: bool
    by: str
    sid: str | None = None
    because: str | None = None

    @property
    def words(self) -> str:
        """The verdict as the command line spells it."""
        if not self.placed:
            return "not-placed"
        return "placed" if self.sid is None else f"placed={self.sid}"


def judged(known: AttemptRecord, settlement: Settlement, at: str) -> AttemptRecord:
    """Return the attempt as the person says it went.

    Placed without a Sid: nobody can be asked how it ended, so the ending is `unseen`. Not placed: like a request
    that never left, it no longer counts as perhaps having rung; `rejected` would be the carrier's word.
    """
    because = f" because {settlement.because}" if settlement.because else ""
    sid = settlement.sid or known.sid  # an answer that proves nothing may still have named a call
    unseen = settlement.placed and sid is None
    return replace(
        known,
        placement=Placement.ACCEPTED if settlement.placed else Placement.UNREACHED,
        evidence=Evidence.PERSON,
        sid=sid,
        placed_at=known.placed_at or at,
        ending=Ending.UNSEEN if unseen else None,
        ended_at=at if unseen else None,
        message=beside(known.message, f"settled as {settlement.words} by {settlement.by} at {at}{because}"),
    )


def stands(known: AttemptRecord, settlement: Settlement) -> bool:
    """Whether this very verdict was given before: then nothing is to be done."""
    if known.evidence is not Evidence.PERSON:
        return False
    if not settlement.placed:
        return known.placement is Placement.UNREACHED
    return known.placement is Placement.ACCEPTED and settlement.sid in (None, known.sid)


def obstacle(attempt: Attempt) -> str | None:
    """Say why an attempt cannot be judged, None where it can: only the latest one of a call, while it is unknown."""
    known = attempt.record
    if known.placement is Placement.UNKNOWN and attempt.latest:
        return None
    if known.placement is None:
        return "its request is open, or was open when its process ended: the next `run` decides what it was"
    by = f" (evidence: {known.evidence})" if known.evidence else ""
    return f"it is known to be {known.placement}{by}"
