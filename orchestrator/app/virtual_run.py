"""Runs a plan in virtual time against a simulated carrier: days pass in seconds, in memory and without a socket."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from orchestrator.app.options import RunOptions
from orchestrator.app.outcome import Conclusion, conclude
from orchestrator.app.process import rare_collections
from orchestrator.app.review import Reviewed, read_plan, review, target_lists
from orchestrator.app.run_config import new_run, run_config
from orchestrator.app.targets import resolve_target
from orchestrator.engine.clock import Clock
from orchestrator.engine.scheduler import Engine
from orchestrator.engine.virtual_time import run_in_virtual_time
from orchestrator.journal.load import Load
from orchestrator.journal.port import Journal, Writer
from orchestrator.journal.queries import Reader
from orchestrator.journal.run import Loaded, NewRun
from orchestrator.journal.spool import CallSpool
from orchestrator.journal.sqlite.journal import MemoryJournal
from orchestrator.model.call import Scope
from orchestrator.model.events import Event
from orchestrator.model.frozen import frozen
from orchestrator.model.outcome import CallFacts
from orchestrator.sandbox.config import SandboxConfig
from orchestrator.sandbox.direct import CALLBACK_BASE, direct_carrier
from orchestrator.sandbox.memory import CallsInMemory

GATHERS = 1.0
"""Seconds by which the carrier's callbacks may come late, as real ones do: many share a commit, and so do redials."""

HEARD_OF = ("terminal",)
"""What callbacks tell where the plan does not say: nobody looks on while people answer."""


@frozen
class VirtualRun:
    """How a virtual run went: its verdict, when it ended in epoch seconds, and its journal, to be read from."""

    conclusion: Conclusion
    ended: float
    reader: Reader
    scope: Scope


def run_virtually(
    options: RunOptions,
    begins: float,
    observer: Callable[[Event], None] = lambda _event: None,
    journal: MemoryJournal | None = None,
) -> VirtualRun:
    """Run a plan from an epoch second on, and return how it went. Raises Refused and CannotProceed.

    Nobody is rung, whatever the target: its seed and scenario decide how each call goes. It waits for windows and
    redials as long as `options.wait` says, without limit where that is None. `observer` follows committed events. The
    journal is a new one unless it is given; a run goes on from what that knows, and at a later second than those in it.
    """
    target = resolve_target(options.target, options.plan, options.root)
    # The carrier's clock is the virtual one: nothing has to go faster.
    target = replace(target, kind="sandbox", speed=1.0)
    loaded, spool = read_plan(options.plan, target, options.root, options.secrets_dir), CallSpool()
    reviewed = review(loaded, target, options.edition, target_lists(target, options.root, options.secrets_dir), spool)
    kept = journal or MemoryJournal()
    with rare_collections(), kept.reader() as reader:
        return run_in_virtual_time(begins, lambda clock: _run(options, reviewed, spool, clock, observer, kept, reader))


async def _run(
    options: RunOptions,
    reviewed: Reviewed,
    spool: CallSpool,
    clock: Clock,
    observer: Callable[[Event], None],
    journal: Journal,
    reader: Reader,
) -> VirtualRun:
    target = reviewed.target
    engine: Engine | None = None

    def heard(events: list[Event]) -> None:
        for event in events:
            observer(event)
        if engine is not None:
            engine.notice()

    async def receive(token: str, facts: CallFacts) -> bool:
        return engine is not None and await engine.receive_callback(token, facts)

    writer = journal.writer(heard)
    sandbox = SandboxConfig(
        seed=target.seed,
        scenario=target.scenario,
        speed=target.speed,
        accept=target.accept,
        gathers=GATHERS,
        clock=clock.wall,
    )
    loaded = await _load(
        writer, spool, new_run(options, reviewed, sandbox.account, _run_id(clock.wall()), clock.wall())
    )
    wait = float("inf") if options.wait is None else options.wait
    config = replace(run_config(loaded.scope, options, reviewed, wait, CALLBACK_BASE), callback_events=HEARD_OF)
    async with direct_carrier(sandbox, CallsInMemory(), receive, target.encoding, target.response) as carrier:
        engine = Engine(config, writer, reader, carrier, clock)
        await engine.run()
    success = reviewed.plan.policy.success
    conclusion = await conclude(writer, reader.view, options, loaded, success, engine, clock.now)
    return VirtualRun(conclusion, clock.wall(), reader, loaded.scope)


def _run_id(at: float) -> str:
    """Return an id that sorts by time, and is the same for the same moment."""
    return f"{datetime.fromtimestamp(at, UTC):%Y%m%dT%H%M%S}m000-virt"


async def _load(writer: Writer, spool: CallSpool, run: NewRun) -> Loaded:
    loading, loaded = Load(run, spool), None
    while loaded is None:
        loading.read_ahead()
        loaded = await writer.write(loading.step)
    return loaded
