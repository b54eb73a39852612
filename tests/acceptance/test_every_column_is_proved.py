"""`journal verify` over a journal of real runs: whatever column or row of whatever table is altered, it is found.

Which columns there are is read from the journal itself: a new one is judged from its first day on.
"""
# ruff: noqa: S608 - the names come from the journal's own schema

import json
import shutil
import signal
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from durability.carrier import Carrier, counting_carrier

from acceptance.cli import until
from acceptance.desk import Desk, call, calls, customer
from orchestrator.journal.chain import UNCHAINED, UNSEALED
from orchestrator.journal.verify.whole import verify

SHORT = {"TimeOut": 1, "TimeLimit": 1}
QUICK_REDIALS = {"busy": {"attempts": 2, "after": "1s"}}


class Field:
    """A desk with a carrier, on which one thing after another is done, and the journal proved after each."""

    def __init__(self, desk: Desk, carrier: Carrier) -> None:
        self.desk, self.carrier = desk, carrier
        desk.create_journal()
        self.live = desk.target(carrier)

    def run(self, codes: int | set[int], plan: Path, *more: str, target: Path | None = None) -> None:
        """Run a plan to the end that is expected."""
        done = self.desk.run(plan, target or self.live, *more)
        assert done.code in (codes if isinstance(codes, set) else {codes}), done.said
        self.whole()

    def say(self, *arguments: str) -> str:
        """Run a command on the journal that is right."""
        done = self.desk.orchestrate(*arguments, "--journal", str(self.desk.journal))
        assert done.code == 0, done.said
        self.whole()
        return done.out

    def whole(self) -> None:
        """See that nothing is found in what only the product wrote."""
        assert verify(self.desk.journal).altered == ()


def every_outcome(field: Field) -> None:
    """Completed, busy after a redial, rejected, throttled, unreached, unknown, found by a look-up, listed, bad rows."""
    desk = field.desk
    answers = {
        "rejected": ["400"],
        "throttled": ["429", "200"],
        "lost": ["hang"],
        "lost-too": ["hang"],
        "hung": ["hang"],
    }
    rules: dict[str, Any] = {key: {"answers": words} for key, words in answers.items()}
    for key in ("lost", "lost-too"):
        rules[key] |= {"listed": False}
    rules["busy"] = {"ending": "busy"}
    field.carrier.rules(talk=0.1, calls=rules, dnd={customer(11): ["Yes"]}, connections={"2": "refuse"})
    desk.write("no.csv", f"number\n{customer(10)}\n")
    desk.write(
        "rows.csv",
        f"order,phone,hub\nr1,{customer(20)},BLR\nr2,no number,DEL\nr3,{customer(22)},MAA\nr4,{customer(23)},\n",
    )
    row = call("${row.order}") | {"rows": {"file": "rows.csv", "carry": ["hub"], "bad": "skip"}, "To": "${row.phone}"}
    row |= {"not_after": "2099-01-01T00:00:00+05:30"}
    keys = (
        "done",
        "busy",
        "rejected",
        "throttled",
        "lost",
        "lost-too",
        "hung",
        "x7",
        "x8",
        "x9",
        "listed",
        "dnd",
        "person",
    )
    listed = calls(*keys, **SHORT)
    listed[0] |= {"priority": 7, "not_before": "2020-01-01T00:00:00+05:30"}
    policy = {"redial": QUICK_REDIALS, "suppress": ["no.csv"], "dnd": "skip"}
    field.plan = desk.plan([*listed, row], "outcomes", policy=policy)
    field.say("suppress", customer(12), "--because", "asked us not to call")
    field.run(6, field.plan)
    dispositions = {key: told["disposition"] for key, told in desk.told().items()}
    expected = {"done": "completed", "busy": "busy", "rejected": "rejected", "lost": "unknown", "dnd": "suppressed"}
    assert (
        dispositions.items()
        >= (expected | {"listed": "suppressed", "person": "suppressed", "hung": "completed"}).items()
    )


def settled_and_run_again(field: Field) -> None:
    """A person's verdicts, what is unchanged, the rejected sent again, a call dropped, an id changed, a file moved."""
    desk = field.desk
    field.say("settle", "lost", "--as", "not-placed", "--because", "nobody heard it")
    field.say("settle", "lost-too", "--as", "placed", "--because", "it was heard")
    field.carrier.rules(talk=0.1, calls={"busy": {"ending": "busy"}, "lost-too": {"ending": "busy"}})
    field.run(1, field.plan, "--retry-rejected")
    field.run(1, field.plan)
    field.plan = desk.plan(calls("a", "b", "c", **SHORT), "ids")
    field.run(0, field.plan, "--limit", "1")
    desk.plan([call("renamed", 0), call("b", 1), call("d", 3)], "ids")
    field.run(0, field.plan, "--limit", "0")
    field.run(0, field.plan, "--new-ids")
    moved = desk.write("moved.yaml", field.plan.read_bytes())
    field.run(0, moved, "--moved")
    field.run(0, moved, "--edition", "second", "--limit", "1")
    field.run(0, moved, "--edition", "third")
    field.run(0, moved)


def held(field: Field) -> None:
    """Paused, cancelled and halted, by edition and for the whole journal, and resumed; a run killed and taken up."""
    desk = field.desk
    plan = desk.plan([call(f"k{index}", 30 + index) for index in range(8)], "held", policy={"pace": "5/second"})
    process = desk.start(*desk.run_arguments(plan, field.live))
    before = len(field.carrier.connects())
    until(lambda: len(field.carrier.connects()) > before + 1, process)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    field.whole()
    field.say("pause", "--because", "lunch")
    field.run(5, plan, "--wait", "1s")
    field.say("resume")
    field.say("cancel", "--because", "wrong list")
    field.run(5, plan)
    field.say("resume", "--because", "the right list after all")
    field.run({0, 6}, plan)  # what was on its way when the process was killed may stay unknown
    field.carrier.rules(talk=0.1, default={"ending": "failed"})
    stages = {"stages": [1, "100%"], "halt": [{"failed": "20%", "of": 50}]}
    canary = desk.plan([call(f"c{index}", 40 + index) for index in range(3)], "canary", policy=stages)
    field.run(5, canary)
    field.say("resume", "--because", "looked into")
    field.carrier.rules(talk=0.1)
    field.run(1, canary)
    few = [call(f"few{index}", 60 + index) for index in range(3)]
    field.run(5, desk.plan(few, "limited", policy={"limits": {"calls": 1}}))
    field.run(0, desk.plan(few, "cancelled"), "--limit", "1")
    field.say("cancel")
    field.run(0, desk.plan(few, "begun"), "--limit", "1")


def reviewed_and_billed(field: Field) -> None:
    """A review whose list suppresses somebody; callbacks that end a call before a look-up tells its price."""
    desk = field.desk
    field.carrier.rules(talk=0.1, default={"callback": "after"})
    desk.write("no.csv", f"number\n{customer(51)}\n")
    policy = {"suppress": ["no.csv"], "pace": "1/second"}  # the run is still there when the first one's price comes
    plan = desk.plan([call(key, 50 + index) for index, key in enumerate("pqrst")], "reviewed", policy=policy)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    callbacks = {"listen": f"127.0.0.1:{port}", "public_url": f"http://127.0.0.1:{port}"}
    hearing = desk.target(field.carrier, "hearing", callbacks=callbacks)
    review = json.loads(field.say("plan", str(plan), "--target", str(hearing), "--format", "json"))
    desk.write("no.csv", "number\n")
    field.run(0, plan, "--expect", review["digest"], "--settle-for", "5s", target=hearing)
    assert desk.told()["q"]["disposition"] == "suppressed"


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The journal of all of that, in one file."""
    folder = tmp_path_factory.mktemp("field")
    desk = Desk.laid_out(folder)
    with counting_carrier(folder / "carrier") as carrier:
        field = Field(desk, carrier)
        for step in (every_outcome, settled_and_run_again, held, reviewed_and_billed):
            step(field)
    with closing(sqlite3.connect(desk.journal)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    yield desk.journal
    desk.end()


def columns(db: sqlite3.Connection, table: str) -> list[tuple[str, str]]:
    """The columns that a table stores, with their types; generated ones cannot be altered."""
    return [(row[1], row[2]) for row in db.execute(f"PRAGMA table_info({table})")]


def tables(db: sqlite3.Connection) -> list[str]:
    """Every table of the journal."""
    names = db.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").fetchall()
    return [name for (name,) in names if not name.startswith("sqlite_")]


def key_of(db: sqlite3.Connection, table: str) -> str:
    """What tells a table's rows apart."""
    keys = [row[1] for row in db.execute(f"PRAGMA table_info({table})") if row[5]]
    return ", ".join(keys)


def alterations(db: sqlite3.Connection, table: str) -> Iterator[tuple[str, list[tuple[str, tuple[Any, ...]]]]]:
    """Yield what somebody with sqlite3 may do to one row or two of a table, in words and in statements."""
    key = key_of(db, table)
    place = f"({key}) = ({', '.join('?' * len(key.split(', ')))})"
    rows = db.execute(f"SELECT {key} FROM {table} ORDER BY 1").fetchall()
    first, last = rows[0], rows[-1]
    for name, kind in columns(db, table):
        stands = {row[:-1]: row[-1] for row in db.execute(f"SELECT {key}, {name} FROM {table} ORDER BY 1")}
        update = f"UPDATE OR REPLACE {table} SET {name} = ? WHERE {place}"
        one = next((row for row in rows if stands[row] is not None), first)
        known = sorted({value for value in stands.values() if value not in (None, stands[one])}, key=str)
        foreign = {"TEXT": "9", "INTEGER": 4711, "REAL": 4711.25}[kind]
        for value in {*known[:1], foreign, None} - {stands[one]}:
            yield f"{table}.{name} = {value!r}", [(update, (value, *one))]
        if stands[last] is None:
            yield f"{table}.{name} of the last row = {foreign!r}", [(update, (foreign, *last))]
        other = next((row for row in reversed(rows) if stands[row] != stands[one]), None)
        if other is not None and name not in key.split(", "):
            aside = (update, (None if stands[other] is None else foreign, *one))
            swap = [aside, (update, (stands[one], *other)), (update, (stands[other], *one))]
            yield f"{table}.{name} swapped", swap
    yield f"DELETE FROM {table}, the first row", [(f"DELETE FROM {table} WHERE {place}", first)]
    yield f"DELETE FROM {table}, the last row", [(f"DELETE FROM {table} WHERE {place}", last)]
    yield f"DELETE FROM {table}, all rows", [(f"DELETE FROM {table}", ())]
    yield f"INSERT INTO {table}, a copy", [copied(db, table, place, first)]


def copied(db: sqlite3.Connection, table: str, place: str, row: tuple[Any, ...]) -> tuple[str, tuple[Any, ...]]:
    """A statement that inserts a row like another one, with keys of its own."""
    own = {name for name, _ in columns(db, table) if name in key_of(db, table).split(", ")} | {"token", "id"}
    values = [
        {"TEXT": f"{name} || 'x'", "INTEGER": f"{name} + 100000"}[kind] if name in own else name
        for name, kind in columns(db, table)
    ]
    if table == "attempts":
        values = ["n + 100" if value == "n" else value for value in values]
    names = ", ".join(name for name, _ in columns(db, table))
    return f"INSERT INTO {table} ({names}) SELECT {', '.join(values)} FROM {table} WHERE {place}", row


def contents(db: sqlite3.Connection) -> list[list[tuple[Any, ...]]]:
    """All rows of all tables."""
    return [db.execute(f"SELECT * FROM {table}").fetchall() for table in tables(db)]


def altered(journal: Path, folder: Path, statements: list[tuple[str, tuple[Any, ...]]]) -> bool | None:
    """Whether `verify` finds something after these statements; None where they are refused, or change nothing."""
    copy = Path(shutil.copy(journal, folder / "altered.db"))
    with closing(sqlite3.connect(copy, isolation_level=None)) as db:
        db.execute("PRAGMA synchronous = OFF")
        triggers = db.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
        for trigger, _ in triggers:
            db.execute(f"DROP TRIGGER {trigger}")
        before = contents(db)
        try:
            for sql, values in statements:
                db.execute(sql, values)
        except sqlite3.IntegrityError:
            return None
        if contents(db) == before:
            return None  # NOT NULL: what is there by default was there already
        for _, made in triggers:  # that they were away is a finding of its own
            db.execute(made)
    return verify(copy).count > 0


def test_a_journal_of_everything_that_can_happen_is_verified(journal: Path) -> None:
    assert verify(journal).altered == ()
    with closing(sqlite3.connect(journal)) as db:
        for table in tables(db):
            assert db.execute(f"SELECT count(*) FROM {table}").fetchone()[0], f"{table} must have rows to alter"
        placements = {row[0] for row in db.execute("SELECT placement FROM attempts")}
        assert placements == {"accepted", "rejected", "throttled", "unreached", "unknown"}
        said = {row[0] for row in db.execute("SELECT type FROM events")}
        assert said >= {
            *("run.halted", "run.paused", "run.cancelled", "run.resumed", "number.suppressed", "plan.reviewed"),
            *("callback.received", "attempt.settled", "attempt.billed", "call.waiting", "tables.changed"),
        }
        reasons = {row[0] for row in db.execute("SELECT reason FROM calls")}
        assert reasons >= {"bad row", "removed", "superseded", "limit", "cancelled"}


def test_every_column_of_every_table_is_proved(journal: Path, tmp_path: Path) -> None:
    """Another valid value, none, two rows swapped; a row deleted, one inserted."""
    missed, judged = [], set()
    with closing(sqlite3.connect(journal)) as db:
        for table in tables(db):
            if table == "meta":
                continue  # below
            for what, statements in alterations(db, table):
                found = altered(journal, tmp_path, statements)
                if found is not None:
                    judged.add(what.split(" ")[0] if "." in what.split(" ")[0] else what)
                if found is False:
                    missed.append(what)
        stored = {f"{table}.{name}" for table in tables(db) if table != "meta" for name, _ in columns(db, table)}
    assert missed == []
    assert stored <= judged, f"nothing was tried on {stored - judged}"


def test_the_journals_id_is_proved_by_the_chain(journal: Path, tmp_path: Path) -> None:
    for statement in (
        "UPDATE meta SET value = 'jr_0badcafe' WHERE key = 'id'",
        "UPDATE meta SET value = '' WHERE key = 'id'",
    ):
        assert altered(journal, tmp_path, [(statement, ())])


def test_what_no_event_proves_is_listed_with_its_reason(journal: Path) -> None:
    """A new table is proved by itself; who takes one out says why here and there."""
    assert (set(UNSEALED), set(UNCHAINED)) == ({"events", "seals", "meta"}, {"pace"})
    assert all(UNSEALED.values())
    assert all(UNCHAINED.values())
    with closing(sqlite3.connect(journal)) as db:
        assert {*UNSEALED, *UNCHAINED} <= set(tables(db))
