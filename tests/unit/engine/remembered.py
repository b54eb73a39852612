"""What a run remembers, on a real journal with its own writer, while others commit beside it: step by step."""

import asyncio
import tempfile
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from unit.engine.bench import HUNG, UNREACHED, replied
from unit.journal.loading import load

from orchestrator.engine.attempt import Steps, hash_token
from orchestrator.engine.clock import Clock
from orchestrator.engine.config import RunConfig
from orchestrator.engine.memory import Memory
from orchestrator.exotel.placement import verdict
from orchestrator.journal.queries import Reader
from orchestrator.journal.run import NewRun
from orchestrator.journal.sqlite.connection import Writer
from orchestrator.journal.sqlite.file import connect, create
from orchestrator.journal.transaction import Transaction
from orchestrator.model.call import Attempt, CallSchedule, DueCall, Field, ResolvedCall, Scope
from orchestrator.model.diagnostic import Span
from orchestrator.model.outcome import CallFacts, Exchange
from orchestrator.model.policy import Policy, Redial
from orchestrator.policy.may_start import Rules

T = TypeVar("T")
START = 1_800_000_000.0
"""Epoch seconds at which it begins."""

TIMEOUT, TIME_LIMIT, SETTLING = 10, 60, 300.0
HORIZON = 2 * TIMEOUT + TIME_LIMIT + SETTLING
"""Seconds after which an attempt cannot be live any more."""

REPLIES: dict[str, Callable[[str], Exchange]] = {
    "accepted": lambda token: replied(200, f"sid-{token}"),
    "rejected": lambda _: replied(400),
    "account": lambda _: replied(402),
    "throttled": lambda _: replied(429, **{"retry-after": "3"}),
    "unreached": lambda _: UNREACHED,
    "hung": lambda _: HUNG,
}


def call(id_: str, agent: int, person: int, priority: int = 0, later: float | None = None) -> ResolvedCall:
    """One call between two numbers, due `later` seconds after the start."""
    fields = {
        "From": f"+91812345{agent:04d}",
        "To": f"+4477009{person:05d}",
        "CallerId": "07410410123",
        "TimeOut": str(TIMEOUT),
        "TimeLimit": str(TIME_LIMIT),
    }
    schedule = CallSchedule(priority=priority, not_before=None if later is None else START + later)
    return ResolvedCall(
        id_, tuple(Field(name, value, "call") for name, value in fields.items()), Span("p.yaml", 1), schedule=schedule
    )


@dataclass
class Begun:
    """An attempt whose intent is committed; `is_ours`: its task runs in the run that remembers."""

    call: DueCall
    n: int
    token: str
    scope: Scope
    is_ours: bool
    answered: bool = False


class Remembered:
    """One run's memory, fed by its own writer; `other` commits as another process does."""

    def __init__(
        self,
        plan: Iterable[ResolvedCall],
        *,
        others: dict[tuple[str, str], list[ResolvedCall]] | None = None,
        per_agent: int | None = 2,
        legs: int | None = 100,
        **config: Any,
    ) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self.path = Path(self._folder.name) / "journal.db"
        create(self.path)
        self.now = START
        self._other = connect(self.path)
        self._other.execute("PRAGMA synchronous = OFF")  # no power fails here
        self.scope = self.loaded("acme1", "one", plan)
        self.scopes = [self.loaded(account, name, calls) for (account, name), calls in (others or {}).items()]
        policy = Policy(per_agent=per_agent, redial=(("busy", Redial(3, 5.0)), ("no-answer", Redial(2, 0.0))))
        rules = Rules(policy, legs=legs)
        self.config = replace(RunConfig(self.scope, 10, None, None, rules, settling=SETTLING), **config)
        self.steps = Steps(self.config)
        self._loop = asyncio.new_event_loop()
        self.writer = self._loop.run_until_complete(self._opened())
        self.reader = Reader(connect(self.path, read_only=True))
        self.memory = Memory(self.config, self.writer, self.reader, Clock(lambda: self.now))
        self.unseen = 0
        """Commits of others since the memory was read last."""
        self.begun: list[Begun] = []
        """The run's own attempts whose intents are committed."""
        self._tokens = 0

    async def _opened(self) -> Writer:
        writer = Writer(connect(self.path), self.path, lambda _events: None)
        writer._db.execute("PRAGMA synchronous = OFF")
        return writer

    def close(self) -> None:
        """Let everything go."""
        self._loop.run_until_complete(self.writer.close())
        self._loop.close()
        self.reader.db.close()
        self._other.close()
        self._folder.cleanup()

    # -- who commits -----------------------------------------------------------------------------------

    def own(self, work: Callable[[Transaction], T]) -> T:
        """Commit as the run itself does; its memory is told before this returns."""
        return self._loop.run_until_complete(self.writer.write(work))

    def other(self, work: Callable[[Transaction], T]) -> T:
        """Commit as another process does."""
        before = self._other.execute("SELECT max(seq) FROM events").fetchone()
        self._other.execute("BEGIN IMMEDIATE")
        tx = Transaction(self._other)
        result = work(tx)
        tx.seal()
        self._other.execute("COMMIT")
        self.unseen = getattr(self, "unseen", 0)
        self.unseen += before != self._other.execute("SELECT max(seq) FROM events").fetchone()
        return result

    def loaded(self, account: str, name: str, calls: Iterable[ResolvedCall], run: str = "") -> Scope:
        """Have a run of a plan begin."""
        run = run or f"run-{name}"
        new = NewRun(run, account, name, f"/{name}.yaml", "", "sha256:0", "test", "2027-01-15T08:00:00Z")
        return self.other(lambda tx: load(tx, new, calls)).scope

    def look(self) -> None:
        """Do what the engine does before it chooses: read again what others may have changed."""
        if not self.memory.is_current():
            self.memory.refresh()
            self.unseen = 0
        if not self.memory.are_counts_known:
            with self.reader.snapshot() as newest:
                self.memory.read_counts(self.reader.usage(self.scope), newest[0])

    # -- attempts --------------------------------------------------------------------------------------

    def token(self) -> str:
        """Return a fresh token."""
        self._tokens += 1
        return f"token-{self._tokens}"

    def claim(self, calls: list[DueCall]) -> list[Begun]:
        """Commit the intents of begun calls in one transaction, and settle them; return those that were committed."""
        tokens, now = [self.token() for _ in calls], self.now

        def work(tx: Transaction) -> list[int | None]:
            return [
                self.steps.intend(tx, [(one, hash_token(token), now)])[0]
                for one, token in zip(calls, tokens, strict=True)
            ]

        begun = []
        for one, token, n in zip(calls, tokens, self.own(work), strict=True):
            self.memory.settle(one, is_committed=n is not None)
            if n is None:
                self.memory.end(one.key)
            else:
                begun.append(Begun(one, n, token, self.scope, is_ours=True))
        self.begun += begun
        return begun

    def dial_beside(self, scope: Scope, one: DueCall) -> Begun | None:
        """Commit an intent of another plan's run."""
        token, now = self.token(), self.now
        steps = Steps(replace(self.config, scope=scope))
        n = self.other(lambda tx: steps.intend(tx, [(one, hash_token(token), now)])[0])
        return None if n is None else Begun(one, n, token, scope, is_ours=False)

    def answer(self, begun: Begun, word: str) -> None:
        """Commit the outcome of an attempt; a task of our own ends with it."""
        exchange, steps, now = REPLIES[word](begun.token), Steps(replace(self.config, scope=begun.scope)), self.now
        commit = self.own if begun.is_ours else self.other
        commit(lambda tx: steps.record(tx, begun.call, begun.n, exchange, verdict(exchange), now))
        self._ended(begun)

    def withdraw(self, begun: Begun) -> None:
        """Take an intent back."""
        now = self.now
        self.own(lambda tx: self.steps.withdraw(tx, begun.call, begun.n, "too late", now))
        self._ended(begun)

    def _ended(self, begun: Begun) -> None:
        begun.answered = True
        if begun.is_ours:
            self.memory.due.next(self.now, self.now)  # the loop may look before the task has ended
            self.memory.end(begun.call.key)

    def hear(self, begun: Begun, status: str, *, beside: bool) -> None:
        """Commit a callback, taken by our own receiver, or by one beside us, which is that of the call's own plan."""
        event = "answered" if status == "in-progress" else "terminal"
        facts, now = CallFacts(sid=f"sid-{begun.token}", status=status, event=event), self.now
        steps = Steps(replace(self.config, scope=begun.scope)) if beside else self.steps
        commit = self.other if beside else self.own
        assert commit(lambda tx: steps.receive_callback(tx, hash_token(begun.token), facts, now))

    def open_attempts(self, scope: Scope) -> list[Attempt]:
        """Return the attempts that are awaited, and answered."""
        return [one for one in self.reader.open_attempts(scope) if one.record.placement is not None]


def opened(plan: Iterable[ResolvedCall], **config: Any) -> closing[Remembered]:
    """Return a memory for a `with` statement."""
    return closing(Remembered(plan, **config))
