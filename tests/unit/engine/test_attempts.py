"""One attempt: what each answer leads to, and that nothing that may have rung is sent again."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from unit.engine.bench import HUNG, UNREACHED, ScriptedCarrier, calls, dial, replied, terminal, token_of

from orchestrator.engine.attempt import TOKEN_TIME, hash_token, new_token
from orchestrator.engine.scheduler import Engine
from orchestrator.model.call import ConnectRequest
from orchestrator.model.outcome import Disposition, Ending, Evidence, Exchange, Placement
from orchestrator.model.policy import Policy, Window
from orchestrator.policy.verdict import Stop

RECEIVER = "http://127.0.0.1:1"
START = 1_700_000_000.0


def test_an_accepted_call_nobody_can_tell_of_is_unseen_at_once(journal: Path) -> None:
    carrier = ScriptedCarrier()
    result = dial(journal, carrier, calls("a"))
    assert result.records["a"].disposition is Disposition.UNSEEN
    assert result.records["a"].attempts[0].sid == "sid-a"


@pytest.mark.parametrize("answer", [HUNG, replied(500), replied(503), replied(408), replied(200)])
def test_an_unknown_placement_is_never_sent_again(journal: Path, answer: Exchange) -> None:
    carrier = ScriptedCarrier({"a": [answer]})
    for _ in range(3):
        result = dial(journal, carrier, calls("a"))
        assert result.records["a"].disposition is Disposition.UNKNOWN
    assert carrier.order() == ["a"]


def test_what_did_not_ring_is_sent_again_as_a_new_attempt_with_a_new_token(journal: Path) -> None:
    carrier = ScriptedCarrier({"a": [UNREACHED, replied(429, **{"retry-after": "1"})]})
    result = dial(journal, carrier, calls("a"), callback_base=RECEIVER, until_placed=True)
    placements = [attempt.placement for attempt in result.records["a"].attempts]
    assert placements == [Placement.UNREACHED, Placement.THROTTLED, Placement.ACCEPTED]
    assert len({token_of(fields) for fields in carrier.received}) == 3
    assert carrier.at[1] - carrier.at[0] >= 1.0
    assert carrier.at[2] - carrier.at[1] >= 1.0


def test_a_rejected_call_is_reported_and_the_others_go_on(journal: Path) -> None:
    carrier = ScriptedCarrier({"a": [replied(400)]})
    result = dial(journal, carrier, calls("a", "b"), until_placed=True)
    assert result.stop is None
    assert (result.records["a"].disposition, result.totals["rejected"]) == (Disposition.REJECTED, 1)
    assert dial(journal, carrier, calls("a", "b"), until_placed=True).stop is None
    assert sorted(carrier.order()) == ["a", "b"]


@pytest.mark.parametrize("status", [401, 402, 403, 302])
def test_a_refusal_by_the_account_stops_the_run_and_the_next_run_dials(journal: Path, status: int) -> None:
    carrier = ScriptedCarrier({"a": [replied(status)]})
    first = dial(journal, carrier, calls("a", "b", "c"), slots=1, until_placed=True)
    assert (first.stop and first.stop.code) == 4
    assert carrier.order() == ["a"]
    assert (first.records["a"].disposition, first.records["a"].reason) == (Disposition.NOT_DIALED, "account")
    dial(journal, carrier, calls("a", "b", "c"), slots=1, until_placed=True)
    assert carrier.order() == ["a", "a", "b", "c"]


def test_requests_that_do_not_get_through_trip_the_circuit(journal: Path) -> None:
    carrier = ScriptedCarrier(otherwise=HUNG)
    result = dial(journal, carrier, calls(*(f"c{n}" for n in range(20))), slots=1, circuit=3)
    assert (result.stop and result.stop.code) == 5
    assert len(carrier.received) == 3
    assert result.totals["unknown"] == 3
    assert result.totals["waiting"] == 17


def test_a_callback_that_comes_before_the_reply_outranks_it(journal: Path) -> None:
    heard = asyncio.Event()

    async def late_error(_fields: dict[str, str]) -> Exchange:
        await heard.wait()
        return replied(500)

    carrier = ScriptedCarrier({"a": [late_error]})

    async def call_back(engine: Engine) -> None:
        while not carrier.received:
            await asyncio.sleep(0.01)
        assert await engine.receive_callback(token_of(carrier.received[0]), terminal("busy"))
        heard.set()

    result = dial(journal, carrier, calls("a"), callback_base=RECEIVER, meanwhile=call_back)
    attempt = result.records["a"].attempts[0]
    assert (attempt.placement, attempt.evidence) == (Placement.ACCEPTED, Evidence.CALLBACK)
    assert (attempt.ending, attempt.http_status) == (Ending.BUSY, 500)
    assert result.records["a"].disposition is Disposition.BUSY


def test_a_callback_settles_an_unknown_attempt_and_ends_its_call(journal: Path) -> None:
    carrier = ScriptedCarrier({"a": [HUNG]})

    async def call_back(engine: Engine) -> None:
        while not carrier.received:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.1)
        assert await engine.receive_callback(token_of(carrier.received[0]), terminal())

    result = dial(journal, carrier, calls("a"), callback_base=RECEIVER, settle_for=30.0, meanwhile=call_back)
    assert result.records["a"].disposition is Disposition.COMPLETED
    assert result.records["a"].attempts[0].evidence is Evidence.CALLBACK


def test_a_callback_for_a_throttled_attempt_cancels_its_retry(journal: Path) -> None:
    carrier = ScriptedCarrier({"a": [replied(429, **{"retry-after": "2"})]})

    async def call_back(engine: Engine) -> None:
        while not carrier.received:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.3)
        assert await engine.receive_callback(token_of(carrier.received[0]), terminal())

    result = dial(journal, carrier, calls("a"), callback_base=RECEIVER, meanwhile=call_back)
    assert carrier.order() == ["a"]
    assert result.records["a"].disposition is Disposition.COMPLETED


def test_a_token_that_is_nobodys_is_refused(journal: Path) -> None:
    async def call_back(engine: Engine) -> None:
        assert not await engine.receive_callback("guessed", terminal())

    dial(journal, ScriptedCarrier(), calls("a"), callback_base=RECEIVER, until_placed=True, meanwhile=call_back)


def test_what_the_journal_keeps_of_tokens_is_in_the_order_of_time_and_tells_no_token() -> None:
    """Else each attempt would write to a page of its own of the index, and who has the file could call back."""
    tokens = [new_token(START + n / 1000) for n in range(2_000)]
    kept = [hash_token(token) for token in tokens]
    assert kept == sorted(kept)
    assert not any(token[TOKEN_TIME:] in text for token, text in zip(tokens, kept, strict=True))
    assert len({token[TOKEN_TIME:] for token in tokens}) == len({text[TOKEN_TIME:] for text in kept}) == len(tokens)
    assert {len(token) for token in tokens} == {TOKEN_TIME + 32}
    one, other = new_token(START), new_token(START)
    assert one[:TOKEN_TIME] == other[:TOKEN_TIME]
    assert hash_token(one) != hash_token(other)


def test_the_receivers_fields_are_added_only_where_the_plan_is_silent(journal: Path) -> None:
    carrier = ScriptedCarrier()
    own = calls("own", StatusCallback="https://hooks.acme.example/x")
    silent = [call for call in calls("x", "silent") if call.id == "silent"]
    dial(journal, carrier, [*own, *silent], callback_base=RECEIVER, until_placed=True)
    by_id = {fields["CustomField"]: fields for fields in carrier.received}
    assert by_id["own"]["StatusCallback"] == "https://hooks.acme.example/x"
    assert "StatusCallbackEvents[0]" not in by_id["own"]
    assert by_id["silent"]["StatusCallback"].startswith(f"{RECEIVER}/callbacks/")
    assert [by_id["silent"][f"StatusCallbackEvents[{n}]"] for n in (0, 1)] == ["terminal", "answered"]


def test_without_a_receiver_the_wire_carries_the_plan_and_nothing_else(journal: Path) -> None:
    carrier = ScriptedCarrier()
    dial(journal, carrier, calls("a"))
    assert list(carrier.received[0]) == ["From", "To", "CallerId", "CustomField"]


def test_endings_are_learnt_by_look_up_where_no_callback_comes(journal: Path) -> None:
    from orchestrator.model.target import Lookups

    carrier = ScriptedCarrier(status="no-answer")
    result = dial(journal, carrier, calls("a"), lookups=Lookups(after=0.1, every=0.1))
    assert result.records["a"].disposition is Disposition.NO_ANSWER
    attempt = result.records["a"].attempts[0]
    assert (attempt.evidence, attempt.price, attempt.duration) == (Evidence.REPLY, "1.200", 41)
    assert carrier.asked == ["sid-a"]


def test_giving_up_on_one_call_never_closes_another_that_was_accepted_meanwhile(journal: Path) -> None:
    from orchestrator.model.target import Lookups

    async def slowly(fields: dict[str, str]) -> Exchange:
        await asyncio.sleep(0.002 * int(fields["CustomField"][1:]))
        return HUNG if fields["CustomField"][0] == "u" else replied(200, f"sid-{fields['CustomField']}")

    ids = [f"{'ua'[n % 2]}{n}" for n in range(60)]
    carrier = ScriptedCarrier(otherwise=slowly)
    lookups = Lookups(after=0.0, every=0.1)
    result = dial(journal, carrier, calls(*ids), slots=60, lookups=lookups, settle_for=0.5, circuit=1000)
    assert {id_: record.disposition.value for id_, record in result.records.items()} == {
        id_: "unknown" if id_[0] == "u" else "completed" for id_ in ids
    }


def test_outside_the_window_nothing_is_sent_and_the_run_says_from_when_it_goes_on(journal: Path) -> None:
    carrier = ScriptedCarrier()
    in_two_days = frozenset({(datetime.now(UTC).weekday() + 2) % 7})
    shut = Window(in_two_days, 0, 1440, "UTC")
    result = dial(journal, carrier, calls("a"), policy=Policy(windows=(shut,)), wait=900.0)
    assert carrier.received == []
    assert (result.stop and result.stop.code) == 5
    assert [event.data["reason"] for event in result.events if event.type == "run.waiting"] == ["window"]


def test_a_call_that_look_ups_never_see_ending_is_unseen_at_its_horizon(journal: Path) -> None:
    from orchestrator.model.target import Lookups

    carrier = ScriptedCarrier(status="in-progress")
    lookups = Lookups(after=0.1, every=0.1)
    plan = calls("a", TimeOut="1", TimeLimit="1")
    result = dial(journal, carrier, plan, lookups=lookups, settling=0.0)
    assert result.records["a"].disposition is Disposition.UNSEEN
    assert len(carrier.asked) > 5


def test_a_call_whose_horizon_passed_while_nobody_ran_is_asked_about_before_it_is_given_up(journal: Path) -> None:
    from orchestrator.model.target import Lookups

    async def leave_open(engine: Engine) -> None:
        while not carrier.received:
            await asyncio.sleep(0.01)
        engine.stop(Stop(130, "interrupted"))

    carrier, lookups = ScriptedCarrier(), Lookups(after=0.05, every=0.1)
    plan = calls("a", TimeOut="1", TimeLimit="1")
    dial(journal, carrier, plan, lookups=Lookups(after=60.0), speed=1000.0, settling=0.0, meanwhile=leave_open)
    result = dial(journal, carrier, plan, lookups=lookups, speed=1000.0, settling=0.0)
    assert result.records["a"].disposition is Disposition.COMPLETED


class SlowToConnect(ScriptedCarrier):
    """Its first connection takes `seconds` of the clock handed to the engine."""

    def __init__(self, start: float, seconds: float) -> None:
        super().__init__()
        self.now, self.seconds = start, seconds

    def clock(self) -> float:
        return self.now

    async def place(self, request: ConnectRequest, leave: Callable[[], Awaitable[None]]) -> Exchange:
        self.now, self.seconds = self.now + self.seconds, 0.0
        return await super().place(request, leave)


NEW_YEAR = datetime(2027, 1, 1, 9, 59, 59, 500_000, UTC).timestamp()


def test_a_request_does_not_leave_long_after_its_intent_but_as_a_new_attempt(journal: Path) -> None:
    carrier = SlowToConnect(NEW_YEAR, 2.5)
    result = dial(journal, carrier, calls("a"), until_placed=True, clock=carrier.clock)
    first, second = result.records["a"].attempts
    assert (first.placement, first.message) == (Placement.UNREACHED, "not sent: its intent was committed too long ago")
    assert second.placement is Placement.ACCEPTED
    assert len(carrier.received) == 1


def test_a_request_does_not_leave_when_the_window_closed_after_its_intent(journal: Path) -> None:
    carrier = SlowToConnect(NEW_YEAR, 1.0)
    until_two_past_ten = Window(frozenset(range(7)), 0, 10 * 60 + 2, "UTC")  # two legs ring for two minutes in all
    result = dial(journal, carrier, calls("a"), policy=Policy(windows=(until_two_past_ten,)), clock=carrier.clock)
    (attempt,) = result.records["a"].attempts
    assert (attempt.placement, attempt.message) == (
        Placement.UNREACHED,
        "not sent: not before 2027-01-02T00:00:00.000Z because of window",
    )
    assert carrier.received == []
    assert (result.stop and result.stop.code) == 5
