"""An older journal put in the place of a newer one, and companions that cannot be read, or are not what they seem.

What tells of calls that the file does not know is never passed over, and what only cannot be read is never given up.
"""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from acceptance.cli import Done, until
from acceptance.desk import Desk, calls

from durability.carrier import Carrier
from durability.elsewhere import elsewhere

KEYS = tuple(f"c{index:02d}" for index in range(24))


@pytest.fixture
def plan(desk: Desk, carrier: Carrier) -> Path:
    carrier.rules(talk=0.1, default={"answers": ["slow:0.1"]})
    return desk.plan(calls(*KEYS), policy={"concurrency": 4, "pace": "20/second"})


def killed(desk: Desk, carrier: Carrier, plan: Path, live: Path, rung: int = 6) -> None:
    """Run until some were rung, and kill -9."""
    process = desk.start(*desk.run_arguments(plan, live))
    until(lambda: len(carrier.connects()) >= rung, process)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()


def beside(desk: Desk, ending: str) -> Path:
    return desk.journal.with_name(desk.journal.name + ending)


def on_journal(desk: Desk, *words: str) -> Done:
    return desk.orchestrate(*words, "--journal", str(desk.journal))


def assert_nobody_twice(carrier: Carrier) -> None:
    assert [key for key, times in carrier.rung().items() if times > 1] == []


def log_and_all(desk: Desk) -> None:
    """The older file is copied over the newer one, and no more."""


def without_log(desk: Desk) -> None:
    beside(desk, "-wal").unlink()


@pytest.mark.parametrize("left", [log_and_all, without_log])
def test_an_older_copy_over_a_killed_journal_is_refused_and_no_loss_of_it_is_accepted(
    desk: Desk, carrier: Carrier, live: Path, plan: Path, left: Callable[[Desk], None]
) -> None:
    """The older one ended cleanly and has no mark: nobody could say whose calls are unknown."""
    assert desk.run(plan, live, "--limit", "3").code in (0, 5)
    older = shutil.copy(desk.journal, desk.folder / "older")
    assert desk.run(plan, live, "--limit", "3").code in (0, 5)
    killed(desk, carrier, plan, live, rung=12)
    shutil.copy(older, desk.journal)
    left(desk)
    before = len(carrier.connects())
    for done in (desk.run(plan, live), on_journal(desk, "status"), on_journal(desk, "journal", "accept-loss")):
        assert (done.code, "older copy" in done.err) == (4, True), done.said
        assert "accept-loss" not in done.err
    assert len(carrier.connects()) == before
    for ending in ("-wal", "-shm", "-head"):
        beside(desk, ending).unlink(missing_ok=True)
    warned = desk.run(plan, live, "--limit", "0", "--quiet")  # the person means it: then it is said, and goes on
    assert "older copy" in warned.err, warned.said


def test_an_older_copy_is_noticed_although_the_last_run_was_killed(
    desk: Desk, carrier: Carrier, live: Path, plan: Path
) -> None:
    there = desk.folder / "there" / "calls.db"
    there.parent.mkdir()
    shutil.copy(desk.journal, there)
    killed(desk, carrier, plan, live)
    noticed = desk.orchestrate(*elsewhere(desk, there, *desk.run_arguments(plan, live, "--limit", "0", "--quiet")))
    assert "older copy" in noticed.err, noticed.said


def test_an_older_copy_that_takes_the_place_of_a_journal_in_use_is_refused(
    desk: Desk, carrier: Carrier, live: Path, plan: Path
) -> None:
    older = Path(shutil.copy(desk.journal, desk.folder / "older"))
    process = desk.start(*desk.run_arguments(plan, live))
    until(lambda: len(carrier.connects()) >= 6, process)
    older.replace(desk.journal)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 5, out + err
    before = len(carrier.connects())
    done = desk.run(plan, live)
    assert (done.code, "older copy" in done.err) == (4, True), done.said
    assert len(carrier.connects()) == before


def test_an_older_copy_does_not_know_whom_a_person_suppressed(
    desk: Desk, carrier: Carrier, live: Path, plan: Path
) -> None:
    assert desk.run(plan, live, "--limit", "3").code in (0, 5)
    older = shutil.copy(desk.journal, desk.folder / "older")
    assert on_journal(desk, "suppress", "+918123400020", "--because", "asked for it").code == 0
    shutil.copy(older, desk.journal)
    noticed = desk.run(plan, live, "--limit", "0", "--quiet")
    assert "older copy" in noticed.err, noticed.said


def test_a_log_that_cannot_be_read_is_not_taken_for_a_lost_one(
    desk: Desk, carrier: Carrier, live: Path, plan: Path
) -> None:
    """As on a full disk or in a folder that cannot be written, where SQLite gets no shared memory."""
    killed(desk, carrier, plan, live)
    beside(desk, "-shm").unlink(missing_ok=True)
    beside(desk, "-shm").symlink_to(desk.folder / "nowhere")
    log = beside(desk, "-wal").read_bytes()
    for done in (desk.run(plan, live), on_journal(desk, "status"), on_journal(desk, "journal", "accept-loss")):
        assert done.code == 4, done.said
        assert "unable to open" in done.err, done.err
        assert "accept-loss" not in done.err
    assert beside(desk, "-wal").read_bytes() == log
    beside(desk, "-shm").unlink()
    assert desk.run(plan, live).code in (0, 6)
    assert_nobody_twice(carrier)


def test_a_log_without_a_whole_commit_does_not_stand_for_a_lost_one(
    desk: Desk, carrier: Carrier, live: Path, plan: Path
) -> None:
    """A process that is killed on a parted journal before its first commit leaves such a log."""
    killed(desk, carrier, plan, live)
    there = desk.folder / "there" / "calls.db"
    there.parent.mkdir()
    shutil.copy(desk.journal, there)
    there.with_name("calls.db-wal").write_bytes(_begun(beside(desk, "-wal").read_bytes()))
    done = desk.orchestrate(*elsewhere(desk, there, *desk.run_arguments(plan, live)))
    assert (done.code, "parted from what it knows" in done.err) == (4, True), done.said
    assert_nobody_twice(carrier)


def test_a_kill_in_the_first_commit_of_a_log_begun_anew_loses_nothing(
    desk: Desk, carrier: Carrier, live: Path, plan: Path
) -> None:
    killed(desk, carrier, plan, live)
    log = beside(desk, "-wal").read_bytes()
    with closing(sqlite3.connect(desk.journal)) as db:  # carries it over
        newest = db.execute("SELECT seq, hash FROM events ORDER BY seq DESC").fetchone()
    token = beside(desk, "-head").read_text().split()[0]
    line = f"{token} {newest[0]}:{newest[1]} {newest[0] + 1}:{'0' * 64}"
    beside(desk, "-head").write_text(f"{line:<255}\n")
    beside(desk, "-wal").write_bytes(_begun(log))
    assert desk.run(plan, live).code in (0, 6)
    assert_nobody_twice(carrier)


def _begun(log: bytes) -> bytes:
    """The log's header and its first frame, which ends no commit."""
    page = int.from_bytes(log[8:12], "big")
    return log[:36] + bytes(4) + log[40 : 32 + 24 + page]


def test_a_companion_that_cannot_be_written_or_removed_is_no_bug(
    desk: Desk, carrier: Carrier, live: Path, plan: Path
) -> None:
    beside(desk, "-head").mkdir()
    assert desk.run(plan, live).code == 0
    assert len(carrier.connects()) == len(KEYS)


HALF_MADE = """
import os, sqlite3, sys
from orchestrator.journal.sqlite import file
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("PRAGMA cache_size = 1")
db.execute("BEGIN IMMEDIATE")
db.execute(f"PRAGMA application_id = {file.APPLICATION_ID}")
file._run_migrations(db)
db.execute("CREATE TABLE filling (text)")
db.executemany("INSERT INTO filling VALUES (?)", [("x" * 3000,)] * 60)
os.kill(os.getpid(), 9)
"""


def test_a_journal_whose_making_was_killed_in_its_commit_is_made_by_the_next_call(desk: Desk) -> None:
    new = desk.folder / "new.db"
    subprocess.run([sys.executable, "-c", HALF_MADE, str(new)], check=False)
    assert new.stat().st_size > 0
    assert new.with_name("new.db-journal").exists()
    made = desk.orchestrate("journal", "create", "--journal", str(new))
    assert made.code == 0, made.said
    assert [path.name for path in desk.folder.glob("new.db*")] == ["new.db"]
    assert desk.orchestrate("journal", "verify", "--journal", str(new)).code == 0


@pytest.mark.parametrize("ending", ["-wal", "-shm", "-head", "-journal"])
def test_no_journal_is_made_or_copied_under_the_name_of_a_companion(
    desk: Desk, carrier: Carrier, live: Path, ending: str
) -> None:
    taken = str(beside(desk, ending))
    for words in (("journal", "create", "--journal", taken), ("journal", "backup", taken)):
        done = desk.orchestrate(*words, *(() if "--journal" in words else ("--journal", str(desk.journal))))
        assert (done.code, "name of a file that belongs" in done.err) == (4, True), done.said
    assert [path.name for path in desk.folder.glob("journal.sqlite*")] == [desk.journal.name]


def test_a_new_journal_does_not_swallow_the_log_of_one_that_was_taken_away(
    desk: Desk, carrier: Carrier, live: Path, plan: Path
) -> None:
    killed(desk, carrier, plan, live)
    onto_itself = on_journal(desk, "journal", "backup", str(desk.journal))
    assert (onto_itself.code, "exists" in onto_itself.err) == (4, True), onto_itself.said
    away = desk.folder / "away.db"
    desk.journal.rename(away)
    for done in (
        on_journal(desk, "journal", "create"),
        desk.orchestrate("journal", "backup", str(desk.journal), "--journal", str(away)),
    ):
        assert done.code == 4, done.said
    away.rename(desk.journal)
    assert desk.run(plan, live).code in (0, 6)
    assert_nobody_twice(carrier)
    for file in desk.folder.glob("journal.sqlite*"):
        file.unlink()
    beside(desk, "-head").write_text(f"{'0' * 16} 7:{'1' * 64} 8:{'2' * 64}".ljust(255) + "\n")
    assert on_journal(desk, "journal", "create").code == 0  # nothing is left of the earlier one but a note
    assert on_journal(desk, "journal", "verify").code == 0
