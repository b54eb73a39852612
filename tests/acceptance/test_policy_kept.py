"""Pace, concurrency and window, as the carrier sees them."""

import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from durability.carrier import Carrier

from acceptance.cli import until
from acceptance.desk import Desk, call, calls

JITTER = 0.02  # seconds by which two arrivals may close up between the client's clock and the server's


def most_within(times: list[float], seconds: float) -> int:
    """The most arrivals in any half-open window of that length."""
    return max(sum(1 for other in times if at <= other < at + seconds) for at in times)


def test_connects_are_never_faster_than_the_plans_pace(desk: Desk, carrier: Carrier, live: Path) -> None:
    keys = [f"c{index}" for index in range(16)]
    plan = desk.plan(calls(*keys), policy={"pace": "5/second", "concurrency": 20})
    assert desk.run(plan, live).code == 0
    times = [item.at for item in carrier.connects()]
    assert len(times) == 16
    assert most_within(times, 1 - JITTER) <= 5


def test_the_targets_pace_caps_all_requests_look_ups_included(desk: Desk, carrier: Carrier) -> None:
    desk.create_journal()
    keys = [f"c{index}" for index in range(8)]
    done = desk.run(desk.plan(calls(*keys)), desk.target(carrier, pace="10/2s"), "--wait", "60s")
    assert done.code == 0, done.said
    times = [item.at for item in carrier.received()]
    assert len(times) > len(keys), "look-ups are among them"
    assert {told["disposition"] for told in desk.told().values()} == {"completed"}
    assert most_within(times, 2 - JITTER) <= 10


def test_the_targets_pace_holds_over_two_runs_on_one_journal(desk: Desk, carrier: Carrier) -> None:
    desk.create_journal()
    target = desk.target(carrier, pace="6/6s", lookups={"after": "1s", "every": "20s", "settle": "1s"})
    for index in range(2):
        plan = desk.plan([call(f"{index}-{n}", 10 * index + n) for n in range(4)], name=f"plan-{index}")
        assert desk.run(plan, target, "--until", "placed").code in (0, 5)
    times = [item.at for item in carrier.received()]
    assert len(carrier.connects()) == 8
    assert most_within(times, 6 - JITTER) <= 6


def test_no_more_calls_are_in_flight_than_concurrency_allows(desk: Desk, carrier: Carrier, live: Path) -> None:
    carrier.rules(talk=0.6)
    keys = [f"c{index}" for index in range(9)]
    assert desk.run(desk.plan(calls(*keys), policy={"concurrency": 3}), live).code == 0
    connects = carrier.connects()
    assert len(connects) == 9
    for item in connects:
        flying = [other for other in connects if other.at <= item.at < other.ends]
        assert len(flying) <= 3


def closed_now() -> dict[str, str]:
    """A window of one hour that opens six hours from now."""
    now = datetime.datetime.now(ZoneInfo("Asia/Kolkata"))
    start, end = ((now + datetime.timedelta(hours=hours)).strftime("%H:%M") for hours in (6, 7))
    return {"days": "mon-sun", "hours": f"{start}-{end}", "timezone": "Asia/Kolkata"}


def test_nobody_is_rung_outside_the_plans_window(desk: Desk, carrier: Carrier, live: Path) -> None:
    plan = desk.plan(calls("a", "b"), policy={"window": [closed_now()]})
    done = desk.run(plan, live, "--wait", "0")
    assert done.code == 5, done.said
    assert carrier.received() == []
    assert [told["disposition"] for told in desk.told().values()] == ["waiting", "waiting"]
    assert desk.run(desk.plan(calls("a", "b")), live).code == 0
    assert carrier.rung() == {"a": 1, "b": 1}


def test_nobody_is_rung_outside_the_targets_window(desk: Desk, carrier: Carrier) -> None:
    desk.create_journal()
    plan = desk.plan(calls("a"))
    done = desk.run(plan, desk.target(carrier, guardrails={"window": [closed_now()]}), "--wait", "0")
    assert done.code == 5, done.said
    assert carrier.received() == []


def test_a_window_that_is_never_open_long_enough_ends_the_run_and_says_so(
    desk: Desk, carrier: Carrier, live: Path
) -> None:
    """A minute a day, and calls that ring for a minute on each side."""
    minute = {"days": "mon-sun", "hours": "09:00-09:01", "timezone": "Asia/Kolkata"}
    done = desk.run(desk.plan(calls("a"), policy={"window": [minute]}, defaults={"TimeOut": 60}), live)
    assert done.code == 5, done.said
    assert "no window of plan and target is open together long enough for a call" in done.said
    assert carrier.received() == []


def test_a_caller_id_that_the_target_does_not_allow_is_refused(desk: Desk, carrier: Carrier) -> None:
    desk.create_journal()
    window = [{"days": "mon-sun", "hours": "00:00-24:00", "timezone": "Asia/Kolkata"}]
    target = desk.target(carrier, guardrails={"caller_ids": ["08047112233"], "window": window})
    done = desk.run(desk.plan(calls("a")), target)
    assert done.code == 3, done.said
    assert carrier.received() == []


def test_until_placed_ends_when_every_request_is_answered(desk: Desk, carrier: Carrier, live: Path) -> None:
    carrier.rules(talk=30)
    done = desk.run(desk.plan(calls("a", "b")), live, "--until", "placed")
    assert done.code == 0, done.said
    assert done.seconds < 15
    assert {told["disposition"] for told in desk.told().values()} == {"waiting"}
    carrier.rules(talk=0)


def test_every_free_slot_is_used_while_other_calls_wait_for_their_answer(
    desk: Desk, carrier: Carrier, live: Path
) -> None:
    """The carrier holds an answer until leg 1 is originated: a slow one must not keep the others from starting."""
    carrier.rules(default={"answers": ["hang"]})
    plan = desk.plan(calls(*(f"c{index}" for index in range(20))), policy={"concurrency": 6, "pace": "250/second"})
    process = desk.start(*desk.run_arguments(plan, desk.target(carrier, timeout="60s")))
    until(lambda: len(carrier.connects()) >= 6, process)
    process.kill()
    process.communicate()
    assert len(carrier.connects()) == 6
