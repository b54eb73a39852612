"""The short steps of one attempt - intent, record, hear, expire - each one transaction, safe to run twice."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from orchestrator.engine.conduct import Conduct, rfc3339
from orchestrator.engine.ports import Transaction
from orchestrator.engine.request import Prepared
from orchestrator.exotel.endings import ending
from orchestrator.model.events import EventType
from orchestrator.model.outcome import CallFacts, Disposition, Ending, Evidence, Exchange, Placement, Verdict
from orchestrator.model.record import AttemptRecord
from orchestrator.model.work import Attempt, DueCall
from orchestrator.policy.limits import horizon
from orchestrator.policy.next_step import Again, Close, Follow, NextStep, after_placement
from orchestrator.policy.settle import fold


@dataclass(frozen=True, slots=True)
class Steps:
    """The steps of one run. Each method returns a function for the journal's writer."""

    conduct: Conduct

    def intend(self, tx: Transaction, call: DueCall, prepared: Prepared, now: float) -> int | None:
        """Commit the intent of the call's next attempt; None where it may not start any more."""
        free_at = now + horizon(call.text, self.conduct.settling) / self.conduct.speed
        return tx.open_attempt(self.conduct.scope, call, prepared.token_hash, rfc3339(now), now, free_at)

    def record(
        self, tx: Transaction, call: DueCall, n: int, exchange: Exchange, verdict: Verdict, now: float
    ) -> NextStep:
        """Commit what the exchange proved, and decide what comes next."""
        attempt, at = tx.attempt(call.key, n), rfc3339(now)
        heard = attempt.record.placement is Placement.ACCEPTED  # a callback came before the reply, and outranks it
        record = replace(
            attempt.record,
            placement=Placement.ACCEPTED if heard else verdict.placement,
            evidence=attempt.record.evidence if heard or exchange.status is None else Evidence.REPLY,
            sid=attempt.record.sid or verdict.facts.sid,
            http_status=exchange.status,
            message=verdict.message,
            placed_at=attempt.record.placed_at or at,
        )
        tx.save(attempt.key, record)
        self._append(tx, EventType.ATTEMPT_PLACED, at, attempt, _placed(record))
        step: NextStep = Follow() if heard else after_placement(verdict, n)
        if isinstance(step, Close):
            self._close(tx, attempt, step.disposition, step.reason, at, record)
        elif isinstance(step, Again):
            tx.put_back(call.key, now + step.after, verdict.placement)
        return step

    def withdraw(self, tx: Transaction, call: DueCall, n: int, reason: str, now: float) -> None:
        """Take an intent back: a guard closed between commit and request, and nothing was sent."""
        attempt, at = tx.attempt(call.key, n), rfc3339(now)
        record = replace(attempt.record, placement=Placement.UNREACHED, message=f"not sent: {reason}", placed_at=at)
        tx.save(attempt.key, record)
        self._append(tx, EventType.ATTEMPT_PLACED, at, attempt, _placed(record))
        tx.put_back(call.key, now, reason)

    def hear(self, tx: Transaction, token_hash: str, facts: CallFacts, now: float) -> bool:
        """Commit a callback; False where no attempt has this token."""
        attempt = tx.attempt_by_token(token_hash)
        if attempt is None:
            return False
        at = rfc3339(now)
        data = {"event": facts.event, "status": facts.status}
        tx.append(EventType.CALLBACK_RECEIVED, at, attempt.run_id, attempt.call_id, attempt.record.n, data)
        self.learn(tx, attempt, facts, Evidence.CALLBACK, now)
        return True

    def learn(self, tx: Transaction, attempt: Attempt, facts: CallFacts, evidence: Evidence, now: float) -> None:
        """Fold evidence into an attempt and its call: it cancels a retry, settles an unknown, ends a call."""
        at = rfc3339(now)
        known = attempt.record
        record = fold(known, facts, ending(facts), evidence, at, self.conduct.currency)
        if record != known:
            tx.save(attempt.key, record)
        settled = known.placement is not Placement.ACCEPTED
        if settled:
            data = {"placement": record.placement, "evidence": record.evidence, "sid": record.sid}
            self._append(tx, EventType.ATTEMPT_SETTLED, at, attempt, data)
        if not attempt.latest and attempt.state == "open":
            return  # a later attempt is under way and has the last word
        if record.ending is not None and (known.ending is None or settled):
            self._close(tx, attempt, Disposition(record.ending), None, at, record)
        elif record.ending is None and attempt.state != "open":
            tx.reopen_call(attempt.call)

    def find_lost(self, tx: Transaction, attempt: Attempt, now: float) -> None:
        """Name an intent without an outcome, found on resume, for what it is: unknown."""
        at = rfc3339(now)
        message = "the process ended before an answer was recorded"
        record = replace(attempt.record, placement=Placement.UNKNOWN, message=message)
        tx.save(attempt.key, record)
        self._append(tx, EventType.ATTEMPT_PLACED, at, attempt, _placed(record))

    def give_up(self, tx: Transaction, judged: Attempt, now: float) -> None:
        """Close an open call of which nothing more will be learnt: `unknown`, or `unseen` if it was accepted.

        Does nothing where more was learnt since `judged` was read: what expired then may be alive now.
        """
        attempt, at = tx.attempt(judged.call, judged.record.n), rfc3339(now)
        if attempt != judged:
            return
        if attempt.record.placement is Placement.ACCEPTED:
            record = replace(attempt.record, ending=Ending.UNSEEN, ended_at=at)
            tx.save(attempt.key, record)
            self._close(tx, attempt, Disposition.UNSEEN, None, at, record)
        else:
            self._close(tx, attempt, Disposition.UNKNOWN, attempt.record.message, at, attempt.record)

    def _close(
        self,
        tx: Transaction,
        attempt: Attempt,
        word: Disposition,
        reason: str | None,
        at: str,
        record: AttemptRecord,
    ) -> None:
        tx.close_call(attempt.call, word, reason)
        data = {"disposition": word, "reason": reason, "duration": record.duration}
        self._append(tx, EventType.CALL_ENDED, at, attempt, data)

    def _append(
        self, tx: Transaction, kind: EventType, at: str, attempt: Attempt, data: Mapping[str, str | int | None]
    ) -> None:
        tx.append(kind, at, self.conduct.scope.run_id, attempt.call_id, attempt.record.n, data)


def _placed(record: AttemptRecord) -> dict[str, str | int | None]:
    return {
        "placement": record.placement,
        "http_status": record.http_status,
        "sid": record.sid,
        "message": record.message,
    }
