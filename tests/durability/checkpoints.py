"""The points that every call passes in a run, by name, and kill -9 at the n-th pass of one of them.

    TEST_IN_CHILD=durability.checkpoints TEST_CHECKPOINT="intent, before commit:3"

Loaded into the process under test (inject.py), it wraps functions of the product; the product knows nothing of it.
A point that the process never passes does not kill it: the test then sees an ordinary exit, and fails.
"""

import os
import signal
import sqlite3
import threading
from collections.abc import Callable
from typing import Any

VARIABLE = "TEST_CHECKPOINT"

NOBODY, NEVER, SENT = "nobody", "never received", "received"
"""Whom a kill there leaves in doubt: nobody, one call whose request never left, one call whose request did leave."""

CHECKPOINTS = {
    "calls loaded, before commit": NOBODY,
    "calls loaded, after commit": NOBODY,
    "intent, before commit": NOBODY,
    "intent, after commit": NEVER,
    "first byte about to leave": NEVER,
    "request sent, no answer yet": SENT,
    "answer read": SENT,
    "outcome, before commit": SENT,
    "outcome, after commit": NOBODY,
    "callback heard, before commit": NOBODY,
    "callback heard, after commit": NOBODY,
    "look-up answered": NOBODY,
    "look-up, before commit": NOBODY,
    "look-up, after commit": NOBODY,
    "call closed, before commit": NOBODY,
    "call closed, after commit": NOBODY,
    "run ended, before commit": NOBODY,
    "run ended, after commit": NOBODY,
    "report, before it is written": NOBODY,
}
ONCE_A_RUN = ("calls loaded", "run ended", "report")

_lock = threading.Lock()
_wanted, _, _nth = os.environ.get(VARIABLE, "").rpartition(":")
_passes = 0


def passing(name: str) -> None:
    """Die here if this is the pass that the test chose; no other thread does anything any more."""
    global _passes  # noqa: PLW0603 - one process, one count
    if name != _wanted:
        return
    with _lock:
        _passes += 1
        if _passes == int(_nth):
            os.kill(os.getpid(), signal.SIGKILL)


class Watched(sqlite3.Connection):
    """A connection that knows which steps its open transaction holds."""

    steps: tuple[str, ...] = ()

    def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
        """Pass the checkpoints on both sides of a commit."""
        word = sql.split(maxsplit=1)[0].upper()
        if word == "BEGIN":
            self.steps = ()
        if word != "COMMIT":
            return super().execute(sql, *values)
        steps, self.steps = self.steps, ()
        for step in steps:
            passing(f"{step}, before commit")
        done = super().execute(sql, *values)
        for step in steps:
            passing(f"{step}, after commit")
        return done

    def commit(self) -> None:
        """Refuse: the checkpoints look for the word COMMIT."""
        raise AssertionError("a commit that no checkpoint sees")


def install() -> None:
    """Wrap the product's functions in this process."""
    connect = sqlite3.connect

    def watched(*args: Any, factory: type[sqlite3.Connection] = sqlite3.Connection, **more: Any) -> sqlite3.Connection:
        return connect(*args, factory=type("Both", (Watched, factory), {}), **more)

    sqlite3.connect = watched

    import orchestrator.app.run
    from orchestrator.carrier.client import Carrier, Connection
    from orchestrator.engine.attempt import Steps
    from orchestrator.journal.load import Loading
    from orchestrator.journal.transaction import Transaction
    from orchestrator.model.outcome import Evidence

    def step(owner: Any, name: str, word: str, holds: Callable[[Any, Any], bool] = lambda *_: True) -> None:
        """Note in the open transaction that it holds this step, where `holds(arguments, result)`."""
        original = getattr(owner, name)

        def wrapped(*args: Any, **more: Any) -> Any:
            result = original(*args, **more)
            if holds(args, result):
                tx = next(item for item in args if isinstance(item, Transaction))
                tx.db.steps = (*tx.db.steps, word)  # type: ignore[attr-defined]
            return result

        setattr(owner, name, wrapped)

    step(Loading, "step", "calls loaded", lambda _, loaded: loaded is not None)  # the last part, read again or not
    step(Steps, "intend", "intent", lambda _, n: n is not None)
    step(Steps, "record", "outcome")
    step(Steps, "receive_callback", "callback heard", lambda _, heard: heard)
    step(Steps, "apply_evidence", "look-up", lambda args, _: Evidence.LOOK_UP in args)
    step(Transaction, "close_call", "call closed")
    step(Transaction, "end_run", "run ended")
    _watch_the_wire(Carrier, Connection)
    write = orchestrator.app.run.write

    def report(*args: Any, **more: Any) -> None:
        passing("report, before it is written")
        write(*args, **more)

    orchestrator.app.run.write = report


def _watch_the_wire(carrier: Any, connection: Any) -> None:
    place, details, send = carrier.place, carrier.details, connection.send

    async def placed(*args: Any, **more: Any) -> Any:
        exchange = await place(*args, **more)
        passing("answer read")
        return exchange

    async def looked_up(*args: Any, **more: Any) -> Any:
        exchange = await details(*args, **more)
        passing("look-up answered")
        return exchange

    def sent(*args: Any, **more: Any) -> None:
        passing("first byte about to leave")
        send(*args, **more)
        passing("request sent, no answer yet")

    carrier.place, carrier.details, connection.send = placed, looked_up, sent
