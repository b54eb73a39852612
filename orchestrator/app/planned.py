"""The calls of a plan under review, each as a reviewer sees it: streamed, anew each time they are asked for."""

import contextlib
from collections.abc import Iterator, Sequence

from orchestrator.app.judge import Judge, Preflight, Verdict
from orchestrator.app.outlook import Outlook
from orchestrator.app.review import NeverRung, rules_of
from orchestrator.exotel.call_fields import connect_request, parties
from orchestrator.exotel.values import unlisted
from orchestrator.journal.known_calls import RemovedCall
from orchestrator.journal.port import Journal
from orchestrator.model.call import Field, ResolvedCall, SkippedRow
from orchestrator.model.diagnostic import Diagnostic
from orchestrator.model.frozen import frozen
from orchestrator.model.hold import lifted_by
from orchestrator.model.review import CallState, PlannedCall, PlannedRequest
from orchestrator.model.target import Target
from orchestrator.plan.call_block import CallBlock
from orchestrator.plan.load import LoadedPlan, Plan

SINGAPORE = "https://api.exotel.com"
"""The source's own host: what the built-in `exotel` speaks to unless the environment says otherwise."""


@frozen
class PlannedCalls:
    """The planned calls, streamed anew each time they are asked for.

    `journal` is None where there is none to ask, `account` where it is not known.
    """

    loaded: LoadedPlan
    plan: Plan
    edition: str
    target: Target
    never_rung: NeverRung
    journal: Journal | None
    account: str | None
    at: float

    def __iter__(self) -> Iterator[PlannedCall]:
        with self.judge(Preflight("ignore")) as judge:
            for item in self.loaded.blocks():
                if isinstance(item, SkippedRow):
                    yield self.left_out(item)
                elif not isinstance(item, Diagnostic):
                    verdicts = {each: alike.verdict for alike in judge.judged(item) for each in alike.positions}
                    for position, call in enumerate(item if isinstance(item, CallBlock) else (item,)):
                        yield self.planned(call, verdicts[position])

    @contextlib.contextmanager
    def judge(self, preflight: Preflight) -> Iterator[Judge]:
        """Open the journal, where there is one to ask, for a judge of the calls; `preflight` hears of each."""
        with contextlib.ExitStack() as stack:
            view, history = None, None
            if self.journal is not None and self.account:
                view = stack.enter_context(self.journal.view())
                history = view.plans.known_calls(self.account, self.plan.name, self.edition, self._ids)
            outlook = Outlook(self.never_rung, rules_of(self.plan.policy, self.target), self.account, self.at, view)
            yield Judge(history, outlook, preflight)

    def _ids(self) -> Iterator[Sequence[str]]:
        """Yield the ids of the plan, also those of rows that make no call."""
        for item in self.loaded.blocks(reported_before=True):
            if isinstance(item, CallBlock):
                yield item.ids
            elif not isinstance(item, Diagnostic) and item.id is not None:
                yield (item.id,)

    def held(self) -> tuple[str | None, tuple[str, ...]]:
        """Say what keeps the edition from dialing, and which commands lift that; None where nothing does."""
        if self.journal is None or not self.account:
            return None, ()
        with self.journal.view() as view:
            holds, run = view.holds.on_plan_named(self.account, self.plan.name, self.edition)
        if not holds:
            return None, ()
        by, why = holds[0].by, holds[0].reason
        held = f"{holds[0].kind}{f' by {by}' if by else ''}{f' because {why}' if why else ''}"
        return held, lifted_by(holds, run)

    def left_out(self, row: SkippedRow) -> PlannedCall:
        """Account for a row that `bad: skip` leaves out, as a run does."""
        request = PlannedRequest(url="", encoding=self.target.encoding, pairs=())
        return PlannedCall(row.id or row.place, CallState.BAD_ROW, "", "", request, reason="bad row")

    def planned(self, call: ResolvedCall, verdict: Verdict) -> PlannedCall:
        """Return a call with what is said of it, as it would leave."""
        numbers = parties(call.fields)
        return PlannedCall(
            id=call.id,
            state=verdict.state,
            from_number=numbers.agent or "",
            to_number=numbers.person,
            request=self._request(call.fields),
            reason=verdict.reason,
            earlier_run=verdict.earlier_run,
            not_before=verdict.not_before,
            changes=verdict.changes,
            redials=verdict.redials,
        )

    def removed(self, call: RemovedCall) -> PlannedCall:
        """Return a call that the plan no longer holds, as the journal has it."""
        numbers = parties(call.fields)
        reason = "was still to be dialed" if call.waited else f"{call.disposition} before"
        request = self._request(call.fields)
        ends = numbers.agent or "", numbers.person
        return PlannedCall(call.id, CallState.REMOVED, *ends, request, reason, earlier_run=call.run)

    def _request(self, fields: tuple[Field, ...]) -> PlannedRequest:
        base = self.target.base_url or (SINGAPORE if self.target.is_live else "http://127.0.0.1:<port>")
        suffix = ".json" if self.target.response == "json" else ""
        return PlannedRequest(
            url=f"{base}/v1/Accounts/{self.target.account or '<account>'}/Calls/connect{suffix}",
            encoding=self.target.encoding,
            pairs=connect_request(fields, self.target.spelling).pairs,
            origins={item.name: item.origin for item in fields},
            unlisted=tuple(unlisted(fields)),
        )


@frozen
class RemovedCalls:
    """The calls that the plan no longer holds, streamed anew each time they are asked for."""

    calls: PlannedCalls

    def __iter__(self) -> Iterator[PlannedCall]:
        with self.calls.judge(Preflight("ignore")) as judge:
            for each in () if judge.history is None else judge.history.removed():
                yield self.calls.removed(each)
