"""`journal verify`: the command proves a journal, and shows the place of what somebody altered in it."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from durability.carrier import Carrier

from acceptance.cli import Done
from acceptance.desk import Desk, call, calls, customer

NUMBERED = f"order-{customer(1).lstrip('+')}"
"""A call whose id is a phone number."""


def verify(desk: Desk, *more: str) -> Done:
    return desk.orchestrate("journal", "verify", "--journal", str(desk.journal), *more)


def alter(desk: Desk, *statements: str) -> None:
    """Do what somebody with sqlite3 could do; the triggers against changed events can be dropped like anything else."""
    with closing(sqlite3.connect(desk.journal, isolation_level=None)) as db:
        for statement in statements:
            db.execute(statement)


def ended(desk: Desk) -> int:
    """The number of the event that ended the call NUMBERED."""
    with closing(sqlite3.connect(desk.journal)) as db:
        row = db.execute("SELECT seq FROM events WHERE type = 'call.ended' AND call = ?", (NUMBERED,)).fetchone()
    return int(row[0])


@pytest.fixture
def dialed(desk: Desk, carrier: Carrier, live: Path) -> Desk:
    """Two calls, dialed and ended."""
    assert desk.run(desk.plan([call("a", 0), call(NUMBERED, 1)]), live).code == 0
    return desk


def test_a_journal_that_nobody_touched_is_verified(dialed: Desk) -> None:
    before = dialed.journal.read_bytes()
    done = verify(dialed)
    assert done.code == 0, done.said
    lines = done.out.splitlines()
    run = dialed.report()["run"]
    assert lines[0] == f"journal {dialed.print_journal_id()}" == f"journal {run['journal']}"
    assert lines[1].startswith("events  ")
    assert lines[2:] == [f"head    {run['head']}", "verified"]
    assert dialed.journal.read_bytes() == before


def test_what_was_run_stands_with_the_run(dialed: Desk) -> None:
    """Its digest, the policy as it was resolved, and the plan's file."""
    with closing(sqlite3.connect(dialed.journal)) as db:
        digest, policy, source = db.execute("SELECT digest, policy, source FROM runs").fetchone()
    assert digest == dialed.report()["run"]["digest"]
    assert json.loads(policy)["pace"] == {"count": 500.0, "seconds": 1.0}
    assert json.loads(policy)["concurrency"] == 20.0
    assert Path(source).name == "judged.yaml"


def test_the_head_stands_in_the_summary_and_an_earlier_one_stays_in_the_chain(dialed: Desk, live: Path) -> None:
    first = dialed.report()["run"]["head"]
    again = dialed.run(dialed.plan([call("a", 0), call(NUMBERED, 1)]), live)
    second = dialed.report()["run"]["head"]
    assert f"head    {second}" in again.out.splitlines()
    assert first != second
    for head in (first, second, first.removeprefix("sha256:")):
        done = verify(dialed, "--expect-head", head)
        assert (done.code, done.out.splitlines()[-1]) == (0, "verified"), done.said


def test_a_run_against_the_sandbox_leaves_a_journal_that_is_verified_by_default(desk: Desk) -> None:
    plan = desk.plan(calls("a", "b", "c"))
    done = desk.orchestrate("run", str(plan))
    assert done.code in (0, 1), done.said
    head = next(line for line in done.out.splitlines() if line.startswith("head "))
    verified = desk.orchestrate("journal", "verify")
    assert verified.code == 0, verified.said
    assert head in verified.out.splitlines()


@pytest.mark.parametrize(
    ("statements", "said"),
    [
        (
            ["UPDATE calls SET disposition = 'busy' WHERE id = '{id}'"],
            "(event {ended}): its disposition is `busy`, and the event says `completed`",
        ),
        (
            ["DELETE FROM attempts WHERE call = (SELECT key FROM calls WHERE id = '{id}')"],
            ", attempt 1 (event {ended}): events report it, and its row is missing",
        ),
        (
            ["UPDATE calls SET fields = replace(fields, '00001', '00007') WHERE id = '{id}'"],
            "(event {ended}): its From or To is not what the event says was dialed",
        ),
        (
            [
                "DROP TRIGGER events_are_never_changed",
                "UPDATE events SET data = replace(data, 'completed', 'busy') WHERE seq = {ended}",
            ],
            "the chain (event {ended}): this event, or the one before it, is not what it was when it was written",
        ),
    ],
    ids=["disposition", "attempt", "numbers", "event"],
)
def test_what_was_altered_is_shown_with_its_place_and_no_number(dialed: Desk, statements: list[str], said: str) -> None:
    seq = ended(dialed)
    alter(dialed, *(statement.format(id=NUMBERED, ended=seq) for statement in statements))
    done = verify(dialed)
    assert done.code == 1, done.said
    assert said.format(ended=seq) in done.out
    assert done.out.splitlines()[-1].startswith("ALTERED: ")
    assert "\nverified" not in done.out
    assert "9181234" not in done.said.replace(dialed.report()["run"]["head"], "")


def test_the_journal_itself_refuses_that_an_event_is_changed_or_deleted(dialed: Desk) -> None:
    for statement in ("UPDATE events SET at = '' WHERE seq = 1", "DELETE FROM events WHERE seq = 1"):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            alter(dialed, statement)


def test_a_tail_that_was_cut_off_is_found_by_the_head_of_a_report(dialed: Desk) -> None:
    """The last run is taken out of every table: only who kept its head can know."""
    head = dialed.report()["run"]["head"]
    tables = ("attempts", "calls", "events", "runs", "plans", "pace", "seals")
    with closing(sqlite3.connect(dialed.journal)) as db:
        (guard,) = db.execute("SELECT sql FROM sqlite_schema WHERE name = 'events_are_never_deleted'").fetchone()
    deletions = (f"DELETE FROM {table}" for table in tables)  # noqa: S608
    alter(dialed, "DROP TRIGGER events_are_never_deleted", *deletions, guard)
    assert verify(dialed).code == 0
    done = verify(dialed, "--expect-head", head)
    assert done.code == 1, done.said
    assert "no event has the head that was expected" in done.out


def test_what_cannot_be_read_is_4_and_a_malformed_head_is_2(desk: Desk, live: Path) -> None:
    assert verify(desk, "--expect-head", "sha256:12").code == 2
    desk.journal.write_bytes(desk.journal.read_bytes()[:5000])
    torn = verify(desk)
    assert torn.code == 4, torn.said
    desk.journal.write_text("no journal")
    assert verify(desk).code == 4
    desk.journal.unlink()
    gone = verify(desk)
    assert gone.code == 4, gone.said
    assert not desk.journal.exists()


def test_verifying_beside_a_running_dialer_disturbs_nobody(desk: Desk, carrier: Carrier, live: Path) -> None:
    names = [f"c{index}" for index in range(12)]
    plan = desk.plan(calls(*names), policy={"pace": "4/second", "concurrency": 2})
    process = desk.start(*desk.run_arguments(plan, live))
    events = []
    while process.poll() is None:
        done = verify(desk)
        assert done.code == 0, done.said
        events.append(int(done.out.splitlines()[1].split()[1]))
    process.communicate()
    assert process.returncode == 0
    assert len(set(events)) > 2, "the journal grew while it was verified"
    assert carrier.rung() == dict.fromkeys(names, 1)
    assert verify(desk).code == 0
