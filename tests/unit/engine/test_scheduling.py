"""The loop: order, slots, pairs, pace, limits, and being told to stop."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from itertools import pairwise
from pathlib import Path

import pytest
from unit.engine.bench import HUNG, ScriptedCarrier, calls, dial, now, replied

from orchestrator.engine.admission import RateLimiter
from orchestrator.engine.scheduler import Engine
from orchestrator.model.call import ConnectRequest
from orchestrator.model.outcome import Disposition, Exchange, Placement
from orchestrator.model.policy import Rate
from orchestrator.policy.pace import SLOT_TOLERANCE, Cap
from orchestrator.policy.verdict import Stop


class Crowd:
    """Counts how many requests are open at once."""

    def __init__(self, hold: float) -> None:
        self.hold, self.now, self.most = hold, 0, 0

    async def __call__(self, fields: dict[str, str]) -> Exchange:
        self.now += 1
        self.most = max(self.most, self.now)
        await asyncio.sleep(self.hold)
        self.now -= 1
        return replied(200, f"sid-{fields['CustomField']}")


def test_calls_start_in_the_plans_order(journal: Path) -> None:
    carrier = ScriptedCarrier()
    dial(journal, carrier, calls("c", "a", "b"), slots=1, until_placed=True)
    assert carrier.order() == ["c", "a", "b"]


def test_a_slot_is_used_while_another_call_waits_for_its_answer(journal: Path) -> None:
    """The loop looks between a commit and its task's next step: it must look again after that step."""

    async def once_b_came(_fields: dict[str, str]) -> Exchange:
        for _ in range(300):
            if "b" in carrier.order():
                return replied(200, "sid-a")
            await asyncio.sleep(0.01)
        return HUNG

    carrier = ScriptedCarrier({"a": [once_b_came]})
    result = dial(journal, carrier, calls("a", "b"), slots=2, pace=Rate(50, 1.0), late=0.1)
    assert [attempt.placement for attempt in result.records["a"].attempts] == [Placement.ACCEPTED]


def test_no_more_calls_are_in_flight_than_there_are_slots(journal: Path) -> None:
    crowd = Crowd(0.05)
    dial(journal, ScriptedCarrier(otherwise=crowd), calls(*(f"c{n}" for n in range(12))), slots=3)
    assert crowd.most == 3


def test_two_calls_to_the_same_pair_are_never_in_flight_together(journal: Path) -> None:
    crowd = Crowd(0.05)
    result = dial(journal, ScriptedCarrier(otherwise=crowd), calls("a", "b", "c", same_pair=True), slots=10)
    assert crowd.most == 1
    assert {record.disposition for record in result.records.values()} == {Disposition.UNSEEN}


def test_a_pair_with_an_unknown_attempt_is_not_rung_while_that_may_be_live(journal: Path) -> None:
    carrier = ScriptedCarrier({"a": [replied(500)]})
    result = dial(journal, carrier, calls("a", "b", same_pair=True))
    assert carrier.order() == ["a"]
    assert result.records["b"].disposition is Disposition.WAITING
    assert (result.stop and result.stop.code) == 5


def test_the_plans_pace_and_the_accounts_are_both_kept(journal: Path) -> None:
    carrier = ScriptedCarrier()
    ids = [f"c{n}" for n in range(6)]
    dial(journal, carrier, calls(*ids), pace=Rate(20, 1.0), account_pace=Rate(10, 1.0), until_placed=True)
    assert carrier.at[-1] - carrier.at[0] >= 0.45


def test_a_pace_slower_than_the_wait_does_not_end_the_run(journal: Path) -> None:
    carrier = ScriptedCarrier()
    result = dial(journal, carrier, calls("a", "b", "c"), pace=Rate(2, 2.0), wait=0.3, until_placed=True)
    assert result.stop is None
    assert len(carrier.received) == 3


def test_a_limit_starts_so_many_calls_and_the_next_run_goes_on(journal: Path) -> None:
    carrier = ScriptedCarrier()
    first = dial(journal, carrier, calls("a", "b", "c"), limit=2, until_placed=True)
    assert (first.stop and first.stop.code) == 0
    assert len(carrier.received) == 2
    assert dial(journal, carrier, calls("a", "b", "c"), until_placed=True).stop is None
    assert sorted(carrier.order()) == ["a", "b", "c"]


def test_only_the_calls_that_match_are_dialed(journal: Path) -> None:
    carrier = ScriptedCarrier()
    dial(journal, carrier, calls("vip-1", "order-1", "vip-2"), only="vip-*", until_placed=True)
    assert sorted(carrier.order()) == ["vip-1", "vip-2"]


def test_a_stopped_run_lets_open_requests_finish_and_starts_no_more(journal: Path) -> None:
    crowd = Crowd(0.3)
    carrier = ScriptedCarrier(otherwise=crowd)

    async def interrupt(engine: Engine) -> None:
        while not carrier.received:
            await asyncio.sleep(0.01)
        engine.stop(Stop(130, "interrupted"))

    result = dial(journal, carrier, calls(*(f"c{n}" for n in range(9))), slots=2, meanwhile=interrupt)
    assert (result.stop and result.stop.code) == 130
    assert len(carrier.received) <= 2
    placed = [record for record in result.records.values() if record.attempts and record.attempts[0].sid]
    assert len(placed) == len(carrier.received)


def test_a_run_after_an_interruption_dials_the_rest_and_nobody_twice(journal: Path) -> None:
    carrier = ScriptedCarrier(otherwise=Crowd(0.02))
    ids = [f"c{n}" for n in range(30)]

    async def interrupt(engine: Engine) -> None:
        while len(carrier.received) < 7:
            await asyncio.sleep(0.005)
        engine.stop(Stop(143, "terminated"))

    dial(journal, carrier, calls(*ids), slots=4, meanwhile=interrupt)
    dial(journal, carrier, calls(*ids), slots=4)
    assert sorted(carrier.order()) == sorted(ids)


def test_a_second_signal_leaves_intents_that_the_next_run_finds_unknown(journal: Path) -> None:
    async def for_ever(_fields: dict[str, str]) -> Exchange:
        await asyncio.sleep(3600)
        raise AssertionError

    carrier = ScriptedCarrier({"a": [for_ever]})

    async def interrupt_twice(engine: Engine) -> None:
        while not carrier.received:
            await asyncio.sleep(0.01)
        engine.stop(Stop(130, "interrupted"))
        engine.stop_now()

    first = dial(journal, carrier, calls("a"), meanwhile=interrupt_twice)
    assert first.records["a"].attempts[0].placement is None
    second = dial(journal, carrier, calls("a"))
    assert second.records["a"].disposition is Disposition.UNKNOWN
    assert carrier.order() == ["a"]


@pytest.mark.parametrize("rate", [Rate(1, 0.3), Rate(1, 0.5)], ids=["0.35 s apart", "0.55 s apart"])
def test_on_a_machine_that_always_comes_a_little_late_slow_plans_dial_too(
    journal: Path, rate: Rate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next slot is too far to wait for with an intent, so a late request gives its turn to the next one."""
    on_time = RateLimiter.until

    async def a_little_late(limiter: RateLimiter, moment: float) -> None:
        await on_time(limiter, moment)
        time.sleep(0.03)  # noqa: ASYNC251 - as where other processes have the cores

    monkeypatch.setattr(RateLimiter, "until", a_little_late)
    carrier = ScriptedCarrier()
    result = dial(journal, carrier, calls("a", "b"), account_pace=rate)
    assert carrier.order() == ["a", "b"]
    assert result.stop is None


@pytest.mark.parametrize("by", [-3600.0, -0.3, 0.3, 3600.0])
@pytest.mark.parametrize("after", [0.01, 0.1, 0.2])
@pytest.mark.parametrize("nth", [1, 2, 3, 4])
def test_a_clock_that_is_set_leaves_the_gaps_of_the_pace_as_they_are(
    journal: Path, nth: int, after: float, by: float
) -> None:
    """The wall's clock is set so many seconds after the n-th request; a slot is not to follow the last one sooner."""
    shift = 0.0

    class Watch(ScriptedCarrier):
        async def place(self, request: ConnectRequest, leave: Callable[[], Awaitable[None]]) -> Exchange:
            exchange = await super().place(request, leave)
            if len(self.received) == nth:
                asyncio.get_running_loop().call_later(after, set_clock)
            return exchange

    def set_clock() -> None:
        nonlocal shift
        shift = by

    carrier = Watch()
    result = dial(journal, carrier, calls(*"abcdef"), clock=lambda: now() + shift, pace=Rate(5, 1.0), until_placed=True)
    assert result.stop is None
    assert sorted(carrier.order()) == [*"abcdef"]
    gap = Cap("plan", Rate(5, 1.0)).gap
    assert min(later - earlier for earlier, later in pairwise(carrier.at)) >= gap - SLOT_TOLERANCE
