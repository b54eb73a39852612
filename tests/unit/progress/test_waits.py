"""Why a run starts no call at this moment, in one line, and times that nobody misreads."""

from typing import Any

import pytest
from unit.progress.progress_events import ended, epoch, event, loaded, placed, redial, snapshot, started, tally, waiting

from orchestrator.model.events import Event, EventType
from orchestrator.model.policy import Policy, Rate, Stage
from orchestrator.progress.snapshot import RunSnapshot
from orchestrator.progress.tally import Tally
from orchestrator.progress.times import LocalTimes, span, utc
from orchestrator.progress.waits import WaitReasons


def why(counted: Tally, known: RunSnapshot | None = None, s: float = 0) -> str | None:
    return WaitReasons(counted, known or snapshot(), LocalTimes("Asia/Kolkata"), epoch(s)).why()


CANARY = Policy(pace=Rate(60, 60.0), stages=(Stage(calls=1), Stage(share=1.0)))
FULL = "waits: all 2 calls are in flight (concurrency)"
OPENS = "2026-11-27T03:30:00.000Z"


@pytest.mark.parametrize(
    ("events", "known", "seconds", "text"),
    [
        ([], {}, 0, None),
        ([started("a")], {}, 0.5, "waits: pace"),
        ([started("a"), started("b", s=1)], {}, 2, FULL),
        ([started("a"), started("b", s=1)], {"until_placed": True}, 1.5, FULL),
        ([started("a"), placed("a"), started("b", s=1)], {"until_placed": True}, 1.5, "waits: pace"),
        ([started("a")], {"legs": 2}, 2, "waits: all legs are in flight, 2 of 2 (legs)"),
        ([started("a")], {"policy": CANARY, "undialed": 10}, 2, "waits: stage 1 of 2 is not over: 1 in flight"),
        ([loaded(9), started("a"), redial("a", 20, 80)], {"policy": CANARY, "undialed": 9}, 30,
         "waits: stage 1 of 2 is not over: 1 to be redialed, next at 14:31:20 IST"),
        ([loaded(9), started("a"), redial("a", 20, 80)], {"policy": CANARY, "undialed": 9}, 90,
         "waits: stage 1 of 2 is not over: 1 to be redialed"),
        ([waiting("stage 2 of 3 is not over")], {}, 0, "waits: stage 2 of 3 is not over"),
        ([waiting("window", OPENS)], {}, 0,
         "waits: window opens 09:00 IST tomorrow (not before 2026-11-27T03:30Z because of window)"),
        ([waiting("window", OPENS)], {}, 86400, None),  # it is open by now
        ([waiting("window", "never")], {}, 0, "waits: window: opens at no time within the next forty days"),
        ([waiting("paused")], {}, 0, "waits: paused by asha"),
        ([waiting("paused"), started("a")], {}, 0.5, "waits: pace"),
        ([started("a"), waiting("per_agent")], {}, 5, "waits: per_agent"),
        ([started("a"), placed("a", "unreached")], {}, 5, "waits: 1 to be sent again, unreached before"),
        ([loaded(1), started("a"), redial("a", 20, 80)], {}, 30,
         "waits: redial after busy, next at 14:31:20 IST"),
        ([loaded(1), started("a"), redial("a", 20, 80)], {}, 81, None),
        ([started("a")], {"quiet_until": lambda: epoch(90)}, 2,
         "waits: the carrier asked for quiet until 14:31:30 IST"),
        ([loaded(2), started("a"), started("b")], {}, 5, "waits: the last 2 calls to end"),
        ([loaded(1), started("a"), placed("a", "unknown")], {}, 5, "waits: 1 unknown attempt to be settled"),
        ([started("a")], {"stops": lambda: True}, 5, "stops: 1 in flight"),
        ([event(EventType.RUN_HALTED, reason="2 of the last 4")], {}, 0, "halted: 2 of the last 4"),
        ([loaded(1), started("a"), ended("a")], {}, 5, None),
    ],
)  # fmt: skip
def test_why_it_waits_now(events: list[Event], known: dict[str, Any], seconds: float, text: str | None):
    counted = tally(loaded(), *events)
    counted.paused_by = "asha"
    assert why(counted, snapshot(**known), seconds) == text


def test_times_name_their_zone_and_their_day():
    times, now = LocalTimes("Asia/Kolkata"), epoch(0)
    assert times.at(epoch(120), now) == "14:32 IST"
    assert times.at(epoch(125), now, seconds=True) == "14:32:05 IST"
    assert times.at(epoch(86400 - 19800), now) == "09:00 IST tomorrow"
    assert times.at(epoch(4 * 86400), now) == "14:30 IST on Mon 30 Nov"
    assert (utc(epoch(0)), utc(epoch(5))) == ("2026-11-26T09:00Z", "2026-11-26T09:00:05Z")
    assert [span(s) for s in (45, 720, 11100, 400000)] == ["45 s", "12 min", "3 h 5 min", "5 days"]
