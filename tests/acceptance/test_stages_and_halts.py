"""A canary, a ramp, and what halts them, as the carrier and the user see it."""

from pathlib import Path
from typing import Any

import pytest
from durability.carrier import Carrier

from acceptance.desk import Desk, calls

KEYS = [f"c{index}" for index in range(10)]
CANARY = {"stages": [2, "50%", "100%"], "halt": [{"failed": "20%", "of": 50}]}


def told(desk: Desk) -> dict[str, tuple[str, str | None]]:
    """Disposition and reason of every call of the last report."""
    return {key: (item["disposition"], item.get("reason")) for key, item in desk.told().items()}


def test_a_bad_canary_is_all_that_is_dialed_until_somebody_says_why_it_may_go_on(
    desk: Desk, carrier: Carrier, live: Path
) -> None:
    carrier.rules(calls={"c1": {"ending": "failed"}})
    plan = desk.plan(calls(*KEYS), policy=CANARY)
    done = desk.run(plan, live)
    assert done.code == 5, done.said
    assert "halted" in done.err
    assert "--because" in done.err
    expected: dict[str, Any] = dict.fromkeys(KEYS[2:], ("not-dialed", "halted"))
    expected |= {"c0": ("completed", None), "c1": ("failed", None)}
    assert told(desk) == expected
    assert carrier.rung() == {"c0": 1, "c1": 1}
    again = desk.run(plan, live)
    assert again.code == 5, again.said
    assert told(desk) == expected, "a further run says the same"
    without = desk.plan(calls(*KEYS))
    assert desk.run(without, live).code == 5, "nor does a plan without the rule lift it"
    assert carrier.rung() == {"c0": 1, "c1": 1}
    journal = ("--journal", str(desk.journal))
    assert desk.orchestrate("resume", *journal).code == 2
    assert desk.orchestrate("resume", "--because", "wrong list, mended", *journal).code == 0
    assert desk.run(plan, live).code == 1  # c1 is still failed
    assert carrier.rung() == dict.fromkeys(KEYS, 1)


@pytest.mark.parametrize("answer", ["hang", "500"])
def test_an_unknown_canary_halts(desk: Desk, carrier: Carrier, live: Path, answer: str) -> None:
    carrier.rules(calls={"c0": {"answers": [answer], "listed": False}})
    plan = desk.plan(calls(*KEYS), policy={"stages": [1, "100%"]})
    done = desk.run(plan, live)
    assert done.code == 5, done.said
    assert "unknown" in done.err
    assert told(desk)["c0"][0] == "unknown"
    assert told(desk)["c9"] == ("not-dialed", "halted")
    assert desk.run(plan, live).code == 5
    assert carrier.rung() == {"c0": 1}


def test_a_ramp_waits_for_each_stage_to_end(desk: Desk, carrier: Carrier, live: Path) -> None:
    carrier.rules(talk=0.3)
    plan = desk.plan(calls(*KEYS), policy=CANARY)
    done = desk.run(plan, live)
    assert done.code == 0, done.said
    arrived = carrier.connects()
    assert len(arrived) == len(KEYS)
    for admitted in (2, 5):
        assert max(item.ends for item in arrived[:admitted]) <= arrived[admitted].at
    assert {len(item["attempts"]) for item in desk.told().values()} == {1}, "no attempt was begun and taken back"


def test_stages_are_shares_of_the_edition_and_not_of_what_a_run_finds_left(
    desk: Desk, carrier: Carrier, live: Path
) -> None:
    half = desk.plan(calls(*KEYS), policy={"stages": ["50%"]})
    for _ in range(2):
        done = desk.run(half, live)
        assert done.code == 5, done.said
        assert len(carrier.connects()) == 5
    assert told(desk)["c9"] == ("not-dialed", "limit")
    assert desk.run(desk.plan(calls(*KEYS)), live).code == 0
    assert carrier.rung() == dict.fromkeys(KEYS, 1)


def test_a_new_edition_begins_with_a_canary_again_and_without_the_old_halt(
    desk: Desk, carrier: Carrier, live: Path
) -> None:
    carrier.rules(default={"ending": "failed"})
    plan = desk.plan(calls(*KEYS), policy=CANARY)
    assert desk.run(plan, live).code == 5
    assert desk.run(plan, live, "--edition", "2").code == 5
    assert carrier.rung() == {"c0": 2, "c1": 2}


@pytest.mark.parametrize(
    "policy", [{"stages": [1, "100%"]}, {"halt": [{"failed": "20%", "of": 50}]}], ids=["stages", "halt"]
)
def test_until_placed_is_refused_where_endings_decide(
    desk: Desk, carrier: Carrier, live: Path, policy: dict[str, Any]
) -> None:
    done = desk.run(desk.plan(calls("a"), policy=policy), live, "--until", "placed")
    assert done.code in (2, 3), done.said
    assert carrier.connects() == []
