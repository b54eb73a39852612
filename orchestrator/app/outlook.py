"""The evaluator at review: when each call of a plan may start, by what is known now, without a run."""

from dataclasses import dataclass

from orchestrator.app.review import Reviewed
from orchestrator.exotel.call_fields import call_times
from orchestrator.journal import Connection
from orchestrator.journal.facts import FactsOf
from orchestrator.journal.load import pair_of
from orchestrator.model.call import ResolvedCall
from orchestrator.model.number import DndMark
from orchestrator.model.target import Target
from orchestrator.model.work import DueCall
from orchestrator.policy.may_start import Admission, CallUnderReview, Rules, gather, may_start


@dataclass(frozen=True, slots=True)
class Outlook:
    """Judges the calls of a reviewed plan as if they were dialed at `at`, in epoch seconds.

    `db` is the journal, None where there is none or nobody knows the `account`. What calls use up together - stages,
    limits, agents - is decided while they are dialed.
    """

    reviewed: Reviewed
    target: Target
    account: str | None
    at: float
    db: Connection | None = None

    def of(self, call: ResolvedCall) -> Admission:
        """Judge one call that was never dialed."""
        schedule = call.schedule
        candidate = CallUnderReview(call_times(call.fields), schedule.not_before, schedule.not_after)
        policy = rules(self.reviewed, self.target)
        known = KnownAtReview(self.reviewed.suppressed(call), self._known(call))
        return may_start(candidate, self.at, policy, gather(known, policy, self.at))

    def mark(self, call: ResolvedCall) -> DndMark | None:
        """Return what the journal knows of the carrier's word on the call's To, where the plan minds."""
        known = self._known(call)
        return None if known is None or self.reviewed.plan.policy.dnd == "ignore" else known.dnd(self.at)

    def _known(self, call: ResolvedCall) -> FactsOf | None:
        call_asked = DueCall(0, call.id, (), pair_of(self.account or "", call), 0)
        return None if self.db is None else FactsOf(self.db, call_asked)


@dataclass(frozen=True, slots=True)
class KnownAtReview:
    """What may be known of a call that nobody dials yet: by the lists, and by the journal where there is one.

    What it would find in flight is decided while calls are dialed. Where the journal does not know what the carrier
    says of a number, the carrier is asked when the plan runs; a review asks nobody.
    """

    listed: str | None
    known: FactsOf | None

    def hold(self) -> str | None:
        """Return None: holds are shown apart."""
        return None

    def suppressed(self) -> str | None:
        """Return why one of its numbers is not rung: by a list as it is now, or by the journal."""
        if self.listed is not None:
            return f"on {self.listed}"
        return None if self.known is None else self.known.suppressed()

    def person(self, since: float) -> tuple[float, ...]:
        """Return when attempts for its To started that may have rung."""
        return () if self.known is None else self.known.person(since)

    def dnd(self, now: float) -> DndMark | None:
        """Return what the carrier said of its To."""
        return (None if self.known is None else self.known.dnd(now)) or DndMark.UNAVAILABLE

    def agent(self, now: float) -> int:
        """Return 0."""
        return 0

    def others_in_flight(self, now: float) -> int:
        """Return 0."""
        return 0


def rules(reviewed: Reviewed, target: Target) -> Rules:
    """Return what decides when the calls of a plan may start on a target."""
    policy = reviewed.plan.policy
    return Rules(policy, target.guardrails.windows, target.rates, target.timezone, target.legs)
