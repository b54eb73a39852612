"""`serve`: the callback receiver as a service, a writer beside the dialers. It never dials and holds no lock."""

import asyncio
import contextlib
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from orchestrator.app.callbacks import Refusals, host_and_port, listening
from orchestrator.app.journal import existing_journal, locate_journal
from orchestrator.app.process import awaited_signal
from orchestrator.app.targets import check_pinned, resolve_target
from orchestrator.engine.attempt import Steps, hash_token
from orchestrator.engine.clock import Clock
from orchestrator.engine.config import RunConfig
from orchestrator.journal.port import Journal
from orchestrator.journal.transaction import Transaction
from orchestrator.journal.views.view import View
from orchestrator.model.call import Attempt, Scope
from orchestrator.model.errors import CannotProceed, JournalBroken, WrongUsage
from orchestrator.model.events import Event
from orchestrator.model.frozen import frozen
from orchestrator.model.outcome import CallFacts
from orchestrator.model.policy import Policy
from orchestrator.model.story import LatestRun
from orchestrator.model.target import Target
from orchestrator.plan.text_formats import ParseError, read_listen_address
from orchestrator.policy.may_start import Rules
from orchestrator.policy.verdict import Stop
from orchestrator.receiver.identity import ReceiverIdentity

CONCLUDE_EVERY = 1.0
"""Seconds between two looks whether a run has ended, or died, and left calls to conclude."""

STOPPED = "stopped: every callback that was answered is in the journal"


@frozen
class ServeOptions:
    """What the command line said. `listen` None: the target's own."""

    target: str
    journal: str | None
    listen: str | None
    root: str | None


@frozen
class ServeNotices:
    """What is called to report: `address`, once, where it listens; `events` what it committed.

    `trouble` reports what could not be committed, `warning` what was refused.
    """

    address: Callable[[str], None]
    events: Callable[[Sequence[Event]], None]
    trouble: Callable[[str], None]
    warning: Callable[[str], None]


def serve_callbacks(options: ServeOptions, notices: ServeNotices) -> Stop:
    """Receive the callbacks of every plan on the journal until SIGINT or SIGTERM; return which, as a reason to stop.

    Raises CannotProceed where there is no journal, no address, or none to be had.
    """
    target = resolve_target(options.target, ".", options.root)
    host, port = _address(options.listen, target)
    journal = locate_journal(options.journal, target) if target.is_live else existing_journal(options.journal)
    with journal.view() as view:
        known = view.id
    check_pinned(known, journal.name, target)
    identity = ReceiverIdentity(known, "serve")
    return asyncio.run(_Service(journal, target.currency, identity, notices).run(host, port))


def _address(text: str | None, target: Target) -> tuple[str, int]:
    if text is not None:
        where = read_listen_address(text)
        if isinstance(where, ParseError):
            raise WrongUsage(f"--listen {text} {where.reason}; {where.hint}")
        return where.host, where.port
    if target.callbacks is None:
        raise CannotProceed(
            f"target {target.name} does not say where callbacks arrive",
            "give it `callbacks: {listen: HOST:PORT, public_url: https://...}`, or name the address with --listen",
        )
    return target.callbacks.host, target.callbacks.port


class _Service:
    """The service, alive. Trouble with the journal does not end it: the carrier is asked to send again."""

    def __init__(self, journal: Journal, currency: str, identity: ReceiverIdentity, notices: ServeNotices) -> None:
        self._journal, self._identity, self._notices = journal, identity, notices
        self._callbacks = CallbackWriter(currency)
        self._clock = Clock(time.time)
        self._troubled: str | None = None
        self._refusals = Refusals(notices.warning)

    async def run(self, host: str, port: int) -> Stop:
        """Listen, then receive callbacks until a signal comes; return which."""
        async with contextlib.AsyncExitStack() as stack:
            stopped = stack.enter_context(awaited_signal(STOPPED))
            reader = stack.enter_context(self._journal.reader())
            self._writer = self._journal.writer(self._committed)
            stack.push_async_callback(self._writer.close)
            await stack.enter_async_context(self._refusals.kept(self._writer))
            picked = await listening(stack, self._hear, host, port, self._identity, self._refusals.note)
            self._notices.address(f"http://{host_and_port(host, picked or port)}")
            concluding = asyncio.create_task(self._conclude(reader.view))
            concluding.add_done_callback(lambda task: _raised(task, stopped))
            try:
                return await stopped
            finally:
                concluding.cancel()

    async def _hear(self, token: str, facts: CallFacts) -> bool:
        hashed, now = hash_token(token), self._clock.now()
        try:
            is_known = await self._writer.write(lambda tx: self._callbacks.receive_callback(tx, hashed, facts, now))
        except JournalBroken as problem:
            self._trouble(str(problem))
            raise
        self._trouble(None)
        return is_known

    async def _conclude(self, view: View) -> None:
        """Conclude what was left open: at the start, when other plans are dialed than before, or a run was short."""
        known = None
        while True:
            with (
                contextlib.suppress(JournalBroken),
                self._journal.readable(),
            ):  # reported where a callback is lost by it
                dialed = view.runs.plans_dialed()
                if dialed != known or self._callbacks.left - dialed:
                    while await self._conclude_some():
                        pass
                known = dialed
            await asyncio.sleep(CONCLUDE_EVERY)

    async def _conclude_some(self) -> bool:
        now = self._clock.now()
        return await self._writer.write(lambda tx: self._callbacks.conclude(tx, now))

    def _committed(self, events: list[Event]) -> None:
        self._notices.events(events)

    def _trouble(self, problem: str | None) -> None:
        """Tell once what is wrong, and once that it is right again."""
        if problem == self._troubled:
            return
        self._troubled = problem
        self._notices.trouble(problem or "the journal can be written again")


def _raised(task: asyncio.Task[None], stopped: asyncio.Future[Stop]) -> None:
    """Let a bug end the service: it must not go on without what it promises."""
    problem = None if task.cancelled() else task.exception()
    if problem is not None and not stopped.done():
        stopped.set_exception(problem)


NO_PLAN = 0
"""The key of a plan that does not exist: the scope of one who decides nothing."""

CONCLUDED_AT_ONCE = 200
"""Most calls that are concluded in one commit: callbacks wait for no longer."""


class CallbackWriter:
    """Writes the callbacks that no run receives. Each method is one step of a transaction, safe to run twice.

    While a living process dials a plan, the endings of that plan's calls are only written down: the run, which looks
    for them, decides what follows and commits it. Else what follows is decided here, as the plan's latest run would:
    its resolved policy is in the journal. An event is committed under the run that made the attempt.
    """

    def __init__(self, currency: str) -> None:
        self._currency = currency
        self.left: set[int] = set()  # plans that were dialed when a call of theirs ended

    def receive_callback(self, tx: Transaction, token_hash: str, facts: CallFacts, now: float) -> bool:
        """Commit a callback; False where no attempt has this token."""
        attempt = tx.attempt_by_token(token_hash)
        if attempt is None:
            return False
        dialed = tx.view.runs.plans_dialed(attempt.plan)
        self.left |= dialed
        return self._steps(tx, attempt, dialed).receive_callback(tx, token_hash, facts, now)

    def conclude(self, tx: Transaction, now: float) -> bool:
        """Conclude a batch of calls whose ending is known and which no run would; whether there may be more."""
        dialed = tx.view.runs.plans_dialed()
        left = tx.view.attempts.left_open(dialed, CONCLUDED_AT_ONCE)
        for attempt in left:
            self._steps(tx, attempt, dialed).conclude(tx, attempt, now)
        following = tx.view.attempts.left_open(dialed, CONCLUDED_AT_ONCE)
        self.left &= dialed
        return bool(following) and following != left

    def _steps(self, tx: Transaction, attempt: Attempt, dialed: frozenset[int]) -> Steps:
        last = None if attempt.plan in dialed else tx.view.runs.redialing_of(attempt.plan)
        if last is None:  # what follows is left to the plan's own run
            last = LatestRun(Scope(NO_PLAN, "", 0, "", 0), Policy())
        scope, rules = replace(last.scope, run_id=attempt.run_id), Rules(last.policy)
        return Steps(RunConfig(scope, slots=0, pace=None, account_pace=None, rules=rules, currency=self._currency))
