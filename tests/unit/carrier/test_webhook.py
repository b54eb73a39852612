"""A message is posted to a receiver that may do anything: taken once, tried again for a bounded time, or given up."""

import asyncio
import base64
import contextlib
import hashlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from orchestrator.carrier.webhook import LONGEST_ATTEMPT, Message, deliver

KEY = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
MESSAGE = Message("20261201T001138m635-rgxu", b'{"format": 1}', KEY)
OK = b"HTTP/1.1 204 No Content\r\n\r\n"

Behaviour = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def hmac_by_hand(key: bytes, text: bytes) -> bytes:
    """HMAC-SHA256 as RFC 2104 defines it, for a key of at most 64 bytes."""
    block = key.ljust(64, b"\0")
    inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in block) + text).digest()
    return hashlib.sha256(bytes(byte ^ 0x5C for byte in block) + inner).digest()


def test_a_signature_is_the_one_that_the_convention_publishes() -> None:
    published = Message("msg_p5jXN8AQM9LWM0D4loKWxJek", b'{"test": 2432232314}', KEY)
    assert published.headers(1614265330)["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_message_without_a_secret_has_no_signature_and_no_message_shows_its_key() -> None:
    assert "webhook-signature" not in Message("a", b"{}").headers(1)
    assert repr(KEY) not in repr(MESSAGE)


class Receiver:
    """A server on a port of its own that keeps the requests it was sent, and answers as it was told."""

    def __init__(self, *behaviours: Behaviour) -> None:
        self._behaviours = list(behaviours)
        self.requests: list[dict[str, str]] = []
        self.bodies: list[bytes] = []
        self.url = ""
        self._serving: list[tuple[asyncio.StreamWriter, asyncio.Task[None]]] = []

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._serving.append((writer, asyncio.current_task()))
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            headers = dict(
                line.lower().split(": ", 1) if ": " in line else (line, "") for line in head.splitlines()[1:]
            )
            self.requests.append(dict(line.split(": ", 1) for line in head.splitlines()[1:] if line))
            self.bodies.append(await reader.readexactly(int(headers["content-length"])))
            behave = self._behaviours.pop(0) if len(self._behaviours) > 1 else self._behaviours[0]
            await behave(reader, writer)
            await writer.drain()
        writer.close()

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator["Receiver"]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/runs"
        try:
            yield self
        finally:
            server.close()
            for writer, task in self._serving:
                writer.transport.abort()
                task.cancel()
            await asyncio.gather(*(task for _, task in self._serving), return_exceptions=True)
            await asyncio.sleep(0)


def answers(raw: bytes) -> Behaviour:
    async def behave(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(raw)
        await writer.drain()

    return behave


async def says_nothing(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    await reader.read()


async def drips(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nX: ")
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.05)


async def floods(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
    while True:
        writer.write(bytes(1_000_000))
        await writer.drain()


async def floods_headers(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        writer.write(b"X-A: " + b"a" * 60_000 + b"\r\n")
        await writer.drain()


async def posted(within: float, *behaviours: Behaviour) -> tuple[str | None, Receiver, float]:
    async with Receiver(*behaviours).open() as receiver:
        began = time.monotonic()
        why = await deliver(receiver.url, MESSAGE, within)
        return why, receiver, time.monotonic() - began


@pytest.mark.parametrize("taken", [answers(OK), answers(b"HTTP/1.0 200\r\n\r\n"), floods], ids=["204", "1.0", "1 GB"])
def test_a_message_is_taken_once_whatever_the_body_of_the_answer_is(taken: Behaviour) -> None:
    why, receiver, seconds = asyncio.run(posted(20, taken))
    assert (why, len(receiver.requests)) == (None, 1)
    assert receiver.bodies == [MESSAGE.body]
    assert seconds < LONGEST_ATTEMPT


def test_each_attempt_has_the_same_id_and_a_signature_of_its_own_moment() -> None:
    busy = answers(b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n")
    why, receiver, _ = asyncio.run(posted(20, busy, busy, answers(OK)))
    assert why is None
    assert [request["webhook-id"] for request in receiver.requests] == [MESSAGE.id] * 3
    for request in receiver.requests:
        signed = f"{MESSAGE.id}.{request['webhook-timestamp']}.".encode() + MESSAGE.body
        signature = base64.b64encode(hmac_by_hand(KEY, signed)).decode()
        assert request["webhook-signature"] == f"v1,{signature}"
        assert abs(int(request["webhook-timestamp"]) - time.time()) < 30


FOR_GOOD = {
    "it answered 302, and redirects are not followed": b"HTTP/1.1 302 Found\r\nLocation: /other\r\n\r\n",
    "it answered 410": b"HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n",
    "it answered 404": b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n",
}


@pytest.mark.parametrize("why", FOR_GOOD)
def test_a_receiver_that_says_no_is_asked_once(why: str) -> None:
    said, receiver, _ = asyncio.run(posted(20, answers(FOR_GOOD[why])))
    assert (said, len(receiver.requests)) == (why, 1)


HOSTILE: dict[str, tuple[Behaviour, str]] = {
    "500 for ever": (answers(b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"), "it answered 500, in 2 attempts"),
    "closes": (answers(b""), "it gave no answer in HTTP ("),
    "no HTTP": (answers(b"\x00\xff\x1b[2J\r\n\r\n"), "it gave no answer in HTTP ("),
    "headers without end": (floods_headers, ""),
    "a header without end": (drips, "it did not answer"),
    "says nothing": (says_nothing, "it did not answer"),
}


def test_hostile_receivers_cost_a_bounded_time() -> None:
    async def all_at_once() -> list[tuple[str | None, Receiver, float]]:
        return await asyncio.gather(*(posted(1.2, behave) for behave, _ in HOSTILE.values()))

    for (said, _, seconds), (kind, (_, why)) in zip(asyncio.run(all_at_once()), HOSTILE.items(), strict=True):
        assert said is not None, kind
        assert said.startswith(why), (kind, said)
        assert seconds < 2.5, kind


def test_where_nobody_listens_it_is_tried_again_and_given_up() -> None:
    said = asyncio.run(deliver("http://127.0.0.1:1/", MESSAGE, 1.2))
    assert said is not None
    assert said.startswith("no connection to it could be made (")
    assert said.endswith("in 2 attempts")
