"""The receiver over a real socket: every form of a callback, and everything that is none."""

import asyncio
import contextlib
import gzip
import json
import subprocess
import zlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.model.outcome import CallFacts, Leg
from orchestrator.model.refusal import Refusal
from orchestrator.receiver.app import LARGEST_BODY, Receiver, callback_facts
from orchestrator.serving import serve

KNOWN = "canary-token_1"
FACTS = CallFacts("abc", "no-answer", "terminal", (Leg("completed", 12), Leg("no-answer", 0)), custom_field="a+b é")
NESTED = {
    "CallSid": "abc",
    "EventType": "terminal",
    "Status": "no-answer",
    "Legs": [{"OnCallDuration": 12, "Status": "completed"}, {"OnCallDuration": 0, "Status": "no-answer"}],
    "CustomField": "a+b é",
}
FLAT = [
    ("CallSid", "abc"),
    ("EventType", "terminal"),
    ("Status", "no-answer"),
    ("Legs[0][Status]", "completed"),
    ("Legs[0][OnCallDuration]", "12"),
    ("Legs[1][Status]", "no-answer"),
    ("Legs[1][OnCallDuration]", "0"),
    ("CustomField", "a+b é"),
]
URLENCODED = (
    b"CallSid=abc&EventType=terminal&Status=no-answer&Legs%5B0%5D%5BStatus%5D=completed&Legs[0][OnCallDuration]=12"
    b"&Legs%5B1%5D%5BStatus%5D=no-answer&Legs[1][OnCallDuration]=0&CustomField=a%2Bb+%C3%A9"
)
FORM = "application/x-www-form-urlencoded"


def multipart(boundary: str = "xyz", ending: str = "\r\n") -> bytes:
    parts = [
        f'--{boundary}{ending}Content-Disposition: form-data; name="{name}"{ending}{ending}{value}{ending}'
        for name, value in FLAT
    ]
    return ("".join(parts) + f"--{boundary}--{ending}").encode()


@dataclass
class Desk:
    """A running receiver, and what it handed over."""

    port: int = 0
    heard: list[tuple[str, CallFacts]] = field(default_factory=list)
    committed: bool = False
    refused: list[Refusal] = field(default_factory=list)

    async def hear(self, token: str, facts: CallFacts) -> bool:
        await asyncio.sleep(0.05)
        self.committed = True
        self.heard.append((token, facts))
        return token == KNOWN

    async def send(self, raw: bytes) -> bytes:
        """Send raw bytes on a connection of its own; return all that comes back."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            with contextlib.suppress(ConnectionError):
                writer.write(raw)
                await writer.drain()
            with contextlib.suppress(ConnectionError):
                return await reader.read()
            return b""
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    async def post(
        self,
        body: bytes,
        kind: str | None,
        path: str = f"/callbacks/{KNOWN}",
        method: str = "POST",
        coding: str | None = None,
    ) -> bytes:
        lines = [f"{method} {path} HTTP/1.1", "Host: x", f"Content-Length: {len(body)}", "Connection: close"]
        lines += [f"Content-Type: {kind}"] if kind else []
        lines += [f"Content-Encoding: {coding}"] if coding else []
        head = "\r\n".join([*lines, "", ""])
        return await self.send(head.encode() + body)


@contextlib.asynccontextmanager
async def open_desk(body_within: float = 5.0) -> AsyncIterator[Desk]:
    desk = Desk()
    async with serve(Receiver(desk.hear, body_within, refused=desk.refused.append).app, "127.0.0.1", 0) as port:
        desk.port = port
        yield desk


def posted(body: bytes, kind: str | None, **options: Any) -> tuple[int, bytes, Desk]:
    async def main() -> tuple[int, bytes, Desk]:
        async with open_desk() as desk:
            reply = await desk.post(body, kind, **options)
            return int(reply.split()[1]), reply, desk

    status, reply, desk = asyncio.run(main())
    assert KNOWN.encode() not in reply
    assert b"Traceback" not in reply
    return status, reply, desk


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (json.dumps(NESTED).encode(), "application/json"),
        (json.dumps(NESTED).encode(), "application/json; charset=utf-8"),
        (json.dumps(NESTED).encode(), "multipart/form-data; boundary=xyz"),
        (json.dumps(NESTED).encode(), None),
        (multipart(), "multipart/form-data; boundary=xyz"),
        (multipart(), 'Multipart/Form-Data; boundary="xyz"; charset=utf-8'),
        (multipart("----WebKit" + "x" * 30), "multipart/form-data; boundary=----WebKit" + "x" * 30),
        (multipart(), "multipart/form-data"),
        (multipart(), "text/plain"),
        (multipart(), None),
        (multipart().replace(b"\r\n", b"\n"), "multipart/form-data; boundary=xyz"),
        (multipart().removesuffix(b"--xyz--\r\n"), "multipart/form-data; boundary=xyz"),
        (URLENCODED, "multipart/form-data; boundary=xyz"),
        (URLENCODED, FORM),
        (URLENCODED, FORM + "; charset=UTF-8"),
        (URLENCODED, None),
    ],
)
def test_a_callback_is_heard_in_every_form_whatever_its_header_says(body: bytes, kind: str | None) -> None:
    status, _, desk = posted(body, kind)
    assert status == 200
    assert desk.heard == [(KNOWN, FACTS)]


def test_curls_own_multipart_is_heard(tmp_path: Path) -> None:
    """A client that is not ours, with the parts that the documents' default type has."""

    async def main() -> tuple[str, Desk]:
        async with open_desk() as desk:
            fields = [argument for name, value in FLAT for argument in ("--form-string", f"{name}={value}")]
            url = f"http://127.0.0.1:{desk.port}/callbacks/{KNOWN}"
            command = [
                "curl",
                "--silent",
                "--noproxy",
                "*",
                "--output",
                "-",
                "--write-out",
                "%{http_code}",
                *fields,
                url,
            ]
            process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE, cwd=tmp_path)
            shown, _ = await process.communicate()
            return shown.decode(), desk

    shown, desk = asyncio.run(main())
    assert shown.endswith("200")
    assert desk.heard == [(KNOWN, FACTS)]


def test_the_answer_comes_only_after_hear_has_returned() -> None:
    status, _, desk = posted(URLENCODED, FORM)
    assert status == 200
    assert desk.committed


def test_an_unknown_token_is_answered_404() -> None:
    status, _, desk = posted(URLENCODED, FORM, path="/callbacks/never-given-out")
    assert (status, len(desk.heard)) == (404, 1)


def refused(requests: list[dict[str, Any]]) -> set[int]:
    """Post each request to one receiver; return the statuses. Nothing may have been heard."""

    async def main() -> list[bytes]:
        async with open_desk() as desk:
            replies = [await desk.post(**{"body": URLENCODED, "kind": FORM} | request) for request in requests]
            assert desk.heard == []
            return replies

    replies = asyncio.run(main())
    assert all(KNOWN.encode() not in reply and b"Traceback" not in reply for reply in replies)
    return {int(reply.split()[1]) for reply in replies}


SPELLINGS = [
    *[f"/callbacks/{KNOWN}/", f"//callbacks//{KNOWN}", f"/callbacks/{KNOWN}?x=1", "/callbacks/canary%2Dtoken_1"],
    *[f"http://hooks.example/callbacks/{KNOWN}", f"HTTPS://hooks.example:443/callbacks/{KNOWN}/?x=1"],
]


@pytest.mark.parametrize("target", SPELLINGS)
def test_an_address_is_known_however_it_is_written(target: str) -> None:
    """A proxy may hand the absolute form on, and public_url may end in a slash."""
    status, _, desk = posted(URLENCODED, FORM, path=target)
    assert (status, desk.heard, desk.refused) == (200, [(KNOWN, FACTS)], [])


BODIES = [(json.dumps(NESTED).encode(), None), (multipart(), "multipart/form-data; boundary=xyz"), (URLENCODED, FORM)]


@pytest.mark.parametrize(("body", "kind"), BODIES)
@pytest.mark.parametrize("coding", ["gzip", "deflate", "gzip, gzip", None])
def test_a_compressed_callback_is_heard(body: bytes, kind: str | None, coding: str | None) -> None:
    for name in reversed((coding or "gzip").split(", ")):
        body = zlib.compress(body) if name == "deflate" else gzip.compress(body)
    status, _, desk = posted(body, kind, coding=coding)
    assert (status, desk.heard) == (200, [(KNOWN, FACTS)])


@pytest.mark.parametrize("charset", ["utf-16", "utf-8-sig", "cp037"])
def test_a_callback_in_another_character_set_is_heard(charset: str) -> None:
    status, _, desk = posted(json.dumps(NESTED).encode(charset), f"application/json; charset={charset}")
    assert (status, desk.heard) == (200, [(KNOWN, FACTS)])


COMPRESSED = [
    (URLENCODED, "br"),
    (URLENCODED, "gzip"),
    (gzip.compress(URLENCODED)[:-9], "gzip"),
    (gzip.compress(b"CallSid=abc&x=" + b"y" * 5_000_000), "gzip"),
    (gzip.compress(gzip.compress(b"y" * 20_000_000)), "gzip"),
]


def test_a_body_that_cannot_be_decompressed_is_415_and_bounded() -> None:
    assert refused([{"body": body, "coding": coding} for body, coding in COMPRESSED]) == {415}


REFUSALS = [
    ({"path": "/other"}, Refusal.WRONG_PATH),
    ({"path": f"/hooks/callbacks/{KNOWN}"}, Refusal.WRONG_PATH),
    ({"path": "/callbacks/a%20b"}, Refusal.WRONG_PATH),
    ({"method": "GET", "body": b""}, Refusal.WRONG_PATH),
    ({"body": b"hello"}, Refusal.UNREADABLE_BODY),
    ({"body": b"y" * (LARGEST_BODY + 1)}, Refusal.UNREADABLE_BODY),
    ({"coding": "br"}, Refusal.UNREADABLE_BODY),
    ({"path": "/callbacks/never-given-out"}, Refusal.UNKNOWN_TOKEN),
]


@pytest.mark.parametrize(("request_", "why"), REFUSALS)
def test_a_refused_callback_is_told_once_with_its_reason(request_: dict[str, Any], why: Refusal) -> None:
    _, _, desk = posted(**{"body": URLENCODED, "kind": FORM} | request_)
    assert desk.refused == [why]


def test_what_is_heard_or_was_no_callback_is_not_told_as_refused() -> None:
    for options in ({"body": URLENCODED, "kind": FORM}, {"body": b"", "kind": None, "method": "GET", "path": "/"}):
        assert posted(**options)[2].refused == []  # type: ignore[arg-type]


def test_any_other_address_is_404_and_never_a_redirect() -> None:
    paths = [
        *["/", "/callbacks", "/callbacks/", f"/callbacks/{KNOWN}/x", "/callbacks/a%20b"],
        *["/other", "/callbacks/" + "x" * 129, "/callbacks/..%2Fx", "/callbacks/%00", f"/CALLBACKS/{KNOWN}"],
    ]
    assert refused([{"path": path} for path in paths]) == {404}


def test_any_method_but_post_is_405() -> None:
    methods = ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"]
    assert refused([{"body": b"", "kind": None, "method": method} for method in methods]) == {405}


NO_CALLBACKS = [
    (b"", "application/json"),
    (b"", "multipart/form-data; boundary=xyz"),
    (b"{", "application/json"),
    (b"[]", "application/json"),
    (b'{"a": ' * 30000, "application/json"),
    (b"{}", "application/json"),
    (b"\xff\xfe\x00\x01", FORM),
    (b"hello", FORM),
    (b"&" * 5000, FORM),
    (b"--xyz\r\nnonsense", "multipart/form-data; boundary=xyz"),
    (b"no boundary at all", "multipart/form-data; boundary=xyz"),
    (b"--xyz--\r\n", "multipart/form-data; boundary=xyz"),
    (b"--xyz\r\nContent-Disposition: form-data\r\n\r\nabc\r\n--xyz--\r\n", "multipart/form-data; boundary=xyz"),
    (multipart(), "multipart/form-data; boundary=other"),
    (multipart(), "multipart/form-data; boundary=" + "x" * 400),
    (b"CallSid=", FORM),
]


def test_a_body_that_is_no_callback_is_400_and_not_heard() -> None:
    assert refused([{"body": body, "kind": kind} for body, kind in NO_CALLBACKS]) == {400}


def test_a_body_that_is_too_large_is_413_without_being_kept() -> None:
    status, _, desk = posted(b"CallSid=abc&x=" + b"y" * 400_000, FORM)
    assert (status, desk.heard) == (413, [])


def test_an_endless_chunked_body_is_cut_off() -> None:
    async def main() -> tuple[bytes, Desk]:
        async with open_desk() as desk:
            head = f"POST /callbacks/{KNOWN} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
            chunks = (b"1000\r\n" + b"x" * 4096 + b"\r\n") * 100
            return await desk.send(head + chunks), desk

    reply, desk = asyncio.run(main())
    assert reply.startswith(b"HTTP/1.1 413")
    assert desk.heard == []


def test_a_body_that_never_comes_is_408_after_the_time_out() -> None:
    async def main() -> tuple[bytes, Desk]:
        async with open_desk(body_within=0.3) as desk:
            head = f"POST /callbacks/{KNOWN} HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\nCall".encode()
            return await asyncio.wait_for(desk.send(head), 5), desk

    reply, desk = asyncio.run(main())
    assert reply.startswith(b"HTTP/1.1 408")
    assert desk.heard == []


def test_a_sender_that_hangs_up_in_the_middle_is_not_heard() -> None:
    async def main() -> Desk:
        async with open_desk() as desk:
            _, writer = await asyncio.open_connection("127.0.0.1", desk.port)
            writer.write(f"POST /callbacks/{KNOWN} HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\nCall".encode())
            await writer.drain()
            writer.close()
            await writer.wait_closed()
            assert (await desk.post(URLENCODED, FORM)).startswith(b"HTTP/1.1 200")
            return desk

    assert asyncio.run(main()).heard == [(KNOWN, FACTS)]


def test_many_callbacks_at_once_are_all_heard() -> None:
    async def main() -> tuple[list[bytes], Desk]:
        async with open_desk() as desk:
            return list(await asyncio.gather(*(desk.post(multipart(), None) for _ in range(50)))), desk

    replies, desk = asyncio.run(main())
    assert all(reply.startswith(b"HTTP/1.1 200") for reply in replies)
    assert desk.heard == [(KNOWN, FACTS)] * 50


def test_a_part_with_a_file_name_is_text_as_well() -> None:
    body = b'--x\r\nContent-Disposition: form-data; name="CallSid"; filename="a"\r\n\r\nabc\r\n--x--\r\n'
    assert callback_facts("multipart/form-data; boundary=x", body) == CallFacts("abc")


def test_a_preamble_before_the_first_part_is_passed_over() -> None:
    facts = callback_facts("multipart/form-data; boundary=xyz", b"\r\n" + multipart())
    assert facts == FACTS


@settings(deadline=None)
@given(st.binary(max_size=200), st.sampled_from([None, "--xyz\r\n", "{", "Content-Disposition: form-data; name="]))
def test_no_body_raises(noise: bytes, beginning: str | None) -> None:
    for kind in ("multipart/form-data; boundary=xyz", "application/json", FORM, "", "multipart/form-data; boundary"):
        callback_facts(kind, (beginning or "").encode() + noise)


@settings(deadline=None)
@given(st.text(st.characters(max_codepoint=255), max_size=100))
def test_no_content_type_raises(kind: str) -> None:
    callback_facts(kind, URLENCODED)
