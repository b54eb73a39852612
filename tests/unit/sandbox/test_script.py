"""The script of a call is pure, seeded, and bounded by what the request asked for."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.model.outcome import Ending
from orchestrator.model.simulated import LegScript, Script
from orchestrator.sandbox.config import SandboxConfig
from orchestrator.sandbox.script import SCENARIOS, compose

EVERYDAY = SCENARIOS["everyday"]
PAIR = ("+918069171234", "+919900000001")


def everyday(number: int, seed: int = 0, time_out: int | None = None, time_limit: int | None = None) -> Script:
    return compose(EVERYDAY, seed, (PAIR[0], f"+9199{number:08d}"), 0, time_out, time_limit)


def test_the_same_seed_pair_and_number_of_the_call_give_the_same_script() -> None:
    assert [everyday(n) for n in range(200)] == [everyday(n) for n in range(200)]


def test_a_seed_means_the_same_call_in_every_release_and_on_every_python() -> None:
    assert compose(EVERYDAY, 7, PAIR, 0, 30, 600) == Script(
        "no-answer", LegScript("completed", 7.9, 30), LegScript("no-answer"), 37.9, 0, "0.600"
    )


def test_another_seed_and_another_call_of_the_pair_give_other_scripts() -> None:
    assert [everyday(n, seed=1) for n in range(20)] != [everyday(n, seed=2) for n in range(20)]
    assert len({compose(EVERYDAY, 0, PAIR, nth, None, None) for nth in range(20)}) > 15


def test_everyday_ends_in_every_way_with_most_calls_completed() -> None:
    scripts = [everyday(n) for n in range(2000)]
    counts = Counter(script.status for script in scripts)
    assert set(counts) == {"completed", "busy", "no-answer", "failed", "canceled"}
    assert 0.55 < counts["completed"] / 2000 < 0.65
    assert counts["canceled"] < counts["failed"] < counts["no-answer"]
    agent_missed = Counter(script.status for script in scripts if script.agent.status == "no-answer")
    assert set(agent_missed) == {"no-answer", "failed"}


def test_where_the_agent_never_answers_the_customer_is_never_attempted() -> None:
    missed = [script for script in map(everyday, range(500)) if script.agent.status == "no-answer"]
    assert missed
    for script in missed:
        assert script.customer.status is None
        assert script.agent.answered_at is None
        assert (script.ends_at, script.talk, script.price) == (30.0, 0, "0.000")


def test_in_calm_everyone_answers() -> None:
    calm = SCENARIOS["calm"]
    assert {compose(calm, n, PAIR, 0, None, None).status for n in range(200)} == {"completed"}


def test_a_leg_that_would_ring_longer_than_timeout_is_no_answer() -> None:
    calm = SCENARIOS["calm"]
    for seed in range(200):
        free, limited = (compose(calm, seed, PAIR, 0, limit, None) for limit in (None, 2))
        assert free.agent.answered_at is not None
        assert free.customer.answered_at is not None
        ring_of_customer = free.customer.answered_at - free.agent.answered_at
        if free.agent.answered_at > 2:
            assert (limited.agent.status, limited.customer.status) == ("no-answer", None)
        elif ring_of_customer > 2:
            assert (limited.status, limited.customer.status) == ("no-answer", "no-answer")
        else:
            assert limited == free


def test_a_completed_call_is_priced_by_pulses_of_both_legs() -> None:
    script = next(s for s in map(everyday, range(100)) if s.status == "completed" and s.agent.on_call <= 60)
    assert script.price == "1.200"
    busy = next(s for s in map(everyday, range(100)) if s.status == "busy")
    assert busy.price == "0.600"


def test_a_typical_call_takes_about_a_second_of_real_time_at_speed_60() -> None:
    seconds = sorted(everyday(n).ends_at / 60 for n in range(500))
    assert seconds[25] > 0.05
    assert 0.3 < seconds[250] < 1.5
    assert seconds[-1] < 2


@given(st.integers(0, 10_000), st.one_of(st.none(), st.integers(1, 120)), st.one_of(st.none(), st.integers(1, 14400)))
def test_no_limit_is_ever_exceeded(number: int, time_out: int | None, time_limit: int | None) -> None:
    script = everyday(number, 0, time_out, time_limit)
    patience = time_out or 30
    assert script.talk <= (time_limit or 50)
    assert (script.talk > 0) is (script.status == "completed")
    assert script.status in {ending.value for ending in Ending}
    if script.agent.answered_at is not None:
        assert script.agent.answered_at <= patience
        rings = (script.customer.answered_at or script.ends_at) - script.agent.answered_at
        assert rings <= patience + 1e-9
    assert script.ends_at > 0


def test_a_leg_is_in_progress_between_its_answer_and_the_end() -> None:
    script = next(s for s in map(everyday, range(100)) if s.status == "completed")
    answered = script.agent.answered_at or 0.0
    assert script.leg_status(script.agent, answered - 0.1) is None
    assert script.leg_status(script.agent, answered) == "in-progress"
    assert script.leg_seconds(script.agent, answered + 2.5) == 2
    assert script.leg_status(script.customer, answered) is None
    assert script.leg_status(script.agent, script.ends_at) == "completed"
    assert script.leg_seconds(script.agent, script.ends_at) == script.agent.on_call


def test_an_unknown_scenario_is_refused_with_the_names_that_exist() -> None:
    with pytest.raises(ValueError, match="no scenario `stormy`; known scenarios: calm, everyday"):
        SandboxConfig(scenario="stormy")


@pytest.mark.parametrize("speed", [0, -1, float("nan"), float("inf")])
def test_a_speed_that_cannot_be_is_refused(speed: float) -> None:
    with pytest.raises(ValueError, match="must be a number above 0"):
        SandboxConfig(speed=speed)


def test_the_token_is_not_shown_by_a_config() -> None:
    assert "s3cret" not in repr(SandboxConfig(api_token="s3cret"))
