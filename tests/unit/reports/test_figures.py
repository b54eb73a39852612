"""What one pass over the calls counts, and what the pages of pace and lengths make of it."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from unit.reports.day import BACKGROUND, MORNING, POLICY
from unit.reports.told import BUSY, COMPLETED, OPEN, REJECTED, call

from orchestrator.exotel.masking import Masker
from orchestrator.model.background import Background
from orchestrator.model.outcome import Disposition, Ending, Leg, Placement
from orchestrator.model.policy import Policy, Rate
from orchestrator.model.record import AttemptRecord, CallRecord
from orchestrator.reports.figures import Figures, answered, gathered, quantile, rang, talked
from orchestrator.reports.html.chart import Chart
from orchestrator.reports.html.pace import in_words, pace, width_of

INDIA = ZoneInfo("Asia/Kolkata")


def counted(*calls: CallRecord) -> Figures:
    return gathered(calls, INDIA, 1, 1)


def at(seconds: float) -> str:
    return (MORNING + timedelta(seconds=seconds)).isoformat()


def shown(background: Background, *starts: float) -> Chart:
    attempts = (AttemptRecord(n, at(moment), Placement.ACCEPTED) for n, moment in enumerate(starts, 1))
    figures = gathered(
        [call("a", Disposition.WAITING, *attempts)], INDIA, 1, width_of(background.policy and background.policy.pace)
    )
    return pace(figures, background, INDIA, "Asia/Kolkata", Masker())


def test_turns_count_attempts_that_may_have_rung_only() -> None:
    figures = counted(
        call("a", Disposition.COMPLETED, BUSY, REJECTED, COMPLETED), call("b", Disposition.UNKNOWN, REJECTED, OPEN)
    )
    assert (figures.asked_by_turn, +figures.completed_by_turn) == ({1: 2, 2: 1}, {2: 1})
    assert (figures.dialed, figures.accepted, figures.attempts) == (2, 1, 5)


def test_hours_are_those_of_the_zone_and_of_attempts_that_rang_to() -> None:
    early = replace(COMPLETED, placed_at="2026-11-22T18:40:00Z")  # 00:10 in India
    agent = replace(BUSY, ending=Ending.AGENT_NO_ANSWER)
    figures = counted(call("a", Disposition.BUSY, BUSY, early, agent, REJECTED, OPEN))
    assert (figures.asked_by_hour, +figures.answered_by_hour) == ({13: 1, 0: 1}, {0: 1})


def test_who_answered_and_how_long_is_what_the_legs_prove() -> None:
    legs = (Leg("completed", 50), Leg("busy"))
    assert answered(COMPLETED) == (True, True)
    assert answered(replace(COMPLETED, legs=())) == (True, True)
    assert answered(replace(BUSY, legs=legs)) == (True, False)
    assert answered(BUSY) == (False, False)
    assert (rang(COMPLETED), rang(replace(BUSY, legs=legs)), rang(BUSY)) == (9, 50, None)
    assert (talked(COMPLETED), talked(replace(COMPLETED, legs=())), talked(BUSY)) == (41, 41, None)


def test_times_and_prices_that_are_none_are_passed_over() -> None:
    damaged = replace(COMPLETED, started_at="yesterday", placed_at="", price="dear")
    figures = counted(call("a", Disposition.COMPLETED, damaged))
    assert (figures.attempts, figures.priced, figures.departures.counts, figures.cost) == (1, 0, {}, {})


@pytest.mark.parametrize("price", ["NaN", "1e400000", "-Infinity", "x", ""])
def test_a_price_that_no_call_can_have_is_none(price: str) -> None:
    figures = counted(call("a", Disposition.COMPLETED, replace(COMPLETED, price=price), BUSY))
    assert (figures.priced, figures.cost) == (1, {"INR": Decimal("0.60")})


def test_a_quantile_is_the_least_length_that_covers_its_share() -> None:
    lengths = Counter({1: 5, 2: 4, 90: 1})
    assert [quantile(lengths, part) for part in (0.5, 0.51, 0.9, 0.91, 1.0)] == [1, 2, 2, 90, 90]
    assert quantile(Counter(), 0.5) == 0


def test_the_pace_is_told_in_the_unit_of_its_cap() -> None:
    background = Background(Policy(pace=Rate(24, 6.0)))
    chart = shown(background, *range(0, 60, 2))
    assert chart.says == "30 requests left; at most 3 in 6 seconds; the cap is 24/6s."
    assert [row[1:] for row in chart.rows] == [("3", "0.5")] * 10
    assert chart.pictures is not None
    (cap,) = [mark for mark in chart.pictures.wide.marks if mark.attributes["class"] == "cap"]
    ticks = {mark.text: mark for mark in chart.pictures.wide.marks if mark.attributes["class"] == "tick"}
    assert float(cap.attributes["y1"]) + 4 == float(ticks["4"].attributes["y"]), "24 in 6 seconds are 4 a second"


def test_closed_windows_and_holds_are_marked_where_they_lie_in_the_time_shown() -> None:
    chart = shown(BACKGROUND, 0.0, 86_400.0 + 7_200)
    assert chart.pictures is not None
    looks = Counter(mark.attributes["class"] for mark in chart.pictures.wide.marks)
    assert (looks["closed"], looks["held"]) == (1, 2)
    words = [words for _, words in chart.legend]
    assert any(each.startswith("1  halted from 2026-11-23 12:30:00 to 2026-11-23 13:15:00") for each in words)
    assert any("2  the whole journal paused" in each and "by asha: the hub is closed" in each for each in words)
    callee = replace(POLICY, windows=tuple(replace(each, timezone="callee") for each in POLICY.windows))
    assert any("by the clock of who is rung" in words for _, words in shown(Background(callee), 0.0, 90.0).legend)
    assert not any(look == "closed" for look, _ in shown(Background(callee), 0.0, 90_000.0).legend)


@pytest.mark.parametrize(
    ("seconds", "width", "words"),
    [(1.0, 1, "9/second"), (60.0, 60, "9/minute"), (6.0, 6, "9/6s"), (0.5, 1, "9/500ms"), (1.5, 3, "9/1s500ms"),
     (0.333, 333, "9/333ms"), (172_800.0, 172_800, "9/2d"), (366 * 86_400.0, 366 * 86_400, "9/366d")],
)  # fmt: skip
def test_a_pace_of_any_length_is_counted_in_whole_multiples_of_it(seconds: float, width: int, words: str) -> None:
    rate = Rate(9, seconds)
    assert (width_of(rate), in_words(rate)) == (width, words)
    chart = shown(Background(Policy(pace=rate)), 0.0, 1.0, 100.0)
    assert f"the cap is {words}." in chart.says
    assert sum(int(row[1]) for row in chart.rows) == 3


def test_requests_that_never_left_are_no_part_of_the_pace() -> None:
    figures = counted(call("a", Disposition.WAITING, replace(REJECTED, placement=Placement.UNREACHED), OPEN))
    assert (figures.attempts, figures.departures.by_span(None).total()) == (2, 1)
    never = counted(call("a", Disposition.WAITING, replace(REJECTED, placement=Placement.UNREACHED)))
    assert pace(never, BACKGROUND, INDIA, "Asia/Kolkata", Masker()).says == "No request has left."


def test_a_reader_is_told_where_the_cap_was_not_that_of_every_run() -> None:
    chart = shown(Background(Policy(pace=Rate(2, 1.0)), had_another_pace=True), 0.0)
    assert chart.says.endswith("the cap is 2/second; another run of the edition had another pace.")


def test_a_plan_without_a_pace_has_no_cap() -> None:
    chart = shown(Background(Policy()), 0.0, 0.5, 1.0)
    assert chart.says == "3 requests left; at most 2 in a second; the plan sets no pace of its own."
    assert datetime.fromisoformat(at(0)).astimezone(UTC) == MORNING
