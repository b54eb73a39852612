"""One run, alive: sandbox, receiver, journal, carrier and engine, begun and ended together."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Sequence
from signal import SIGTERM

from orchestrator.app.interruption import WATCH, HandingOver, Interrupted
from orchestrator.app.journal import sandbox_state
from orchestrator.app.known_heads import remembered
from orchestrator.app.options import RunOptions, command_line
from orchestrator.app.outcome import Conclusion, conclude
from orchestrator.app.process import pulse, signals
from orchestrator.app.review import Reviewed
from orchestrator.app.run_config import new_run, run_config
from orchestrator.app.targets import Access
from orchestrator.carrier.client import Carrier
from orchestrator.engine.clock import Clock
from orchestrator.engine.config import RunConfig
from orchestrator.engine.scheduler import Engine
from orchestrator.journal.load import Load, Loading, Reload
from orchestrator.journal.port import Beat, Writer
from orchestrator.journal.queries import Reader
from orchestrator.journal.run import Loaded
from orchestrator.journal.sqlite.journal import FileJournal
from orchestrator.model.call import Scope
from orchestrator.model.errors import CannotProceed, JournalBroken, TakenOver, WrongUsage
from orchestrator.model.events import Event
from orchestrator.model.outcome import CallFacts
from orchestrator.model.target import Target
from orchestrator.policy.verdict import Stop
from orchestrator.progress.snapshot import RunSnapshot

logger = logging.getLogger(__name__)

WAIT = 900.0
"""Seconds that a run waits for something that may start, off a terminal; on one without limit."""

Begun = Callable[[RunSnapshot], None]
"""Gets the snapshot once, when a run's calls are loaded."""

LOOPBACK = "127.0.0.1"


class Session:
    """Wires one run and sees it through; `scope` is known once the calls are loaded."""

    scope: Scope

    def __init__(
        self,
        options: RunOptions,
        reviewed: Reviewed,
        access: Access,
        journal: FileJournal,
        beat: Beat,
        run_id: str,
        observer: Callable[[Sequence[Event]], None],
        attended: bool,
        begun: Begun | None = None,
        handing_over: HandingOver = WATCH.handing_over,
    ) -> None:
        self._options, self._reviewed, self._access = options, reviewed, access
        self._handing_over = handing_over
        self._run_id, self._observer, self._beat, self._begun = run_id, observer, beat, begun
        self._target: Target = reviewed.target
        self._wait = options.wait if options.wait is not None else (float("inf") if attended else WAIT)
        self._engine: asyncio.Future[Engine] | None = None
        self._interrupted: Stop | None = None
        self.journal = journal
        self.is_live = reviewed.target.is_live

    async def run(self) -> Conclusion:
        """Load the calls, dial them, and judge how that ended."""
        async with contextlib.AsyncExitStack() as stack:
            stack.enter_context(signals(self._interrupt, self._how_to_go_on(), self._handing_over))
            stack.enter_context(pulse(self._beat))
            reader = stack.enter_context(self.journal.reader())
            writer = self.journal.writer(self._follow)
            stack.push_async_callback(writer.close)
            try:
                loaded = await self._load(writer, reader)
            except TakenOver as problem:
                raise CannotProceed(f"nothing was dialed: {problem}") from None
            except JournalBroken as problem:
                raise CannotProceed(f"nothing was dialed: {problem}", "check the disk and the permissions") from None
            self.scope = loaded.scope
            stack.enter_context(remembered(reader.view, self.journal, is_live=self.is_live))
            async with contextlib.AsyncExitStack() as line:  # closed before the verdict: nothing changes after it
                engine = await self._dial(line, writer, reader)
            success = self._reviewed.plan.policy.success
            return await conclude(writer, reader.view, self._options, loaded, success, engine)

    async def _dial(self, line: contextlib.AsyncExitStack, writer: Writer, reader: Reader) -> Engine:
        """Begin all that the run needs, dial, and return the engine when it is through."""
        self._engine = asyncio.get_running_loop().create_future()
        callback_base = await self._start_receiver(line, writer, reader)
        base_url = self._access.base_url or await self._start_sandbox(line)
        carrier = await line.enter_async_context(self._carrier(base_url))
        config = run_config(self.scope, self._options, self._reviewed, self._wait, callback_base)
        engine = Engine(config, writer, reader, carrier, Clock(time.time))
        self._engine.set_result(engine)
        if self._begun is not None:
            self._begun(_snapshot(config, reader, engine))
        if self._interrupted is not None:
            engine.stop(self._interrupted)
        await engine.run()
        return engine

    def _interrupt(self, stop: Stop) -> None:
        """Take a signal: the first drains, a second one does not even wait for requests under way."""
        engine = self._engine.result() if self._engine is not None and self._engine.done() else None
        if engine is not None:
            if self._interrupted is not None:
                engine.stop_now()
            engine.stop(stop)
        self._interrupted = stop

    async def _load(self, writer: Writer, reader: Reader) -> Loaded:
        """Load the calls. A signal that comes before the first of them leaves nothing of the run behind."""
        loading = self._loading()
        await asyncio.to_thread(self._prepare, loading, reader)
        if self._interrupted is not None:
            raise Interrupted(self._interrupted.signal or SIGTERM)
        loading.read_ahead()
        began = time.monotonic()
        while (loaded := await writer.write(loading.step, is_long=True)) is None:
            left_free = _time_for_others(time.monotonic() - began)
            await asyncio.gather(asyncio.sleep(left_free), asyncio.to_thread(loading.read_ahead))
            began = time.monotonic()
        return loaded

    def _loading(self) -> Loading:
        reviewed = self._reviewed
        run = new_run(self._options, reviewed, self._access.account, self._run_id, time.time())
        return Reload(run) if reviewed.spool is None else Load(run, reviewed.spool)

    def _prepare(self, loading: Loading, reader: Reader) -> None:
        """Find what refuses the plan. Raises WrongUsage where --only chooses no call of it."""
        loading.prepare(reader)
        only = self._options.only
        if only and not loading.chooses(reader, only):
            raise WrongUsage(f"--only {only} matches no call of the plan; nothing was dialed")

    def _follow(self, events: list[Event]) -> None:
        self._observer(events)
        if self._engine is not None and self._engine.done():
            self._engine.result().notice()

    async def _start_sandbox(self, stack: contextlib.AsyncExitStack) -> str:
        from orchestrator.app.sandbox import simulated_carrier
        from orchestrator.sandbox.config import SandboxConfig

        target, access = self._target, self._access
        config = SandboxConfig(
            account=access.account,
            api_key=access.key,
            api_token=access.token,
            seed=target.seed,
            speed=target.speed,
            scenario=target.scenario,
            state=sandbox_state(self.journal, access.account, self._reviewed.plan.name),
            accept=target.accept,
        )
        return await stack.enter_async_context(simulated_carrier(config))

    async def _start_receiver(self, stack: contextlib.AsyncExitStack, writer: Writer, reader: Reader) -> str | None:
        """Serve callbacks where the target asks for it; for the sandbox always, on the port of earlier runs.

        The sandbox still sends what it owes to the address it was given: on another port a resumed run would
        not receive it. Where a `serve` of this journal has the address, it receives for the run.
        """
        callbacks = self._target.callbacks
        if callbacks is None and self.is_live:
            return None
        from orchestrator.app.callbacks import Refusals, listening
        from orchestrator.receiver.app import Receiver
        from orchestrator.receiver.identity import ReceiverIdentity

        identity, refusals = ReceiverIdentity(reader.view.id, "run"), Refusals(logger.warning)
        await stack.enter_async_context(refusals.kept(writer))
        if callbacks is not None:
            await listening(stack, self._hear, callbacks.host, callbacks.port, identity, refusals.note)
            return callbacks.public_url
        from orchestrator.serving import serve

        app = Receiver(self._hear, identity=identity, refused=refusals.note).app
        key = f"receiver_port:{self.scope.plan}"  # another plan's run may stand beside this one
        remembered = int(reader.meta(key) or 0)
        try:
            port = await stack.enter_async_context(serve(app, LOOPBACK, remembered))
        except OSError:
            port = await stack.enter_async_context(serve(app, LOOPBACK, 0))
        if port != remembered:
            await writer.write(lambda tx: tx.set_meta(key, str(port)))
        return f"http://{LOOPBACK}:{port}"

    async def _hear(self, token: str, facts: CallFacts) -> bool:
        """Hand a callback to the engine; a resumed sandbox may send one before the engine stands."""
        if self._engine is None:
            return False
        engine = await asyncio.shield(self._engine)
        return await engine.receive_callback(token, facts)

    def _carrier(self, base_url: str) -> Carrier:
        access, target = self._access, self._target
        return Carrier(
            base_url, access.account, access.key, access.token, target.encoding, target.response, target.timeout
        )

    def _how_to_go_on(self) -> str:
        command = command_line(self._options, self.journal.name)
        return f"interrupted: the journal is whole, and the same command goes on: {command}"


def _time_for_others(waited: float) -> float:
    """Return the seconds for which the journal stays free, so that whoever has waited so long finds it so.

    SQLite looks again every 25 ms at first, and every 100 ms in the end.
    """
    return 0.025 if waited <= 0.1 else 0.1


def _snapshot(config: RunConfig, reader: Reader, engine: Engine) -> RunSnapshot:
    """Ask the journal and the engine of a run that is about to begin."""
    scope, policy = config.scope, config.rules.policy
    counts = bool(policy.stages) or policy.limits.calls is not None
    dialed, rejected, undialed = reader.usage(scope).dialed() if counts else (0, 0, 0)
    chosen = config.only != "*"
    passed_over = reader.count(scope, "due") - reader.count(scope, "due", config.only) if chosen else 0

    def paused_by() -> str:
        hold = reader.hold(scope)
        return "" if hold is None else f"{hold.by}{f', because {hold.reason}' if hold.reason else ''}"

    return RunSnapshot(
        rules=config.rules,
        pace=config.pace,
        account_pace=config.account_pace,
        slots=config.slots,
        dialed=dialed,
        rejected=rejected,
        undialed=undialed,
        open=reader.in_flight(scope),
        passed_over=passed_over,
        limit=config.limit,
        until_placed=config.until_placed,
        paused_by=paused_by,
        quiet_until=lambda: engine.quiet_until,
        stops=lambda: engine.stopped is not None,
    )
