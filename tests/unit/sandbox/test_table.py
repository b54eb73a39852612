"""The sandbox agrees with the parameter table on every row: at, inside and just outside its bounds."""

import asyncio

import pytest
from unit.sandbox.kit import FAST, VALID, Pairs, client, connect, listening, until

from orchestrator.app.sandbox import simulated_carrier
from orchestrator.exotel.parameter import Kind, Parameter
from orchestrator.exotel.parameters import TABLE
from orchestrator.exotel.values import value_problem

HOSTILE = ("", " ", "x", "-1", "1.5", "1e3", "007", "TRUE", "no", "~", "\u0661\u0662\u0663", "a\nb", "+", "<x>&")
"""Wrong for most kinds, whatever the bounds."""


def values_to_try(row: Parameter) -> list[str]:
    tried = [row.example.partition(", ")[0], *row.values, *HOSTILE]
    bounds = [bound for bound in (row.minimum, row.maximum, row.unconfirmed_maximum) if bound is not None]
    if row.kind.is_integer:
        tried += [str(bound + step) for bound in bounds for step in (-1, 0, 1)]
    else:
        tried += ["x" * (bound + step) for bound in bounds for step in (-1, 0, 1)]
    if row.kind is Kind.PHONE:
        tried += ["080" * 5, "080" * 5 + "1", "12", "123", "9.19877E+11", "+91 98765 43210"]
    if row.kind is Kind.FLAG:
        tried += ["true", "false"]
    if row.kind is Kind.URL:
        tried += [f"{scheme}://127.0.0.1:1/x.wav" for scheme in ("http", "https", "ws", "wss", "ftp", "file")]
        tried += ["http://user:pass@127.0.0.1/", "http://", "http://[::1/x", "http://127.0.0.1:99999/"]
    return list(dict.fromkeys(tried))


def fields_with(row: Parameter, value: str) -> Pairs:
    name = f"{row.name}[0]" if row.is_list else row.name
    return [*((known, text) for known, text in VALID if known != row.name), (name, value)]


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
def test_a_value_is_taken_exactly_where_the_table_takes_it(row: Parameter) -> None:
    async def check() -> None:
        async with simulated_carrier(FAST) as sandbox, client(sandbox) as carrier:
            for value in values_to_try(row):
                found = value_problem(row, value)
                wanted = 200 if found is None or not found.serious else 400
                for urlencoded in (False, True):
                    reply = await connect(carrier, fields_with(row, value), urlencoded)
                    assert reply.status_code == wanted, (row.name, value, reply.text)
                    if wanted == 400:
                        assert row.name in reply.json()["RestException"]["Message"]

    asyncio.run(check())


def test_an_absent_parameter_is_refused_exactly_where_the_table_requires_it() -> None:
    async def check() -> None:
        async with simulated_carrier(FAST) as sandbox, client(sandbox) as carrier:
            for row in TABLE:
                reply = await connect(carrier, [pair for pair in VALID if pair[0] != row.name])
                assert reply.status_code == (400 if row.required else 200)
                if row.required:
                    assert f"{row.name} is missing" in reply.json()["RestException"]["Message"]

    asyncio.run(check())


@pytest.mark.parametrize(
    ("row", "spelling"),
    [(row, spelling) for row in TABLE for spelling in row.aliases],
    ids=lambda part: part if isinstance(part, str) else part.name,
)
def test_the_new_spelling_is_taken_and_recorded_as_it_arrived(row: Parameter, spelling: str) -> None:
    async def check() -> None:
        name = f"{spelling}[0]" if row.is_list else spelling
        value = row.example.partition(", ")[0]
        async with simulated_carrier(FAST) as sandbox, client(sandbox) as carrier:
            assert (await connect(carrier, [*VALID, (name, value)])).status_code == 200
            plain = f"{row.name}[0]" if row.is_list else row.name
            twice = await connect(carrier, [*VALID, (name, value), (plain, value)])
            assert (twice.status_code, "twice" in twice.text) == (400, True)
            first = (await carrier.get("/_sandbox/requests")).json()[0]
            assert first["fields"][-1] == [name, value]

    asyncio.run(check())


def test_the_new_spelling_of_the_events_has_the_same_effect() -> None:
    async def check() -> None:
        with listening() as listener:
            async with simulated_carrier(FAST) as sandbox, client(sandbox) as carrier:
                pairs = [*VALID, ("StatusCallback", listener.url)]
                pairs += [("StatusCallbackEventsNew[0]", "terminal")]
                pairs += [("StatusCallbackContentTypeNew", "application/json")]
                assert (await connect(carrier, pairs)).status_code == 200
                await until(lambda: bool(listener.heard))
            assert listener.heard[0].content_type == "application/json"
            assert listener.events() == ["terminal"]

    asyncio.run(check())


def test_what_a_target_accepts_beside_the_table_is_taken() -> None:
    async def check() -> None:
        pairs = [*VALID, ("StatusCallbackEvents[0]", "ringing"), ("NewParam", "x"), ("NewList[0]", "y")]
        accept = (("StatusCallbackEvents", ("ringing",)), ("NewParam", ("text",)), ("NewList", ("text",)))
        for config, status in ((FAST, 400), (type(FAST)(accept=accept), 200)):
            async with simulated_carrier(config) as sandbox, client(sandbox) as carrier:
                assert (await connect(carrier, pairs)).status_code == status

    asyncio.run(check())
