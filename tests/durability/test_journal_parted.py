"""A journal that is moved, copied without its companions, mounted twice or linked between two starts.

Either nobody is rung twice, or the start is refused (4) before anything is dialed.
"""

import json
import os
import re
import shlex
import shutil
import signal
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from acceptance.cli import Done, until
from acceptance.desk import Desk, call, calls

from durability.carrier import Carrier
from durability.elsewhere import Mounted, elsewhere

KEYS = tuple(f"c{index:02d}" for index in range(24))
RUNG = 6


@pytest.fixture
def plan(desk: Desk, carrier: Carrier) -> Path:
    carrier.rules(talk=0.1, default={"answers": ["slow:0.1"]})
    return desk.plan(calls(*KEYS), policy={"concurrency": 4, "pace": "20/second"})


@pytest.fixture
def long_calls(desk: Desk, carrier: Carrier) -> Path:
    """A plan whose calls are under way until the test has looked."""
    carrier.rules(talk=12)
    return desk.plan(calls(*KEYS), policy={"concurrency": 8})


def killed(desk: Desk, carrier: Carrier, plan: Path, live: Path, rung: int = RUNG) -> None:
    """Run until some were rung, and kill -9."""
    process = desk.start(*desk.run_arguments(plan, live))
    until(lambda: len(carrier.connects()) >= rung, process)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()


def run_on(desk: Desk, journal: Path, plan: Path, live: Path, *more: str) -> Done:
    return desk.orchestrate(*elsewhere(desk, journal, *desk.run_arguments(plan, live, *more)))


def assert_refused(desk: Desk, carrier: Carrier, done: Done, words: str) -> None:
    before = len(carrier.connects())
    assert done.code == 4, done.said
    assert words in done.err, done.err
    assert len(carrier.connects()) == before


def assert_nobody_twice(carrier: Carrier) -> None:
    assert [key for key, times in carrier.rung().items() if times > 1] == []


def copied(desk: Desk) -> Path:
    there = desk.folder / "elsewhere" / "calls.db"
    there.parent.mkdir()
    shutil.copy(desk.journal, there)
    return there


def moved(desk: Desk) -> Path:
    there = desk.folder / "moved.db"
    desk.journal.rename(there)
    return there


def without_log(desk: Desk) -> Path:
    Path(f"{desk.journal}-wal").unlink()
    return desk.journal


def without_any_companion(desk: Desk) -> Path:
    for companion in desk.folder.glob(f"{desk.journal.name}-*"):
        companion.unlink()
    return desk.journal


def with_an_empty_log(desk: Desk) -> Path:
    Path(f"{desk.journal}-wal").write_bytes(b"")
    return desk.journal


def behind_a_symlink_in_another_folder(desk: Desk) -> Path:
    """Only the file is copied; a name that leads to the copy changes nothing."""
    there = copied(desk)
    link = desk.folder / "link.db"
    link.symlink_to(there)
    return link


@pytest.mark.parametrize(
    "part",
    [copied, moved, without_log, without_any_companion, with_an_empty_log, behind_a_symlink_in_another_folder],
)
def test_a_file_without_its_log_is_refused_by_every_command(
    desk: Desk, carrier: Carrier, live: Path, plan: Path, part: Callable[[Desk], Path]
) -> None:
    killed(desk, carrier, plan, live)
    journal = part(desk)
    before = len(carrier.connects())
    assert_refused(desk, carrier, run_on(desk, journal, plan, live), "parted from what it knows")
    named = ("--journal", str(journal))
    for command in (
        ("status", *named),
        ("why", "c00", *named),
        ("runs", *named),
        ("pause", *named),
        ("resume", *named),
        ("cancel", *named),
        ("settle", "c00", "--as", "not-placed", *named),
        ("suppress", "+918123400001", "--because", "x", *named),
        ("plan", str(plan), "--target", str(live), *named),
        ("serve", "--target", str(live), "--listen", "127.0.0.1:0", *named),
        ("journal", "verify", *named),
        ("journal", "create", *named),
        ("journal", "backup", str(desk.folder / "copy.db"), *named),
    ):
        done = desk.orchestrate(*command)
        assert done.code == 4, (command, done.said)
        assert "parted from what it knows" in done.err, (command, done.err)
    assert not (desk.folder / "copy.db").exists()
    assert len(carrier.connects()) == before
    assert_nobody_twice(carrier)


def test_after_the_loss_is_accepted_everybody_who_may_have_been_dialed_is_unknown(
    desk: Desk, carrier: Carrier, live: Path, plan: Path
) -> None:
    """The command is the one that the refusal prints."""
    killed(desk, carrier, plan, live)
    journal = copied(desk)
    refused = run_on(desk, journal, plan, live)
    found = re.search(r"`orchestrate (journal accept-loss [^`]+)`", refused.err)
    assert found, refused.err
    accepted = desk.orchestrate(*shlex.split(found[1]))
    assert accepted.code == 0, accepted.said
    before = len(carrier.connects())
    foreseen = desk.orchestrate("plan", str(plan), "--target", str(live), "--journal", str(journal), "--format", "json")
    assert json.loads(foreseen.out)["totals"]["to-dial"] == 0, foreseen.said
    done = run_on(desk, journal, plan, live)
    assert done.code == 6, done.said
    assert {item["disposition"] for item in desk.told().values()} == {"unknown"}
    assert len(carrier.connects()) == before
    verified = desk.orchestrate("journal", "verify", "--journal", str(journal))
    assert verified.code == 0, verified.said
    # A person knows better of one of them: that one is dialed, and no other.
    never = min(set(KEYS) - set(carrier.rung()))
    settled = desk.orchestrate("settle", never, "--as", "not-placed", "--journal", str(journal))
    assert settled.code == 0, settled.said
    assert run_on(desk, journal, plan, live).code == 6
    assert carrier.rung()[never] == 1
    assert len(carrier.connects()) == before + 1
    assert_nobody_twice(carrier)
    again = desk.orchestrate(*shlex.split(found[1]))
    assert (again.code, "nothing is missing" in again.out) == (0, True), again.said


def test_what_was_known_before_the_lost_part_is_unknown_at_once_and_what_had_ended_stays(
    desk: Desk, carrier: Carrier, live: Path
) -> None:
    carrier.rules(talk=0.1, calls={key: {"answers": ["slow:0.1"]} for key in KEYS})
    first = desk.plan(calls(*KEYS), policy={"concurrency": 4, "pace": "20/second"})
    assert desk.run(first, live, "--limit", "5").code == 0
    killed(desk, carrier, first, live, rung=5 + RUNG)
    Path(f"{desk.journal}-wal").unlink()
    named = ("--journal", str(desk.journal))
    accepted = desk.orchestrate("journal", "accept-loss", *named, "--because", "the disk is gone")
    assert accepted.code == 0, accepted.said
    before = len(carrier.connects())
    assert desk.run(first, live).code == 6
    told = [item["disposition"] for item in desk.told().values()]
    assert (told.count("completed"), told.count("unknown")) == (5, len(KEYS) - 5)
    assert len(carrier.connects()) == before
    assert desk.orchestrate("journal", "verify", *named).code == 0
    assert_nobody_twice(carrier)


def test_a_journal_moved_with_its_log_goes_on(desk: Desk, carrier: Carrier, live: Path, plan: Path) -> None:
    killed(desk, carrier, plan, live)
    there = desk.folder / "there"
    there.mkdir()
    for file in desk.folder.glob(f"{desk.journal.name}*"):
        file.rename(there / file.name)
    done = run_on(desk, there / desk.journal.name, plan, live)
    assert done.code in (0, 6), done.said
    assert set(carrier.rung()) >= {key for key, told in desk.told().items() if told["disposition"] == "completed"}
    assert_nobody_twice(carrier)


def test_a_log_that_another_program_carried_over_is_not_missed(
    desk: Desk, carrier: Carrier, live: Path, plan: Path
) -> None:
    """`sqlite3 calls.db` merges the log and removes it: nothing is lost, and the run goes on."""
    killed(desk, carrier, plan, live)
    with closing(sqlite3.connect(desk.journal)) as db:
        assert db.execute("SELECT count(*) FROM attempts").fetchone()[0] >= RUNG
    assert not Path(f"{desk.journal}-wal").exists()
    done = desk.run(plan, live)
    assert done.code in (0, 6), done.said
    assert_nobody_twice(carrier)


def test_a_log_of_an_older_copy_or_another_journal_is_refused(
    desk: Desk, carrier: Carrier, live: Path, plan: Path
) -> None:
    older, foreign = desk.folder / "older", desk.folder / "foreign.db"
    killed(desk, carrier, plan, live, rung=3)
    wal = Path(f"{desk.journal}-wal")
    shutil.copy(wal, older)
    killed(desk, carrier, plan, live, rung=3 + RUNG)
    kept = wal.read_bytes()
    shutil.copy(older, wal)
    assert_refused(desk, carrier, desk.run(plan, live), "does not belong to it")
    wal.write_bytes(_log_of_another_journal(desk, foreign, live))
    assert_refused(desk, carrier, desk.run(plan, live), "does not belong to it")
    wal.write_bytes(kept[: len(kept) // 2])
    refused = desk.run(plan, live)
    assert refused.code == 4, refused.said
    wal.write_bytes(kept)
    assert desk.run(plan, live).code in (0, 6)
    assert_nobody_twice(carrier)


def _log_of_another_journal(desk: Desk, foreign: Path, live: Path) -> bytes:
    """Make another journal, dial from it, and kill that."""
    assert desk.orchestrate("journal", "create", "--journal", str(foreign)).code == 0
    other = desk.plan([call("x", 77)], name="other")
    process = desk.start(*elsewhere(desk, foreign, *desk.run_arguments(other, live)))
    until(lambda: Path(f"{foreign}-wal").exists() and Path(f"{foreign}-wal").stat().st_size > 20_000, process)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    return Path(f"{foreign}-wal").read_bytes()


def test_after_a_clean_end_the_file_alone_is_enough(desk: Desk, carrier: Carrier, live: Path, plan: Path) -> None:
    assert desk.run(plan, live).code == 0
    assert [path.name for path in desk.folder.glob("journal.sqlite*")] == [desk.journal.name]
    there = copied(desk)
    assert run_on(desk, there, plan, live).code == 0
    assert len(carrier.connects()) == len(KEYS)


def test_a_clean_end_is_also_one_of_an_interrupted_run_and_of_each_word_from_outside(
    desk: Desk, carrier: Carrier, live: Path, plan: Path
) -> None:
    process = desk.start(*desk.run_arguments(plan, live))
    until(lambda: len(carrier.connects()) >= RUNG, process)
    os.kill(process.pid, signal.SIGTERM)
    process.communicate(timeout=30)
    named = ("--journal", str(desk.journal))
    assert desk.orchestrate("suppress", "+918123400001", "--because", "x", *named).code == 0
    assert desk.orchestrate("pause", *named).code == 0
    assert desk.orchestrate("resume", *named).code == 0
    there = copied(desk)
    assert [path.name for path in desk.folder.glob("journal.sqlite*")] == [desk.journal.name]
    assert run_on(desk, there, plan, live).code in (0, 6)
    assert_nobody_twice(carrier)


def test_a_second_link_is_refused_and_nothing_is_dialed(desk: Desk, carrier: Carrier, live: Path, plan: Path) -> None:
    killed(desk, carrier, plan, live)
    link = desk.folder / "link.db"
    os.link(desk.journal, link)
    for journal in (link, desk.journal):
        assert_refused(desk, carrier, run_on(desk, journal, plan, live), "hard links")
    link.unlink()
    assert desk.run(plan, live).code in (0, 6)
    assert_nobody_twice(carrier)


def test_a_symlink_is_the_same_journal_with_the_same_lock(desk: Desk, carrier: Carrier, live: Path, plan: Path) -> None:
    link = desk.folder / "link.db"
    link.symlink_to(desk.journal)
    carrier.rules(talk=3.0)  # the first is still at it when the second comes
    first = desk.start(*desk.run_arguments(plan, live))
    until(lambda: len(carrier.connects()) >= 2, first)
    second = run_on(desk, link, plan, live)
    assert (second.code, f"process {first.pid}" in second.err) == (4, True), second.said
    out, err = first.communicate(timeout=60)
    assert first.returncode == 0, out + err
    assert run_on(desk, link, plan, live).code == 0
    assert len(carrier.connects()) == len(KEYS)
    assert sorted(path.name for path in desk.folder.glob("*.db*")) == ["link.db"]


def test_a_file_moved_under_a_running_dialer_stops_it_and_goes_on_under_its_new_name(
    desk: Desk, carrier: Carrier, live: Path, plan: Path
) -> None:
    process = desk.start(*desk.run_arguments(plan, live))
    until(lambda: len(carrier.connects()) >= RUNG, process)
    there = moved(desk)
    during = run_on(desk, there, plan, live)
    out, err = process.communicate(timeout=60)
    assert process.returncode in (5, 6), out + err
    assert during.code == 4 or set(carrier.rung()) <= set(KEYS), during.said
    done = run_on(desk, there, plan, live)
    assert done.code in (0, 6), done.said
    assert_nobody_twice(carrier)


@pytest.mark.parametrize("companions", [("-wal",), ("-wal", "-shm"), ("-wal", "-shm", "-head")])
def test_a_log_removed_under_a_running_dialer_stops_it_and_loses_nobody(
    desk: Desk, carrier: Carrier, live: Path, plan: Path, companions: tuple[str, ...]
) -> None:
    process = desk.start(*desk.run_arguments(plan, live))
    until(lambda: len(carrier.connects()) >= RUNG, process)
    for name in companions:
        Path(f"{desk.journal}{name}").unlink()
    out, err = process.communicate(timeout=60)
    assert process.returncode in (5, 6), out + err
    assert "-wal" in err, err
    done = desk.run(plan, live)
    assert done.code in (0, 6), done.said
    assert set(desk.told()) == set(KEYS)
    assert_nobody_twice(carrier)


def test_one_file_mounted_into_two_folders_dials_once(
    desk: Desk, carrier: Carrier, live: Path, long_calls: Path
) -> None:
    """After a kill, and while the other one dials."""
    mounted, plan = Mounted(desk), long_calls
    process = desk.start(*desk.run_arguments(plan, live))
    until(lambda: len(carrier.connects()) >= 8, process)
    code, said = mounted.orchestrate(*desk.run_arguments(plan, live))
    assert (code, "under another name or mount" in said) == (4, True), said
    code, said = mounted.orchestrate("suppress", "+918123400001", "--because", "x", "--journal", str(desk.journal))
    assert code == 4, said
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    carrier.rules(talk=0.1)
    code, said = mounted.orchestrate(*desk.run_arguments(plan, live))
    assert (code, "parted from what it knows" in said) == (4, True), said
    assert desk.run(plan, live).code in (0, 6)
    code, said = mounted.orchestrate(*desk.run_arguments(plan, live))
    assert code in (0, 6), said
    assert_nobody_twice(carrier)


def test_two_that_begin_at_once_through_two_mounts_dial_once(
    desk: Desk, carrier: Carrier, live: Path, plan: Path
) -> None:
    mounted = Mounted(desk)
    arguments = desk.run_arguments(plan, live)
    both = [desk.start(*arguments), mounted.start(*arguments)]
    codes = []
    for process in both:
        out, err = process.communicate(timeout=90)
        assert "Traceback" not in out + err
        codes.append(process.returncode)
    assert min(codes) in (0, 4), codes
    assert set(codes) <= {0, 4, 6}, codes
    assert_nobody_twice(carrier)


def test_a_kill_while_a_journal_is_made_leaves_none_or_a_whole_one_of_one_name(desk: Desk) -> None:
    for delay in range(12):
        process = desk.start("journal", "create", "--journal", str(desk.journal))
        began = time.monotonic()
        while not desk.journal.exists() and process.poll() is None and time.monotonic() - began < 20:
            pass
        time.sleep(delay / 4000)
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        done = desk.orchestrate("journal", "create", "--journal", str(desk.journal))
        assert done.code == 0, done.said
        assert desk.journal.stat().st_nlink == 1
        assert [path.name for path in desk.folder.glob("*journal.sqlite*")] == [desk.journal.name]
        desk.journal.unlink()


def test_a_backup_of_a_journal_in_use_is_whole(desk: Desk, carrier: Carrier, live: Path, plan: Path) -> None:
    process = desk.start(*desk.run_arguments(plan, live))
    until(lambda: len(carrier.connects()) >= RUNG, process)
    copy = desk.folder / "copies" / "copy.db"
    copy.parent.mkdir()
    named = ("--journal", str(desk.journal))
    done = desk.orchestrate("journal", "backup", str(copy), *named)
    assert done.code == 0, done.said
    assert [path.name for path in copy.parent.iterdir()] == ["copy.db"]
    assert copy.stat().st_mode & 0o777 == 0o600
    verified = desk.orchestrate("journal", "verify", "--journal", str(copy))
    assert verified.code == 0, verified.said
    assert desk.orchestrate("journal", "backup", str(copy), *named).code == 4
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, out + err


def test_an_older_copy_is_refused_by_its_missing_head_and_noticed_without_one(
    desk: Desk, carrier: Carrier, live: Path, plan: Path
) -> None:
    named = ("--journal", str(desk.journal))
    assert desk.run(plan, live, "--limit", "3").code in (0, 5)
    older = copied(desk)
    assert desk.run(plan, live, "--limit", "3").code in (0, 5)
    head = desk.report()["run"]["head"]
    assert f"head    {head}" in desk.orchestrate("journal", "verify", *named).out
    shutil.copy(older, desk.journal)
    before = len(carrier.connects())
    assert_refused(desk, carrier, desk.run(plan, live, "--expect-head", head), "older copy")
    by_setting = desk.orchestrate(*desk.run_arguments(plan, live), ORCHESTRATE_EXPECT_HEAD=head)
    assert_refused(desk, carrier, by_setting, "older copy")
    noticed = desk.run(plan, live, "--limit", "0", "--quiet")
    assert "older copy" in noticed.err, noticed.said
    assert noticed.err.index("older copy") >= 0
    assert len(carrier.connects()) == before
    assert desk.orchestrate("run", str(plan), "--expect-head", "sha256:12").code == 2


def test_the_newest_journal_holds_the_head_that_was_printed(
    desk: Desk, carrier: Carrier, live: Path, plan: Path
) -> None:
    assert desk.run(plan, live, "--limit", "3").code in (0, 5)
    done = desk.run(plan, live, "--expect-head", desk.report()["run"]["head"])
    assert (done.code, "older copy" in done.err) == (0, False), done.said
