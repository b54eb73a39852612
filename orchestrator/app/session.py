"""One run, alive: sandbox, receiver, journal, carrier and engine, begun and ended together."""

import asyncio
import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from orchestrator.app.ground import Begun, ground
from orchestrator.app.options import RunOptions
from orchestrator.app.outlook import rules
from orchestrator.app.process import pulse, signals
from orchestrator.app.review import Reviewed, inputs_of
from orchestrator.carrier import Carrier
from orchestrator.engine import Conduct, Engine
from orchestrator.journal import (
    DialerLock,
    Loaded,
    NewRun,
    Reader,
    Transaction,
    Writer,
    beside,
    connect,
    load,
    reload,
)
from orchestrator.model.errors import CannotProceed, JournalBroken, Refused
from orchestrator.model.events import Event, EventType
from orchestrator.model.hold import Hold
from orchestrator.model.outcome import CallFacts, Disposition
from orchestrator.model.target import Lookups, Target
from orchestrator.model.times import rfc3339
from orchestrator.model.work import Scope
from orchestrator.plan import plan_source, policy_text
from orchestrator.policy.verdict import Stop, exit_code

SETTLE_FOR = 600.0
"""Seconds that a run waits for unknown attempts unless told otherwise (product.md section 4)."""

WAIT = 900.0
"""Seconds that a run waits for something that may start, off a terminal; on one without limit."""

SETTLING = 300.0
"""Seconds that the carrier may still change what it says of an ended call, where the target does not say."""

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Access:
    """Where and as whom requests are sent. `base_url` None: the embedded sandbox's own."""

    account: str
    key: str = field(repr=False)
    token: str = field(repr=False)
    base_url: str | None


class Session:
    """Wires one run and sees it through; `scope` is known once the calls are loaded."""

    scope: Scope
    _loaded: Loaded

    def __init__(
        self,
        options: RunOptions,
        reviewed: Reviewed,
        access: Access,
        journal: Path,
        lock: DialerLock,
        run_id: str,
        observer: Callable[[Event], None],
        attended: bool,
        begun: Begun | None = None,
    ) -> None:
        self._options, self._reviewed, self._access = options, reviewed, access
        self._run_id, self._observer, self._lock, self._begun = run_id, observer, lock, begun
        self._target: Target = reviewed.target
        self._wait = options.wait if options.wait is not None else (float("inf") if attended else WAIT)
        self._engine: asyncio.Future[Engine] | None = None
        self._interrupted: Stop | None = None
        self.journal = journal
        self.is_live = reviewed.target.is_live

    async def run(self) -> tuple[int, tuple[str, ...]]:
        """Load, dial, judge. Returns the exit code and the messages for people."""
        async with contextlib.AsyncExitStack() as stack:
            stack.enter_context(signals(self._interrupt, self._how_to_go_on()))
            stack.enter_context(pulse(self._lock))
            reader = Reader(stack.enter_context(contextlib.closing(connect(self.journal, read_only=True))))
            writer = Writer(self.journal, self._follow)
            stack.push_async_callback(writer.close)
            try:
                self._loaded = await writer.write(self._load)
                self.scope = self._loaded.scope
            except JournalBroken as problem:
                raise CannotProceed(f"nothing was dialed: {problem}", "check the disk and the permissions") from None
            async with contextlib.AsyncExitStack() as line:  # closed before the verdict: nothing changes after it
                stop = await self._dial(line, writer, reader)
            return await self._judge(writer, reader, stop)

    async def _dial(self, line: contextlib.AsyncExitStack, writer: Writer, reader: Reader) -> Stop | None:
        self._engine = asyncio.get_running_loop().create_future()
        callback_base = await self._start_receiver(line, writer, reader)
        base_url = self._access.base_url or await self._start_sandbox(line)
        carrier = await line.enter_async_context(self._carrier(base_url))
        conduct = self._conduct(callback_base)
        engine = Engine(conduct, writer, reader, carrier, time.time)
        self._engine.set_result(engine)
        if self._begun is not None:
            self._begun(ground(conduct, reader, engine))
        if self._interrupted is not None:
            engine.stop(self._interrupted)
        return await engine.run()

    def _interrupt(self, stop: Stop) -> None:
        """Take a signal: the first drains, a second one does not even wait for requests under way."""
        engine = self._engine.result() if self._engine is not None and self._engine.done() else None
        if engine is not None:
            if self._interrupted is not None:
                engine.stop_now()
            engine.stop(stop)
        self._interrupted = stop

    def _load(self, tx: Transaction) -> Loaded:
        plan, reviewed = self._reviewed.plan, self._reviewed
        run = NewRun(
            id=self._run_id,
            account=self._access.account,
            plan=plan.name,
            source=plan_source(plan.path, self._options.root),
            edition=reviewed.edition,
            digest=reviewed.digest,
            policy=policy_text(plan.policy),
            target=self._target.name,
            at=rfc3339(time.time()),
            new_ids=self._options.new_ids,
            moved=self._options.moved,
            retry_rejected=self._options.retry_rejected,
            keep_suppressed=self._options.expect is not None,
            inputs=reviewed.inputs,
        )
        if reviewed.unchanged:
            again = reload(tx, run)
            if again is None:
                raise CannotProceed("another run has changed the plan's calls meanwhile", "run the command again")
            return again
        same = inputs_of(reviewed.loaded, self._target, reviewed.listed, reviewed.edition) == reviewed.inputs
        return load(tx, run if same else replace(run, inputs=""), reviewed.checked(), reviewed.suppressed)

    def _follow(self, events: list[Event]) -> None:
        for event in events:
            self._observer(event)
        if self._engine is not None and self._engine.done():
            self._engine.result().notice()

    async def _start_sandbox(self, stack: contextlib.AsyncExitStack) -> str:
        from orchestrator.sandbox import Sandbox, SandboxConfig

        target, access = self._target, self._access
        config = SandboxConfig(
            account=access.account,
            api_key=access.key,
            api_token=access.token,
            seed=target.seed,
            speed=target.speed,
            scenario=target.scenario,
            state=beside(self.journal, access.account, self._reviewed.plan.name, "sandbox"),
            accept=target.accept,
        )
        sandbox = await stack.enter_async_context(Sandbox(config))
        return sandbox.base_url

    async def _start_receiver(self, stack: contextlib.AsyncExitStack, writer: Writer, reader: Reader) -> str | None:
        """Serve callbacks where the target asks for it; for the sandbox always, on the port of earlier runs.

        The sandbox still sends what it owes to the address it was told: on another port a resumed run would
        not hear it. Where a `serve` of this journal has the address, it hears for the run.
        """
        callbacks = self._target.callbacks
        if callbacks is None and self.is_live:
            return None
        from orchestrator.app.listening import listening
        from orchestrator.receiver import Hearer, Receiver

        hearer = Hearer(reader.meta("id") or "", "run")
        if callbacks is not None:
            await listening(stack, self._hear, callbacks.host, callbacks.port, hearer)
            return callbacks.public_url
        from orchestrator.serving import serve

        app = Receiver(self._hear, hearer=hearer).app
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
        return await engine.hear(token, facts)

    def _carrier(self, base_url: str) -> Carrier:
        access, target = self._access, self._target
        return Carrier(
            base_url, access.account, access.key, access.token, target.encoding, target.response, target.timeout
        )

    def _conduct(self, callback_base: str | None) -> Conduct:
        plan, target, options = self._reviewed.plan, self._target, self._options
        speed = 1.0 if self.is_live else target.speed
        return Conduct(
            scope=self.scope,
            slots=plan.policy.concurrency,
            pace=plan.policy.pace,
            account_pace=target.pace,
            rules=rules(self._reviewed, target),
            callback_base=callback_base,
            lookups=_faster(target.lookups, speed),
            settle_for=options.settle_for if options.settle_for is not None else SETTLE_FOR / speed,
            settling=target.lookups.settle if target.lookups else SETTLING,
            speed=speed,
            timezone=target.timezone,
            timeout=target.timeout,
            shared=target.shared,
            circuit=target.circuit,
            currency=target.currency,
            spelling=target.spelling,
            wait=self._wait,
            until_placed=options.until_placed,
            only=options.only or "*",
            limit=options.limit,
        )

    def _how_to_go_on(self) -> str:
        options = self._options
        target = "" if options.target == "sandbox" else f" --target {options.target}"
        command = f"orchestrate run {options.plan}{target} --journal {self.journal}"
        return f"interrupted: the journal is whole, and the same command goes on: {command}"

    async def _judge(self, writer: Writer, reader: Reader, stop: Stop | None) -> tuple[int, tuple[str, ...]]:
        only = self._options.only or "*"
        whole = reader.totals(self.scope, planned=True)
        chosen = reader.totals(self.scope, only, planned=True) if self._options.only else whole
        waits = whole[Disposition.WAITING]  # where nothing waits the verdict is on the whole plan
        code = exit_code(
            {**(chosen if waits else whole), Disposition.UNKNOWN: whole[Disposition.UNKNOWN]},
            reader.not_dialed(self.scope, only if waits else "*"),
            self._reviewed.plan.policy.success,
            stop,
            until_placed=self._options.until_placed,
            undialed=reader.count(self.scope, "due", only),
        )
        messages = [stop.message] if stop else []
        if not chosen["calls"] and self._options.only:
            messages.append(f"--only {self._options.only} matches no call of the plan; nothing was dialed")
        if self._loaded.newest != self.scope.edition:
            messages.append(_superseded(self.scope.edition, self._loaded.newest))
        hold = reader.hold(self.scope)
        if hold is not None and hold.kind == "cancelled":
            messages.append(_cancelled(hold))
        if self._loaded.id_changed:
            messages.append(_id_changed(self._loaded.id_changed))
        if self._engine is not None:
            engine = self._engine.result()
            messages += engine.untold
            if engine.look_up_trouble is not None:
                messages.append(_unanswered(engine.look_up_trouble))
            if engine.dnd_trouble is not None:
                messages.append(_not_told(engine.dnd_trouble))
        try:
            at = rfc3339(time.time())
            if stop is not None and stop.code in (130, 143):
                data = {"signal": "SIGINT" if stop.code == 130 else "SIGTERM"}
                await writer.write(lambda tx: tx.append(EventType.RUN_INTERRUPTED, at, self._run_id, data=data))
            await writer.write(lambda tx: tx.end_run(self.scope, at, code))
        except JournalBroken as problem:
            raise JournalBroken("\n".join(dict.fromkeys([str(problem), *messages]))) from None
        if code == 3 and self._engine is not None:
            raise Refused(self._engine.result().refused)
        return code, tuple(messages)


def _superseded(edition: str, newest: str) -> str:
    shown = f"edition {edition}" if edition else "the plan without an edition"
    by = f"edition {newest}" if newest else "the plan without an edition"
    return f"{shown} was superseded by {by}: its calls are not dialed any more; a new edition dials on purpose"


def _cancelled(hold: Hold) -> str:
    because = f" because {hold.reason}" if hold.reason else ""
    return f"cancelled by {hold.by} at {hold.began_at}{because}: `orchestrate resume` takes it back, then run again"


def _unanswered(trouble: str) -> str:
    return (
        f"no look-up was answered ({trouble}): how calls ended, and what became of unknown ones, may be missing;"
        " check that the API key may read calls"
    )


def _not_told(trouble: str) -> str:
    return (
        f"the carrier did not say of all numbers whether they are do-not-disturb ({trouble}), and with `policy.dnd`"
        " nobody is rung unasked: check that the API key may read numbers, then the same run goes on"
    )


def _id_changed(calls: int) -> str:
    return (
        f"{calls:,} call(s) were not dialed (id changed): their numbers may have rung under an id that the plan no"
        " longer holds; give them that id again, or dial them with --new-ids"
    )


def _faster(lookups: Lookups | None, speed: float) -> Lookups | None:
    """Return the look-ups' times as our clock counts them."""
    return lookups and Lookups(lookups.after / speed, lookups.every / speed, lookups.settle / speed)
