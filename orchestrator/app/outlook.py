"""Judges the calls of a plan as if they were dialed at a moment, for `plan`: by lists, rules and the journal."""

from collections.abc import Collection, Sequence

from orchestrator.app.review import NeverRung
from orchestrator.exotel.call_fields import call_times
from orchestrator.journal.known_calls import KnownCall
from orchestrator.journal.spool import pair_of
from orchestrator.journal.views.view import View
from orchestrator.model.call import DueCall, ResolvedCall
from orchestrator.model.frozen import frozen
from orchestrator.model.number import DndMark
from orchestrator.plan.callee_zone import zones_of_resolved
from orchestrator.policy.may_start import (
    Admission,
    CallQueries,
    CallUnderReview,
    NotBefore,
    Rules,
    Start,
    counts_for,
    gather,
    may_start,
)


@frozen
class KnownAtReview:
    """What may be known of a call that nobody dials yet: by the lists, and by the journal where there is one.

    What it would find in flight is decided while calls are dialed. Where the journal does not know what the carrier
    says of a number, the carrier is asked when the plan runs; a review asks nobody.
    """

    listed: str | None
    known: CallQueries | None

    def hold(self) -> str | None:
        """Return None: holds are shown apart."""
        return None

    def suppressed(self) -> str | None:
        """Return why one of its numbers is not rung: by a list as it is now, or by the journal."""
        if self.listed is not None:
            return f"on {self.listed}"
        return None if self.known is None else self.known.suppressed()

    def person(self, since: float) -> Sequence[float]:
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


@frozen
class Outlook:
    """Judges the calls of a plan as if they were dialed at `at`, in epoch seconds.

    `view` is of the journal, None where there is none or nobody knows the `account`. What calls use up together
    - stages, limits, agents - is decided while they are dialed.
    """

    never_rung: NeverRung
    rules: Rules
    account: str | None
    at: float
    view: View | None = None

    def of(self, call: ResolvedCall, listed: str | None) -> Admission:
        """Judge one call that was never dialed; `listed` is the list with one of its numbers."""
        schedule = call.schedule
        times, zones = call_times(call.fields), self.zones(call)
        candidate = CallUnderReview(times, schedule.not_before, schedule.not_after, zones=zones)
        known = KnownAtReview(listed, self._known(call))
        return may_start(candidate, self.at, self.rules, gather(known, self.rules, self.at))

    def of_redial(self, call: ResolvedCall, known: KnownCall, listed: str | None) -> Admission:
        """Judge one call that rang and waits for its redial; its request stays as the journal has it."""
        at = max(self.at, known.not_before)
        candidate = CallUnderReview(
            *(call_times(known.fields), None, call.schedule.not_after, known.rung, known.last, known.ended),
            zones=self.zones(call),
        )
        facts = gather(KnownAtReview(listed, self._known(call)), self.rules, at)
        found = may_start(candidate, at, self.rules, facts)
        return NotBefore(at, "redial") if isinstance(found, Start) and at > self.at else found

    def zones(self, call: ResolvedCall) -> tuple[str, ...]:
        """Return the zones that the call's To may be in, where a window asks for them."""
        return zones_of_resolved(call) if self.rules.follows_callee else ()

    def mark(self, call: ResolvedCall) -> DndMark | None:
        """Return what the journal knows of the carrier's word on the call's To, where the plan minds."""
        known = None if self.rules.policy.dnd == "ignore" else self._known(call)
        return None if known is None else known.dnd(self.at)

    def noted(self, agents: Collection[str], people: Collection[str]) -> set[str]:
        """Return of which of these numbers, named by their identities, the journal says what decides about a call."""
        if self.view is None or self.account is None:
            return set()
        cap = self.rules.policy.per_person
        since = None if cap is None else self.at - counts_for(cap)
        asked = self.view.plans.noted_numbers(self.account, since, dnd=self.rules.policy.dnd != "ignore")
        return asked.among(agents, people)

    def _known(self, call: ResolvedCall) -> CallQueries | None:
        if self.view is None:
            return None
        return self.view.plans.facts(DueCall(0, call.id, (), pair_of(self.account or "", call), 0))
