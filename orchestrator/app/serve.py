"""`serve`: the callback receiver as a service, a writer beside the dialers. It never dials and holds no lock."""

import asyncio
import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from orchestrator.app.callbacks import Refusals, listening, shown
from orchestrator.app.hearing import Hearing
from orchestrator.app.journal import existing_journal, locate_journal
from orchestrator.app.process import signals
from orchestrator.app.targets import resolve_target
from orchestrator.engine.attempt import hash_token
from orchestrator.engine.clock import Clock
from orchestrator.journal import Connection, Writer, connect, journal_id
from orchestrator.journal.history import dialed_now
from orchestrator.journal.sqlite.file import reading
from orchestrator.model.errors import CannotProceed, JournalBroken, WrongUsage
from orchestrator.model.events import Event
from orchestrator.model.outcome import CallFacts
from orchestrator.model.target import Target
from orchestrator.plan.text_formats import ParseError, read_listen_address
from orchestrator.policy.verdict import Stop
from orchestrator.receiver import ReceiverIdentity

GLANCE = 1.0
"""Seconds between two looks whether a run has ended, or died, and left calls to conclude."""

STOPPED = "stopped: every callback that was answered is in the journal"


@dataclass(frozen=True, slots=True)
class ServeOptions:
    """What the command line said. `listen` None: the target's own."""

    target: str
    journal: str | None
    listen: str | None
    root: str | None


@dataclass(frozen=True, slots=True)
class Told:
    """Whom to tell: `address`, once, where it listens; `event` what it committed; `trouble` what it could not.

    `warning` is told what it refused.
    """

    address: Callable[[str], None]
    event: Callable[[Event], None]
    trouble: Callable[[str], None]
    warning: Callable[[str], None]


def serve_callbacks(options: ServeOptions, told: Told) -> Stop:
    """Hear the callbacks of every plan on the journal until SIGINT or SIGTERM; return which, as a reason to stop.

    Raises CannotProceed where there is no journal, no address, or none to be had.
    """
    target = resolve_target(options.target, ".", options.root)
    host, port = _address(options.listen, target)
    journal = locate_journal(options.journal, target) if target.is_live else existing_journal(options.journal)
    identity = ReceiverIdentity(_pinned(journal, target), "serve")
    return asyncio.run(_Service(journal, target.currency, identity, told).run(host, port))


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


def _pinned(journal: Path, target: Target) -> str:
    """Return the journal's id, which must be the target's where that names one."""
    with contextlib.closing(connect(journal, read_only=True)) as db:
        found = journal_id(db)
    if target.journal not in (None, found):
        raise CannotProceed(
            f"target {target.name} wants the journal {target.journal}, and {journal} is {found}",
            "another journal does not know the calls: name the right one with --journal",
        )
    return found


class _Service:
    """The service, alive. Trouble with the journal does not end it: the carrier is asked to send again."""

    def __init__(self, journal: Path, currency: str, identity: ReceiverIdentity, told: Told) -> None:
        self._journal, self._identity, self._told = journal, identity, told
        self._hearing = Hearing(journal, currency)
        self._clock = Clock(time.time)
        self._troubled: str | None = None
        self._refusals = Refusals(told.warning)

    async def run(self, host: str, port: int) -> Stop:
        """Listen, then hear until a signal comes; return which."""
        stopped: asyncio.Future[Stop] = asyncio.get_running_loop().create_future()

        def stop(why: Stop) -> None:
            if not stopped.done():
                stopped.set_result(why)

        async with contextlib.AsyncExitStack() as stack:
            stack.enter_context(signals(stop, STOPPED))
            reader = stack.enter_context(contextlib.closing(connect(self._journal, read_only=True)))
            self._writer = Writer(self._journal, self._committed)
            stack.push_async_callback(self._writer.close)
            await stack.enter_async_context(self._refusals.kept(self._writer))
            picked = await listening(stack, self._hear, host, port, self._identity, self._refusals.note)
            self._told.address(f"http://{shown(host, picked or port)}")
            concluding = asyncio.create_task(self._conclude(reader))
            concluding.add_done_callback(lambda task: _raised(task, stopped))
            try:
                return await stopped
            finally:
                concluding.cancel()

    async def _hear(self, token: str, facts: CallFacts) -> bool:
        hashed, now = hash_token(token), self._clock.now()
        try:
            heard = await self._writer.write(lambda tx: self._hearing.receive_callback(tx, hashed, facts, now))
        except JournalBroken as problem:
            self._trouble(str(problem))
            raise
        self._trouble(None)
        return heard

    async def _conclude(self, reader: Connection) -> None:
        """Conclude what was left open: at the start, when other plans are dialed than before, or a run was short."""
        known = None
        while True:
            with contextlib.suppress(JournalBroken), reading(self._journal):  # told where a callback is lost by it
                dialed = dialed_now(reader, self._journal)
                if dialed != known or self._hearing.left - dialed:
                    while await self._conclude_some():
                        pass
                known = dialed
            await asyncio.sleep(GLANCE)

    async def _conclude_some(self) -> bool:
        now = self._clock.now()
        return await self._writer.write(lambda tx: self._hearing.conclude(tx, now))

    def _committed(self, events: list[Event]) -> None:
        for event in events:
            self._told.event(event)

    def _trouble(self, problem: str | None) -> None:
        """Tell once what is wrong, and once that it is right again."""
        if problem == self._troubled:
            return
        self._troubled = problem
        self._told.trouble(problem or "the journal can be written again")


def _raised(task: asyncio.Task[None], stopped: asyncio.Future[Stop]) -> None:
    """Let a bug end the service: it must not go on without what it promises."""
    problem = None if task.cancelled() else task.exception()
    if problem is not None and not stopped.done():
        stopped.set_exception(problem)
