"""What the evaluator remembers of an edition is read again where it matters, and not for ever."""

import contextlib
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

from unit.engine.bench import HUNG, calls
from unit.engine.guarded import SIX, Ending, changed, ended_within, run

from orchestrator.engine.scheduler import Engine
from orchestrator.journal.sqlite.file import connect
from orchestrator.model.policy import Limits


async def soon(engine: Engine) -> None:
    await ended_within(6.0, engine)


@contextlib.contextmanager
def another_process_that_commits(journal: Path) -> Iterator[None]:
    """Every 10 ms, as the run of another plan would."""
    ended = threading.Event()

    def commit() -> None:
        with contextlib.closing(connect(journal)) as db:
            while not ended.wait(0.01):
                with contextlib.suppress(sqlite3.OperationalError):
                    db.execute("INSERT INTO meta VALUES ('x', 1) ON CONFLICT (key) DO UPDATE SET value = value + 1")

    thread = threading.Thread(target=commit)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def test_a_run_at_its_limit_ends_though_others_commit_whenever_it_reads(journal: Path) -> None:
    with another_process_that_commits(journal):
        found = run(journal, Ending(), calls(*SIX), limits=Limits(calls=2), reading=0.1, meanwhile=soon)
    assert found.stop is not None
    assert "limits.calls of 2" in found.stop.message


def test_a_long_reading_is_not_repeated_at_every_commit_while_calls_are_in_flight(journal: Path) -> None:
    plan = changed(calls(*SIX), TimeLimit="600")
    carrier, settings = Ending({"a": [HUNG]}), {"slots": 3, "settle_for": 4.0, "settling": 0.1}
    with another_process_that_commits(journal):
        found = run(journal, carrier, plan, limits=Limits(minutes=15), reading=0.3, meanwhile=soon, **settings)
    assert carrier.order() == ["a"], "a second talk of ten minutes does not fit as long as the first may last"
    assert found.readings <= 4, "at first, when it stood in the way, and at last"


def test_what_ends_in_flight_gives_room_once_nothing_else_is(journal: Path) -> None:
    carrier = Ending(talk=0.1)
    plan = changed(calls(*SIX), TimeLimit="600")
    found = run(journal, carrier, plan, limits=Limits(minutes=15), slots=3, reading=0.2)
    assert found.stop is None
    assert sorted(carrier.order()) == list(SIX)
