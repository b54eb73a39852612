"""Which connection a request goes out on: one that is surely alive, or a new one.

Connect requests and look-ups leave on connections of two kinds, and the same holds for both.
"""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from contract.carrier_client import REQUEST, assert_placement, at_once, carrier
from contract.raw_carrier import CALL, SID, Behaviour, Connection, answer, answering, serving

from orchestrator.carrier.client import Carrier
from orchestrator.exotel.placement import verdict
from orchestrator.model.errors import NotLeaving
from orchestrator.model.outcome import Exchange, Placement

Ask = Callable[[Carrier, Callable[[], Awaitable[None]]], Awaitable[Exchange]]


def dial(client: Carrier, leave: Callable[[], Awaitable[None]]) -> Awaitable[Exchange]:
    return client.place(REQUEST, leave)


def look_up(client: Carrier, leave: Callable[[], Awaitable[None]]) -> Awaitable[Exchange]:
    return client.details(SID, leave)


either = pytest.mark.parametrize("ask", [dial, look_up])


def twice(behave: Behaviour, pause: float, ask: Ask = dial) -> tuple[list[Exchange], int, int]:
    """Ask twice on one client; return the exchanges, and what the server counted."""

    async def main() -> tuple[list[Exchange], int, int]:
        async with serving(behave) as server, carrier(server.url) as client:
            first = await ask(client, at_once)
            await asyncio.sleep(pause)
            second = await ask(client, at_once)
            await asyncio.sleep(0.02)  # until the server has read what was sent
            return [first, second], server.connections, len(server.requests)

    return asyncio.run(main())


async def closed(connection: Connection) -> None:
    """Close both directions."""


async def reset(connection: Connection) -> None:
    """Close with a TCP reset."""
    connection.reset()


async def half_closed(connection: Connection) -> None:
    """Say that nothing more will come, and go on reading: a request would be taken and never answered."""
    connection.writer.write_eof()
    while await connection.request() is not None:
        pass


WAYS_TO_GO = [closed, reset, half_closed]


def assert_accepted(exchanges: list[Exchange]) -> None:
    assert {verdict(exchange).placement for exchange in exchanges} == {Placement.ACCEPTED}, exchanges


@either
def test_a_connection_that_was_just_used_is_used_again(ask: Ask) -> None:
    exchanges, connections, requests = twice(answering(answer(200, CALL)), 0.0, ask)
    assert_accepted(exchanges)
    assert (connections, requests) == (1, 2)


@either
def test_a_connection_idle_for_more_than_two_seconds_is_not_used_again(ask: Ask) -> None:
    exchanges, connections, requests = twice(answering(answer(200, CALL)), 2.1, ask)
    assert_accepted(exchanges)
    assert (connections, requests) == (2, 2)


def test_a_connect_request_takes_no_connection_that_could_be_idle_too_long_by_its_first_byte() -> None:
    """It may wait 1.8 s for its turn, so that half a second of idling is too much already."""
    exchanges, connections, _ = twice(answering(answer(200, CALL)), pause=0.5)
    assert_accepted(exchanges)
    assert connections == 2


def test_a_look_up_may_use_a_connection_that_was_idle_for_a_while() -> None:
    exchanges, connections, _ = twice(answering(answer(200, CALL)), 0.5, look_up)
    assert_accepted(exchanges)
    assert connections == 1


@either
@pytest.mark.parametrize("pause", [0.1, 0.3])
@pytest.mark.parametrize("go", WAYS_TO_GO)
def test_a_connection_that_the_server_closed_while_idle_does_not_become_an_unknown(
    go: Behaviour, pause: float, ask: Ask
) -> None:
    async def once(connection: Connection) -> None:
        await connection.request()
        await connection.send(answer(200, CALL))
        await asyncio.sleep(0.03)
        await go(connection)

    exchanges, connections, requests = twice(once, pause, ask)
    assert_accepted(exchanges)
    assert (connections, requests) == (2, 2)


@either
@pytest.mark.parametrize("go", WAYS_TO_GO)
def test_a_connection_that_the_server_closes_while_a_request_waits_for_its_turn_is_not_written_to(
    go: Behaviour, ask: Ask
) -> None:
    """Nothing was sent, and it says so; the next attempt goes out on a connection of its own."""
    waiting = asyncio.Event()

    async def main() -> tuple[list[Exchange], int, int]:
        async def once(connection: Connection) -> None:
            await connection.request()
            await connection.send(answer(200, CALL))
            await waiting.wait()
            await go(connection)

        async def slowly() -> None:
            waiting.set()
            await asyncio.sleep(0.1)

        async with serving(once) as server, carrier(server.url) as client:
            exchanges = [await ask(client, leave) for leave in (at_once, slowly, at_once)]
            return exchanges, server.connections, len(server.requests)

    (first, second, third), connections, requests = asyncio.run(main())
    assert_accepted([first, third])
    assert_placement(second, Placement.UNREACHED, bytes_sent=False)
    assert "Stale" in (second.error or "")
    assert (connections, requests) == (2, 2)


@either
@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("go", [closed, reset])
def test_a_reused_connection_that_breaks_as_the_request_arrives_is_unknown_and_nothing_is_sent_again(
    go: Behaviour, whole: bool, ask: Ask
) -> None:
    async def main() -> tuple[list[Exchange], int, int]:
        async def once(connection: Connection) -> None:
            await connection.request()
            await connection.send(answer(200, CALL))
            await (connection.request() if whole else connection.reader.readexactly(1))
            await go(connection)

        async with serving(once) as server, carrier(server.url) as client:
            exchanges = [await ask(client, at_once) for _ in range(2)]
            await asyncio.sleep(0.1)
            return exchanges, server.connections, len(server.requests)

    (first, second), connections, requests = asyncio.run(main())
    assert verdict(first).placement is Placement.ACCEPTED
    assert_placement(second, Placement.UNKNOWN, bytes_sent=True)
    assert (connections, requests) == (1, 2 if whole else 1)


def test_a_hundred_calls_through_a_server_that_closes_after_every_reply_are_a_hundred() -> None:
    """At any moment between two requests: none is lost, doubled or unknown where nothing was sent."""

    async def once(connection: Connection) -> None:
        await connection.request()
        await connection.send(answer(200, CALL))

    async def main() -> tuple[list[Exchange], int]:
        async with serving(once) as server, carrier(server.url) as client:
            exchanges = []
            for nth in range(100):
                exchanges.append(await client.place(REQUEST, at_once))
                await asyncio.sleep(nth % 4 * 0.001)
            return exchanges, len(server.requests)

    exchanges, requests = asyncio.run(main())
    assert requests == sum(exchange.status == 200 for exchange in exchanges)
    placements = {verdict(exchange).placement for exchange in exchanges if exchange.status is None}
    assert placements <= {Placement.UNREACHED, Placement.UNKNOWN}
    assert all(exchange.bytes_sent for exchange in exchanges if verdict(exchange).placement is Placement.UNKNOWN)


@either
def test_a_connection_that_the_server_says_it_will_close_is_not_used_again(ask: Ask) -> None:
    exchanges, connections, _ = twice(answering(answer(200, CALL, "Connection: close")), 0.0, ask)
    assert_accepted(exchanges)
    assert connections == 2


TOO_MANY = answering(answer(200, CALL) + answer(404, b"stale"))
"""Two answers to one request: the second must not become the answer of the next one."""


def test_a_second_answer_that_nobody_asked_for_is_not_taken_for_the_next_calls() -> None:
    """Its connection is not used again, so that the next call gets an answer of its own."""
    exchanges, connections, requests = twice(TOO_MANY, pause=0.1)
    assert_accepted(exchanges)
    assert (connections, requests) == (2, 2)


def test_a_second_answer_that_nobody_asked_for_is_not_taken_for_the_next_look_ups() -> None:
    exchanges, _, requests = twice(TOO_MANY, 0.1, look_up)
    assert [verdict(exchange).placement for exchange in exchanges] == [Placement.ACCEPTED, Placement.UNKNOWN]
    assert exchanges[1].status is None
    assert requests == 2


@either
def test_a_late_answer_that_nobody_asked_for_is_not_taken_for_the_next_calls(ask: Ask) -> None:
    """The same, where the second answer arrives on its own while the connection is idle."""

    async def stale(connection: Connection) -> None:
        while await connection.request() is not None:
            await connection.send(answer(200, CALL))
            await asyncio.sleep(0.05)
            await connection.send(answer(408, b"timeout"))

    exchanges, connections, requests = twice(stale, 0.15, ask)
    assert_accepted(exchanges)
    assert (connections, requests) == (2, 2)


def test_a_second_answer_that_comes_while_a_request_waits_for_its_turn_is_not_taken_for_its_own() -> None:
    waiting = asyncio.Event()

    async def main() -> tuple[list[Exchange], int]:
        async def early(connection: Connection) -> None:
            await connection.request()
            await connection.send(answer(200, CALL))
            await waiting.wait()
            await connection.send(answer(404, b"stale"))
            await connection.until_closed()

        async def slowly() -> None:
            waiting.set()
            await asyncio.sleep(0.1)

        async with serving(early) as server, carrier(server.url) as client:
            exchanges = [await client.place(REQUEST, leave) for leave in (at_once, slowly)]
            return exchanges, len(server.requests)

    (_, second), requests = asyncio.run(main())
    assert_placement(second, Placement.UNREACHED, bytes_sent=False)
    assert requests == 1


def test_a_request_is_never_sent_a_second_time_by_the_library() -> None:
    """Fifty calls against a server that answers none: it receives exactly fifty requests."""

    async def mute(connection: Connection) -> None:
        await connection.request()

    async def main() -> tuple[list[Exchange], int]:
        async with serving(mute) as server, carrier(server.url) as client:
            exchanges = await asyncio.gather(*(client.place(REQUEST, at_once) for _ in range(50)))
            return list(exchanges), len(server.requests)

    exchanges, requests = asyncio.run(main())
    assert requests == 50
    assert {verdict(exchange).placement for exchange in exchanges} == {Placement.UNKNOWN}


def test_a_request_that_may_not_leave_after_all_sends_nothing_and_the_next_one_does() -> None:
    """The gate stands behind the connection: what it refuses is known to have stayed here."""

    async def shut() -> None:
        raise NotLeaving("the window closed")

    async def main() -> tuple[Exchange, Exchange, int]:
        async with serving(answering(answer(200, CALL))) as server, carrier(server.url) as client:
            refused = await client.place(REQUEST, shut)
            sent = await client.place(REQUEST, at_once)
            return refused, sent, len(server.requests)

    refused, sent, requests = asyncio.run(main())
    assert (refused.bytes_sent, verdict(refused).placement) == (False, Placement.UNREACHED)
    assert "the window closed" in (refused.error or "")
    assert verdict(sent).placement is Placement.ACCEPTED
    assert requests == 1


def test_the_gate_is_asked_once_the_connection_stands_and_before_the_first_byte() -> None:
    seen: list[tuple[int, int]] = []

    async def main() -> None:
        async with serving(answering(answer(200, CALL))) as server, carrier(server.url) as client:

            async def look() -> None:
                await asyncio.sleep(0.05)
                seen.append((server.connections, len(server.requests)))

            await client.place(REQUEST, look)

    asyncio.run(main())
    assert seen == [(1, 0)]
