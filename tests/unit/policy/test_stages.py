"""Stages and halts: how many calls a stage admits, when it is over, which share of endings stops everything."""

import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.model.policy import HaltRule, Stage
from orchestrator.policy.stages import EditionProgress, Room, halted, is_full, room

RAMP = (Stage(calls=1), Stage(share=0.05), Stage(share=1.0))
FIFTH = (HaltRule((("failed", 0.2),), 5),)


def admitted(stages: tuple[Stage, ...], dialed: int, calls: int, **more: Any) -> float:
    return room(stages, (), EditionProgress(dialed=dialed, all=calls, **more)).calls


@pytest.mark.parametrize(
    ("share", "calls", "admits"),
    [
        (0.07, 100, 7),  # 0.07 * 100 is 7.000000000000001 in floating point
        (0.05, 100, 5),
        (0.05, 101, 6),  # rounded up
        (0.025, 1000, 25),
        (0.025, 41, 2),
        (0.29, 100, 29),
        (0.57, 100, 57),
        (0.0001, 3, 1),
        (0.5, 1, 1),
        (1 / 3, 3, 1),
        (0.9, 0, 0),
    ],
)
def test_a_stage_admits_its_exact_share_rounded_up(share: float, calls: int, admits: int) -> None:
    stages = (Stage(share=share), Stage(share=1.0))
    assert (admitted(stages, 0, calls) if calls else 0) == admits


@given(percent=st.integers(1, 1000), calls=st.integers(1, 100_000))
def test_shares_of_whole_tenths_of_a_percent_are_never_off_by_one(percent: int, calls: int) -> None:
    stages = (Stage(share=float(f"{percent / 10}") / 100), Stage(share=1.0))
    assert admitted(stages, 0, calls) == -(-percent * calls // 1000)


def test_stages_are_cumulative_over_what_was_dialed() -> None:
    assert admitted(RAMP, 0, 100) == 1
    assert admitted(RAMP, 1, 100) == 4
    assert admitted(RAMP, 4, 100) == 1
    assert admitted(RAMP, 5, 100) == 95


def test_a_stage_of_more_calls_than_there_are_admits_all() -> None:
    assert admitted((Stage(calls=50), Stage(share=1.0)), 0, 3) == 3


def test_no_stages_admit_everybody() -> None:
    assert room((), (), EditionProgress(dialed=10, all=20)) == Room(math.inf)


@pytest.mark.parametrize("dialed", [1, 5])
def test_the_next_stage_waits_until_nothing_of_this_one_is_under_way(dialed: int) -> None:
    number = 1 if dialed == 1 else 2
    found = room(RAMP, (), EditionProgress(dialed=dialed, all=100, under_way=1))
    assert found == Room(0, f"stage {number} of 3 is not over", stage=number)


def test_within_a_stage_calls_may_be_under_way() -> None:
    assert admitted(RAMP, 3, 100, under_way=3) == 2
    assert admitted(RAMP, 50, 100, under_way=30) == 50


@pytest.mark.parametrize("dialed", [1, 5])
def test_an_unknown_call_at_the_end_of_any_stage_but_the_last_halts(dialed: int) -> None:
    found = room(RAMP, (), EditionProgress(dialed=dialed, all=100, unknown=1))
    assert found.calls == 0
    assert found.halt is not None
    assert found.halt.startswith("1 unknown in stage")


@pytest.mark.parametrize("dialed", [1, 5])
def test_a_stage_of_rejections_only_halts(dialed: int) -> None:
    found = room(RAMP, (), EditionProgress(dialed=dialed, all=100, rejected=dialed))
    number = 1 if dialed == 1 else 2
    assert found == Room(0, halt=f"{dialed} rejected and none placed in stage {number} of 3")
    assert admitted(RAMP, dialed, 100, rejected=1, endings=["busy"]) > 0, "a call that ended shows that placing works"


def test_the_last_stage_is_judged_at_its_end_too() -> None:
    stages = (Stage(calls=1), Stage(share=0.1))
    bad = EditionProgress(dialed=10, all=100, endings=["failed", *["completed"] * 3])
    assert room(stages, FIFTH, bad).halt == "1 of the last 4 finished calls ended failed, at the end of stage 2 of 2"
    assert room(stages, FIFTH, replace(bad, under_way=1)) == Room(0, "stage 2 of 2 is not over", stage=2)


@given(
    stages=st.lists(
        st.one_of(st.builds(Stage, calls=st.integers(1, 50)), st.builds(Stage, share=st.floats(0.01, 1.0))), max_size=4
    ),
    dialed=st.integers(0, 60),
    more=st.integers(0, 60),
)
def test_a_stage_is_full_wherever_what_is_under_way_matters(stages: list[Stage], dialed: int, more: int) -> None:
    """What only the end of a stage is judged by is asked for at its end only."""
    quiet = EditionProgress(dialed, dialed + more)
    differs = room(stages, (), quiet) != room(stages, (), replace(quiet, under_way=1))
    assert not differs or is_full(stages, dialed, dialed + more)


def test_after_the_last_stage_nobody_follows() -> None:
    found = room((Stage(calls=1), Stage(share=0.1)), (), EditionProgress(dialed=10, all=100))
    assert (found.calls, found.is_last, found.halt) == (0, True, None)
    assert "10 of 100" in (found.reason or "")


@pytest.mark.parametrize(
    ("endings", "reached"),
    [
        (["failed", *["completed"] * 4], True),  # exactly 20% of five
        (["completed"] * 5, False),
        (["failed"] * 4, False),  # four are too few to judge by
        ([*["completed"] * 5, *["failed"] * 5], False),  # only the last five count, the latest first
        ([*["completed"] * 4, "failed", *["completed"] * 5], True),
        ([], False),
    ],
)
def test_a_rule_looks_at_the_last_endings_once_there_are_as_many(endings: list[str], reached: bool) -> None:
    assert (halted(FIFTH, endings) is not None) is reached
    assert (room((), FIFTH, EditionProgress(dialed=9, all=100, endings=endings)).halt is not None) is reached


def test_any_of_a_rules_endings_halts_and_any_rule() -> None:
    two = (HaltRule((("failed", 0.5), ("busy", 0.5)), 2), HaltRule((("no-answer", 1.0),), 1))
    assert halted(two, ["busy", "completed"]) == "1 of the last 2 finished calls ended busy"
    assert halted(two, ["no-answer", "completed"]) == "1 of the last 1 finished calls ended no-answer"
    assert halted(two, ["completed", "failed"]) == "1 of the last 2 finished calls ended failed"
    assert halted(two, ["completed", "completed"]) is None


def test_at_the_end_of_a_stage_the_rules_are_judged_whatever_its_size() -> None:
    found = room(RAMP, FIFTH, EditionProgress(dialed=1, all=100, endings=["failed"]))
    assert found.halt == "1 of the last 1 finished calls ended failed, at the end of stage 1 of 3"
    inside = room(RAMP, FIFTH, EditionProgress(dialed=2, all=100, endings=["failed"]))
    assert (inside.halt, inside.calls) == (None, 3), "not in the middle of a stage"


def test_a_share_is_compared_exactly() -> None:
    seven = (HaltRule((("failed", 0.07),), 100),)
    assert halted(seven, ["failed"] * 7 + ["completed"] * 93) is not None
    assert halted(seven, ["failed"] * 6 + ["completed"] * 94) is None
