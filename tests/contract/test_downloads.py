"""One file by its address over real sockets: its bounds in size, time and redirects, and where it never asks."""

import asyncio
import ssl
from pathlib import Path

import pytest
from contract.raw_carrier import Behaviour, Connection, RawServer, serving
from contract.self_signed import self_signed

from orchestrator.carrier.download import Download, download, is_public

FILE = b"RIFF....WAVE"


def anywhere(_address: str) -> bool:
    return True


def answering(*answers: bytes) -> Behaviour:
    """Answer the first request with the first answer, and so on; after the last with that."""
    left = list(answers)

    async def behave(connection: Connection) -> None:
        await connection.request()
        await connection.send(left.pop(0) if len(left) > 1 else left[0])

    return behave


def ok(body: bytes = FILE) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)


def moved(to: str, status: int = 302) -> bytes:
    return f"HTTP/1.1 {status} Moved\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n".encode()


def fetched(behave: Behaviour, *, within: float = 5.0, tls: ssl.SSLContext | None = None) -> tuple[Download, RawServer]:
    async def main() -> tuple[Download, RawServer]:
        async with serving(behave, tls) as server:
            scheme = "https" if tls else "http"
            url = f"{scheme}://127.0.0.1:{server.port}/hold.wav?v=1#x"
            return await download(url, 100, within, anywhere), server

    return asyncio.run(main())


def test_a_file_comes_whole() -> None:
    came, server = fetched(answering(ok()))
    assert came == Download(FILE, is_whole=True)
    (request,) = server.requests
    assert request.startswith(b"GET /hold.wav?v=1 HTTP/1.1\r\n")
    assert f"Host: 127.0.0.1:{server.port}\r\n".encode() in request
    assert b"Authorization" not in request


def test_a_file_over_tls_comes_where_its_certificate_is_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, tls = self_signed(tmp_path)
    assert "CERTIFICATE_VERIFY_FAILED" in str(fetched(answering(ok()), tls=tls)[0].problem)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert fetched(answering(ok()), tls=tls)[0].body == FILE


def test_a_file_that_is_too_long_is_cut() -> None:
    came, _ = fetched(answering(ok(b"x" * 1_000_000)))
    assert came == Download(b"x" * 100)


def test_an_endless_file_is_cut() -> None:
    async def behave(connection: Connection) -> None:
        await connection.request()
        await connection.send(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            await connection.send(b"x" * 1000)
            await asyncio.sleep(0)

    assert fetched(behave)[0] == Download(b"x" * 100)


def test_a_file_that_does_not_come_is_given_up() -> None:
    async def behave(connection: Connection) -> None:
        await connection.request()
        await connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nx")
        await connection.until_closed()

    came, _ = fetched(behave, within=0.2)
    assert came == Download(problem="it did not come within 0.2 s")


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "its server answers 404"),
        (b"HTTP/1.1 206 Partial\r\nContent-Length: 0\r\n\r\n", "its server answers 206"),
        (b"SSH-2.0-OpenSSH\r\n\r\n", "RemoteProtocolError"),
        (b"", "RemoteProtocolError"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nx", "RemoteProtocolError"),
        (moved("file:///etc/passwd"), "no plain http"),
        (moved("http://user:word@127.0.0.1/"), "no plain http"),
        (moved("http://[::1"), "ValueError"),
        (moved(""), "redirects more than 3 times"),
        (moved("/again", 307), "redirects more than 3 times"),
    ],
)
def test_what_is_no_file_is_told_in_words(answer: bytes, problem: str) -> None:
    came, server = fetched(answering(answer))
    assert came.body is None
    assert problem in str(came.problem)
    assert len(server.requests) <= 4


def test_a_redirect_is_followed() -> None:
    came, server = fetched(answering(moved("/other.wav", 301), ok()))
    assert came.body == FILE
    assert server.requests[1].startswith(b"GET /other.wav ")


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.0.0.8", "192.168.1.1", "172.16.0.1", "169.254.169.254", "100.64.0.1", "224.0.0.1"),
        *("::", "::1", "fe80::1%eth0", "fd00::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1"),
    ],
)
def test_no_address_inside_a_network_is_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_addresses_of_the_internet_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "2130706433", "0x7f000001", "[::ffff:127.0.0.1]"])
def test_a_host_inside_is_not_even_asked(host: str) -> None:
    """However it is spelled: what counts is the address that it has."""

    async def main() -> tuple[Download, int]:
        async with serving(answering(ok())) as server:
            return await download(f"http://{host}:{server.port}/x.wav", 100, 5.0), server.connections

    came, connections = asyncio.run(main())
    assert came.is_inside
    assert connections == 0


def test_a_redirect_to_the_inside_is_not_followed() -> None:
    """The first host may be reached, what it redirects to may not: the second look is at the redirect's own host."""
    looked: list[str] = []

    def only_first(address: str) -> bool:
        looked.append(address)
        return len(looked) == 1

    async def main() -> tuple[Download, int]:
        async with serving(answering(moved("http://localhost:1/secret"))) as server:
            return await download(f"{server.url}/x.wav", 100, 5.0, only_first), server.connections

    came, connections = asyncio.run(main())
    assert came.is_inside
    assert connections == 1
