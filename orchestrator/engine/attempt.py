"""Makes one attempt: its intent committed, its request sent if every guard still holds, its outcome committed.

`Attempts` has the order of these; `Steps` has what is committed at each, and at all that an attempt meets until its
end: each step is done inside one transaction, and safe to do twice.
"""

import asyncio
import hashlib
import os
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import replace

from orchestrator.engine.admission import Evaluator, Guard, RateLimiter, Turn
from orchestrator.engine.clock import Clock
from orchestrator.engine.config import POLL_INTERVAL, RunConfig
from orchestrator.engine.ports import Carrier, Transaction, Writer
from orchestrator.engine.state import RunState
from orchestrator.exotel.call_fields import connect_request, has_own_callback, with_callback
from orchestrator.exotel.facts import ending
from orchestrator.exotel.placement import verdict
from orchestrator.model.call import Attempt, ConnectRequest, DueCall, NewAttempt
from orchestrator.model.errors import JournalBroken, NotLeaving
from orchestrator.model.events import EventType, rfc3339
from orchestrator.model.frozen import frozen
from orchestrator.model.outcome import CallFacts, Disposition, Ending, Evidence, Exchange, Placement, Verdict
from orchestrator.model.record import AttemptRecord
from orchestrator.policy.evidence import beside, contradiction, fold
from orchestrator.policy.may_start import NEVER, Closed, NotBefore, Start, Stopped
from orchestrator.policy.next_step import Again, Close, Follow, NextStep, after_ending, after_placement
from orchestrator.policy.pace import INTENT_TO_FIRST_BYTE
from orchestrator.policy.verdict import Stop

TOKEN_BYTES = 24
"""192 bits, which base64 writes without padding: nobody guesses an attempt's callback address."""

TOKEN_TIME = 11
"""Characters that a token begins with: its time, in hexadecimal milliseconds. What the journal keeps of it begins with
them too, so that tokens of one time stand beside each other in its index: random ones would each dirty another page."""


@frozen
class Prepared:
    """A request ready to leave. Only the token's hash is ever stored."""

    request: ConnectRequest
    token_hash: str


def prepare(call: DueCall, config: RunConfig, at: float) -> Prepared:
    """Build the request of the call's next attempt, with a fresh token; `at` is now, in epoch seconds."""
    token = new_token(at)
    hashed = hash_token(token)
    fields = call.fields
    if config.callback_base is not None and hears_of(call):
        address, reference = f"{config.callback_base}/callbacks/{token}", f"at_{hashed[-24:]}"
        fields = with_callback(fields, address, reference, config.callback_events)
    return Prepared(connect_request(fields, config.spelling), hashed)


def new_token(at: float) -> str:
    """Return a token that is made at `at`, in epoch seconds."""
    return f"{int(at * 1000):0{TOKEN_TIME}x}{urlsafe_b64encode(os.urandom(TOKEN_BYTES)).decode()}"


def hash_token(token: str) -> str:
    """Return what the journal keeps of a token: its time, and its hash."""
    return f"{token[:TOKEN_TIME]}{hashlib.sha256(token.encode()).hexdigest()}"


def hears_of(call: DueCall) -> bool:
    """Whether the receiver may hear of this call: a plan that sets its own StatusCallback keeps it."""
    return not has_own_callback(call.fields)


@frozen
class Intent:
    """When an attempt's intent was decided: by the clock, which may jump ahead, and by one that cannot."""

    at: float
    steady: float

    def is_fresh(self, clock: Clock) -> bool:
        """Whether its request may still leave."""
        age = max(clock.now() - self.at, clock.steady() - self.steady)
        return age <= INTENT_TO_FIRST_BYTE


@frozen
class Claim:
    """An attempt whose intent is to be committed, and what is sent then."""

    call: DueCall
    prepared: Prepared
    intent: Intent
    guard: Guard
    turn: Turn


class Attempts:
    """Makes the attempts of one run, any number of them at a time."""

    def __init__(
        self,
        config: RunConfig,
        writer: Writer,
        carrier: Carrier,
        clock: Clock,
        evaluator: Evaluator,
        limiter: RateLimiter,
        state: RunState,
    ) -> None:
        self._config, self._steps = config, Steps(config)
        self._writer, self._carrier, self._clock = writer, carrier, clock
        self._evaluator, self._limiter, self._state = evaluator, limiter, state
        self._claims: list[Claim] = []

    def begin(self, call: DueCall, now: float, steady: float) -> None:
        """Begin an attempt; its intent is committed once `claim` is called. The times are the clock's, just read."""
        intent = Intent(now, steady)
        claim = Claim(
            call, prepare(call, self._config, intent.at), intent, self._evaluator.guard(call), self._limiter.connect()
        )
        self._state.begin(call, self._evaluator.need(call))
        self._claims.append(claim)

    def claim(self) -> None:
        """Commit the intents of all attempts that were begun since, in one transaction, each with a slot of the pace.

        None is committed where no slot is near. Each that is committed is sent in a task of its own.
        """
        if self._claims:
            claims, self._claims = self._claims, []
            self._state.follow(asyncio.create_task(self._commit(claims)))

    async def _commit(self, claims: Sequence[Claim]) -> bool:
        """Commit intents, and begin to send what is committed. Return False: it is no call that is to be sent again."""
        numbers: Sequence[int | None] = [None] * len(claims)
        try:
            numbers = await self._writer.write(lambda tx: self._intend(tx, claims))
        finally:
            for claim, n in zip(claims, numbers, strict=True):
                self._settle(claim, n)
        return False

    def _intend(self, tx: Transaction, claims: Sequence[Claim]) -> list[int | None]:
        """Commit intents; None for each where the transaction knew better.

        Where others have committed guards are judged again, by what is committed: also by the intents before.
        """
        if all(claim.guard.is_current(tx) for claim in claims):
            return self._intend_together(tx, claims)
        return [n for claim in claims for n in self._intend_together(tx, [claim])]

    def _intend_together(self, tx: Transaction, claims: Sequence[Claim]) -> list[int | None]:
        held = [claim for claim in claims if claim.guard.holds(tx)]
        self._limiter.take_for_connects(tx, [claim.turn for claim in held])
        going = [claim for claim in held if claim.turn.taken]
        numbers = self._steps.intend(tx, [(claim.call, claim.prepared.token_hash, claim.intent.at) for claim in going])
        number_of = {claim.call.key: n for claim, n in zip(going, numbers, strict=True)}
        return [number_of.get(claim.call.key) for claim in claims]

    def _settle(self, claim: Claim, n: int | None) -> None:
        if claim.turn.taken and n is None:  # the transaction knew better: do not ask in a hurry
            self._state.refused_until = self._clock.now() + POLL_INTERVAL
        self._limiter.settled(claim.turn)
        self._state.settle_intent(claim.call, is_committed=n is not None)
        if n is not None:
            sending = self._send(claim.call, n, claim.prepared.request, claim.intent, claim.turn)
            self._state.follow(asyncio.create_task(sending), claim.call.key)

    def _guard(self, call: DueCall, intent: Intent) -> str | None:
        """Return why the request may not leave after all: judged right before it would."""
        stopped = self._state.stopped
        if stopped is not None and stopped.code != 0:  # 0: a limit, which this call is within
            return "the run was stopped"
        if not intent.is_fresh(self._clock):
            return "its intent was committed too long ago"
        match self._evaluator.judge_again(call):
            case Start():
                return None
            case NotBefore(at=at, reason=reason):
                return f"not before {rfc3339(at)} because of {reason}" if at not in (None, NEVER) else reason
            case Stopped(reason=reason):
                return reason
            case Closed(disposition=word, reason=reason):
                return reason or word

    async def _send(self, call: DueCall, n: int, request: ConnectRequest, intent: Intent, turn: Turn) -> bool:
        """Send a request - guards are judged again right before its first byte -, and commit its outcome.

        Return whether the call did not ring, so that it is to be sent again.
        """
        refused: list[str] = []

        def guard() -> str | None:
            return turn.held() or self._guard(call, intent)

        async def leave() -> None:
            try:
                await turn.leave(guard)
            except NotLeaving as reason:
                refused.append(str(reason))
                raise

        exchange = await self._carrier.place(request, leave)
        if refused:
            at = self._clock.now()
            await self._writer.write(lambda tx: self._steps.withdraw(tx, call, n, refused[0], at))
            return True
        proved, now = verdict(exchange), self._clock.now()
        try:
            step = await self._writer.write(lambda tx: self._steps.record(tx, call, n, exchange, proved, now))
        except JournalBroken as problem:
            sid = f", call Sid {proved.facts.sid}" if proved.facts.sid else ""
            unrecorded = f"call {call.id} was answered ({proved.placement}{sid}), which is not in the journal"
            self._state.break_off(problem, unrecorded)
            return False
        self._limiter.heed(exchange)
        redirected = proved.placement is Placement.UNKNOWN and proved.account_problem
        if redirected or (isinstance(step, Close) and step.stop_run):
            self._state.stop(Stop(4, proved.message or "the account refuses"))
        self._state.record_placement(proved.placement, now)
        return isinstance(step, Again)


SIDS_SHOWN = 5
"""Most candidates that an attempt's message names."""


@frozen
class Steps:
    """The steps of one run's attempts. Each method is done inside a transaction that the journal's writer opens."""

    config: RunConfig

    def intend(self, tx: Transaction, calls: Sequence[tuple[DueCall, str, float]]) -> list[int | None]:
        """Commit the intents of the calls' next attempts, each with its token's hash and the time in epoch seconds.

        None where a call may not start any more: others may have dialed it, or taken its pair.
        """
        settling, speed = self.config.settling, self.config.speed
        return tx.begin_attempts(
            self.config.scope,
            [
                NewAttempt(call, token_hash, rfc3339(at), at, at + call.times.horizon(settling) / speed)
                for call, token_hash, at in calls
            ],
        )

    def record(
        self, tx: Transaction, call: DueCall, n: int, exchange: Exchange, verdict: Verdict, now: float
    ) -> NextStep:
        """Commit what the exchange proved, and decide what comes next."""
        at = rfc3339(now)
        if verdict.placement is Placement.ACCEPTED:
            first = AttemptRecord(
                n, "", verdict.placement, Evidence.REPLY, verdict.facts.sid, exchange.status, placed_at=at
            )
            if tx.accept(call.key, first):  # as nearly always: no callback came before the reply
                tx.append(EventType.ATTEMPT_PLACED, at, self.config.scope.run_id, call.id, n, _placed(first))
                return Follow()
        attempt = tx.attempt(call.key, n)
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
        tx.save(attempt, record)
        self._append(tx, EventType.ATTEMPT_PLACED, at, attempt, _placed(record))
        if heard:
            said = replace(record, placement=verdict.placement, sid=verdict.facts.sid)
            words = contradiction(said, CallFacts(sid=record.sid), None, record.evidence)
            self._contradict(tx, attempt, record, words, at)
        failures = n - call.rung  # attempts that rang are no failures: a redial begins anew
        step: NextStep = Follow() if heard else after_placement(verdict, failures)
        if not isinstance(step, Follow) and self._rang_meanwhile(tx, call, now):
            return step if isinstance(step, Close) and step.stop_run else Follow()
        if isinstance(step, Close) and step.stop_run and call.rung:
            tx.put_back(call.key, now, step.reason)  # it has rung, and is still to be redialed
        elif isinstance(step, Close):
            self._close(tx, attempt, step.disposition, step.reason, now, record)
        elif isinstance(step, Again):
            tx.put_back(call.key, now + step.after, verdict.placement)
        return step

    def withdraw(self, tx: Transaction, call: DueCall, n: int, reason: str, now: float) -> None:
        """Take an intent back: a guard closed between commit and request, and nothing was sent."""
        attempt, at = tx.attempt(call.key, n), rfc3339(now)
        record = replace(attempt.record, placement=Placement.UNREACHED, message=f"not sent: {reason}", placed_at=at)
        tx.save(attempt, record)
        self._append(tx, EventType.ATTEMPT_PLACED, at, attempt, _placed(record))
        if not self._rang_meanwhile(tx, call, now):
            tx.put_back(call.key, now, reason)

    def receive_callback(self, tx: Transaction, token_hash: str, facts: CallFacts, now: float) -> bool:
        """Commit a callback; False where no attempt has this token."""
        attempt = tx.attempt_by_token(token_hash)
        if attempt is None:
            return False
        at = rfc3339(now)
        data = {"event": facts.event, "status": facts.status, "sid": facts.sid}
        if answered_by := next((leg.answered_by for leg in facts.legs[1:] if leg.answered_by), None):
            data["answered_by"] = answered_by
        tx.append(EventType.CALLBACK_RECEIVED, at, attempt.run_id, attempt.call_id, attempt.record.n, data)
        self.apply_evidence(tx, attempt, facts, Evidence.CALLBACK, now)
        return True

    def apply_evidence(
        self, tx: Transaction, attempt: Attempt, facts: CallFacts, evidence: Evidence, now: float
    ) -> None:
        """Fold evidence into an attempt and its call: it cancels a retry, settles an unknown, ends a call.

        `attempt` is as this transaction finds it.
        """
        at = rfc3339(now)
        known = attempt.record
        record = fold(known, facts, ending(facts), evidence, at, self.config.currency)
        shared_sid = known.sid is None and facts.sid is not None and tx.has_sid(facts.sid)
        if record != known:
            tx.save(attempt, record)
        words = contradiction(known, facts, ending(facts), evidence)
        if shared_sid:
            words = f"call {facts.sid} is another attempt's as well"
        record = self._contradict(tx, attempt, record, words, at)
        settled = known.placement is not Placement.ACCEPTED
        ended = record.ending is not None and (record.ending is not known.ending or settled)
        last = None if attempt.latest else tx.last_that_may_have_rung(attempt.call)
        later = last is not None and last.record.n > known.n
        if known.ending is not None and (record.duration, record.price) != (known.duration, known.price):
            self._append(tx, EventType.ATTEMPT_BILLED, at, attempt, _billed(record))
        if settled or (ended and (later or attempt.plan != self.config.scope.plan)):
            self._append(tx, EventType.ATTEMPT_SETTLED, at, attempt, _settled(record))
        if later:
            return  # a later attempt has the last word, or will have it
        if record.ending is not None and ended:
            self._conclude(tx, attempt, record, now)
        elif record.ending is None and attempt.state != "open":
            tx.reopen_call(attempt.call)

    def claim(self, tx: Transaction, wanted: Attempt, sid: str, now: float) -> None:
        """Settle an unknown attempt by the one call that a look-up found; how it ended is asked for by its Sid.

        Does nothing where the attempt is settled or the Sid is taken by now. Where other systems dial the same pairs
        a look-up only proposes.
        """
        attempt = tx.attempt(wanted.call, wanted.record.n)
        if attempt.record.placement is not Placement.UNKNOWN:
            return
        if attempt.record.sid != sid and (attempt.record.sid is not None or tx.has_sid(sid)):
            return
        if not self.config.shared:
            self.apply_evidence(tx, attempt, CallFacts(sid=sid), Evidence.LOOK_UP, now)
            return
        self._propose(tx, attempt, sid, f"a look-up found call {sid}; `settle` decides", now)

    def undecided(self, tx: Transaction, wanted: Attempt, sids: Sequence[str], now: float) -> None:
        """Show the calls that an unknown attempt may be, where a look-up could not tell which; safe to repeat."""
        attempt = tx.attempt(wanted.call, wanted.record.n)
        if attempt.record.placement is not Placement.UNKNOWN or attempt.record.sid is not None or self.config.shared:
            return
        shown = ", ".join(sids[:SIDS_SHOWN]) + (" and others" if len(sids) > SIDS_SHOWN else "")
        words = f"a look-up cannot tell whether it is call {shown}; `settle` decides"
        self._propose(tx, attempt, sids[0] if len(sids) == 1 else None, words, now)

    def _propose(self, tx: Transaction, attempt: Attempt, sid: str | None, words: str, now: float) -> None:
        if words in (attempt.record.message or ""):
            return
        record = replace(attempt.record, message=beside(attempt.record.message, words))
        tx.save(attempt, record)
        self._append(tx, EventType.ATTEMPT_PROPOSED, rfc3339(now), attempt, {"sid": sid, "message": words})
        if attempt.state == "closed":
            tx.explain_call(attempt.call, record.message)

    def other_pair(self, tx: Transaction, asked: Attempt, now: float) -> None:
        """Show that the call of an attempt's Sid is, by the carrier's list, between other numbers."""
        attempt = tx.attempt(asked.call, asked.record.n)
        words = f"a look-up of call {attempt.record.sid} shows other numbers than those that were dialed"
        self._contradict(tx, attempt, attempt.record, words, rfc3339(now))

    def find_lost(self, tx: Transaction, attempt: Attempt, now: float) -> None:
        """Name an intent without an outcome, found on resume, for what it is: unknown."""
        at = rfc3339(now)
        message = "the process ended before an answer was recorded"
        record = replace(attempt.record, placement=Placement.UNKNOWN, message=message)
        tx.save(attempt, record)
        self._append(tx, EventType.ATTEMPT_PLACED, at, attempt, _placed(record))

    def give_up(self, tx: Transaction, judged: Attempt, now: float) -> None:
        """Close an open call of which nothing more will be learnt: `unknown`, or `unseen` if it was accepted.

        Does nothing where more was learnt since `judged` was read: what expired then may be alive now.
        """
        attempt = tx.attempt(judged.call, judged.record.n)
        if attempt != judged:
            return
        if attempt.record.placement is Placement.ACCEPTED:
            record = replace(attempt.record, ending=Ending.UNSEEN, ended_at=rfc3339(now))
            tx.save(attempt, record)
            self._conclude(tx, attempt, record, now)
        else:
            self._close(tx, attempt, Disposition.UNKNOWN, attempt.record.message, now, attempt.record)

    def conclude(self, tx: Transaction, ended: Attempt, now: float) -> None:
        """Go on with an open call whose ending somebody else has written down; safe to repeat."""
        attempt = tx.attempt(ended.call, ended.record.n)
        if attempt.state == "open" and attempt.latest and attempt.record.ending is not None:
            self._conclude(tx, attempt, attempt.record, now)

    def close(self, tx: Transaction, call: DueCall, word: Disposition, reason: str | None, now: float) -> None:
        """Give a due call its disposition without another attempt."""
        if tx.is_due(call.key):
            tx.close_call(call.key, word, now, reason)
            data = {"disposition": word, "reason": reason}
            tx.append(EventType.CALL_ENDED, rfc3339(now), self.config.scope.run_id, call.id, None, data)

    def defer(self, tx: Transaction, call: DueCall, until: float, reason: str, now: float) -> None:
        """Make a due call wait until an epoch second: other calls need not."""
        if tx.is_due(call.key):
            tx.put_back(call.key, until, reason)
            data = {"reason": reason, "until": rfc3339(until)}
            tx.append(EventType.CALL_WAITING, rfc3339(now), self.config.scope.run_id, call.id, None, data)

    def stop(self, tx: Transaction, reason: str, now: float, *, halt: bool) -> None:
        """Keep what is not dialed for a later run; a halt stands until somebody resumes the edition."""
        scope = self.config.scope
        if halt:
            tx.halt(scope, reason, now)
        tx.close_undialed(scope, "halted" if halt else "limit")

    def cancel(self, tx: Transaction) -> None:
        """Close what became due again - a retry, a redial - in an edition that somebody has cancelled."""
        tx.close_due(self.config.scope.plan, self.config.scope.edition, "cancelled")

    def _conclude(self, tx: Transaction, attempt: Attempt, record: AttemptRecord, now: float) -> None:
        """End a call whose attempt has ended, or put it back for its redial.

        One of another plan is left, open, to that plan's own run, whose policy decides. One of an older edition, or
        that the plan no longer holds, is not dialed again.
        """
        scope, ending = self.config.scope, record.ending
        if ending is None:
            return
        if attempt.plan != scope.plan:
            if attempt.state != "open":  # it was due again, or closed: and yet it rang
                tx.reopen_call(attempt.call)
            return
        step = after_ending(ending, tx.rung(attempt.call, scope), now, self.config.rules.policy.redial)
        if isinstance(step, Close):
            self._close(tx, attempt, step.disposition, None, now, record)
            return
        tx.put_back(attempt.call, step.at, step.reason)
        data = {"reason": step.reason, "until": rfc3339(step.at), "ending": ending, "duration": record.duration}
        self._append(tx, EventType.CALL_WAITING, rfc3339(now), attempt, data)

    def _rang_meanwhile(self, tx: Transaction, call: DueCall, now: float) -> bool:
        """Whether an earlier attempt turned out to have rung meanwhile: it has the last word, and is followed."""
        rang = tx.last_that_may_have_rung(call.key)
        if rang is None or (rang.record.ending is not None and rang.record.ending is call.last):
            return False
        self._conclude(tx, rang, rang.record, now)
        return True

    def _contradict(
        self, tx: Transaction, attempt: Attempt, record: AttemptRecord, words: str | None, at: str
    ) -> AttemptRecord:
        """Keep a contradiction where people look, and tell it once; return the attempt with it."""
        if words is None or words in (record.message or ""):
            return record
        marked = replace(record, message=beside(record.message, words))
        tx.save(attempt, marked)
        self._append(tx, EventType.ATTEMPT_CONTRADICTED, at, attempt, {"message": words, "evidence": record.evidence})
        return marked

    def _close(
        self,
        tx: Transaction,
        attempt: Attempt,
        word: Disposition,
        reason: str | None,
        now: float,
        record: AttemptRecord,
    ) -> None:
        """Give a call its end, and tell it once: what late news make of an end that was told is its correction."""
        had_ended = tx.close_call(attempt.call, word, now, reason)
        kind = EventType.CALL_CORRECTED if had_ended else EventType.CALL_ENDED
        data = {"disposition": word, "reason": reason, "duration": record.duration, "ending": record.ending}
        self._append(tx, kind, rfc3339(now), attempt, data)

    def _append(
        self, tx: Transaction, kind: EventType, at: str, attempt: Attempt, data: Mapping[str, str | int | None]
    ) -> None:
        run = self.config.scope.run_id
        begun = {} if attempt.run_id == run else {"begun": attempt.run_id}
        tx.append(kind, at, run, attempt.call_id, attempt.record.n, {**data, **begun})


def _placed(record: AttemptRecord) -> dict[str, str | int | None]:
    return {
        "placement": record.placement,
        "evidence": record.evidence,
        "http_status": record.http_status,
        "sid": record.sid,
        "message": record.message,
    }


def _billed(record: AttemptRecord) -> dict[str, str | int | None]:
    return {"duration": record.duration, "price": record.price, "currency": record.currency}


def _settled(record: AttemptRecord) -> dict[str, str | int | None]:
    return {
        "placement": record.placement,
        "evidence": record.evidence,
        "sid": record.sid,
        "ending": record.ending,
    }
