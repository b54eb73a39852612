"""StatusCallbacks: real POSTs to a real receiver, in both content types, and to nobody but loopback."""

import asyncio
import json

import pytest
from unit.sandbox.kit import (
    FAST,
    VALID,
    Listener,
    callbacks,
    client,
    connect,
    customer_with,
    first_callback,
    first_script,
    listening,
    until,
    with_fields,
)

from orchestrator.app.sandbox import simulated_carrier
from orchestrator.engine.clock import Clock
from orchestrator.engine.virtual_time import run_in_virtual_time
from orchestrator.model.simulated import CallbackEvent, LegScript, OwedCallback, RequestedCall, Script, SimulatedCall
from orchestrator.sandbox.callbacks import CallbackScheduler, forbidden, playing
from orchestrator.sandbox.config import SandboxConfig
from orchestrator.sandbox.memory import CallsInMemory

JSON = ("StatusCallbackContentType", "application/json")
EVENTS = (("StatusCallbackEvents[0]", "terminal"), ("StatusCallbackEvents[1]", "answered"))


def played(listener: Listener, pairs: list[tuple[str, str]], expected: int, scenario: str = "everyday") -> str:
    """Place one call and wait for so many callbacks; return its Sid."""

    async def play() -> str:
        config = SandboxConfig(speed=600, scenario=scenario)
        async with simulated_carrier(config) as sandbox, client(sandbox) as carrier:
            reply = await connect(carrier, [*pairs, ("StatusCallback", listener.url)])
            assert reply.status_code == 200
            await until(lambda: len(listener.heard) >= expected)
            return str(reply.json()["Call"]["Sid"])

    return asyncio.run(play())


def test_without_events_one_post_at_the_end_carries_four_fields() -> None:
    with listening() as listener:
        sid = played(listener, [*VALID, ("CustomField", "order-1"), ("Record", "true")], 1, "calm")
    (one,) = listener.heard
    assert (one.path, one.content_type) == ("/callbacks/t0ken", "multipart/form-data")
    fields = dict(one.form())
    assert list(fields) == ["CallSid", "Status", "DateUpdated", "RecordingUrl"]
    assert (fields["CallSid"], fields["Status"]) == (sid, "completed")
    assert fields["RecordingUrl"].endswith(f"{sid}.mp3")


def test_answered_comes_once_a_leg_and_terminal_at_the_end_as_json() -> None:
    script = first_script(customer_with("completed"))
    pairs = [*with_fields(To=customer_with("completed"), CustomField="order-1", Record="true"), *EVENTS, JSON]
    with listening() as listener:
        sid = played(listener, pairs, 3)
    # A receiver may hear them in any order: told apart by the event and the legs.
    bodies = sorted((one.json() for one in listener.heard), key=lambda body: body["EventType"])
    bodies[:2] = sorted(bodies[:2], key=lambda body: body["Legs"][1]["Status"] is not None)
    first, second, last = bodies
    assert {one.content_type for one in listener.heard} == {"application/json"}
    assert [body["EventType"] for body in bodies] == ["answered", "answered", "terminal"]
    assert [body["Status"] for body in bodies] == ["in-progress", "in-progress", "completed"]
    assert [leg["Status"] for leg in first["Legs"]] == ["in-progress", None]
    assert [leg["Status"] for leg in second["Legs"]] == ["in-progress", "in-progress"]
    assert [leg["Status"] for leg in last["Legs"]] == ["completed", "completed"]
    assert [leg["OnCallDuration"] for leg in last["Legs"]] == [script.agent.on_call, script.talk]
    assert last["ConversationDuration"] == script.talk
    assert last["CustomField"] == "order-1"
    assert "CustomField" not in first
    assert "CustomField" not in second
    assert first["EndTime"] is None
    assert first["RecordingUrl"] is None
    assert last["RecordingUrl"].endswith(f"{sid}.mp3")
    assert {body["CallSid"] for body in bodies} == {sid}
    assert (last["From"], last["Direction"], last["PhoneNumberSid"]) == ("08069171234", "outbound-api", "08047112233")


def test_multipart_has_the_same_data_under_flat_names() -> None:
    pairs = [*with_fields(To=customer_with("completed"), CustomField="\u0906\u0930\u094d\u0921\u0930 1"), *EVENTS]
    with listening() as listener:
        played(listener, pairs, 3)
    forms = [dict(one.form()) for one in listener.heard]
    first = next(form for form in forms if form["Legs[1][Status]"] == "null")
    last = next(form for form in forms if form["EventType"] == "terminal")
    assert {one.content_type for one in listener.heard} == {"multipart/form-data"}
    assert (first["Legs[0][Status]"], first["Legs[0][OnCallDuration]"], first["EndTime"]) == ("in-progress", "0", "")
    assert (last["Legs[0][Status]"], last["Legs[1][Status]"]) == ("completed", "completed")
    assert last["CustomField"] == "\u0906\u0930\u094d\u0921\u0930 1"
    assert last["RecordingUrl"] == ""


@pytest.mark.parametrize("status", ["busy", "no-answer", "failed", "canceled"])
def test_an_unhappy_ending_is_told_with_both_legs(status: str) -> None:
    with listening() as listener:
        played(listener, [*with_fields(To=customer_with(status), Record="true"), *EVENTS, JSON], 2)
    last = next(one.json() for one in listener.heard if one.json()["EventType"] == "terminal")
    assert len(listener.heard) == 2
    assert last["Status"] == status
    assert [leg["Status"] for leg in last["Legs"]] == ["completed", status]
    assert (last["RecordingUrl"], last["ConversationDuration"]) == (None, 0)


def test_an_agent_who_never_answers_leaves_the_second_leg_unattempted() -> None:
    number = customer_with("no-answer", agent_answers=False)
    with listening() as listener:
        played(listener, [*with_fields(To=number), *EVENTS, JSON], 1)
    (one,) = listener.heard
    assert [leg["Status"] for leg in one.json()["Legs"]] == ["no-answer", None]
    with listening() as listener:
        played(listener, [*with_fields(To=number), *EVENTS], 1)
    assert listener.heard[0].field("Legs[1][Status]") == "null"


def test_only_the_events_that_were_asked_for_are_sent() -> None:
    async def check() -> None:
        with listening() as one, listening() as two:
            async with simulated_carrier(FAST) as sandbox, client(sandbox) as carrier:
                for listener, event in ((one, "terminal"), (two, "answered")):
                    pairs = [*VALID, JSON, ("StatusCallback", listener.url), ("StatusCallbackEvents[0]", event)]
                    assert (await connect(carrier, pairs)).status_code == 200
                await until(lambda: len(one.heard) == 1 and len(two.heard) == 2)
                assert {row["state"] for row in await callbacks(carrier)} <= {"delivered", "pending"}
                assert len(await callbacks(carrier)) == 3
            assert (one.events(), two.events()) == (["terminal"], ["answered", "answered"])

    asyncio.run(check())


def test_a_call_without_statuscallback_owes_none() -> None:
    async def check() -> None:
        async with simulated_carrier(FAST) as sandbox, client(sandbox) as carrier:
            await connect(carrier, [*VALID, *EVENTS])
            assert await callbacks(carrier) == []

    asyncio.run(check())


@pytest.mark.parametrize(
    ("address", "word"),
    [
        ("http://192.0.2.1:{port}/x", "192.0.2.1"),
        ("http://0.0.0.0:{port}/x", "0.0.0.0"),  # noqa: S104 - an address that must be refused
        ("http://hooks.acme.example:{port}/x", "hooks.acme.example"),
        ("http://127.0.0.1.nip.io:{port}/x", "127.0.0.1.nip.io"),
        ("http://localhost.:{port}/x", "localhost."),
        ("http://127.1:{port}/x", "127.1"),
        ("http://2130706433:{port}/x", "2130706433"),
        ("http://[::ffff:127.0.0.1]:{port}/x", "::ffff"),
    ],
)
def test_an_address_that_is_not_loopback_is_recorded_and_never_contacted(address: str, word: str) -> None:
    async def check() -> None:
        with listening() as listener:
            async with simulated_carrier(FAST) as sandbox, client(sandbox) as carrier:
                pairs = [*VALID, ("StatusCallback", address.format(port=listener.port))]
                assert (await connect(carrier, pairs)).status_code == 200
                row = await first_callback(carrier, lambda row: row["state"] != "pending")
                assert (row["state"], row["tries"]) == ("not-sent", 0)
                assert word in row["note"]
                assert "not loopback" in row["note"]
            assert listener.heard == []

    asyncio.run(check())


def test_loopback_in_every_spelling_and_the_allowed_hosts_may_be_contacted() -> None:
    for address in ("http://127.0.0.1/", "https://127.9.9.9:1/", "http://[::1]:80/", "http://LocalHost:8090/"):
        assert forbidden(address, ()) is None
    assert forbidden("http://hooks.acme.example/x", ("Hooks.acme.example",)) is None
    assert forbidden("http://other.acme.example/x", ("hooks.acme.example",)) is not None
    assert forbidden("http://\uff11\uff12\uff17.0.0.1/", ()) == "the address cannot be read"


def test_a_redirect_is_not_followed() -> None:
    async def check() -> None:
        with listening() as elsewhere, listening(statuses=(302,), location=elsewhere.url) as listener:
            async with simulated_carrier(FAST) as sandbox, client(sandbox) as carrier:
                await connect(carrier, [*VALID, ("StatusCallback", listener.url)])
                await until(lambda: len(listener.heard) >= 2)
            assert elsewhere.heard == []

    asyncio.run(check())


def test_a_callback_that_was_not_taken_is_tried_twice_more_and_then_dropped() -> None:
    async def check() -> None:
        # 300 s and 900 s of sandbox time are 75 ms and 225 ms at this speed.
        config = SandboxConfig(speed=4000, scenario="calm")
        with listening(statuses=(500,)) as listener:
            async with simulated_carrier(config) as sandbox, client(sandbox) as carrier:
                await connect(carrier, [*VALID, ("StatusCallback", listener.url)])
                await until(lambda: len(listener.heard) == 3)
                row = await first_callback(carrier, lambda row: row["state"] != "pending")
                assert (row["state"], row["tries"], row["note"]) == ("dropped", 3, "HTTP 500")
            assert len(listener.heard) == 3

    asyncio.run(check())


def test_a_callback_taken_at_the_second_try_is_delivered() -> None:
    async def check() -> None:
        config = SandboxConfig(speed=4000, scenario="calm")
        with listening(statuses=(503, 204)) as listener:
            async with simulated_carrier(config) as sandbox, client(sandbox) as carrier:
                await connect(carrier, [*VALID, ("StatusCallback", listener.url)])
                row = await first_callback(carrier, lambda row: row["state"] != "pending")
                assert (row["state"], row["tries"], row["note"]) == ("delivered", 2, "HTTP 204")
            assert len(listener.heard) == 2

    asyncio.run(check())


def test_a_token_in_the_address_stands_in_no_page_of_the_sandbox_but_the_request_itself() -> None:
    async def check() -> None:
        async with simulated_carrier(SandboxConfig(speed=4000, scenario="calm")) as sandbox, client(sandbox) as carrier:
            await connect(carrier, [*VALID, ("StatusCallback", "http://127.0.0.1:1/callbacks/t0ken")])
            row = await first_callback(carrier, lambda row: row["tries"] > 0)
            assert "t0ken" not in json.dumps(row)

    asyncio.run(check())


def test_an_https_address_is_spoken_to_in_tls() -> None:
    async def check() -> None:
        with listening() as listener:
            async with simulated_carrier(FAST) as sandbox, client(sandbox) as carrier:
                address = listener.url.replace("http://", "https://")  # the listener speaks no TLS
                await connect(carrier, [*VALID, ("StatusCallback", address)])
                row = await first_callback(carrier, lambda row: row["tries"] > 0)
                assert (row["state"], row["note"]) == ("pending", "ConnectError")
            assert listener.heard == []

    asyncio.run(check())


def test_many_calls_end_with_every_callback_delivered_once() -> None:
    async def check() -> None:
        with listening() as listener:
            async with simulated_carrier(SandboxConfig(speed=600)) as sandbox, client(sandbox) as carrier:
                common = [("StatusCallback", listener.url), ("StatusCallbackEvents[0]", "terminal"), JSON]
                pairs = [[*with_fields(To=f"+9199000{n:05d}"), *common] for n in range(100)]
                replies = await asyncio.gather(*(connect(carrier, one) for one in pairs))
                await until(lambda: len(listener.heard) >= 100, 60)
                sids = {reply.json()["Call"]["Sid"] for reply in replies}
            assert len(listener.heard) == 100
            assert {one.json()["CallSid"] for one in listener.heard} == sids

    asyncio.run(check())


@pytest.mark.parametrize(("gathers", "batches"), [(0.0, 12), (5.0, 4)])
def test_callbacks_that_gather_are_sent_together_none_before_it_is_due(gathers: float, batches: int) -> None:
    sent: list[tuple[float, float]] = []

    async def play(clock: Clock) -> None:
        async def post(owed: OwedCallback) -> tuple[bool, str]:
            sent.append((clock.wall(), owed.due))
            return True, "received"

        calls = CallsInMemory()
        scheduler = CallbackScheduler(SandboxConfig(gathers=gathers, clock=clock.wall), calls)
        leg, asked = LegScript("completed"), RequestedCall("+918069171234", "+919900000001", "08047112233")
        call = SimulatedCall("sid", "sandbox", 0.0, 1.0, asked, Script("completed", leg, leg, 1.0, 1, "0.600"))
        async with playing(scheduler, post):
            for due in (9.0, 1.0, 2.0, 3.0, 4.0, 20.0, 21.0, 22.0, 23.0, 24.0, 100.0, 101.0):
                scheduler.add([OwedCallback(call, CallbackEvent.TERMINAL, due)])
            await clock.sleep(200.0)

    run_in_virtual_time(0.0, play)
    assert len({moment for moment, _ in sent}) == batches
    assert [due for _, due in sent] == sorted(due for _, due in sent)
    assert all(due <= moment <= due + gathers for moment, due in sent)
