"""The journal's file: made once, private, recognised, never mistaken for another."""

import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from orchestrator.journal.chain import journal_id
from orchestrator.journal.sqlite.file import connect, create, migrations
from orchestrator.journal.sqlite.journal import dialer_lock
from orchestrator.journal.sqlite.mark import DialerEntry
from orchestrator.model.errors import CannotProceed


def test_creating_twice_keeps_the_first_journal_and_its_id(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "journal.db"
    assert create(path) == create(path)
    assert create(path).startswith("jr_")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [item.name for item in path.parent.iterdir() if "journal.db." in item.name and item.name[0] == "."] == []


def test_the_settings_that_durability_rests_on_are_on(journal: Path) -> None:
    db = connect(journal)
    assert db.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    assert db.execute("PRAGMA synchronous").fetchone()[0] == 2  # FULL
    assert db.execute("PRAGMA foreign_keys").fetchone()[0] == 1
    db.close()


def test_a_missing_journal_is_not_made_by_looking(tmp_path: Path) -> None:
    with pytest.raises(CannotProceed, match="no journal at"):
        connect(tmp_path / "none.db")
    assert list(tmp_path.iterdir()) == []


def test_another_database_or_file_is_refused_and_left_alone(tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    db = sqlite3.connect(other)
    db.execute("CREATE TABLE t (x)")
    db.close()
    text = tmp_path / "notes.txt"
    text.write_text("not a database at all, but long enough to be read as a header " * 20)
    for path in (other, text):
        before = path.read_bytes()
        with pytest.raises(CannotProceed):
            create(path)
        assert path.read_bytes() == before


def test_a_journal_of_a_newer_program_is_refused(journal: Path) -> None:
    db = sqlite3.connect(journal)
    db.execute(f"PRAGMA user_version = {len(migrations()) + 1}")
    db.close()
    with pytest.raises(CannotProceed, match="newer"):
        connect(journal)


def test_the_id_stays_the_same_for_every_reader(journal: Path) -> None:
    db = connect(journal, read_only=True)
    assert journal_id(db) == create(journal)
    db.close()


def test_a_second_process_cannot_dial_and_a_killed_one_frees_the_lock(journal: Path) -> None:
    script = (
        "import os, sys, time; from pathlib import Path\n"
        "from orchestrator.journal.sqlite.mark import DialerEntry\n"
        "from orchestrator.journal.sqlite.journal import dialer_lock\n"
        "with dialer_lock(Path(sys.argv[1]), DialerEntry('acme1', 'plan', '', 'r1', os.getpid())):\n"
        "    print('held', flush=True); time.sleep(60)"
    )
    holder = subprocess.Popen([sys.executable, "-c", script, str(journal)], stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with (
            pytest.raises(CannotProceed, match=f"process {holder.pid}"),
            dialer_lock(journal, DialerEntry("acme1", "plan", "", "r2", 1)),
        ):
            pass
    finally:
        holder.kill()
        holder.communicate()
    with dialer_lock(journal, DialerEntry("acme1", "plan", "", "r2", 1)):
        pass
