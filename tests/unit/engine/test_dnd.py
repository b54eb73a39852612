"""`policy.dnd`: who is asked about, who is rung, and what is made of answers that do not come."""

import contextlib
from pathlib import Path
from typing import Any

import pytest
from unit.engine.bench import Result, ScriptedCarrier, calls, dial, marked, now

from orchestrator.journal.sqlite.file import connect
from orchestrator.model.call import Field, ResolvedCall
from orchestrator.model.diagnostic import Span
from orchestrator.model.outcome import Exchange
from orchestrator.model.policy import Policy, Rate, Redial

SKIP, REFUSE = Policy(dnd="skip"), Policy(dnd="refuse")
CALLBACKS = "http://127.0.0.1:9"


def to(index: int) -> str:
    return f"+91812340{index:04d}"


def indian(*ids: str) -> list[ResolvedCall]:
    """Calls to numbers that the carrier can know."""
    fields = {"From": "+917410410123", "CallerId": "07410410123"}
    return [
        ResolvedCall(
            id_,
            tuple(Field(n, v, "call") for n, v in {**fields, "To": to(index), "CustomField": id_}.items()),
            Span("plan.yaml", index + 1),
        )
        for index, id_ in enumerate(ids)
    ]


def failing(status: int | None) -> Exchange:
    if status is None:
        return Exchange(bytes_sent=True, error="timed out after 60 s")
    return Exchange(True, status, {}, b"{}", complete=True)


def rung(journal: Path, carrier: ScriptedCarrier, plan: list[ResolvedCall], policy: Policy, **more: Any) -> Result:
    return dial(journal, carrier, plan, policy=policy, until_placed=True, **more)


def reasons(result: Result) -> dict[str, tuple[str, str | None]]:
    return {id_: (record.disposition.value, record.reason) for id_, record in result.records.items()}


def test_ignore_asks_nothing(journal: Path) -> None:
    carrier = ScriptedCarrier()
    rung(journal, carrier, indian("a", "b"), Policy())
    assert (carrier.numbers, carrier.order()) == ([], ["a", "b"])


def test_skip_never_rings_a_number_that_the_carrier_marks(journal: Path) -> None:
    carrier = ScriptedCarrier(marks={to(1): [marked(to(1), "Yes")], to(2): [marked(to(2), "Unavailable")]})
    result = rung(journal, carrier, indian("a", "b", "c"), SKIP)
    assert carrier.order() == ["a", "c"]
    assert sorted(carrier.numbers) == [to(0), to(1), to(2)]
    assert reasons(result)["b"] == ("suppressed", "dnd: the carrier marks its number as do-not-disturb")
    assert result.stop is None


def test_numbers_of_other_countries_are_rung_unasked(journal: Path) -> None:
    carrier = ScriptedCarrier()
    rung(journal, carrier, calls("a", "b"), SKIP)  # numbers of the United Kingdom
    assert (carrier.numbers, carrier.order()) == ([], ["a", "b"])


def test_a_number_is_asked_about_once_a_day_over_all_runs(journal: Path) -> None:
    carrier = ScriptedCarrier(marks={to(1): [marked(to(1), "Yes")]})
    rung(journal, carrier, indian("a", "b"), SKIP)
    second = rung(journal, carrier, indian("a", "b"), SKIP, name="another")
    assert sorted(carrier.numbers) == [to(0), to(1)]
    assert reasons(second)["b"][0] == "suppressed"
    a_day_ago(journal)
    rung(journal, carrier, indian("a", "b"), SKIP, name="a-third")
    assert sorted(carrier.numbers) == [to(0), to(1), to(1)]  # the other one's pair is still held: nobody asks


def a_day_ago(journal: Path) -> None:
    with contextlib.closing(connect(journal)) as db:
        db.execute("UPDATE numbers SET asked = asked - 86401")


def test_a_number_that_is_registered_since_is_not_redialed(journal: Path) -> None:
    policy = Policy(dnd="skip", redial=(("busy", Redial(3, 0.2)),))
    carrier = ScriptedCarrier(marks={to(0): [marked(to(0)), marked(to(0), "Yes")]})

    async def busy(engine: Any) -> None:
        import asyncio

        from unit.engine.bench import terminal, token_of

        while not carrier.received:
            await asyncio.sleep(0.01)
        a_day_ago(journal)
        await engine.receive_callback(token_of(carrier.received[0]), terminal("busy"))

    result = dial(journal, carrier, indian("a"), policy=policy, meanwhile=busy, callback_base=CALLBACKS)
    assert carrier.order() == ["a"]
    assert reasons(result)["a"] == ("busy", "dnd: the carrier marks its number as do-not-disturb")


@pytest.mark.parametrize("answer", [None, 404, 500, 200], ids=["timeout", "404", "500", "unreadable"])
def test_a_number_without_an_answer_is_asked_about_again_and_the_others_are_dialed(
    journal: Path, answer: int | None
) -> None:
    carrier = ScriptedCarrier(marks={to(0): [failing(answer), marked(to(0))]})
    began = now()
    result = rung(journal, carrier, indian("a", "b", "c"), SKIP)
    assert sorted(carrier.order()[:2]) == ["b", "c"]
    assert carrier.order()[2] == "a"
    assert now() - began > 1.9
    waited = [event for event in result.events if event.type == "call.waiting"]
    assert [event.call for event in waited] == ["a"]
    assert str(waited[0].data["reason"]).startswith("dnd: the carrier did not say whether its number may be rung (")


def test_nobody_is_rung_where_the_carrier_never_answers_and_the_run_ends(journal: Path) -> None:
    carrier = ScriptedCarrier(marks={to(index): [failing(503)] for index in range(3)})
    result = rung(journal, carrier, indian("a", "b", "c"), SKIP, wait=3.0)
    assert carrier.order() == []
    assert result.stop is not None
    assert result.stop.code == 5
    assert {word for word, _ in reasons(result).values()} == {"waiting"}
    told = [event.data["reason"] for event in result.events if event.type == "run.waiting"]
    assert "dnd: HTTP 503" in told


@pytest.mark.parametrize("status", [302, 401, 402, 403])
@pytest.mark.parametrize("policy", [SKIP, REFUSE], ids=["skip", "refuse"])
def test_an_answer_that_every_question_would_get_stops_the_run(journal: Path, status: int, policy: Policy) -> None:
    carrier = ScriptedCarrier(marks={to(0): [failing(status)], to(1): [failing(status)]})
    result = rung(journal, carrier, indian("a", "b"), policy)
    assert carrier.order() == []
    assert result.stop is not None
    assert result.stop.code == 4
    assert f"HTTP {status}" in result.stop.message


def test_refuse_dials_nobody_where_one_is_marked_and_names_every_call(journal: Path) -> None:
    carrier = ScriptedCarrier(marks={to(index): [marked(to(index), "Yes")] for index in (1, 29)})
    result = rung(journal, carrier, indian(*(f"c{index}" for index in range(30))), REFUSE)
    assert carrier.order() == []
    assert len(carrier.numbers) == 30
    assert result.stop is not None
    assert result.stop.code == 3
    assert {word for word, _ in reasons(result).values()} == {"waiting"}


def test_refuse_dials_everybody_once_all_were_asked_about(journal: Path) -> None:
    asked_at_first_call: list[int] = []
    carrier = ScriptedCarrier(marks={to(5): [failing(500), marked(to(5))]})

    async def watch(_engine: object) -> None:
        import asyncio

        while not carrier.received:
            await asyncio.sleep(0.001)
        asked_at_first_call.append(len(set(carrier.numbers)))

    result = rung(journal, carrier, indian(*(f"c{index}" for index in range(12))), REFUSE, meanwhile=watch)
    assert asked_at_first_call == [12]
    assert (len(carrier.order()), result.stop) == (12, None)


def test_refuse_ends_the_run_where_one_number_is_never_told(journal: Path) -> None:
    carrier = ScriptedCarrier(marks={to(1): [failing(404)]})
    result = rung(journal, carrier, indian("a", "b", "c"), REFUSE, wait=3.0)
    assert carrier.order() == []
    assert result.stop is not None
    assert result.stop.code == 5


def test_questions_keep_the_accounts_pace_and_leave_half_of_it_to_the_calls(journal: Path) -> None:
    carrier = ScriptedCarrier()
    began = now()
    ids = [f"c{index}" for index in range(8)]
    rung(journal, carrier, indian(*ids), SKIP, account_pace=Rate(10, 1.0))
    took = now() - began
    assert len(carrier.order()) == len(carrier.numbers) == 8
    assert took > 1.4, "sixteen requests at ten a second"
    assert took < 4.0, "not at the fifth that look-ups get"


def test_calls_whose_pair_another_plan_holds_do_not_stand_before_the_question(journal: Path) -> None:
    """As many due calls as are asked about ahead cannot start for long; the one behind them can, and is asked about."""
    carrier = ScriptedCarrier()
    dial(journal, carrier, calls("z", same_pair=True), name="one", until_placed=True)
    plan = calls("a", "b", same_pair=True) + calls("x", "y", "c")[2:]
    policy = Policy(dnd="skip")
    result = dial(journal, carrier, plan, name="two", policy=policy, slots=1, wait=0.5, until_placed=True)
    assert carrier.order() == ["z", "c"]
    assert result.stop is not None
