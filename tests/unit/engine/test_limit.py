"""`--limit N` starts exactly N calls: what did not ring, was taken back or is a redial takes no place of theirs."""

import asyncio
import time
from pathlib import Path

import pytest
from unit.engine.bench import UNREACHED, ScriptedCarrier, calls, dial, now, replied
from unit.engine.guarded import Ending, run, said

from orchestrator.engine import attempt
from orchestrator.engine.scheduler import Engine
from orchestrator.journal import control
from orchestrator.model.call import text_of
from orchestrator.model.outcome import Exchange
from orchestrator.model.policy import PersonCap, Rate, Redial

NINE = [f"c{n}" for n in range(9)]


def rang(carrier: ScriptedCarrier, answers: dict[str, int]) -> set[str]:
    """The calls that got another answer than those that were told to come again, so often each."""
    asked = carrier.order()
    return {key for key in asked if asked.count(key) > answers.get(key, 0)}


@pytest.mark.parametrize("answer", [replied(429, **{"Retry-After": "1"}), UNREACHED])
@pytest.mark.parametrize("bad", [["c0"], ["c1", "c3", "c4"], NINE])
def test_a_call_that_did_not_ring_takes_no_place_of_the_limit(journal: Path, answer: Exchange, bad: list[str]) -> None:
    carrier = ScriptedCarrier({key: [answer] for key in bad})
    found = dial(journal, carrier, calls(*NINE), limit=5, slots=3, until_placed=True)
    assert (found.stop and found.stop.code) == 0, found.stop
    assert rang(carrier, dict.fromkeys(bad, 1)) == set(NINE[:5])
    assert set(carrier.order()) == set(NINE[:5]), "another call was begun"


def test_a_limit_is_reached_exactly_under_a_pace_whose_slots_are_not_near(journal: Path) -> None:
    """An intent that finds no slot near is not committed: its call is chosen again."""
    carrier = ScriptedCarrier()
    pace = Rate(4, 1.0)
    found = dial(journal, carrier, calls(*NINE), limit=5, slots=9, pace=pace, account_pace=pace, until_placed=True)
    assert (found.stop and found.stop.code) == 0
    assert sorted(carrier.order()) == NINE[:5]


@pytest.mark.parametrize("what", ["suppressed", "person"])
def test_the_place_of_a_call_that_is_not_sent_again_is_anothers(journal: Path, what: str) -> None:
    """`a` was throttled; before its turn comes again its number is suppressed, or its person is rung elsewhere."""
    carrier, plan = ScriptedCarrier({"a": [replied(429, **{"Retry-After": "1"})]}), calls("a", "b", "c", "d")
    number = text_of(plan[0].fields, "To") or ""

    async def meanwhile(_engine: Engine) -> None:
        while not carrier.received:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.2)
        if what == "suppressed":
            said(journal, lambda tx: control.suppress(tx, number, "asked", "asha", now()))
        else:
            said(
                journal,
                lambda tx: tx.db.execute(
                    "INSERT INTO attempts (call, n, run, person, token, started_at, started, placement, ending)"
                    " SELECT key, 9, run, 'acme1:' || ?, 'x', '', ?, 'accepted', 'completed' FROM calls WHERE id = 'd'",
                    (number, now()),
                ),
            )

    more = {"per_person": PersonCap(1, 3600.0)} if what == "person" else {}
    found = run(journal, carrier, plan, limit=2, slots=1, meanwhile=meanwhile, until_placed=True, **more)
    assert (found.stop and found.stop.code) == 0, found.stop
    assert carrier.order() == ["a", "b", "c"]


def test_a_redial_is_no_start(journal: Path) -> None:
    """Neither of a call that this run started, nor of one that an earlier run did."""
    redial = (("busy", Redial(3, 0.2)),)
    carrier = Ending(endings={"a": ["busy", "busy", "busy"], "b": ["busy", "completed"]}, talk=0.05)
    plan = calls("a", "b", "c", "d", "e")
    first = run(journal, carrier, plan, limit=1, slots=1, redial=redial)
    assert ((first.stop and first.stop.code), carrier.order()) == (0, ["a"])
    time.sleep(0.2)
    second = run(journal, carrier, plan, limit=2, slots=1, redial=redial)
    assert (second.stop and second.stop.code) == 0
    assert carrier.order()[1:].count("a") >= 1
    assert set(carrier.order()) == {"a", "b", "c"}


@pytest.mark.parametrize("limit", [0, 1, 9, 10])
def test_any_limit_is_exact(journal: Path, limit: int) -> None:
    carrier = ScriptedCarrier({"c0": [UNREACHED], "c8": [replied(429)]})
    found = dial(journal, carrier, calls(*NINE), limit=limit, until_placed=True)
    assert set(carrier.order()) == set(NINE[:limit])
    assert (found.stop and found.stop.code) == (0 if limit < 9 else None)


def test_a_rejected_call_was_started(journal: Path) -> None:
    """A canary of two must not become a walk through the whole plan, each call of it refused."""
    carrier = ScriptedCarrier(otherwise=replied(400))
    found = dial(journal, carrier, calls(*NINE), limit=2, slots=1, until_placed=True)
    assert ((found.stop and found.stop.code), carrier.order()) == (0, NINE[:2])


def test_intents_that_are_taken_back_take_no_place_of_the_limit(journal: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that is too busy lets intents grow old, or finds no slot near for some: the same calls are sent."""
    monkeypatch.setattr(attempt, "INTENT_TO_FIRST_BYTE", 0.5)
    ids = [f"c{n:02d}" for n in range(30)]
    carrier, pace = ScriptedCarrier(), Rate(20, 1.0)
    more = {"slots": 20, "pace": pace, "account_pace": pace, "late": [0.0, 0.6]}  # the load, the first intents
    found = dial(journal, carrier, calls(*ids), limit=10, until_placed=True, **more)
    assert (found.stop and found.stop.code) == 0
    assert sorted(carrier.order()) == ids[:10], "the first ten of the plan, each once"
    taken_back = [one for record in found.records.values() for one in record.attempts if one.placement == "unreached"]
    assert taken_back, "no intent was too old"
