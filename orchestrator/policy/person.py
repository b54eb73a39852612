"""A person's verdict on an unknown attempt: whether it can be given, and what it makes of what is known."""

from dataclasses import dataclass, replace

from orchestrator.model.outcome import Ending, Evidence, Placement
from orchestrator.model.record import AttemptRecord
from orchestrator.model.work import Attempt
from orchestrator.policy.settle import beside


@dataclass(frozen=True, slots=True)
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
