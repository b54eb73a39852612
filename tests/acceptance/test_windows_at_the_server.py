"""No request arrives outside a window, by the carrier's own clock: start and both rings lie inside."""

import datetime
import json
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from durability import clock
from durability.carrier import Carrier
from durability.inject import in_child

from acceptance import cli
from acceptance.desk import ALWAYS, Desk, calls

IST = ZoneInfo("Asia/Kolkata")
DAYTIME = [{"days": "mon-sun", "hours": "09:00-21:00", "timezone": "Asia/Kolkata"}]
KEYS = [f"c{index:02d}" for index in range(20)]


class Shifted:
    """The product's clock, so many seconds off the carrier's."""

    def __init__(self, desk: Desk, hours: str) -> None:
        self._file = desk.folder / "clock"
        self.set(hours)

    def set(self, hours: str) -> None:
        """Make it this time of today in India (HH:MM:SS)."""
        now = datetime.datetime.now(IST)
        wanted = datetime.datetime.combine(now.date(), datetime.time.fromisoformat(hours), IST)
        self.by = (wanted - now).total_seconds()
        fresh = self._file.with_suffix(".new")
        fresh.write_text(str(self.by))
        fresh.replace(self._file)

    @property
    def environment(self) -> dict[str, str]:
        """What a command needs to live by it."""
        return in_child("durability.clock", **{clock.VARIABLE: str(self._file)})

    def of(self, at: float) -> datetime.time:
        """An arrival's time of day in India, as the product's clock shows it."""
        return datetime.datetime.fromtimestamp(at + self.by, IST).time()


def unguarded(desk: Desk, carrier: Carrier) -> Path:
    """A live target whose file names no guardrails."""
    path = desk.target(carrier)
    target: dict[str, Any] = json.loads(path.read_text())
    del target["guardrails"]
    return desk.write(path.name, json.dumps(target))


def test_a_live_target_without_a_window_dials_nobody_at_three_in_the_morning(desk: Desk, carrier: Carrier) -> None:
    desk.create_journal()
    target, shifted = unguarded(desk, carrier), Shifted(desk, "03:00:00")
    arguments = desk.run_arguments(desk.plan(calls("a", "b")), target)
    done = desk.orchestrate(*arguments, **shifted.environment)
    assert done.code == 5, done.said
    assert "T03:30:00" in done.err, "it opens at 09:00 in India"
    assert carrier.received() == []
    always = desk.plan(calls("a", "b"), policy={"window": ALWAYS})
    done = desk.orchestrate(*desk.run_arguments(always, target), **shifted.environment)
    assert done.code == 5, "the plan's own window does not widen it"
    assert carrier.received() == []
    shifted.set("10:00:00")
    done = desk.orchestrate(*arguments, **shifted.environment)
    assert done.code == 0, done.said
    assert carrier.rung() == {"a": 1, "b": 1}


@pytest.mark.parametrize("whose", ["plan", "target"])
def test_a_window_that_closes_during_a_run_lets_nobody_ring_past_its_end(
    desk: Desk, carrier: Carrier, whose: str
) -> None:
    """Two rings of five seconds must be over at 21:00: the last request arrives at 20:59:50."""
    desk.create_journal()
    shifted = Shifted(desk, "20:59:47")
    policy: dict[str, Any] = {"pace": "4/second"} | ({"window": DAYTIME} if whose == "plan" else {})
    target = unguarded(desk, carrier) if whose == "target" else desk.target(carrier)
    plan = desk.plan(calls(*KEYS, TimeOut=5), policy=policy)
    done = desk.orchestrate(*desk.run_arguments(plan, target), **shifted.environment)
    assert done.code == 5, done.said
    arrived = [shifted.of(item.at) for item in carrier.connects()]
    assert 0 < len(arrived) < len(KEYS)
    assert max(arrived) <= datetime.time(20, 59, 50, 20_000), "20 ms of the way"
    assert {item["disposition"] for item in desk.told().values()} == {"completed", "waiting"}


def test_a_window_that_opens_during_a_run_lets_nobody_ring_before_its_beginning(desk: Desk, carrier: Carrier) -> None:
    desk.create_journal()
    shifted = Shifted(desk, "08:59:57")
    done = desk.orchestrate(
        *desk.run_arguments(desk.plan(calls(*KEYS)), unguarded(desk, carrier)), **shifted.environment
    )
    assert done.code == 0, done.said
    arrived = [shifted.of(item.at) for item in carrier.connects()]
    assert (len(arrived), min(arrived) >= datetime.time(9)) == (len(KEYS), True)


def test_a_clock_that_jumps_past_the_end_of_the_window_stops_what_was_about_to_leave(
    desk: Desk, carrier: Carrier
) -> None:
    desk.create_journal()
    shifted = Shifted(desk, "12:00:00")
    plan = desk.plan(calls(*KEYS), policy={"pace": "4/second"})
    process = desk.start(*desk.run_arguments(plan, unguarded(desk, carrier)), **shifted.environment)
    cli.until(lambda: len(carrier.connects()) >= 2, process)
    shifted.set("22:00:00")
    before = len(carrier.connects())
    done = cli.finish(process, (), 0.0)
    assert done.code == 5, done.said
    assert len(carrier.connects()) <= before + 1, "one may have left while the clock was set"


def test_on_a_holiday_of_the_plan_nobody_is_rung(desk: Desk, carrier: Carrier, live: Path) -> None:
    today = datetime.datetime.now(IST).date()
    desk.write("holidays.csv", f"date\n{today}\n{today + datetime.timedelta(1)}\n")
    done = desk.run(desk.plan(calls("a"), policy={"holidays": "holidays.csv"}), live)
    assert done.code == 5, done.said
    assert carrier.received() == []
