"""A run on a real terminal, wide and narrow: its live lines fit, tell why it waits, mask numbers, and leave nothing."""

import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import termios
import threading
import time
from pathlib import Path

import pytest

from acceptance.cli import command, until
from acceptance.desk import Desk, calls, customer

CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
KEYS = [f"c{index}" for index in range(6)]


class Terminal:
    """One command on a terminal of its own; what it writes is gathered by a thread."""

    def __init__(self, desk: Desk, columns: int, *arguments: str, **extra: str) -> None:
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        environment = {**desk.environment, "TERM": "xterm", **extra}
        words = [*command(), *arguments]
        self.process = subprocess.Popen(
            words, cwd=desk.root, env=environment, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
        )
        desk.started.append(self.process)  # type: ignore[arg-type]
        os.close(theirs)
        self._ours, self._read = ours, bytearray()
        self._thread = threading.Thread(target=self._gather)
        self._thread.start()

    def _gather(self) -> None:
        while True:
            try:
                piece = os.read(self._ours, 65536)
            except OSError:  # the other end is closed
                return
            self._read += piece

    @property
    def text(self) -> str:
        """What it wrote so far; where the cursor was moved, a new line begins."""
        return CONTROL.sub("\n", self._read.decode(errors="replace").replace("\r", ""))

    def shows(self, words: str) -> None:
        """Wait until it has written this, on one line or wrapped at the terminal's width."""
        until(lambda: words in " ".join(self.text.split()), self.process)  # type: ignore[arg-type]

    def end(self) -> str:
        """Wait for its end; return all that it wrote."""
        assert self.process.wait(30) is not None
        self._thread.join(10)
        os.close(self._ours)
        return self.text


def sandbox_run(desk: Desk, plan: Path, *more: str) -> list[str]:
    return ["run", str(plan), "--journal", str(desk.journal), *more]


@pytest.mark.parametrize("columns", [80, 40])
def test_the_live_lines_tell_how_far_how_fast_and_why_it_waits(desk: Desk, columns: int) -> None:
    plan = desk.plan(calls(*KEYS), policy={"pace": "60/minute", "stages": [1, "100%"], "success": {"completed": "1%"}})
    terminal = Terminal(desk, columns, *sandbox_run(desk, plan))
    terminal.shows("/60 a minute (plan's pace)")
    terminal.shows("stage 2 of 2")
    assert desk.orchestrate("pause", "--journal", str(desk.journal), "--because", f"ask {customer(1)}").code == 0
    terminal.shows("waits: paused by ")
    terminal.shows("because ask +9181")
    assert desk.orchestrate("resume", "--journal", str(desk.journal)).code == 0
    terminal.shows("end about ")
    shown = terminal.end()
    assert terminal.process.returncode == 0, shown
    live = [line for line in shown.split("journal ")[0].splitlines() if "/6  0:0" in line or " in flight" in line]
    assert live
    assert max(map(len, live)) <= columns
    assert not any(customer(index).lstrip("+") in shown for index in range(len(KEYS)))


def test_a_closed_window_is_told_in_its_own_zone_and_in_utc(desk: Desk) -> None:
    now = time.gmtime()
    day = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")[(now.tm_wday + 3) % 7]
    window = [{"days": day, "hours": "09:00-21:00", "timezone": "Asia/Kolkata"}]
    plan = desk.plan(calls("a"), policy={"window": window})
    terminal = Terminal(desk, 120, *sandbox_run(desk, plan))
    terminal.shows("waits: window opens 09:00 IST on ")
    terminal.shows("T03:30Z because of window)")
    terminal.shows("end not before 09:00 IST on ")
    terminal.process.terminate()
    assert "orchestrate run" in terminal.end()
    assert terminal.process.returncode == 143


def test_a_pipeline_gets_json_lines_also_on_a_terminal_that_it_pretends_to_have(desk: Desk) -> None:
    plan = desk.plan(calls("a"), policy={"success": {"completed": "1%"}})
    shown = Terminal(desk, 80, *sandbox_run(desk, plan, "--report", "-"), CI="1").end()
    events = [json.loads(line)["event"] for line in shown.splitlines() if line.startswith('{"event"')]
    assert events[:3] == ["run.started", "calls.loaded", "attempt.started"]
    assert events[-1] == "message"
    assert "in flight" not in shown


def test_a_report_on_the_same_terminal_comes_whole_after_the_live_lines(desk: Desk) -> None:
    plan = desk.plan(calls("a", "b"), policy={"success": {"completed": "1%"}})
    terminal = Terminal(desk, 40, *sandbox_run(desk, plan, "--report", "-"))
    shown = terminal.end()
    report = json.loads(shown[shown.index("{") : shown.rindex("}") + 1])
    assert report["totals"]["calls"] == 2
