"""A bench for the engine: a real journal, a carrier fitted to the port that answers by script, and virtual time."""

import asyncio
import json
import sqlite3
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from unit.journal.loading import load, nobody

from orchestrator.engine.clock import Clock
from orchestrator.engine.config import RunConfig
from orchestrator.engine.scheduler import Engine
from orchestrator.engine.virtual_time import run_in_virtual_time
from orchestrator.journal.guard_queries import UsageQueries
from orchestrator.journal.queries import Reader
from orchestrator.journal.run import NewRun
from orchestrator.journal.spool import Suppressed
from orchestrator.journal.sqlite.connection import GroupWriter, InlineWriter, Writer
from orchestrator.journal.sqlite.file import connect
from orchestrator.journal.transaction import Transaction
from orchestrator.model.call import ConnectRequest, Field, ResolvedCall, Scope
from orchestrator.model.diagnostic import Span
from orchestrator.model.errors import NotLeaving
from orchestrator.model.events import Event
from orchestrator.model.outcome import CallFacts, Exchange
from orchestrator.model.policy import Policy
from orchestrator.model.record import CallRecord
from orchestrator.policy.may_start import Rules
from orchestrator.policy.verdict import Stop

UNREACHED = Exchange(bytes_sent=False, error="connection refused")
LONGEST = 30 * 86_400.0
"""Virtual seconds after which a run is taken for one that never ends."""
HUNG = Exchange(bytes_sent=True, error="no answer in time")
T = TypeVar("T")
Time = Callable[[], float]
Answer = Exchange | Callable[[dict[str, str]], Awaitable[Exchange]]


class _TimeOfDay:
    """Epoch seconds as the tests see them: the real ones, and all virtual seconds that have passed so far."""

    def __init__(self) -> None:
        self._passed = 0.0
        self._virtual: Clock | None = None

    def __call__(self) -> float:
        return time.time() + self._passed if self._virtual is None else self._virtual.wall()

    def run(self, main: Callable[[Clock], Coroutine[Any, Any, T]]) -> T:
        """Run in virtual time that begins now; afterwards it is as late as it was then."""

        async def timed(clock: Clock) -> T:
            self._virtual = clock
            try:
                return await main(clock)
            finally:
                self._virtual = None
                self._passed += clock.wall() - began

        began = self()
        return run_in_virtual_time(began, timed)


now = _TimeOfDay()


def replied(status: int, sid: str | None = None, **headers: str) -> Exchange:
    body = {"Call": {"Sid": sid, "Status": "in-progress"}} if sid else {"RestException": {"Message": "no"}}
    return Exchange(True, status, headers, json.dumps(body).encode(), complete=True)


def details(sid: str, status: str) -> Exchange:
    body = {"Call": {"Sid": sid, "Status": status, "Duration": "41", "Price": "1.200"}}
    return Exchange(True, 200, {}, json.dumps(body).encode(), complete=True)


def listed(*entries: dict[str, str | None], after: str | None = None) -> Exchange:
    """One page of the carrier's list; `after` is the cursor of the next one."""
    uri = after and f"/v1/Accounts/acme1/Calls.json?PageSize=100&After={after}"
    body = {"Metadata": {"Total": len(entries), "NextPageUri": uri}, "Calls": list(entries)}
    return Exchange(True, 200, {}, json.dumps(body).encode(), complete=True)


def marked(number: str, dnd: str = "No") -> Exchange:
    """What the carrier knows of a number."""
    body = {"Numbers": {"PhoneNumber": number, "Type": "Mobile", "DND": dnd}}
    return Exchange(True, 200, {}, json.dumps(body).encode(), complete=True)


def calls(*ids: str, same_pair: bool = False, **more: str) -> list[ResolvedCall]:
    return [
        ResolvedCall(
            id_,
            tuple(
                Field(name, value, "call")
                for name, value in {
                    "From": "+918123456789",
                    "To": "+447700900100" if same_pair else f"+4477009001{n:02d}",
                    "CallerId": "07410410123",
                    "CustomField": id_,
                    **more,
                }.items()
            ),
            Span("plan.yaml", n + 1),
        )
        for n, id_ in enumerate(ids)
    ]


@dataclass
class ScriptedCarrier:
    """Answers the n-th request for a CustomField with the n-th scripted answer, then with `otherwise`."""

    script: dict[str, list[Answer]] = field(default_factory=dict)
    otherwise: Answer = field(default_factory=lambda: replied(200, "s"))
    status: str = "completed"
    received: list[dict[str, str]] = field(default_factory=list)
    at: list[float] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    lists: list[Exchange] = field(default_factory=lambda: [listed()])
    queries: list[dict[str, str]] = field(default_factory=list)
    marks: dict[str, list[Exchange]] = field(default_factory=dict)
    numbers: list[str] = field(default_factory=list)

    async def place(self, request: ConnectRequest, leave: Callable[[], Awaitable[None]]) -> Exchange:
        try:
            await leave()
        except NotLeaving as reason:
            return Exchange(bytes_sent=False, error=str(reason))
        fields = dict(request.pairs)
        self.received.append(fields)
        self.at.append(now())
        answers = self.script.get(fields["CustomField"], [])
        answer = answers.pop(0) if answers else self.otherwise
        if not isinstance(answer, Exchange):
            return await answer(fields)
        if answer == replied(200, "s"):
            return replied(200, f"sid-{fields['CustomField']}")
        return answer

    async def listing(self, query: Sequence[tuple[str, str]], leave: Callable[[], Awaitable[None]]) -> Exchange:
        await leave()
        self.queries.append(dict(query))
        return self.lists.pop(0) if len(self.lists) > 1 else self.lists[0]

    async def details(self, sid: str, leave: Callable[[], Awaitable[None]]) -> Exchange:
        await leave()
        self.asked.append(sid)
        return details(sid, self.status)

    async def number(self, number: str, leave: Callable[[], Awaitable[None]]) -> Exchange:
        await leave()
        self.numbers.append(number)
        answers = self.marks.get(number, [])
        return answers.pop(0) if len(answers) > 1 else answers[0] if answers else marked(number)

    def order(self) -> list[str]:
        return [fields["CustomField"] for fields in self.received]


class FileWriter(InlineWriter):
    """Commits to a file in the event loop's thread, which virtual time asks for; others may commit to it as well."""

    is_alone = False

    def __init__(self, path: Path, heard: Callable[[list[Event]], None]) -> None:
        self._file = connect(path)
        super().__init__(self._file, heard)

    async def close(self) -> None:
        await super().close()
        self._file.close()


class LateWriter(Writer):
    """A writer whose callers resume `seconds` after their commit was noticed, some by `first`: a busy loop."""

    seconds = 0.0
    first: list[float] = []  # noqa: RUF012 - set for each one

    async def write(self, work: Callable[[Transaction], T], *, is_long: bool = False) -> T:
        result = await super().write(work, is_long=is_long)
        await asyncio.sleep(self.first.pop(0) if self.first else self.seconds)
        return result


@dataclass
class SlowUsage:
    """Standings whose usage takes `seconds` to be read, as of very many attempts; `times` counts the readings."""

    standings: UsageQueries
    seconds: float
    times: list[float]

    def dialed(self) -> tuple[int, int, int]:
        self.times.append(time.monotonic())
        time.sleep(self.seconds)
        return self.standings.dialed()

    def __getattr__(self, name: str) -> object:
        return getattr(self.standings, name)


class SlowReader(Reader):
    """A reader of such standings."""

    seconds = 0.0

    def __init__(self, db: sqlite3.Connection) -> None:
        super().__init__(db)
        self.times: list[float] = []

    def usage(self, scope: Scope) -> UsageQueries:
        return SlowUsage(super().usage(scope), self.seconds, self.times)  # type: ignore[return-value]


@dataclass
class Result:
    stop: Stop | None
    records: dict[str, CallRecord]
    totals: dict[str, int]
    events: list[Event]
    readings: int = 0


def dial(
    journal: Path,
    carrier: ScriptedCarrier,
    plan: Iterable[ResolvedCall],
    *,
    meanwhile: Callable[[Engine], Awaitable[None]] | None = None,
    name: str = "plan",
    clock: Time | None = None,
    late: float | list[float] | None = None,
    reading: float = 0.0,
    listed: Suppressed = nobody,
    **config: object,
) -> Result:
    """Load the calls and run the engine over them once, as `run` does.

    It runs in virtual time, unless the time that commits or readings take is the subject (`late`, `reading`).
    `clock`: the wall's, where it is not `now`.
    """

    async def run(time_: Clock) -> Result:
        events: list[Event] = []
        engine: Engine | None = None

        def heard(committed: list[Event]) -> None:
            events.extend(committed)
            if engine is not None:
                engine.notice()

        with closing(connect(journal, read_only=True)) as db:
            reader, writer = SlowReader(db), _writer(journal, heard, late, is_real=is_real)
            reader.seconds = reading
            try:
                run_id = f"run-{time.time_ns()}"
                new = NewRun(run_id, "acme1", name, "/plan.yaml", "", "sha256:0", "test", "2026-11-22T10:00:00Z")
                loaded = await writer.write(lambda tx: load(tx, new, plan, listed))
                rules = Rules(config.pop("policy", Policy()))  # type: ignore[arg-type]
                settings = {"slots": 10, "pace": None, "account_pace": None, "wait": 5.0, "rules": rules, **config}
                engine = Engine(
                    replace(RunConfig(loaded.scope, 1, None, None), **settings),  # type: ignore[arg-type]
                    writer,
                    reader,
                    carrier,
                    time_ if clock is None else Clock(clock, time_.steady),
                )
                side = asyncio.create_task(meanwhile(engine)) if meanwhile else None
                stop = await asyncio.wait_for(engine.run(), 60 if is_real else LONGEST)
                if side:
                    await asyncio.wait_for(side, 20)
                records = {record.id: record for record in reader.view.results.calls(loaded.scope)}
                return Result(stop, records, reader.view.results.totals(loaded.scope), events, len(reader.times))
            finally:
                await writer.close()

    is_real = late is not None or reading > 0
    return asyncio.run(run(Clock(now))) if is_real else now.run(run)


def _writer(
    journal: Path, heard: Callable[[list[Event]], None], late: float | list[float] | None, *, is_real: bool
) -> GroupWriter:
    if not is_real:
        return FileWriter(journal, heard)
    writer = LateWriter(connect(journal), journal, heard)
    writer.seconds, writer.first = (0.0, [*late]) if isinstance(late, list) else (late or 0.0, [])
    return writer


def token_of(fields: dict[str, str]) -> str:
    return fields["StatusCallback"].rsplit("/", 1)[1]


def terminal(status: str = "completed") -> CallFacts:
    return CallFacts(sid="from-callback", status=status, event="terminal", duration=12)
