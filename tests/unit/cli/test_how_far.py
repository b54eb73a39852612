"""How far a long look has come stands on a terminal while it takes long, and nowhere else."""

import os
import pty
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO

import pytest
from unit.journal.story import tell as tell_story

from orchestrator.cli.commands.journal import SHORT, showing_how_far
from orchestrator.cli.screen import Screen
from orchestrator.journal.verify.whole import verify


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[int, IO[str]]]:
    """Both sides of a terminal: what the person sees, and what stderr is."""
    ours, its = pty.openpty()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("CI", raising=False)
    os.set_blocking(ours, False)
    with os.fdopen(its, "w") as stderr:
        yield ours, stderr
    os.close(ours)


def shown(terminal: tuple[int, IO[str]]) -> str:
    found = b""
    with suppress(BlockingIOError):
        while piece := os.read(terminal[0], 1 << 16):
            found += piece
    return found.decode()


def test_what_takes_long_is_shown_and_taken_away_again(
    terminal: tuple[int, IO[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stderr", terminal[1])
    with showing_how_far(Screen()) as tell:
        tell("the chain of [events]", 0.1)
        time.sleep(SHORT)
        tell("the chain of [events]", 0.5)
        time.sleep(0.2)
        tell("the sums", None)
        time.sleep(0.2)
    text = shown(terminal)
    assert "the chain of [events]" in text
    assert "the sums" in text
    assert text.rstrip().endswith("\x1b[2K"), "the line is cleared"


def test_what_is_soon_over_is_not_shown(terminal: tuple[int, IO[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", terminal[1])
    with showing_how_far(Screen()) as tell:
        tell("the chain of events", 0.9)
    assert shown(terminal) == ""


@pytest.mark.parametrize("where", ["quiet", "CI", "a pipe"])
def test_nothing_is_shown_where_nobody_looks(
    terminal: tuple[int, IO[str]], where: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    if where == "CI":
        monkeypatch.setenv("CI", "true")
    with (tmp_path / "said").open("w") as file:
        monkeypatch.setattr(sys, "stderr", file if where == "a pipe" else terminal[1])
        with showing_how_far(Screen(quiet=where == "quiet")) as tell:
            time.sleep(SHORT)
            tell("the chain of events", 0.9)
    assert shown(terminal) == ""
    assert (tmp_path / "said").read_text() == ""


def test_a_proof_tells_each_part_of_its_work(tmp_path: Path) -> None:
    tell_story(tmp_path / "told.db")
    heard: list[str] = []
    assert verify(tmp_path / "told.db", tell=lambda what, _: heard.append(what)).count == 0
    assert heard == ["what the events report", "the sums of the tables", "the pages of the file"]
