"""Every run ends: no wait moves on with the clock, or depends on being asked again. The bench allows 60 seconds."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path

import pytest
from unit.engine.bench import HUNG, Result, ScriptedCarrier, calls, dial, now, replied

from orchestrator.engine.scheduler import Engine
from orchestrator.model.outcome import Disposition, Exchange
from orchestrator.model.policy import Rate
from orchestrator.model.target import Lookups
from orchestrator.policy.pace import Cap
from orchestrator.policy.verdict import Stop

DAY = 86400.0
QUICK = Lookups(after=0.05, every=0.1, settle=1.0)
SHORT = {"TimeOut": "1", "TimeLimit": "1"}
"""A call that cannot be live after three seconds of the carrier's."""

REST_A_DAY = replied(429, **{"retry-after": "86400"})


async def for_ever(_fields: dict[str, str]) -> Exchange:
    await asyncio.sleep(3600)
    raise AssertionError


def interrupted(journal: Path, answer: object, **config: object) -> None:
    """Make a run that was ended in the middle of its only call."""
    carrier = ScriptedCarrier({"a": [answer]})  # type: ignore[list-item]

    async def interrupt(engine: Engine) -> None:
        while not carrier.received:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.2)
        engine.stop(Stop(143, "terminated"))
        engine.stop_now()

    dial(journal, carrier, calls("a", **SHORT), meanwhile=interrupt, **config)  # type: ignore[arg-type]


def shift(journal: Path, seconds: float) -> None:
    """Let the run that was interrupted have gone by a clock that differs from ours by so much."""
    with closing(sqlite3.connect(journal)) as db, db:
        db.execute("UPDATE attempts SET started = started + ?", (seconds,))
        db.execute("UPDATE calls SET pair_free_at = pair_free_at + ?", (seconds,))


def disposition(result: Result) -> Disposition:
    return result.records["a"].disposition


@pytest.mark.parametrize("days", [29.9, 30.1, 31, 400, -400])
@pytest.mark.parametrize("callback_base", [None, "http://127.0.0.1:9/callbacks"])
@pytest.mark.parametrize("answer", [for_ever, HUNG], ids=["without an outcome", "unknown"])
def test_an_attempt_from_long_ago_is_waited_for_no_longer_than_others(
    journal: Path, days: float, callback_base: str | None, answer: object
) -> None:
    """Beyond thirty days the carrier is not asked about it: the run must not wait to have asked."""
    interrupted(journal, answer)
    shift(journal, -days * DAY)
    carrier = ScriptedCarrier()
    began = now()
    result = dial(
        journal, carrier, calls("a", **SHORT), lookups=QUICK, settle_for=1.0, callback_base=callback_base, settling=0.0
    )
    assert disposition(result) is Disposition.UNKNOWN
    assert now() - began < 20
    assert carrier.received == []


@pytest.mark.parametrize("lookups", [None, QUICK], ids=["callbacks", "look-ups too"])
def test_a_call_that_a_clock_ahead_began_is_given_up_after_its_own_length(
    journal: Path, lookups: Lookups | None
) -> None:
    heard = "http://127.0.0.1:9/callbacks"
    interrupted(journal, replied(200, "s"), lookups=Lookups(after=60.0), callback_base=heard, settling=0.0)
    shift(journal, 400 * DAY)
    carrier = ScriptedCarrier(status="in-progress")
    result = dial(
        journal, carrier, calls("a", **SHORT), lookups=lookups, callback_base=heard, settling=0.0, settle_for=0.5
    )
    assert disposition(result) is Disposition.UNSEEN


class Resting(ScriptedCarrier):
    """Answers the first look-up by asking for a day of quiet."""

    async def details(self, sid: str, leave: Callable[[], Awaitable[None]]) -> Exchange:
        await leave()
        self.asked.append(sid)
        return REST_A_DAY


def test_endings_that_nobody_can_be_asked_about_are_not_waited_for(journal: Path) -> None:
    """The carrier wants a day of quiet: of the other calls nobody ever asks."""
    carrier = Resting()
    result = dial(
        journal, carrier, calls("a", "b", "c", **SHORT), lookups=QUICK, settling=0.0, settle_for=0.5, wait=0.5
    )
    assert {record.disposition for record in result.records.values()} == {Disposition.UNSEEN}
    assert len(carrier.asked) == 1


def test_a_day_of_quiet_is_waited_for_no_longer_than_a_closed_window(journal: Path) -> None:
    carrier = ScriptedCarrier({"a": [REST_A_DAY]})
    result = dial(journal, carrier, calls("a", "b"), slots=1, wait=1.0)
    assert result.stop is not None
    assert result.stop.code == 5
    assert "may start at" in result.stop.message
    assert carrier.order() == ["a"]


def test_a_wait_whose_end_moves_away_is_over_when_the_first_would_have_been(journal: Path) -> None:
    """Somebody else's requests are throttled again and again: each time a little more quiet is asked for."""
    account, carrier = Rate(1000, 1.0), ScriptedCarrier()

    async def keep_quiet(engine: Engine) -> None:
        while engine.stopped is None:
            until = now() + 1.0
            await engine._writer.write(  # what another process would commit
                lambda tx, until=until: tx.hold_slots(1, Cap("account", account), until)  # type: ignore[misc]
            )
            await asyncio.sleep(0.1)

    result = dial(journal, carrier, calls("a"), account_pace=account, wait=3.0, meanwhile=keep_quiet)
    assert carrier.order() == []
    assert result.stop is not None
    assert result.stop.code == 5
