"""A plan that is loaded in many transactions: others write between them, and a kill between them loses nothing."""

import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest
from durability.carrier import Carrier

from acceptance.cli import until
from acceptance.desk import Desk, call
from orchestrator.journal.control import suppress
from orchestrator.journal.spool import CALLS_IN_A_BATCH
from orchestrator.journal.sqlite.journal import FileJournal

ROWS = 3 * CALLS_IN_A_BATCH
CHOSEN = "order-00007"


@pytest.fixture
def arguments(desk: Desk, live: Path) -> list[str]:
    """A run that loads all rows and dials one call."""
    desk.write("people.csv", "n\n" + "".join(f"{n:05d}\n" for n in range(ROWS)))
    plan = desk.plan([{**call("order-${row.n}"), "To": "+9181234${row.n}", "rows": "people.csv"}])
    return desk.run_arguments(plan, live, "--only", CHOSEN)


def answer(desk: Desk, question: str, *values: str) -> int:
    with closing(sqlite3.connect(f"file:{desk.journal}?mode=ro", uri=True)) as db:
        return int(db.execute(question, values).fetchone()[0])


def loading(desk: Desk, arguments: list[str]) -> subprocess.Popen[str]:
    """Start the run and return when its first calls are in the journal."""
    process = desk.start(*arguments)
    until(lambda: answer(desk, "SELECT count(*) FROM calls") > 0, process)
    return process


def test_others_write_while_calls_are_loaded(desk: Desk, carrier: Carrier, arguments: list[str]) -> None:
    process = loading(desk, arguments)
    with FileJournal(desk.journal).committing() as tx:
        suppress(tx, "+918123400007", "asked to be left alone", "me", 1.0)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, out + err
    kinds = ("run.started", "number.suppressed", "calls.loaded")
    numbers = [answer(desk, "SELECT seq FROM events WHERE type = ?", kind) for kind in kinds]
    assert numbers == sorted(numbers)
    assert carrier.connects() == [], "who was suppressed while the calls were loaded is not rung"


def test_a_kill_while_calls_are_loaded_loses_nothing(desk: Desk, carrier: Carrier, arguments: list[str]) -> None:
    process = loading(desk, arguments)
    process.kill()
    process.communicate()
    assert answer(desk, "SELECT count(*) FROM events WHERE type = 'calls.loaded'") == 0
    assert carrier.connects() == []
    done = desk.orchestrate(*arguments)
    assert done.code == 0, done.said
    assert answer(desk, "SELECT count(*) FROM calls") == ROWS
    assert carrier.rung() == {CHOSEN: 1}
    assert desk.orchestrate(*arguments).code == 0
    assert carrier.rung() == {CHOSEN: 1}
    verified = desk.orchestrate("journal", "verify", "--journal", str(desk.journal))
    assert verified.code == 0, verified.said
