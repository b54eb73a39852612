"""Stages, halts and redials, through the scheduler: who is dialed, how often, and what stops it."""

import asyncio
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from unit.engine.bench import HUNG, UNREACHED, calls, now, replied
from unit.engine.guarded import (
    HALT,
    SIX,
    STAGES,
    Ending,
    changed,
    patiently,
    resumed,
    run,
    said,
    words,
)

from orchestrator.engine.scheduler import Engine
from orchestrator.journal import control
from orchestrator.model.call import CallSchedule, text_of
from orchestrator.model.outcome import Disposition, Exchange
from orchestrator.model.policy import HaltRule, Limits, PersonCap, Redial, Stage
from orchestrator.model.target import Lookups
from orchestrator.policy.verdict import Stop

# -- stages and halts


@pytest.mark.parametrize("late", [0.0, 0.01, 0.05], ids=["at once", "10 ms late", "50 ms late"])
def test_a_bad_canary_stops_the_ramp_with_only_the_canary_dialed(journal: Path, late: float) -> None:
    """However late the scheduler hears of its own commits."""
    carrier = Ending(status="failed")
    found = run(journal, carrier, calls(*SIX), stages=STAGES, halt=HALT, late=late)
    assert sorted(carrier.order()) == ["a", "b"]
    assert found.stop is not None
    assert found.stop.code == 5
    assert words(found) == {
        **dict.fromkeys("ab", ("failed", None)),
        **dict.fromkeys("cdef", ("not-dialed", "halted")),
    }


def test_a_halt_survives_further_runs_until_somebody_resumes(journal: Path) -> None:
    carrier, plan = Ending(status="failed"), calls(*SIX)
    first = run(journal, carrier, plan, halt=(HaltRule((("failed", 0.5),), 2),), slots=1)
    dialed = carrier.order()
    assert len(dialed) == 2
    for _ in range(2):
        again = run(journal, carrier, plan)  # not even without the rule
        assert again.stop is not None
        assert (again.stop.code, words(again)) == (5, words(first))
    resumed(journal)
    carrier.status = "completed"
    assert run(journal, carrier, plan, halt=(HaltRule((("failed", 0.5),), 2),)).stop is None
    assert Counter(carrier.order()) == dict.fromkeys(SIX, 1)


def test_after_resume_only_what_ended_since_is_judged(journal: Path) -> None:
    carrier, plan, halt = Ending(status="failed"), calls(*SIX), (HaltRule((("failed", 1.0),), 2),)
    run(journal, carrier, plan, halt=halt, slots=1)
    resumed(journal)
    again = run(journal, carrier, plan, halt=halt, slots=1)
    assert again.stop is not None
    assert len(carrier.order()) == 4, "two more, and both failed"


@pytest.mark.parametrize("late", [0.0, 0.02])
def test_an_unknown_canary_halts(journal: Path, late: float) -> None:
    carrier = Ending({"a": [HUNG]})
    found = run(journal, carrier, calls(*SIX), stages=STAGES, settle_for=0.2, settling=0.1, late=late)
    assert sorted(carrier.order()) == ["a", "b"]
    assert found.stop is not None
    assert "unknown" in found.stop.message
    assert words(found)["a"][0] == "unknown"
    assert words(found)["c"] == ("not-dialed", "halted")
    resumed(journal)
    assert run(journal, carrier, calls(*SIX), stages=STAGES, settle_for=0.2, settling=0.1).stop is None
    assert Counter(carrier.order()) == dict.fromkeys(SIX, 1), "and it is still unknown"


def test_an_unknown_call_without_stages_halts_nobody(journal: Path) -> None:
    carrier = Ending({"a": [HUNG]})
    found = run(journal, carrier, calls(*SIX), settle_for=0.2, settling=0.1)
    assert sorted(carrier.order()) == list(SIX)
    assert found.stop is None


@pytest.mark.parametrize("late", [0.0, 0.02])
def test_every_stage_waits_until_the_one_before_is_over(journal: Path, late: float) -> None:
    stages = (Stage(calls=1), Stage(share=0.5), Stage(share=1.0))
    carrier = Ending(talk=0.2)
    found = run(journal, carrier, calls(*SIX), stages=stages, late=late)
    assert found.stop is None
    assert Counter(carrier.order()) == dict.fromkeys(SIX, 1)
    first, rest = carrier.at[0], carrier.at[1:]
    assert min(rest) >= first + carrier.talk, "the canary was over"
    assert min(carrier.at[3:]) >= max(carrier.at[:3]) + carrier.talk
    assert sum(len(record.attempts) for record in found.records.values()) == len(SIX), "no intent was taken back"


def test_calls_of_the_last_stage_that_is_no_hundred_percent_are_kept_back(journal: Path) -> None:
    carrier = Ending()
    found = run(journal, carrier, calls(*SIX), stages=(Stage(share=0.5),))
    assert len(carrier.order()) == 3
    assert found.stop is not None
    assert words(found)["f"] == ("not-dialed", "limit")


def test_stages_count_over_the_runs_of_the_edition(journal: Path) -> None:
    carrier, plan = Ending(), calls(*SIX)
    assert len(run(journal, carrier, plan, stages=(Stage(share=0.5),)).records) == 6
    run(journal, carrier, plan, stages=(Stage(share=0.5),))
    assert len(carrier.order()) == 3, "half of six, and not half of the three that were left"


def test_a_canary_in_flight_is_waited_for_when_calls_are_suppressed_meanwhile(journal: Path) -> None:
    """Fewer calls to be dialed make the stage smaller than what is dialed of it: it is not over for that."""
    plan = calls(*"abcdefghij")
    carrier = Ending(talk=0.6, status="failed")

    async def suppress(engine: Engine) -> None:
        while len(carrier.received) < 2:
            await asyncio.sleep(0.01)
        numbers = [text_of(call.fields, "To") or "" for call in plan[5:]]
        said(journal, lambda tx: [control.suppress(tx, number, "asked", "asha", now()) for number in numbers])

    stages = (Stage(share=0.2), Stage(share=1.0))
    found = run(journal, carrier, plan[5:][::-1] + plan[:5], stages=stages, halt=HALT, meanwhile=suppress)
    assert len(carrier.order()) == 2
    assert found.stop is not None


# -- redials


def test_each_ending_is_redialed_by_its_own_rule(journal: Path) -> None:
    carrier = Ending(
        endings={"a": ["busy"], "b": ["agent-no-answer"], "c": ["no-answer", "completed"], "d": ["failed"]}
    )
    rules = (("busy", Redial(2, 0.2)), ("agent-no-answer", Redial(3, 0.1)), ("no-answer", Redial(9, 0.3)))
    found = run(journal, carrier, calls(*"abcd"), redial=rules)
    assert Counter(carrier.order()) == {"a": 2, "b": 3, "c": 2, "d": 1}
    assert {key: word for key, (word, _) in words(found).items()} == {
        "a": "busy",
        "b": "agent-no-answer",
        "c": "completed",
        "d": "failed",
    }
    after = {"a": 0.2, "b": 0.1, "c": 0.3, "d": 0.0}
    for key in "abcd":
        times = [at for at, name in zip(carrier.at, carrier.order(), strict=True) if name == key]
        assert all(later >= one + carrier.talk + after[key] for one, later in pairwise(times))


def test_attempts_that_did_not_ring_count_against_no_rule(journal: Path) -> None:
    busy, throttled = replied(200, "x"), replied(429, **{"retry-after": "0"})
    carrier = Ending({"a": [throttled, busy, throttled, busy]}, endings={"a": ["busy"]})
    policy = {"redial": (("busy", Redial(2, 0.05)),), "limits": Limits(attempts=2), "per_person": PersonCap(2, 60.0)}
    found = run(journal, carrier, calls("a"), **policy)
    assert len(carrier.order()) == 4, "two that rang"
    assert words(found) == {"a": ("busy", None)}
    assert found.stop is None


def test_an_unknown_call_is_not_redialed(journal: Path) -> None:
    carrier = Ending({"a": [HUNG]})
    every = tuple((word, Redial(5, 0.01)) for word in ("busy", "failed", "unseen", "no-answer"))
    found = run(journal, carrier, calls("a"), redial=every, settle_for=0.2, settling=0.1)
    run(journal, carrier, calls("a"), redial=every, settle_for=0.2, settling=0.1)
    assert carrier.order() == ["a"]
    assert words(found)["a"][0] == "unknown"


def test_a_redial_that_comes_too_late_keeps_the_ending(journal: Path) -> None:
    carrier = Ending(status="busy")
    plan = changed(calls("a"), {"a": CallSchedule(not_after=now() + 2.0)})
    found = run(journal, carrier, plan, redial=(("busy", Redial(3, 2.5)),))
    assert carrier.order() == ["a"]
    assert words(found)["a"] == ("busy", "redial: it could start only after its not_after") or words(found)["a"] == (
        "busy",
        "its not_after has passed",
    )


def test_what_waits_for_its_redial_stays_waiting_where_the_run_stops(journal: Path) -> None:
    carrier = Ending(endings={"a": ["busy"], "b": ["failed"]})
    policy = {"redial": (("busy", Redial(3, 9.0)),), "halt": (HaltRule((("failed", 0.5),), 1),)}
    found = run(journal, carrier, calls(*"abc"), slots=1, **policy)
    assert found.stop is not None
    assert {key: word for key, (word, _) in words(found).items()} == {"a": "waiting", "b": "failed", "c": "not-dialed"}


# -- a stage whose calls are redialed


def later(seconds: float) -> tuple[tuple[str, Redial], ...]:
    return (("busy", Redial(2, seconds)),)


@pytest.mark.parametrize("late", [0.0, 0.02])
def test_a_stage_is_not_over_while_one_of_its_calls_waits_for_its_redial(journal: Path, late: float) -> None:
    carrier = Ending(endings={"b": ["busy", "completed"]})
    found = run(journal, carrier, calls(*SIX), stages=STAGES, redial=later(0.3), late=late)
    assert found.stop is None
    assert sorted(carrier.order()[:2]) == ["a", "b"]
    assert carrier.order()[2] == "b", "before anybody of the next stage"
    assert Counter(carrier.order()) == {**dict.fromkeys(SIX, 1), "b": 2}
    assert min(carrier.at[3:]) >= carrier.at[2] + carrier.talk


def test_a_canary_is_redialed_though_a_call_of_the_next_stage_comes_before_it(journal: Path) -> None:
    carrier = Ending(endings={"b": ["busy", "completed"]})
    urgent = changed(calls(*SIX), {"f": CallSchedule(priority=5, not_before=now() + 0.2)})
    found = run(journal, carrier, urgent, stages=STAGES, redial=later(0.4))
    assert found.stop is None
    assert sorted(carrier.order()[:2]) == ["a", "b"]
    assert carrier.order()[2:4] == ["b", "f"]


def test_an_unknown_redial_of_a_canary_halts_before_the_next_stage(journal: Path) -> None:
    carrier = Ending({"b": [replied(200, "x"), HUNG]}, endings={"b": ["busy"]})
    settings: dict[str, Any] = {"stages": STAGES, "redial": later(0.2), "settle_for": 0.2, "settling": 0.1}
    found = run(journal, carrier, calls(*SIX), **settings)
    assert Counter(carrier.order()) == {"a": 1, "b": 2}
    assert found.stop is not None
    assert words(found)["c"] == ("not-dialed", "halted")


def test_a_run_that_does_not_wait_for_a_canarys_redial_leaves_the_ramp_to_a_later_one(journal: Path) -> None:
    carrier = Ending(endings={"b": ["busy", "completed"]})
    settings: dict[str, Any] = {"stages": STAGES, "redial": later(3.0)}
    found = run(journal, carrier, calls(*SIX), **settings, wait=0.1)
    assert found.stop is not None
    assert "next call may start at" in found.stop.message
    assert len(carrier.order()) == 2
    assert words(found)["c"][0] == "waiting"
    assert run(journal, carrier, calls(*SIX), **settings).stop is None
    assert Counter(carrier.order()) == {**dict.fromkeys(SIX, 1), "b": 2}


def test_a_call_that_waits_for_its_redial_is_not_finished(journal: Path) -> None:
    """Of two finished calls one may be busy; one that is redialed, and then reached, is none of them."""
    rule = (HaltRule((("busy", 0.5),), 2),)
    carrier = Ending(endings={"a": ["busy", "completed"]})
    found = run(journal, carrier, calls(*"abcd"), halt=rule, redial=later(0.2), slots=1)
    assert found.stop is None
    assert Counter(carrier.order()) == {"a": 2, "b": 1, "c": 1, "d": 1}
    again = Ending(endings={"a": ["busy", "busy"]})
    halted = run(journal, again, calls(*"abcdef"), halt=rule, redial=later(0.0), slots=1, name="other")
    assert halted.stop is not None
    assert again.order() == ["a", "a", "b"]


def test_a_canary_of_rejections_halts(journal: Path) -> None:
    carrier = Ending(otherwise=replied(400))
    found = run(journal, carrier, calls(*SIX), stages=STAGES)
    assert sorted(carrier.order()) == ["a", "b"]
    assert found.stop is not None
    assert "2 rejected and none placed in stage 1 of 2" in found.stop.message
    resumed(journal)
    carrier.otherwise = replied(200, "s")
    assert run(journal, carrier, calls(*SIX), stages=STAGES).stop is None
    assert Counter(carrier.order()) == dict.fromkeys(SIX, 1)


@pytest.mark.parametrize("answer", [UNREACHED, replied(429, **{"retry-after": "0"})], ids=["unreached", "throttled"])
def test_a_canary_that_did_not_ring_at_first_opens_nothing(journal: Path, answer: Exchange) -> None:
    """What was begun counts as dialed until the journal is read again: the end of a stage must not rest on that."""
    carrier = Ending({"a": [answer]}, status="failed", talk=0.2)
    found = run(journal, carrier, calls(*SIX), stages=(Stage(calls=1), Stage(share=1.0)), halt=HALT)
    assert found.stop is not None
    assert len(carrier.ended) == 1, "the canary that rang"
    assert words(found)["c"] == ("not-dialed", "halted")


def test_a_canary_whose_intent_was_taken_back_opens_nothing(journal: Path) -> None:
    carrier, stages = Ending(status="failed", talk=0.2), (Stage(calls=1), Stage(share=1.0))
    late = [0.0, 2.5]  # after the intent was committed, and longer than it is good for
    found = run(journal, carrier, calls(*SIX), stages=stages, halt=HALT, late=late)
    assert found.stop is not None
    assert len(carrier.order()) == 1
    assert sum(len(record.attempts) for record in found.records.values()) == 2


def test_a_stage_that_shrinks_between_two_runs_is_judged_all_the_same(journal: Path) -> None:
    carrier, plan = Ending(status="failed", talk=0.6), calls(*"abcdefghij")
    stages = (Stage(share=0.2), Stage(share=1.0))

    async def interrupt(engine: Engine) -> None:
        while len(carrier.received) < 2:
            await asyncio.sleep(0.01)
        engine.stop(Stop(130, "interrupted"))

    run(journal, carrier, plan, stages=stages, halt=HALT, meanwhile=interrupt)
    found = run(
        journal,
        carrier,
        plan,
        stages=stages,
        halt=HALT,
        listed=lambda call: "asked.csv" if call.id in "fghij" else None,
    )
    assert sorted(carrier.order()) == ["a", "b"], "one of five would be the first stage now"
    assert found.stop is not None
    assert "halted" in found.stop.message


def test_a_rejected_call_takes_its_place_in_the_stage(journal: Path) -> None:
    carrier = Ending({"a": [replied(400)]}, talk=0.2)
    assert run(journal, carrier, calls(*SIX), stages=STAGES).stop is None
    assert sorted(carrier.order()[:2]) == ["a", "b"]
    assert min(carrier.at[2:]) >= max(carrier.at[:2]) + carrier.talk


def test_a_call_in_flight_whose_number_comes_on_a_list_is_not_redialed(journal: Path) -> None:
    carrier, redial = Ending(endings={"a": ["busy"], "b": ["busy"]}), later(0.0)
    run(journal, carrier, calls(*"ab"), redial=redial, until_placed=True)
    assert sorted(carrier.order()) == ["a", "b"]
    found = run(
        journal, carrier, calls(*"ab"), redial=redial, listed=lambda call: "asked.csv" if call.id == "a" else None
    )
    assert Counter(carrier.order()) == {"a": 1, "b": 2}
    assert words(found) == {"a": ("busy", "on asked.csv"), "b": ("busy", None)}


def test_a_redial_beyond_a_limit_ends_a_run_that_waits_for_its_stage(journal: Path) -> None:
    plan = changed(calls("a"), TimeLimit="600") + changed(calls(*"abc"), TimeLimit="60")[1:]
    carrier = Ending(endings={"a": ["failed"]}, talk=1.2)
    found = run(
        journal,
        carrier,
        plan,
        stages=(Stage(calls=1), Stage(share=1.0)),
        redial=(("failed", Redial(3, 0.0)),),
        limits=Limits(minutes=10),
        wait=float("inf"),
    )
    assert carrier.order() == ["a"]
    assert found.stop is not None
    assert "limits.minutes of 10" in found.stop.message


def test_other_redials_are_waited_for_where_one_is_beyond_a_limit(journal: Path) -> None:
    plan = changed(calls("a"), TimeLimit="600") + changed(calls(*"ab"), TimeLimit="60")[1:]
    carrier = Ending(endings={"a": ["failed"], "b": ["busy", "completed"]}, talk=1.2)
    rules = (("failed", Redial(3, 0.0)), ("busy", Redial(2, 1.0)))
    found = run(journal, carrier, plan, redial=rules, limits=Limits(minutes=10), slots=1)
    assert carrier.order() == ["a", "b", "b"]
    assert words(found)["a"][0] == "waiting"
    assert found.stop is not None


def test_a_stage_whose_redial_was_not_chosen_is_not_waited_for(journal: Path) -> None:
    carrier, settings = Ending(endings={"a": ["busy"]}), {"stages": STAGES, "redial": later(30.0)}
    run(journal, carrier, calls(*SIX), **settings, wait=0.0)
    found = run(journal, carrier, calls(*SIX), **settings, only="[b-f]", wait=float("inf"))
    assert found.stop is not None
    assert "--only leaves out" in found.stop.message
    assert sorted(carrier.order()) == ["a", "b"]


def test_a_redial_is_not_late_for_a_call_that_lasts_where_no_new_one_may_start(journal: Path) -> None:
    carrier = Ending(endings={"a": ["busy", "completed"]}, talk=0.1)
    long = 4.0
    begun = carrier.begun

    class Longer(dict[str, float]):
        """The talk of `b` begins later, and so ends later."""

        def __setitem__(self, sid: str, at: float) -> None:
            super().__setitem__(sid, at + (long if sid.startswith("b") else 0.0))

    carrier.begun = Longer(begun)
    seldom = Lookups(after=0.02, every=5.0, settle=0.05)
    run(journal, carrier, calls(*"abc"), limits=Limits(calls=2), redial=later(0.5), lookups=seldom)
    again = carrier.at[2] - carrier.at[0]
    assert carrier.order() == ["a", "b", "a"]
    assert again < long


@pytest.mark.parametrize(
    ("stages", "script", "other"),
    [
        (STAGES, {}, ["failed"]),
        (STAGES, {"b": [HUNG]}, ["completed"]),
        (STAGES, {"b": [replied(400)]}, ["completed"]),
        ((Stage(share=1.0),), {}, ["failed"]),
    ],
    ids=["failed", "unknown", "rejected", "one stage"],
)
def test_the_last_redial_of_a_stage_that_is_bad_already_is_made_once(
    journal: Path, stages: tuple[Stage, ...], script: dict[str, list[Any]], other: list[str]
) -> None:
    """It is under way itself: its stage is not over, and is not judged between its intent and its request."""
    carrier = Ending(script, endings={"a": ["busy", "completed"], "b": other})
    plan = calls(*SIX) if stages is STAGES else calls(*"ab")
    settings: dict[str, Any] = {"redial": later(0.6), "halt": (HaltRule((("failed", 0.5),), 50),)}
    found = run(journal, carrier, plan, stages=stages, settle_for=0.2, settling=0.1, meanwhile=patiently, **settings)
    assert (carrier.order().count("a"), carrier.order().count("b")) == (2, 1)
    assert len(found.records["a"].attempts) == 2
    if stages is STAGES:
        is_bad = found.records["b"].disposition is not Disposition.REJECTED  # one that was placed makes up for that
        assert (words(found)["c"] == ("not-dialed", "halted")) is is_bad


def test_a_redial_is_no_further_call_where_the_limit_was_lowered_below_what_was_dialed(journal: Path) -> None:
    carrier = Ending(endings={"a": ["busy", "completed"]})
    run(journal, carrier, calls(*"abc"), limits=Limits(calls=2), redial=later(0.5), wait=0.0)
    found = run(journal, carrier, calls(*"abc"), limits=Limits(calls=1), redial=later(0.5), meanwhile=patiently)
    assert Counter(carrier.order()) == {"a": 2, "b": 1}
    assert found.stop is not None
    assert "limits.calls of 1" in found.stop.message


def test_an_unknown_canary_that_fills_its_agent_halts_at_once(journal: Path) -> None:
    carrier = Ending({"a": [HUNG]})
    settings: dict[str, Any] = {"per_agent": 1, "settle_for": 0.2, "settling": 0.1}
    found = run(journal, carrier, calls(*SIX), stages=(Stage(calls=1), Stage(share=1.0)), **settings)
    assert found.stop is not None
    assert found.stop.message.startswith("halted: 1 unknown in stage 1 of 2")
    assert carrier.order() == ["a"]
