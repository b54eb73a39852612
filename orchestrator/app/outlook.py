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
from orchestrator.policy.judgement import Admission, CallUnderReview, Facts
from orchestrator.policy.limits import counts_for
from orchestrator.policy.may_start import may_start
from orchestrator.policy.rules import Rules


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
        return may_start(candidate, self.at, rules(self.reviewed, self.target), self._facts(call))

    def mark(self, call: ResolvedCall) -> DndMark | None:
        """Return what the journal knows of the carrier's word on the call's To, where the plan minds."""
        if self.db is None or self.reviewed.plan.policy.dnd == "ignore":
            return None
        return self._known(self.db, call).dnd(self.at)

    def _known(self, db: Connection, call: ResolvedCall) -> FactsOf:
        return FactsOf(db, DueCall(0, call.id, (), pair_of(self.account or "", call), 0))

    def _facts(self, call: ResolvedCall) -> Facts:
        listed = self.reviewed.suppressed(call)
        on_list = None if listed is None else f"on {listed}"
        if self.db is None:
            return Facts(suppressed=on_list, dnd=DndMark.UNAVAILABLE)
        known = self._known(self.db, call)
        cap = self.reviewed.plan.policy.per_person
        rang = () if cap is None else known.person(self.at - counts_for(cap))
        # What the journal does not know the carrier is asked when the plan runs; a review asks nobody.
        return Facts(suppressed=on_list or known.suppressed(), person=rang, dnd=self.mark(call) or DndMark.UNAVAILABLE)


def rules(reviewed: Reviewed, target: Target) -> Rules:
    """Return what decides when the calls of a plan may start on a target."""
    policy = reviewed.plan.policy
    return Rules(policy, target.guardrails.windows, target.rates, target.timezone, target.legs)
