"""The reader of replies: whatever comes, however it is cut, is an answer or a named problem, and nothing is raised."""

import pytest
from contract.raw_carrier import CALL, answer
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.carrier.answer import LONGEST_HEAD, LONGEST_REPLY, MOST_FIELDS, Answer, Redaction, Reply
from orchestrator.model.outcome import Exchange

LONGEST = 64 * 1024
REDACTION = Redaction("canary-api-key-7f3a", "canary-api-token-91c5e2")
HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


def chunks(body: bytes, size: int, extension: bytes = b"", trailers: bytes = b"") -> bytes:
    parts = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join(b"%x%b\r\n%b\r\n" % (len(part), extension, part) for part in parts) + b"0\r\n" + trailers + b"\r\n"


def read(*pieces: bytes, ends: bool = True) -> tuple[Exchange, Reply]:
    """Feed the pieces as a connection would: until the reply is over, or the server has closed."""
    kept = Answer(REDACTION, LONGEST)
    reply = Reply(kept)
    for piece in pieces:
        if reply.over:
            reply.reusable = False  # the connection closes on what nobody asked for
            break
        reply.feed(piece)
    if ends and not reply.over:
        reply.end()
    return kept.exchange(True, str(reply.problem) if reply.problem else None), reply


REPLIES = {
    "a length": answer(200, CALL, "X-Empty:", "X-Blank:  a b \t"),
    "no body": answer(204),
    "a length and 304": b"HTTP/1.1 304 Not Modified\r\nContent-Length: 10\r\n\r\n",
    "chunks": CHUNKED + chunks(CALL, 7),
    "chunks with extensions and trailers": CHUNKED + chunks(CALL, 7, b";a=b", b"X-Late: yes\r\nX-Later: no\r\n"),
    "padded chunk sizes": CHUNKED + chunks(CALL, 7, b"  "),
    "close-delimited": HEAD + b"Content-Type: application/json\r\n\r\n" + CALL,
    "HTTP/1.0": b"HTTP/1.0 200 OK\r\n\r\n" + CALL,
    "no reason": b"HTTP/1.1 404\r\nContent-Length: 0\r\n\r\n",
    "line feeds only": b"HTTP/1.1 200 OK\nContent-Length: 2\n\nok",
    "both lengths": HEAD + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks(CALL, 50),
    "several interim replies": b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\nX: 1\r\n\r\n"
    + answer(202, CALL),
    "another protocol": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nnot HTTP",
    "two in one": answer(200, CALL) + answer(404, b"stale"),
    "rubbish behind": answer(200, CALL) + b"rubbish",
    "rubbish": b"rubbish\r\n\r\n",
    "half a head": HEAD + b"Content-Le",
    "half a body": answer(200, CALL)[:-9],
    "half a chunk": (CHUNKED + chunks(CALL, 50))[:-30],
    "a chunk of no size": CHUNKED + b"xyz\r\n",
    "Latin-1": answer(200, b"ok", "X-Name: caf\u00e9").decode().encode("latin-1"),
    "UTF-8": answer(200, b"ok", "X-Name: caf\u00e9"),
    "a field twice": answer(200, b"ok", "Retry-After: 1", "retry-after: 2"),
}


@pytest.mark.parametrize("name", REPLIES)
def test_it_does_not_matter_where_a_reply_is_cut(name: str) -> None:
    data = REPLIES[name]
    whole, reply = read(data)
    for at in range(1, len(data)):
        parts, in_parts = read(data[:at], data[at:])
        assert parts == whole, at
        assert (in_parts.over, in_parts.reusable) == (True, reply.reusable and at < len(data)), at
    assert read(*(bytes([byte]) for byte in data))[0] == whole


@pytest.mark.parametrize("name", ["a length", "chunks", "chunks with extensions and trailers", "padded chunk sizes"])
def test_a_whole_reply_leaves_its_connection_for_the_next(name: str) -> None:
    exchange, reply = read(REPLIES[name], ends=False)
    assert (exchange.status, exchange.body, exchange.complete) == (200, CALL, True)
    assert (reply.over, reply.reusable, reply.problem) == (True, True, None)


@pytest.mark.parametrize("name", ["HTTP/1.0", "both lengths", "close-delimited", "two in one", "rubbish behind"])
def test_a_whole_reply_that_leaves_a_doubt_leaves_no_connection(name: str) -> None:
    exchange, reply = read(REPLIES[name])
    assert (exchange.status, exchange.body, exchange.complete) == (200, CALL, True)
    assert (reply.over, reply.reusable, reply.problem) == (True, False, None)


def test_fields_are_read_as_text() -> None:
    assert read(REPLIES["a length"])[0].headers == {"content-length": str(len(CALL)), "x-empty": "", "x-blank": "a b"}
    assert read(REPLIES["Latin-1"])[0].headers["x-name"] == "caf\u00e9"
    assert read(REPLIES["UTF-8"])[0].headers["x-name"] == "caf\u00e9"
    assert read(REPLIES["a field twice"])[0].headers["retry-after"] == "1, 2"
    assert "x-late" not in read(REPLIES["chunks with extensions and trailers"])[0].headers
    assert set(read(REPLIES["several interim replies"])[0].headers) == {"content-length"}


@pytest.mark.parametrize(
    "head",
    [
        "HTTP/1.1 099 Low",
        "HTTP/1.1 2000 OK",
        "HTTP/1.1 2x0 OK",
        "HTTP/7.1 200 OK",
        "ICY 200 OK",
        "RTSP/1.0 200 OK",
        "\r\nHTTP/1.1 200 OK",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: xchunked",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, gzip",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 90",
        "HTTP/1.1 200 OK\r\nContent-Length: -2",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999",
        "HTTP/1.1 200 OK\r\nBad Name: x",
        "HTTP/1.1 200 OK\r\nContent-Length : 2",
        "HTTP/1.1 200 OK\r\nX: a\x00b",
        "HTTP/1.1 200 OK\r\nX: a\r\n folded",
        "HTTP/1.1 200 OK\r\n X: a",
    ],
)
def test_a_head_that_could_be_read_in_two_ways_is_no_answer(head: str) -> None:
    exchange, reply = read(head.encode() + b"\r\n\r\n" + chunks(CALL, 50))
    assert (exchange.status, exchange.headers, exchange.body, exchange.complete) == (None, {}, b"", False)
    assert reply.problem is not None
    assert not reply.reusable


def test_a_head_has_a_bound() -> None:
    fields = [f"X-{nth}: y".encode() for nth in range(MOST_FIELDS + 1)]
    assert read(HEAD + b"\r\n".join(fields[:-1]) + b"\r\n\r\n")[0].status == 200
    for head in (b"\r\n".join(fields), b"X: " + b"y" * LONGEST_HEAD):
        exchange, reply = read(HEAD + head + b"\r\n\r\n" + CALL)
        assert (exchange.status, exchange.headers, exchange.body) == (None, {}, b"")
        assert "head is too large" in str(reply.problem)


@pytest.mark.parametrize(
    ("begin", "repeat", "status"),
    [
        (HEAD + b"X: ", b"y" * 1024, None),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n", None),
        (b"HTTP/1.1 ", b"2" * 1024, None),
        (HEAD, b"\r\n" * 10, 200),
        (CHUNKED + b"1;", b"x" * 1024, 200),
        (CHUNKED, b"1;" + b"x" * 500 + b"\r\ny\r\n", 200),
        (CHUNKED + b"0\r\n", b"X: y\r\n", 200),
        (CHUNKED + b"0\r\nX: ", b"y" * 1024, 200),
        (HEAD + b"\r\n", b"x" * 1024, 200),
    ],
)
def test_a_reply_without_an_end_has_one(begin: bytes, repeat: bytes, status: int | None) -> None:
    """Endless names, interim replies, chunk sizes, trailers, bodies: none is read on for ever, nor kept."""
    kept = Answer(REDACTION, LONGEST)
    reply, came = Reply(kept), len(begin)
    reply.feed(begin)
    while not reply.over:
        reply.feed(repeat)
        came += len(repeat)
        assert came < LONGEST_REPLY + 2048
    exchange = kept.exchange(True, None)
    assert (exchange.status, exchange.complete, reply.reusable) == (status, False, False)
    assert len(exchange.body) <= LONGEST


PIECES = st.lists(
    st.one_of(
        st.binary(max_size=40),
        st.sampled_from([*REPLIES.values(), HEAD, CHUNKED, b"\r\n", b"\n", b"\0", b"0\r\n\r\n", b"5\r\nhello\r\n"]),
        st.sampled_from(
            [
                b"Content-Length: 5\r\n",
                b"Transfer-Encoding: chunked\r\n",
                b"Connection: close\r\n",
                b"Connection: keep-alive\r\n",
                b"Upgrade: h2c\r\n",
                b"HTTP/1.1 100 \r\n\r\n",
                b"HTTP/1.1 503 No\r\n",
                b"Content-Encoding: gzip\r\n",
            ]
        ),
    ),
    max_size=12,
)


@settings(max_examples=400, deadline=None)
@given(PIECES, st.randoms(use_true_random=False))
def test_nothing_that_a_server_can_send_raises(pieces: list[bytes], chance: object) -> None:
    """However it is cut it gives the same facts; and what is left open is never called complete."""
    data = b"".join(pieces)
    cuts = sorted(chance.randrange(len(data) + 1) for _ in range(5))  # type: ignore[attr-defined]
    parts = [data[begin:end] for begin, end in zip([0, *cuts], [*cuts, len(data)], strict=True)]
    exchange, reply = read(data)
    assert reply.over
    assert read(*(part for part in parts if part))[0] == exchange
    assert exchange.bytes_sent
    assert exchange.status is None or 101 <= exchange.status < 1000
    assert exchange.complete == (exchange.status is not None and reply.problem is None)
