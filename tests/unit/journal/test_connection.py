"""The mark that a journal is in use, and what it shares with other processes and other connections."""

import gc
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest

from orchestrator.journal.chain import head
from orchestrator.journal.sqlite.companions import announced
from orchestrator.journal.sqlite.connection import HeadFile, head_file_of
from orchestrator.journal.sqlite.file import connect, create, opened
from orchestrator.journal.sqlite.journal import FileJournal, named_dialer
from orchestrator.journal.sqlite.mark import MARK, DialerEntry, Mark, read_mark
from orchestrator.model.errors import CannotProceed
from orchestrator.model.events import EventType

DIALER = DialerEntry("acme1", "cod", "2", "run-1", 4711)


def mark_in_file(journal: Path) -> Mark | None:
    """The mark as somebody has it who copied the file alone."""
    with closing(sqlite3.connect(f"{journal.as_uri()}?mode=ro&immutable=1", uri=True)) as db:
        return read_mark(db)


def test_the_file_itself_is_marked_before_anything_is_committed_and_not_any_more_at_the_end(journal: Path) -> None:
    assert mark_in_file(journal) is None
    first = connect(journal)
    mark = mark_in_file(journal)
    assert mark is not None
    assert (mark.path, mark.dialers) == (str(journal), ())
    second = connect(journal)
    with named_dialer(second, DIALER):
        found = mark_in_file(journal)
        assert found is not None
        assert found.dialers == (DIALER,)
        first.close()
        assert mark_in_file(journal) is not None
    second.close()
    assert mark_in_file(journal) is None
    assert list(journal.parent.iterdir()) == [journal]


def test_a_reader_in_the_middle_of_its_reading_keeps_the_mark_and_the_log(journal: Path) -> None:
    """What cannot be carried over stays in the log, and the next one that commits goes on from it."""
    db = connect(journal)
    other = sqlite3.connect(f"{journal.as_uri()}?mode=ro", uri=True, isolation_level=None)
    other.execute("BEGIN")
    other.execute("SELECT count(*) FROM meta").fetchone()
    with FileJournal(journal).committing() as tx:
        tx.append(EventType.RUN_PAUSED, "t", "", data={"scope": "journal"})
    db.close()
    assert mark_in_file(journal) is not None
    assert journal.with_name(f"{journal.name}-wal").stat().st_size > 0
    other.close()
    assert journal.with_name(f"{journal.name}-wal").exists(), "what only reads does not remove it"
    with closing(connect(journal)) as again:
        assert head(again).seq == 1
    assert mark_in_file(journal) is None


def test_a_connection_that_nobody_closed_takes_the_mark_away_too(journal: Path) -> None:
    connect(journal)
    gc.collect()
    assert mark_in_file(journal) is None


def test_descriptors_of_the_file_stay_open_while_a_connection_is(journal: Path) -> None:
    """Closing one frees the locks that SQLite has on the file in this process: another one's end would drop the log."""
    writer = connect(journal)
    for _ in range(3):
        connect(journal, read_only=True).close()
        with opened(journal):
            pass
    script = (
        "import sqlite3, sys; db = sqlite3.connect(sys.argv[1]); print(db.execute('SELECT count(*) FROM meta')"
        ".fetchone()[0]); db.close()"
    )
    subprocess.run([sys.executable, "-c", script, str(journal)], check=True)
    assert journal.with_name(f"{journal.name}-wal").exists()
    writer.close()
    left = [item for item in Path("/proc/self/fd").iterdir() if str(journal) in str(_target(item))]
    assert left == []


def _target(link: Path) -> Path | None:
    try:
        return link.readlink()
    except OSError:
        return None


def test_a_mark_that_was_altered_still_says_that_the_journal_is_in_use(journal: Path, tmp_path: Path) -> None:
    db = connect(journal)
    db.execute("UPDATE meta SET value = 'nothing' WHERE key = ?", (MARK,))
    db.execute("PRAGMA wal_checkpoint(FULL)")
    copy = tmp_path / "copy.db"
    shutil.copy(journal, copy)
    with pytest.raises(CannotProceed, match="parted from what it knows"):
        connect(copy)
    db.close()


def test_the_head_companion_leads_nowhere(journal: Path, tmp_path: Path) -> None:
    """A symlink at its name is not followed, and a FIFO does not hang."""
    victim = tmp_path / "victim"
    victim.write_text("kept")
    head_file_of(journal).symlink_to(victim)
    with FileJournal(journal).committing() as tx:
        tx.append(EventType.RUN_PAUSED, "t", "", data={"scope": "journal"})
    assert victim.read_text() == "kept"
    head_file_of(journal).unlink(missing_ok=True)
    os.mkfifo(head_file_of(journal))
    assert announced(journal) is None


def test_the_head_companion_tells_both_ends_of_a_commit(journal: Path) -> None:
    db = connect(journal)
    before = head(db)
    with FileJournal(journal).committing() as tx:
        tx.append(EventType.RUN_PAUSED, "t", "", data={"scope": "journal"})
    said = announced(journal)
    assert said is not None
    assert (said.before.seq, said.after) == (before.seq, head(db))
    assert head_file_of(journal).stat().st_size == HeadFile.LENGTH
    db.close()


def test_what_stands_in_the_place_of_a_journal_is_named(tmp_path: Path) -> None:
    fifo, folder = tmp_path / "fifo", tmp_path / "folder"
    os.mkfifo(fifo)
    folder.mkdir()
    for path, words in ((fifo, "no ordinary file"), (folder, "a folder"), (tmp_path / "none", "no journal at")):
        for read_only in (True, False):
            with pytest.raises(CannotProceed, match=words):
                connect(path, read_only=read_only)
    for path in (fifo, folder, tmp_path / ("x" * 300), folder / "\0"):
        with pytest.raises(CannotProceed):
            create(path)
    assert sorted(item.name for item in tmp_path.iterdir()) == ["fifo", "folder"]


def test_the_mark_keeps_one_dialer_a_plan() -> None:
    mark = Mark("t", "s", "h", "p", 1).with_dialer(DIALER)
    later = DialerEntry("acme1", "cod", "3", "run-2", 4712)
    other = DialerEntry("acme1", "other", "", "run-3", 4713)
    assert mark.with_dialer(later).with_dialer(other).dialers == (later, other)
    assert mark.with_dialer(other).without_dialer("run-1").dialers == (other,)
    assert Mark.from_text(mark.to_text()) == mark
    assert json.loads(mark.to_text())["dialers"][0]["plan"] == "cod"


def test_a_reader_that_is_soon_through_does_not_keep_the_mark(journal: Path) -> None:
    reading = f"{journal.as_uri()}?mode=ro"
    db, other = connect(journal), sqlite3.connect(reading, uri=True, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN")
    other.execute("SELECT count(*) FROM meta").fetchone()
    with FileJournal(journal).committing() as tx:
        tx.append(EventType.RUN_PAUSED, "t", "", data={"scope": "journal"})
    through = threading.Timer(0.6, other.close)
    through.start()
    db.close()
    through.join()
    assert mark_in_file(journal) is None


def test_who_reads_a_new_journal_leaves_it_while_another_thread_waits_to_write(tmp_path: Path) -> None:
    """The first that may commit waits for those who read, with the turn of the process that these need to leave."""
    path = tmp_path / "new.sqlite"
    create(path)
    writer = threading.Thread(target=lambda: connect(path).close())
    with opened(path) as db:
        db.execute("SELECT count(*) FROM events").fetchone()
        writer.start()
        writer.join(0.5)
        assert writer.is_alive(), "it waits for the reader"
    writer.join(30)
    assert not writer.is_alive()
