"""Virtual time: everything that waits goes on in the order of its time, and nobody waits for it."""

import asyncio
import math
import time

import pytest

from orchestrator.engine.admission import RateLimiter
from orchestrator.engine.clock import Clock
from orchestrator.engine.config import RunConfig
from orchestrator.engine.ports import Writer
from orchestrator.engine.virtual_time import TICK, run_in_virtual_time
from orchestrator.model.call import Scope
from orchestrator.model.policy import Rate
from orchestrator.policy.pace import SLOT_TOLERANCE

BEGINS = 1_796_000_000.0
WEEK = 7 * 86_400.0
NO_WRITER: Writer = None  # type: ignore[assignment]


def test_sleepers_wake_in_the_order_of_their_time_and_the_clocks_agree_on_it() -> None:
    woken: list[tuple[str, float]] = []

    async def sleeper(clock: Clock, name: str, seconds: float) -> None:
        await clock.sleep(seconds)
        woken.append((name, clock.wall() - BEGINS))

    async def main(clock: Clock) -> tuple[float, float, float]:
        await asyncio.gather(*(sleeper(clock, *one) for one in (("week", WEEK), ("day", 86_400.0), ("soon", 0.25))))
        return clock.wall(), clock.now(), clock.steady()

    real = time.monotonic()
    assert set(run_in_virtual_time(BEGINS, main)) == {BEGINS + WEEK}
    assert woken == [("soon", 0.25), ("day", 86_400.0), ("week", WEEK)]
    assert time.monotonic() - real < WEEK / 1000, "a real week would have passed"


def test_what_is_due_within_one_tick_is_done_together_at_its_end_and_nothing_too_early_or_a_tick_late() -> None:
    waits = [TICK * part for part in (0.001, 0.5, 0.999, 1.0, 1.001, 2.0, 5_529_600.3)]

    async def main(clock: Clock) -> list[float]:
        async def sleeper(seconds: float) -> float:
            await clock.sleep(seconds)
            return clock.steady() - BEGINS

        return await asyncio.gather(*map(sleeper, waits))

    woken = run_in_virtual_time(BEGINS, main)
    assert woken[:6] == [TICK, TICK, TICK, TICK, 2 * TICK, 2 * TICK]
    assert all(0.0 <= moment - due < TICK for moment, due in zip(woken, waits, strict=True))


def test_a_request_that_leaves_at_the_end_of_a_tick_does_not_miss_its_slot() -> None:
    assert TICK < SLOT_TOLERANCE


def test_time_stands_still_while_there_is_work() -> None:
    async def main(clock: Clock) -> float:
        late = asyncio.create_task(clock.sleep(1.0))
        for _ in range(1000):
            await clock.sleep(0)
        assert not late.done()
        passed = clock.wall() - BEGINS
        await late
        return passed

    assert run_in_virtual_time(BEGINS, main) == 0.0


def test_who_waits_for_news_wakes_with_it_or_when_the_time_is_up() -> None:
    async def main(clock: Clock) -> list[float]:
        news, seen = asyncio.Event(), []
        asyncio.get_running_loop().call_later(90.0, news.set)
        for _ in range(2):
            await clock.sleep_unless(news, 60.0)
            seen.append(clock.steady() - BEGINS)
        return seen

    assert run_in_virtual_time(BEGINS, main) == [60.0, 90.0]


def test_who_waits_for_what_never_comes_hears_of_it() -> None:
    async def main(clock: Clock) -> None:
        await clock.sleep(60.0)
        await clock.sleep_unless(asyncio.Event(), math.inf)

    with pytest.raises(RuntimeError, match="nothing is due any more"):
        run_in_virtual_time(BEGINS, main)


def test_what_an_earlier_run_of_it_passed_is_forgotten() -> None:
    async def main(clock: Clock) -> float:
        await clock.sleep(WEEK)
        return clock.wall()

    assert run_in_virtual_time(BEGINS, main) == run_in_virtual_time(BEGINS, main) == BEGINS + WEEK


class TooFar:
    """A transaction whose next slot is too far away, by as little as a float can say."""

    def take_slots(
        self, _plan: int, _caps: object, now: float, _lead: float, within: float, _most: int
    ) -> tuple[list[float], float]:
        return [], math.nextafter(now + within, math.inf)


@pytest.mark.parametrize("passed", [0.1 * step for step in range(200)])
def test_a_slot_that_is_too_far_away_is_not_asked_for_again_in_the_same_moment(passed: float) -> None:
    """Real time goes on by itself; virtual time would stand still for ever."""
    clock = Clock(lambda: BEGINS + passed, lambda: passed)
    limiter = RateLimiter(RunConfig(Scope(1, "", 1, "run", 1), 1, Rate(1, 0.4), None), NO_WRITER, clock)
    turn = limiter.connect()
    assert not turn.take(TooFar())  # type: ignore[arg-type]
    limiter.settled(turn)
    assert limiter.ready_at(clock.steady()) > clock.steady()
