"""Call details, and the state file: what is accepted outlives the process that accepted it."""

import asyncio
import sqlite3
import stat
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest
from unit.sandbox.kit import (
    CALLS,
    FAST,
    VALID,
    callbacks,
    client,
    connect,
    customer_with,
    details,
    ended,
    first_callback,
    first_script,
    listening,
    parsed,
    received,
    until,
    with_fields,
)

from orchestrator.app.sandbox import simulated_carrier
from orchestrator.model.errors import CannotProceed
from orchestrator.sandbox.config import SandboxConfig

SERVER = """
import asyncio, sys
from pathlib import Path
from orchestrator.sandbox.config import SandboxConfig
from orchestrator.app.sandbox import simulated_carrier
async def main():
    config = SandboxConfig(speed=float(sys.argv[2]), scenario="calm", state=Path(sys.argv[1]))
    async with simulated_carrier(config) as sandbox:
        print(sandbox, flush=True)
        await asyncio.Event().wait()
asyncio.run(main())
"""


def test_a_call_is_in_progress_and_then_over_with_duration_price_and_legs() -> None:
    async def check() -> None:
        number = customer_with("completed")
        script = first_script(number)
        async with simulated_carrier(SandboxConfig(speed=60)) as sandbox, client(sandbox) as carrier:
            reply = await connect(carrier, with_fields(To=number, Record="true"))
            sid = reply.json()["Call"]["Sid"]
            live = await details(carrier, sid)
            assert (live["Status"], live["Duration"], live["EndTime"]) == ("in-progress", None, None)
            assert live["Details"]["Leg2Status"] is None
            call = await ended(carrier, sid)
            assert call["Status"] == "completed"
            assert (call["Duration"], call["Price"]) == (str(script.agent.on_call), script.price)
            assert call["RecordingUrl"].endswith(f"{sid}.mp3")
            assert call["Details"] == {
                "ConversationDuration": script.talk,
                "Leg1Status": "completed",
                "Leg2Status": "completed",
                "Legs": [
                    {"Leg": {"Id": 1, "OnCallDuration": script.agent.on_call}},
                    {"Leg": {"Id": 2, "OnCallDuration": script.talk}},
                ],
            }
            assert "Details" not in (await carrier.get(f"{CALLS}/{sid}.json")).json()["Call"]
            in_xml = parsed((await carrier.get(f"{CALLS}/{sid}?details=true")).content)
            assert in_xml.findtext("Call/Details/Leg1Status") == "completed"
            assert [leg.findtext("Id") for leg in in_xml.findall("Call/Details/Legs/Leg")] == ["1", "2"]

    asyncio.run(check())


def test_timelimit_cuts_the_conversation_and_no_recording_is_made_unasked() -> None:
    async def check() -> None:
        async with simulated_carrier(FAST) as sandbox, client(sandbox) as carrier:
            reply = await connect(carrier, with_fields(TimeLimit="5"))
            call = await ended(carrier, reply.json()["Call"]["Sid"])
            assert (call["Details"]["ConversationDuration"], call["RecordingUrl"]) == (5, None)

    asyncio.run(check())


def test_an_unknown_sid_is_404() -> None:
    async def check() -> None:
        async with simulated_carrier(FAST) as sandbox, client(sandbox) as carrier:
            reply = await carrier.get(f"{CALLS}/{'a' * 32}.json")
            assert (reply.status_code, reply.json()["RestException"]["Status"]) == (404, 404)
            assert parsed((await carrier.get(f"{CALLS}/nobody")).content).findtext("RestException/Status") == "404"

    asyncio.run(check())


def test_the_same_seed_plays_the_same_calls_in_any_order() -> None:
    async def outcomes(seed: int, numbers: list[str]) -> dict[str, tuple[Any, ...]]:
        async with simulated_carrier(SandboxConfig(seed=seed, speed=3000)) as sandbox, client(sandbox) as carrier:
            replies = await asyncio.gather(*(connect(carrier, with_fields(To=number)) for number in numbers))
            calls = [await ended(carrier, reply.json()["Call"]["Sid"]) for reply in replies]
        return {
            call["To"]: (call["Status"], call["Duration"], call["Price"], call["Details"]["Legs"]) for call in calls
        }

    numbers = [f"+9199000{n:05d}" for n in range(30)]
    first = asyncio.run(outcomes(1, numbers))
    assert asyncio.run(outcomes(1, numbers[::-1])) == first
    assert asyncio.run(outcomes(2, numbers)) != first


def test_the_spellings_of_one_number_are_one_person() -> None:
    async def check() -> None:
        async with simulated_carrier(SandboxConfig(speed=3000)) as sandbox, client(sandbox) as carrier:
            ends = []
            for number in ("+919900000001", "09900000001"):
                reply = await connect(carrier, with_fields(To=number))
                ends.append(await ended(carrier, reply.json()["Call"]["Sid"]))
                await carrier.post("/_sandbox/reset")
            assert ends[0]["Details"] == ends[1]["Details"]

    asyncio.run(check())


def test_reset_forgets_requests_calls_and_callbacks() -> None:
    async def check() -> None:
        with listening() as listener:
            async with simulated_carrier(SandboxConfig(speed=60)) as sandbox, client(sandbox) as carrier:
                reply = await connect(carrier, [*VALID, ("StatusCallback", listener.url)])
                sid = reply.json()["Call"]["Sid"]
                assert (await carrier.post("/_sandbox/reset")).status_code == 200
                assert await received(carrier) == []
                assert (await carrier.get(f"{CALLS}/{sid}.json")).status_code == 404
                assert await callbacks(carrier) == []
                again = await connect(carrier, [*VALID, ("StatusCallback", listener.url)])
                await until(lambda: bool(listener.heard))
                assert listener.heard[0].field("CallSid") == again.json()["Call"]["Sid"]
                assert [one["n"] for one in await received(carrier)] == [1]

    asyncio.run(check())


def test_a_killed_sandbox_goes_on_where_it_was(tmp_path: Path) -> None:
    """kill -9 right after the reply: the same state has the call, ends it, and sends its callbacks."""

    async def check() -> None:
        state = tmp_path / "deep" / "sandbox.db"
        command = (sys.executable, "-W", "error", "-c", SERVER, str(state), "20")
        with listening() as listener:
            process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
            assert process.stdout is not None
            base_url = (await process.stdout.readline()).decode().strip()
            pairs = [*VALID, ("StatusCallback", listener.url), ("StatusCallbackEvents[0]", "terminal")]
            async with httpx2.AsyncClient(base_url=base_url, auth=("sandbox", "sandbox"), trust_env=False) as carrier:
                sid = (await connect(carrier, pairs)).json()["Call"]["Sid"]
                refused = await connect(carrier, [*VALID, ("Colour", "red")])
            process.kill()
            await process.communicate()
            assert refused.status_code == 400
            assert listener.heard == []
            # Another speed and seed: the call keeps those that it began with.
            config = SandboxConfig(state=state, speed=1, seed=9)
            async with simulated_carrier(config) as sandbox, client(sandbox) as carrier:
                assert [(one["sid"], one["status"]) for one in await received(carrier)] == [(sid, 200), (None, 400)]
                call = await ended(carrier, sid)
                await until(lambda: bool(listener.heard))
            assert call["Status"] == "completed"
            assert listener.events() == ["terminal"]
            assert listener.heard[0].field("CallSid") == sid

    asyncio.run(check())


def test_a_callback_that_nobody_took_is_sent_again_by_the_next_sandbox(tmp_path: Path) -> None:
    async def check() -> None:
        config = replace(FAST, speed=4000, state=tmp_path / "s.db")
        with listening(statuses=(500,)) as listener:
            port = listener.port
            async with simulated_carrier(config) as sandbox, client(sandbox) as carrier:
                await connect(carrier, [*VALID, ("StatusCallback", listener.url)])
                await until(lambda: len(listener.heard) == 3)
        with listening(port) as listener:
            async with simulated_carrier(config):
                await until(lambda: len(listener.heard) == 1)
            async with simulated_carrier(config) as sandbox, client(sandbox) as carrier:
                rows = await callbacks(carrier)
                assert [(row["state"], row["tries"]) for row in rows] == [("delivered", 1)]
            assert len(listener.heard) == 1

    asyncio.run(check())


def test_a_host_that_was_allowed_before_is_not_contacted_by_a_restart_that_does_not_allow_it(tmp_path: Path) -> None:
    async def check() -> None:
        config = replace(FAST, speed=20, state=tmp_path / "s.db", callbacks_to=("hooks.acme.example",))
        async with simulated_carrier(config) as sandbox, client(sandbox) as carrier:
            await connect(carrier, [*VALID, ("StatusCallback", "http://hooks.acme.example/")])
        async with simulated_carrier(replace(config, callbacks_to=())) as sandbox, client(sandbox) as carrier:
            row = await first_callback(carrier, lambda row: row["state"] != "pending")
            assert (row["state"], row["tries"]) == ("not-sent", 0)

    asyncio.run(check())


def modes_in(folder: Path) -> dict[str, int]:
    return {file.name: stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()}


def test_the_state_file_is_for_its_owner_only(tmp_path: Path) -> None:
    async def check() -> None:
        config = replace(FAST, state=tmp_path / "s.db")
        async with simulated_carrier(config) as sandbox, client(sandbox) as carrier:
            await connect(carrier, VALID)
            assert modes_in(tmp_path) == {"s.db": 0o600, "s.db-wal": 0o600, "s.db-shm": 0o600}

    asyncio.run(check())


@pytest.mark.parametrize("content", [b"this is no database at all, whatever its name says" * 20, "version"])
def test_a_file_that_is_not_a_sandboxs_state_is_refused_and_left_as_it_is(tmp_path: Path, content: bytes | str) -> None:
    state = tmp_path / "s.db"
    if isinstance(content, bytes):
        state.write_bytes(content)
    else:
        database = sqlite3.connect(state)
        database.execute("PRAGMA user_version = 99")
        database.close()
    before = state.read_bytes()

    async def check() -> None:
        async with simulated_carrier(replace(FAST, state=state)):
            raise AssertionError("it opened")

    with pytest.raises(CannotProceed, match=r"s\.db is"):
        asyncio.run(check())
    if isinstance(content, bytes):
        assert state.read_bytes() == before


def test_stopping_ends_every_task_even_with_calls_and_callbacks_open() -> None:
    async def check() -> None:
        with listening() as listener:
            async with simulated_carrier(SandboxConfig(speed=0.1)) as sandbox, client(sandbox) as carrier:
                await asyncio.gather(*(connect(carrier, [*VALID, ("StatusCallback", listener.url)]) for _ in range(20)))
            assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(check())


def test_a_port_in_use_is_an_oserror_and_leaves_nothing_running(tmp_path: Path) -> None:
    async def check() -> None:
        async with simulated_carrier(FAST) as first:
            port = int(first.rpartition(":")[2])
            with pytest.raises(OSError, match="in use"):
                async with simulated_carrier(replace(FAST, state=tmp_path / "s.db"), port=port):
                    raise AssertionError("it started")

    asyncio.run(check())
