"""What a machine does to a run: two processes at once, a full disk, no permission."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from acceptance import cli
from acceptance.cli import Done, until
from acceptance.desk import Desk, calls

from durability import departures
from durability.carrier import Carrier
from durability.inject import in_child
from durability.judge import judged, run_to_the_end
from durability.ordinary_user import ORDINARY_USER
from durability.stalls import Stalls

KEYS = [f"c{index}" for index in range(6)]


def finished(process: cli.Process, patience: float = 40) -> Done:
    """Wait for a command that was started."""
    return cli.finish(process, (), time.monotonic(), patience)


@pytest.mark.parametrize("at_once", [2, 4])
def test_of_processes_that_start_at_once_one_dials_and_the_others_are_refused(
    desk: Desk, carrier: Carrier, live: Path, at_once: int
) -> None:
    carrier.rules(talk=2.5)  # the one that dials still runs when the last of the others has started
    arguments = desk.run_arguments(desk.plan(calls(*KEYS)), live)[:-2]
    reports = [desk.folder / f"report-{index}.json" for index in range(at_once)]
    racing = [desk.start(*arguments, "--report", str(report)) for report in reports]
    done = [finished(process) for process in racing]
    assert sorted(item.code for item in done) == [0, *[4] * (at_once - 1)], [item.said for item in done]
    assert carrier.rung() == dict.fromkeys(KEYS, 1)
    winner = [item.code for item in done].index(0)
    assert [report.exists() for report in reports] == [index == winner for index in range(at_once)]


def test_processes_that_start_as_soon_as_another_was_killed_never_dial_together(
    desk: Desk, carrier: Carrier, live: Path, stalls: Stalls
) -> None:
    """Several rounds on one journal: three start at once, the carrier hears from one, all are killed.

    Slots of all of them lie 1.05 / 10 s apart, and a request leaves up to the slack of 0.05 s after its slot.
    """
    keys = [f"c{index:02d}" for index in range(40)]
    carrier.rules(talk=0.1, default={"answers": ["slow:0.2"]})
    arguments = desk.run_arguments(desk.plan(calls(*keys), policy={"concurrency": 4, "pace": "10/second"}), live)
    record = desk.folder / "departures"
    noted = in_child("durability.departures", **{departures.VARIABLE: str(record)})
    for _ in range(3):
        before, racing = len(carrier.connects()), [desk.start(*arguments, **noted) for _ in range(3)]
        began = time.monotonic()
        while len(carrier.connects()) < before + 3 and time.monotonic() - began < 20:
            time.sleep(0.01)
        for process in racing:
            process.kill()
            out, err = process.communicate()
            assert process.returncode in (-9, 4), out + err
    judged(desk, carrier, keys, run_to_the_end(desk, arguments, **noted))
    left = departures.moments(record)
    assert len(left) >= len(carrier.connects())  # one that was noted may have been killed before it left
    least = 0.105 - 0.05 - stalls.longest
    assert all(later - earlier >= least for earlier, later in pairwise(left)), "one pace for all of them"
    assert all(last - first >= 1.0 - stalls.longest for first, last in zip(left, left[10:], strict=False))


def test_a_disk_that_fills_up_before_an_intent_sends_nothing_more(desk: Desk, carrier: Carrier, live: Path) -> None:
    """The journal takes no intent: no request leaves, the run stops (5), and goes on when there is room again."""
    carrier.rules(talk=0.1)
    plan = desk.plan(calls(*KEYS), policy={"concurrency": 1, "pace": "1/2s"})
    process = desk.start(*desk.run_arguments(plan, live))
    until(lambda: any(item.kind == "look-up" for item in carrier.received()), process)
    time.sleep(0.5)  # what the look-up said is committed; the next intent is a second away
    subprocess.run(["prlimit", "--pid", str(process.pid), "--fsize=1:1"], check=True)
    done = finished(process)
    assert done.code == 5, done.said
    assert "journal" in done.err
    assert carrier.rung() == {"c0": 1}
    assert (
        judged(desk, carrier, KEYS, run_to_the_end(desk, desk.run_arguments(desk.plan(calls(*KEYS)), live))).unknown
        == set()
    )


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 8 MiB. Only the administrator may mount one; the tests by `prlimit` above run for everybody."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(folder)], capture_output=True)
    if mounted.returncode != 0:
        pytest.skip("only root may mount a file system; a full disk is also tested by prlimit, for everybody")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.mark.parametrize("left", [0, 64 * 1024, 256 * 1024])
def test_a_disk_that_is_full_from_the_start_dials_nobody_or_what_it_can_account_for(
    desk: Desk, carrier: Carrier, live: Path, small_disk: Path, left: int
) -> None:
    """`left` bytes of room: whatever was sent stands in the journal, and the run says what is wrong."""
    keys = [f"c{index:02d}" for index in range(40)]
    carrier.rules(talk=0.1)
    journal = small_disk / "journal.sqlite"
    shutil.copy(desk.journal, journal)
    filler, free = small_disk / "filler", os.statvfs(small_disk)
    filler.write_bytes(bytes(free.f_bavail * free.f_frsize - left))
    arguments = at_journal(desk.run_arguments(desk.plan(calls(*keys), policy={"concurrency": 8}), live), journal)
    done = desk.orchestrate(*arguments)
    begun = '"attempt.started"' in done.err
    assert done.code == (5 if begun else 4), done.said
    assert begun or not carrier.connects(), "no request without an intent"
    assert str(journal) in done.err
    filler.unlink()
    found = judged(desk, carrier, keys, run_to_the_end(desk, arguments))
    assert len(found.unknown) <= 8, "the calls that were in flight"


def at_journal(arguments: list[str], journal: Path) -> list[str]:
    """The arguments with another journal."""
    place = arguments.index("--journal") + 1
    return [*arguments[:place], str(journal), *arguments[place + 1 :]]


@pytest.mark.parametrize("what", ["removed", "emptied"])
def test_a_journal_that_is_lost_during_a_run_stops_it(desk: Desk, carrier: Carrier, live: Path, what: str) -> None:
    """A removed file would take commits that nobody can read again, and the next run would ring the same people."""
    carrier.rules(talk=0.2, default={"answers": ["slow:0.3"]})
    keys = [f"c{n}" for n in range(300)]
    process = desk.start(*desk.run_arguments(desk.plan(calls(*keys), policy={"concurrency": 5}), live))
    until(lambda: len(carrier.connects()) > 10, process)
    sent = len(carrier.connects())
    if what == "removed":
        for file in desk.folder.glob("journal.sqlite*"):
            file.unlink()
    else:
        os.truncate(desk.journal, 0)
    done = cli.finish(process, cli.forms_of(desk.secrets), time.monotonic())
    assert done.code == 5, done.said
    assert "the journal" in done.err
    assert len(carrier.connects()) <= sent + 10


@pytest.mark.parametrize("what", ["file", "folder", "both"])
def test_a_journal_that_cannot_be_written_dials_nobody(desk: Desk, carrier: Carrier, live: Path, what: str) -> None:
    """Mode 0400 of the file, 0500 of its folder: exit 4 with a reason, and the run goes on once they are mended."""
    folder = desk.folder / "kept"
    folder.mkdir()
    journal = folder / "journal.sqlite"
    desk.journal.rename(journal)
    arguments = at_journal(desk.run_arguments(desk.plan(calls(*KEYS)), live), journal)
    journal.chmod(0o400 if what != "folder" else 0o600)
    folder.chmod(0o500 if what != "file" else 0o700)
    try:
        refused = desk.orchestrate(*arguments, patience=40, **ORDINARY_USER)
    finally:
        folder.chmod(0o700)
        journal.chmod(0o600)
    assert refused.code == 4, refused.said
    assert str(journal) in refused.err
    assert carrier.received() == []
    assert judged(desk, carrier, KEYS, run_to_the_end(desk, arguments)).unknown == set()
