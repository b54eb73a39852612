"""A journal with a history, told by the engine's own steps: two plans, three runs, every kind of ending."""

import hashlib
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from unit.engine.bench import HUNG, UNREACHED, replied
from unit.journal.loading import load

from orchestrator.engine.attempt import Steps
from orchestrator.engine.config import RunConfig
from orchestrator.exotel.placement import verdict
from orchestrator.journal.queries import Reader
from orchestrator.journal.run import Loaded, NewRun
from orchestrator.journal.sqlite.file import connect, create
from orchestrator.journal.transaction import Transaction
from orchestrator.model.call import Field, ResolvedCall, Scope
from orchestrator.model.diagnostic import Span
from orchestrator.model.outcome import CallFacts, Exchange

START = 1_790_000_000.0
"""Epoch seconds at which the story begins."""

RUN = NewRun(
    "20260921T142640m000-aaaa", "acme1", "cod", "/root/cod.yaml", "", "sha256:" + "0" * 64, "test",
    "2026-09-21T14:26:40.000Z", policy='{"concurrency":20.0}',
)  # fmt: skip
T = TypeVar("T")


def call(id_: str, index: int = 0) -> ResolvedCall:
    """One call; the numbers are phonenumbers' examples."""
    fields = {"From": "+917410410123", "To": f"+9181234{index:05d}", "CallerId": "1800123456"}
    return ResolvedCall(id_, tuple(Field(n, v, "call") for n, v in fields.items()), Span("cod.yaml", 1))


class Story:
    """Writes to one journal, each step a transaction of its own; `now` is the epoch second, and runs on by itself."""

    def __init__(self, journal: Path) -> None:
        create(journal)
        self._journal = journal
        self.now = START

    def do(self, work: Callable[[Transaction], T]) -> T:
        """Commit one step."""
        self.now += 1.0
        with closing(connect(self._journal)) as db:
            db.execute("BEGIN IMMEDIATE")
            tx = Transaction(db)
            result = work(tx)
            tx.seal()
            db.execute("COMMIT")
            return result

    def load(self, run: NewRun, *calls: ResolvedCall) -> Loaded:
        """Open a run."""
        return self.do(lambda tx: load(tx, run, calls))

    def attempt(self, scope: Scope, id_: str, exchange: Exchange | None) -> str:
        """Start the next attempt of a due call and record its answer, None for none; return the token's hash."""
        steps = steps_of(scope)
        with closing(connect(self._journal, read_only=True)) as db:
            (due,) = (item for item in Reader(db).due(scope, 1e12, 100) if item.id == id_)
        token = hashlib.sha256(f"{id_}-{due.attempts}-{scope.run}".encode()).hexdigest()
        n = self.do(lambda tx: steps.intend(tx, [(due, token, self.now)])[0])
        assert n is not None
        if exchange is not None:
            self.do(lambda tx: steps.record(tx, due, n, exchange, verdict(exchange), self.now))
        return token

    def hear(self, scope: Scope, token: str, **facts: object) -> None:
        """Take a callback."""
        heard = CallFacts(**facts)  # type: ignore[arg-type]
        assert self.do(lambda tx: steps_of(scope).receive_callback(tx, token, heard, self.now))

    def give_up(self, scope: Scope) -> None:
        """Name what was lost, and close what is still open."""
        with closing(connect(self._journal, read_only=True)) as db:
            lost = list(Reader(db).open_attempts(scope))
        for attempt in lost:
            if attempt.record.placement is None:
                self.do(lambda tx, one=attempt: steps_of(scope).find_lost(tx, one, self.now))  # type: ignore[misc]
            self.do(lambda tx, one=attempt: self._expire(tx, scope, one.call, one.record.n))  # type: ignore[misc]

    def _expire(self, tx: Transaction, scope: Scope, key: int, n: int) -> None:
        steps_of(scope).give_up(tx, tx.attempt(key, n), self.now)

    def end(self, scope: Scope, code: int) -> None:
        """End a run."""
        self.do(lambda tx: tx.end_run(scope, "2026-09-21T14:30:00.000Z", code))


def steps_of(scope: Scope) -> Steps:
    """The engine's steps for one run."""
    return Steps(RunConfig(scope, 10, None, None))


def tell(journal: Path) -> None:
    """Tell the whole story: done, busy, rejected, throttled, reached late, lost, superseded, and another edition."""
    story = Story(journal)
    first = story.load(RUN, *(call(f"order-{n}", n) for n in range(1, 8))).scope
    done = story.attempt(first, "order-1", replied(200, "sid-1"))
    story.hear(first, done, sid="sid-1", status="completed", event="terminal", duration=41, price="1.200")
    busy = story.attempt(first, "order-2", replied(200, "sid-2"))
    story.hear(first, busy, sid="sid-2", status="busy", event="terminal")
    story.attempt(first, "order-3", replied(400))
    story.attempt(first, "order-4", replied(429))
    story.attempt(first, "order-4", replied(200, "sid-4"))
    late = story.attempt(first, "order-5", UNREACHED)
    story.attempt(first, "order-6", None)
    story.end(first, 5)
    rising = replace(RUN, id="20260921T142640m000-bbbb", edition="rising")
    second = story.load(rising, *(call(f"order-{n}", n) for n in (8, 2))).scope
    story.hear(second, late, sid="sid-5", status="in-progress", event="answered")
    hung = story.attempt(second, "order-8", HUNG)
    story.give_up(second)
    story.hear(second, hung, sid="sid-8", status="completed", event="terminal")
    story.end(second, 6)
    other = story.load(replace(RUN, id="20260921T142640m000-cccc", plan="survey", source=""), call("order-1", 9)).scope
    story.attempt(other, "order-1", replied(401))
    story.end(other, 4)
