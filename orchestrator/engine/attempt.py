"""Makes one attempt: its intent committed, its request sent if every guard still holds, its outcome committed."""

import hashlib
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from orchestrator.engine.admission import Evaluator
from orchestrator.engine.config import RunConfig
from orchestrator.engine.ports import Carrier, Clock, Writer
from orchestrator.engine.rate_limiter import Turn
from orchestrator.engine.steps import Steps
from orchestrator.exotel.call_fields import connect_request, has_own_callback, with_callback
from orchestrator.exotel.placement import quiet, verdict
from orchestrator.model.call import ConnectRequest
from orchestrator.model.errors import JournalBroken, NotLeaving
from orchestrator.model.outcome import Placement
from orchestrator.model.times import rfc3339
from orchestrator.model.work import DueCall
from orchestrator.policy.judgement import Closed, NotBefore, Start, Stopped
from orchestrator.policy.limits import FRESH
from orchestrator.policy.next_step import Again, Close
from orchestrator.policy.rules import NEVER
from orchestrator.policy.verdict import Stop

TOKEN_BYTES = 24
"""192 bits: nobody guesses an attempt's callback address."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A request ready to leave. Only the token's hash is ever stored."""

    request: ConnectRequest
    token_hash: str


def prepare(call: DueCall, config: RunConfig) -> Prepared:
    """Build the request of the call's next attempt, with a fresh token."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    hashed = hash_token(token)
    fields = call.fields
    if config.callback_base is not None and hears_of(call):
        fields = with_callback(fields, f"{config.callback_base}/callbacks/{token}", f"at_{hashed[:24]}")
    return Prepared(connect_request(fields, config.spelling), hashed)


def hash_token(token: str) -> str:
    """Return what the journal keeps of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def hears_of(call: DueCall) -> bool:
    """Whether the receiver may hear of this call: a plan that sets its own StatusCallback keeps it."""
    return not has_own_callback(call.fields)


class Host(Protocol):
    """The scheduler, as an attempt sees it."""

    stopped: Stop | None

    def stop(self, why: Stop) -> None:
        """Start no further calls."""

    def broke(self, problem: JournalBroken, untold: str) -> None:
        """Stop at once; `untold` is the answer that the journal could not take."""

    def hold(self, seconds: float) -> None:
        """Let no request leave for so long."""

    def saw(self, placement: Placement, now: float) -> None:
        """Take note of how a request went."""


@dataclass(frozen=True, slots=True)
class Intent:
    """When an attempt's intent was decided: by the clock, which may jump ahead, and by one that cannot."""

    clock: float
    steady: float

    def is_fresh(self, clock: float) -> bool:
        """Whether its request may still leave."""
        return clock - self.clock <= FRESH and time.monotonic() - self.steady <= FRESH


class Attempts:
    """Makes the attempts of one run, any number of them at a time."""

    def __init__(
        self,
        config: RunConfig,
        writer: Writer,
        carrier: Carrier,
        clock: Clock,
        judge: Evaluator,
        host: Host,
    ) -> None:
        """Take a `clock` that never goes back."""
        self._config, self._steps = config, Steps(config)
        self._writer, self._carrier, self._clock = writer, carrier, clock
        self._judge, self._host = judge, host

    async def attempt(self, call: DueCall, turn: Turn, intended: Callable[[bool], None]) -> bool:
        """Commit the intent with a slot of the pace, send - guards are judged again then -, commit the outcome.

        No intent is committed where no slot is near. `intended` is called once it is committed, or could not be, and
        told which. Return whether it was committed and did not ring, so that the call is to be sent again.
        """
        prepared = prepare(call, self._config)
        intent = Intent(self._clock(), time.monotonic())
        guard = self._judge.guard(call)
        n: int | None = None
        try:
            n = await self._writer.write(
                lambda tx: self._steps.intend(
                    tx, call, prepared.token_hash, intent.clock, lambda facts: guard(facts) and turn.take(tx)
                )
            )
        finally:
            intended(n is not None)
        return n is not None and await self._place(call, n, prepared, intent, turn)

    def _guard(self, call: DueCall, intent: Intent) -> str | None:
        """Return why the request may not leave after all: judged right before it would."""
        stopped = self._host.stopped
        if stopped is not None and stopped.code != 0:  # 0: a limit, which this call is within
            return "the run was stopped"
        if not intent.is_fresh(self._clock()):
            return "its intent was committed too long ago"
        match self._judge.judge_again(call):
            case Start():
                return None
            case NotBefore(at=at, reason=reason):
                return f"not before {rfc3339(at)} because of {reason}" if at not in (None, NEVER) else reason
            case Stopped(reason=reason):
                return reason
            case Closed(disposition=word, reason=reason):
                return reason or word

    async def _place(self, call: DueCall, n: int, prepared: Prepared, intent: Intent, turn: Turn) -> bool:
        refused: list[str] = []

        def guard() -> str | None:
            return turn.held() or self._guard(call, intent)

        async def leave() -> None:
            try:
                await turn.leave(guard)
            except NotLeaving as reason:
                refused.append(str(reason))
                raise

        exchange = await self._carrier.place(prepared.request, leave)
        if refused:
            at = self._clock()
            await self._writer.write(lambda tx: self._steps.withdraw(tx, call, n, refused[0], at))
            return True
        proved, now = verdict(exchange), self._clock()
        try:
            step = await self._writer.write(lambda tx: self._steps.record(tx, call, n, exchange, proved, now))
        except JournalBroken as problem:
            sid = f", call Sid {proved.facts.sid}" if proved.facts.sid else ""
            untold = f"call {call.id} was answered ({proved.placement}{sid}), which is not in the journal"
            self._host.broke(problem, untold)
            return False
        wait = quiet(exchange)
        if wait is not None:
            self._host.hold(wait)
        redirected = proved.placement is Placement.UNKNOWN and proved.account_problem
        if redirected or (isinstance(step, Close) and step.stop_run):
            self._host.stop(Stop(4, proved.message or "the account refuses"))
        self._host.saw(proved.placement, now)
        return isinstance(step, Again)
