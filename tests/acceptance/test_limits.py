"""Limits of an edition, over its runs: calls, attempts, minutes, money, moments."""

import datetime
from pathlib import Path
from typing import Any

import pytest
from durability.carrier import Carrier

from acceptance.desk import Desk, call, calls

KEYS = [f"c{index}" for index in range(6)]
RATES = {"currency": "INR", "per_minute": "0.60"}


def told(desk: Desk) -> dict[str, tuple[str, str | None]]:
    """Disposition and reason of every call of the last report."""
    return {key: (item["disposition"], item.get("reason")) for key, item in desk.told().items()}


def soon(seconds: float) -> str:
    """A moment from now, as a plan writes it."""
    return (datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=seconds)).isoformat(timespec="seconds")


@pytest.mark.parametrize(
    ("limits", "dialed"),
    [
        ({"calls": 2}, 2),
        ({"attempts": 4}, 4),
        ({"minutes": 2}, 2),  # 41 s each are talked, and one more may last for sixty
        ({"cost": "4.20 INR"}, 3),  # 1.20 each, and one more may cost 1.80
    ],
    ids=str,
)
def test_a_further_run_has_no_fresh_budget(desk: Desk, carrier: Carrier, limits: dict[str, Any], dialed: int) -> None:
    desk.create_journal()
    target = desk.target(carrier, rates=RATES)
    plan = desk.plan(calls(*KEYS, TimeLimit=60, TimeOut=30), policy={"limits": limits, "concurrency": 1})
    for _ in range(2):
        done = desk.run(plan, target)
        assert done.code == 5, done.said
        assert f"limits.{next(iter(limits))}" in done.err
        assert len(carrier.connects()) == dialed
        assert told(desk)["c5"] == ("not-dialed", "limit")
    assert desk.run(plan, target, "--edition", "2").code == 5
    assert len(carrier.connects()) == 2 * dialed, "another edition has"


def test_a_plan_that_allows_more_goes_on(desk: Desk, carrier: Carrier, live: Path) -> None:
    assert desk.run(desk.plan(calls(*KEYS), policy={"limits": {"calls": 2}}), live).code == 5
    assert desk.run(desk.plan(calls(*KEYS), policy={"limits": {"calls": 6}}), live).code == 0
    assert carrier.rung() == dict.fromkeys(KEYS, 1)


def test_what_is_in_flight_counts_with_its_time_limit(desk: Desk, carrier: Carrier, live: Path) -> None:
    """Two calls of ten minutes fit into twenty; once they are over, at 41 seconds each, others do."""
    carrier.rules(talk=0.5)
    plan = desk.plan(calls(*KEYS, TimeLimit=600), policy={"limits": {"minutes": 20}})
    done = desk.run(plan, live)
    assert done.code == 0, done.said
    connects = carrier.connects()
    assert len(connects) == 6
    assert all(sum(other.at <= item.at < other.ends for other in connects) <= 2 for item in connects)


def test_nobody_is_dialed_before_from_nor_after_until(desk: Desk, carrier: Carrier, live: Path) -> None:
    begins = datetime.datetime.now(datetime.UTC).timestamp() + 3
    plan = desk.plan(calls("a", "b"), policy={"limits": {"from": soon(3), "until": soon(90)}})
    done = desk.run(plan, live)
    assert done.code == 0, done.said
    assert min(item.at for item in carrier.connects()) >= begins - 1
    late = desk.plan(calls("x"), name="late", policy={"limits": {"until": soon(-1)}})
    done = desk.run(late, live)
    assert done.code == 5, done.said
    assert told(desk)["x"] == ("not-dialed", "limit")
    assert len(carrier.connects()) == 2


def test_a_call_keeps_to_its_own_times_and_to_its_priority(desk: Desk, carrier: Carrier, live: Path) -> None:
    listed = [
        call("late", 0, not_after=soon(-60)),
        call("soon", 1, not_before=soon(8)),
        call("low", 2, priority=-5),
        call("plain", 3),
        call("vip", 4, priority=10),
    ]
    done = desk.run(desk.plan(listed, policy={"concurrency": 1}), live, "--wait", "20s")  # however quick the others are
    assert done.code == 1, done.said
    assert [item.custom for item in carrier.connects()] == ["vip", "plain", "low", "soon"]
    disposition, reason = told(desk)["late"]
    assert disposition == "not-dialed"
    assert "not_after" in (reason or "")
    assert desk.run(desk.plan(listed), live).code == 1
    assert len(carrier.connects()) == 4
