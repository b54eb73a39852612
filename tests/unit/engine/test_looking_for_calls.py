"""Look-ups beside the dialing: unknown attempts found in the list, late facts, and contradictions shown."""

import asyncio
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from unit.engine.bench import HUNG, ScriptedCarrier, calls, details, dial, listed, now, replied, terminal, token_of

from orchestrator.engine.scheduler import Engine
from orchestrator.journal import control
from orchestrator.journal.sqlite.journal import FileJournal
from orchestrator.model.outcome import Disposition, Ending, Evidence, Exchange, Placement
from orchestrator.model.policy import Rate
from orchestrator.model.target import Lookups

QUICK = Lookups(after=0.05, every=0.1, settle=1.0)
IST = timedelta(hours=5, minutes=30)


def entry(sid: str, to: str = "+447700900100", status: str = "completed", **more: str | None) -> dict[str, str | None]:
    created = (datetime.now(UTC) + IST).strftime("%Y-%m-%d %H:%M:%S")
    told = {"Sid": sid, "From": "08123456789", "To": to, "Status": status, "DateCreated": created}
    return {**told, "Direction": "outbound-api", **more}


def test_an_unknown_attempt_is_found_on_the_second_page(journal: Path) -> None:
    pages = [listed(entry("other", "+447700900199"), after="cursor"), listed(entry("found"))]
    carrier = ScriptedCarrier({"a": [HUNG]}, lists=pages)
    result = dial(journal, carrier, calls("a"), lookups=QUICK, settle_for=5.0)
    (attempt,) = result.records["a"].attempts
    assert (attempt.placement, attempt.evidence, attempt.sid) == (Placement.ACCEPTED, Evidence.LOOK_UP, "found")
    assert result.records["a"].disposition is Disposition.COMPLETED
    assert [query.get("After") for query in carrier.queries[:2]] == [None, "cursor"]
    assert carrier.asked == ["found"]


@pytest.mark.parametrize("page", [listed(), listed(entry("x"), entry("y")), replied(500), replied(404)])
def test_what_proves_nothing_leaves_it_unknown_within_settle_for(journal: Path, page: Exchange) -> None:
    carrier = ScriptedCarrier({"a": [HUNG]}, lists=[page])
    began = now()
    result = dial(journal, carrier, calls("a"), lookups=QUICK, settle_for=0.8)
    assert result.records["a"].disposition is Disposition.UNKNOWN
    assert 0.7 < now() - began < 5
    assert len(carrier.queries) > 2


def test_a_run_that_waited_long_enough_goes_on_asking_for_what_it_owes(journal: Path) -> None:
    """Somebody pauses all plans, `--wait` passes, and the carrier does not answer: the run is idle meanwhile."""
    down = ScriptedCarrier({"a": [HUNG]}, lists=[replied(503)])
    dial(journal, down, calls("a"), lookups=QUICK, settle_for=0.1)
    with FileJournal(journal).committing() as tx:
        control.pause(tx, tx.view.editions.whole_journal(), None, "asha", now())
    breaths = [now()]

    async def breathe(engine: Engine) -> None:
        while engine.stopped is None:
            await asyncio.sleep(0.02)
            breaths.append(now())

    asked, worked = len(down.queries), time.process_time()
    result = dial(journal, down, calls("a", "b"), lookups=QUICK, wait=0.2, settle_for=3.0, meanwhile=breathe)
    assert result.stop is not None
    assert result.stop.code == 5
    assert len(down.queries) > asked + 2
    assert max(later - before for before, later in pairwise(breaths)) < 1.5
    assert time.process_time() - worked < 2.0


def test_a_sid_that_another_plan_has_is_not_claimed(journal: Path) -> None:
    carrier = ScriptedCarrier(otherwise=replied(200, "theirs"))
    dial(journal, carrier, calls("a"), lookups=QUICK, name="other")
    lost = ScriptedCarrier({"a": [HUNG]}, lists=[listed(entry("theirs"))])
    result = dial(journal, lost, calls("a"), lookups=QUICK, settle_for=0.5)
    assert result.records["a"].disposition is Disposition.UNKNOWN


def test_an_unknown_attempt_of_another_plan_is_a_rival(journal: Path) -> None:
    plan = calls("a", TimeOut="1", TimeLimit="1")
    dial(journal, ScriptedCarrier({"a": [HUNG]}), plan, name="other", settling=-2.0)  # its pair is free in a second
    lost = ScriptedCarrier({"a": [HUNG]}, lists=[listed(entry("s1"))])
    result = dial(journal, lost, plan, lookups=QUICK, settling=5.0, settle_for=1.0)
    assert len(lost.received) == 1
    assert len(lost.queries) > 2
    assert result.records["a"].disposition is Disposition.UNKNOWN


def test_on_a_shared_account_it_is_proposed_once(journal: Path) -> None:
    carrier = ScriptedCarrier({"a": [HUNG]}, lists=[listed(entry("found"))])
    result = dial(journal, carrier, calls("a"), lookups=QUICK, settle_for=0.5, shared=True)
    (attempt,) = result.records["a"].attempts
    assert (attempt.placement, attempt.sid) == (Placement.UNKNOWN, None)
    assert attempt.message is not None
    assert attempt.message.endswith("a look-up found call found; `settle` decides")
    assert result.records["a"].reason == attempt.message
    assert [event.data["sid"] for event in result.events if event.type == "attempt.proposed"] == ["found"]


def test_what_an_earlier_run_gave_up_is_asked_about_once_and_found(journal: Path) -> None:
    dial(journal, ScriptedCarrier({"a": [HUNG]}), calls("a"), lookups=QUICK, settle_for=0.3)
    silent = ScriptedCarrier()
    again = dial(journal, silent, calls("a"), lookups=QUICK, settle_for=5.0)
    assert (again.records["a"].disposition, len(silent.queries)) == (Disposition.UNKNOWN, 1)
    telling = ScriptedCarrier(lists=[listed(entry("found"))])
    found = dial(journal, telling, calls("a"), lookups=QUICK, settle_for=5.0)
    assert found.records["a"].disposition is Disposition.COMPLETED
    assert (silent.received, telling.received) == ([], [])


def test_a_duration_and_price_that_come_late_are_taken_while_the_run_lives(journal: Path) -> None:
    async def slow(_fields: dict[str, str]) -> Exchange:
        await asyncio.sleep(1.0)
        return replied(200, "sid-b")

    async def call_back(engine: Engine) -> None:
        while not carrier.received:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.02)
        told = next(fields for fields in carrier.received if fields["CustomField"] == "a")
        assert await engine.receive_callback(token_of(told), replace(terminal(), sid="sid-a", duration=None))

    late = listed(entry("sid-a", Duration="41", Price="1.200"))
    carrier = ScriptedCarrier({"b": [slow]}, lists=[late])
    options = {"callback_base": "http://127.0.0.1:1", "lookups": Lookups(after=0.5, every=0.2, settle=5.0)}
    result = dial(journal, carrier, calls("a", "b"), meanwhile=call_back, **options)
    (attempt,) = result.records["a"].attempts
    assert (attempt.duration, attempt.price, attempt.ending) == (41, "1.200", Ending.COMPLETED)


def test_a_call_between_other_numbers_is_shown(journal: Path) -> None:
    class Crossed(ScriptedCarrier):
        async def details(self, sid, leave):  # type: ignore[no-untyped-def]
            await super().details(sid, leave)
            other = details(sid, "completed").body.replace(b'"Sid"', b'"To": "+447700900177", "Sid"')
            return Exchange(True, 200, {}, other, complete=True)

    result = dial(journal, Crossed(), calls("a"), lookups=QUICK)
    shown = [event.data["message"] for event in result.events if event.type == "attempt.contradicted"]
    assert shown == ["a look-up of call sid-a shows other numbers than those that were dialed"]
    assert result.records["a"].attempts[0].message == shown[0]


def test_a_callback_against_a_refusal_is_shown(journal: Path) -> None:
    async def call_back(engine: Engine) -> None:
        while not carrier.received:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.2)
        for status in ("busy", "completed"):
            assert await engine.receive_callback(token_of(carrier.received[0]), terminal(status))

    carrier = ScriptedCarrier({"a": [replied(429, **{"retry-after": "2"})]})
    result = dial(journal, carrier, calls("a"), callback_base="http://127.0.0.1:1", meanwhile=call_back)
    shown = [event.data["message"] for event in result.events if event.type == "attempt.contradicted"]
    assert shown == [
        "the answer was throttled, and a callback proves a call",
        "it ended busy, and a callback says completed",
    ]
    assert result.records["a"].disposition is Disposition.BUSY


def test_the_calls_between_which_a_look_up_cannot_decide_are_named_once(journal: Path) -> None:
    carrier = ScriptedCarrier({"a": [HUNG]}, lists=[listed(entry("y"), entry("x"))])
    result = dial(journal, carrier, calls("a"), lookups=QUICK, settle_for=0.6)
    (attempt,) = result.records["a"].attempts
    assert attempt.placement is Placement.UNKNOWN
    words = "a look-up cannot tell whether it is call x, y; `settle` decides"
    assert attempt.message is not None
    assert attempt.message.endswith(words)
    told = [event.data for event in result.events if event.type == "attempt.proposed"]
    assert told == [{"sid": None, "message": words}]


def test_a_sid_that_two_callbacks_name_is_shown(journal: Path) -> None:
    async def call_back_twice(engine: Engine) -> None:
        while len(carrier.received) < 2:
            await asyncio.sleep(0.01)
        for fields in carrier.received:
            assert await engine.receive_callback(token_of(fields), replace(terminal(), sid="one"))

    carrier = ScriptedCarrier(otherwise=HUNG)
    result = dial(journal, carrier, calls("a", "b"), meanwhile=call_back_twice, callback_base="http://127.0.0.1:1")
    messages = [result.records[key].attempts[0].message or "" for key in "ab"]
    assert ["call one is another attempt's as well" in message for message in messages] == [False, True]


def test_calls_that_cannot_all_have_their_turn_in_time_are_asked_for_together(journal: Path) -> None:
    """At one look-up in half a second, six endings asked for one by one would take longer than their horizon."""
    keys = "abcdef"
    ended = listed(*(entry(f"sid-{key}", f"+4477009001{n:02d}") for n, key in enumerate(keys)))
    plan = calls(*keys, TimeOut="1", TimeLimit="1")
    carrier = ScriptedCarrier(lists=[ended])
    lookups = Lookups(after=0.05, every=0.1)
    result = dial(journal, carrier, plan, lookups=lookups, account_pace=Rate(10, 1.0), settling=0.0, settle_for=0.1)
    assert {record.disposition for record in result.records.values()} == {Disposition.COMPLETED}
    assert carrier.queries


@pytest.mark.parametrize("lookups", [QUICK, Lookups(after=30.0, every=30.0, settle=1.0)], ids=["soon", "half a minute"])
def test_a_call_that_is_reopened_is_asked_about_though_the_run_has_started_none(
    journal: Path, lookups: Lookups
) -> None:
    """The answer was a refusal; a later run waits for its first call while a receiver hears of the refused one.

    An attempt that began long ago is asked about at once, however long a new one is given time to end.
    """
    carrier, plan = ScriptedCarrier({"a": [replied(400)]}, status="busy"), calls("a", "b")
    plan[1] = replace(plan[1], schedule=replace(plan[1].schedule, not_before=now() + 6.0))
    first = dial(journal, carrier, plan, wait=0.0)
    assert first.records["a"].disposition is Disposition.REJECTED
    asked: list[str] = []

    async def hear(_engine: Engine) -> None:
        await asyncio.sleep(0.5)
        with FileJournal(journal).committing() as tx:
            attempt, heard = tx.attempt(1, 1), {"sid": "sid-a", "evidence": Evidence.CALLBACK}
            tx.save(attempt, replace(attempt.record, placement=Placement.ACCEPTED, **heard))
            tx.reopen_call(attempt.call)
            tx.db.execute("UPDATE attempts SET started = started - 60 WHERE key = ?", (attempt.key,))
        await asyncio.sleep(2.0)
        asked.extend(carrier.asked)

    second = dial(journal, carrier, plan, lookups=lookups, meanwhile=hear, wait=10.0)
    assert asked == ["sid-a"], "before any call of this run was begun"
    assert second.records["a"].disposition is Disposition.BUSY
