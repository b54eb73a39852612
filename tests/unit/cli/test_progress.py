"""What progress looks like: live lines in any width on a terminal, log lines elsewhere, nothing that harms."""

import io
from typing import Any

import pytest
from unit.progress.progress_events import ended, epoch, event, loaded, redial, snapshot, stamp, started, tally, waiting

from orchestrator.cli.render.live import LiveLines, LiveView, event_line, flow, observing
from orchestrator.cli.screen import Screen
from orchestrator.model.events import Event, EventType
from orchestrator.model.policy import Policy, Rate, Stage, Window
from orchestrator.policy.estimate import Estimate
from orchestrator.policy.may_start import NEVER
from orchestrator.progress.tally import Tally

WINDOW = Window(frozenset(range(7)), 540, 1260, "Asia/Kolkata")


def pictured(width: int, end: Estimate | None = None, **known: Any) -> list[str]:
    events = [started(f"c{n}", s=n) for n in range(60)]
    over = [ended(f"c{n}", "completed", s=n + 9) for n in range(50)]
    counted = tally(loaded(200), *events, *over, redial("c50", 60, 300), ended("c51", "agent-no-answer", s=60))
    policy = Policy(pace=Rate(60, 60.0), concurrency=8, windows=(WINDOW,), stages=(Stage(calls=20), Stage(share=1.0)))
    known = {"legs": 20, "undialed": 200, **known}
    return LiveView(counted, snapshot(policy, **known), epoch(61), 61, end).lines(width)


def test_a_wide_terminal_shows_it_in_a_few_lines():
    assert pictured(80, Estimate(epoch(780))) == [
        "[###.........]  51/200  0:01:01",
        "8/8 in flight  16/20 legs  58/60 a minute (plan's pace)  stage 2 of 2",
        "waits: all 8 calls are in flight (concurrency)",
        "end about 14:43 IST (in 12 min)",
        "completed 50  agent-no-answer 1  redials waiting 1",
    ]


def test_a_narrow_terminal_shows_the_same_in_more_lines():
    assert pictured(40, Estimate(epoch(86400), held=True)) == [
        "[###.........]  51/200  0:01:01",
        "8/8 in flight  16/20 legs",
        "58/60 a minute (plan's pace)",
        "stage 2 of 2",
        "waits: all 8 calls are in flight",
        "(concurrency)",
        "end not before 14:30 IST tomorrow",
        "(2026-11-27T09:00Z)",
        "completed 50  agent-no-answer 1",
        "redials waiting 1",
    ]
    for width in range(1, 120):
        assert max(map(len, pictured(width, Estimate(NEVER)))) <= width
    assert flow(["", "a b"], 2) == ["", "a", "b"]


def test_no_end_is_told_of_a_run_that_does_not_go_on():
    assert not [line for line in pictured(80, Estimate(epoch(780)), stops=lambda: True) if "end " in line]
    assert "end more than two weeks away" in pictured(80, Estimate(NEVER))


def test_before_the_calls_are_loaded_there_is_only_the_count():
    assert LiveView(Tally(), None, epoch(0), 0).lines(80) == ["[............]  0/0  0:00:00"]


# where it goes


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_the_lines_are_masked_and_safe_and_gone_at_the_end(monkeypatch: pytest.MonkeyPatch):
    stream = Terminal()
    monkeypatch.setattr("sys.stderr", stream)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERM", "xterm")
    with LiveLines(Screen()) as live:
        live.begin(snapshot(paused_by=lambda: "asha +919900000001\x1b[2J"))
        live.observe([loaded()])
        live.observe([waiting("paused")])
        shown = live._draw().plain
        live.observe([event(EventType.RUN_ENDED, exit_code=0)])
    assert r"waits: paused by asha +9199******01\x1b[2J" in shown
    assert "9900000001" not in stream.getvalue()
    assert stream.getvalue().endswith("\x1b[2K")


def test_figures_side_by_side_are_no_number():
    counted = tally(loaded(1_200, 300), *(started(f"c{n}") for n in range(20)))
    with LiveLines(Screen()) as live:
        live._tally, live._snapshot = counted, snapshot(legs=40)
        shown = live._draw().plain
    assert "300/1,200  0:00:00" in shown
    assert "*" not in shown


def test_events_are_json_lines_where_no_person_watches(monkeypatch: pytest.MonkeyPatch):
    stream = Terminal()
    monkeypatch.setattr("sys.stderr", stream)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("CI", "1")
    with observing(Screen(), None) as follow:
        follow.begin(snapshot())
        follow.observe([loaded()])
    assert stream.getvalue().startswith('{"event": "calls.loaded", "at": "2026-11-26T09:00:00.000Z"')
    assert stream.getvalue().count("\n") == 1
    with observing(Screen(quiet=True), None) as follow:
        follow.begin(snapshot())
        follow.observe([loaded()])
    assert stream.getvalue().count("\n") == 1


def test_an_event_is_one_safe_masked_line():
    one = event(EventType.ATTEMPT_PLACED, "order-919900000001", 2, placement="rejected", message="bad\n\x1b[2J")
    assert event_line(one, Screen()) == (
        r"09:00:00 attempt.placed order-91990*****01#2 placement=rejected message=bad\n\x1b[2J"
    )
    sid = event(EventType.ATTEMPT_PLACED, "a", 1, sid="CA-1234567890")
    assert event_line(sid, Screen()) == "09:00:00 attempt.placed a#1 sid=CA-1234567890"
    heard = Event(EventType.CALLBACK_RECEIVED, stamp(0), "r", "a", 1, {"event": "+919900000001"})
    assert event_line(heard, Screen()) == "09:00:00 callback.received a#1 callback_event=+9199******01"
    short = Event(EventType.ATTEMPT_STARTED, stamp(0), "r", "a", 1, {"from": "1234567"})
    assert event_line(short, Screen()) == "09:00:00 attempt.started a#1 from=12***67"
    assert event_line(short, Screen(unmask=True)).endswith("from=1234567")
