"""Makes one attempt: its intent committed, its request sent if every guard still holds, its outcome committed."""

import asyncio
import hashlib
import secrets
from collections.abc import Sequence

from orchestrator.engine.admission import Evaluator
from orchestrator.engine.clock import Clock
from orchestrator.engine.config import POLL_INTERVAL, RunConfig
from orchestrator.engine.ports import Carrier, Transaction, Writer
from orchestrator.engine.rate_limiter import RateLimiter, Turn
from orchestrator.engine.state import RunState
from orchestrator.engine.steps import Guard, Steps
from orchestrator.exotel.call_fields import connect_request, has_own_callback, with_callback
from orchestrator.exotel.placement import verdict
from orchestrator.model.call import ConnectRequest, DueCall
from orchestrator.model.errors import JournalBroken, NotLeaving
from orchestrator.model.events import rfc3339
from orchestrator.model.frozen import frozen
from orchestrator.model.outcome import Placement
from orchestrator.policy.may_start import NEVER, Closed, NotBefore, Start, Stopped
from orchestrator.policy.next_step import Again, Close
from orchestrator.policy.pace import INTENT_TO_FIRST_BYTE
from orchestrator.policy.verdict import Stop

TOKEN_BYTES = 24
"""192 bits: nobody guesses an attempt's callback address."""

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
        fields = with_callback(fields, f"{config.callback_base}/callbacks/{token}", f"at_{hashed[-24:]}")
    return Prepared(connect_request(fields, config.spelling), hashed)


def new_token(at: float) -> str:
    """Return a token that is made at `at`, in epoch seconds."""
    return f"{int(at * 1000):0{TOKEN_TIME}x}{secrets.token_urlsafe(TOKEN_BYTES)}"


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

    def begin(self, call: DueCall) -> None:
        """Begin an attempt; its intent is committed once `claim` is called."""
        intent = Intent(self._clock.now(), self._clock.steady())
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
            numbers = await self._writer.write(lambda tx: [self._intend(tx, claim) for claim in claims])
        finally:
            for claim, n in zip(claims, numbers, strict=True):
                self._settle(claim, n)
        return False

    def _intend(self, tx: Transaction, claim: Claim) -> int | None:
        """Commit one intent; guards are judged again then. None where the transaction knew better."""
        guard, turn = claim.guard, claim.turn
        return self._steps.intend(
            tx, claim.call, claim.prepared.token_hash, claim.intent.at, lambda tx: guard(tx) and turn.take(tx)
        )

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
