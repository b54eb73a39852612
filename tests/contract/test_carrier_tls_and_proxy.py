"""TLS as it is in production, and proxies: what a proxy refuses never reached the carrier."""

import asyncio
from pathlib import Path

import pytest
from contract.carrier_client import KEY, REQUEST, TOKEN, at_once, carrier, placed
from contract.raw_carrier import CALL, SID, Behaviour, Connection, answer, answering, serving
from contract.self_signed import self_signed

from orchestrator.exotel.placement import verdict
from orchestrator.model.errors import CannotProceed
from orchestrator.model.outcome import Exchange, Placement

ELSEWHERE = "https://api.carrier.invalid"
"""A name that never resolves: whatever answers for it is the proxy."""


def through(proxy: Behaviour, monkeypatch: pytest.MonkeyPatch, url: str = ELSEWHERE, within: float = 5.0) -> Exchange:
    async def main() -> Exchange:
        async with serving(proxy) as server:
            monkeypatch.setenv("HTTPS_PROXY", f"http://proxy-user:proxy-secret@127.0.0.1:{server.port}")
            return await placed(url, within)

    return asyncio.run(main())


def assert_unreached(exchange: Exchange) -> None:
    assert (exchange.bytes_sent, verdict(exchange).placement) == (False, Placement.UNREACHED), exchange
    assert "proxy-secret" not in repr(exchange)


def test_a_call_over_tls_is_accepted_where_the_certificate_is_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, context = self_signed(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))

    async def main() -> tuple[list[Exchange], int]:
        async with (
            serving(answering(answer(200, CALL)), context) as server,
            carrier(f"https://127.0.0.1:{server.port}") as client,
        ):
            return [await client.place(REQUEST, at_once) for _ in range(2)], server.connections

    exchanges, connections = asyncio.run(main())
    assert [verdict(exchange).facts.sid for exchange in exchanges] == [SID, SID]
    assert connections == 1


def test_an_untrusted_certificate_is_unreached_and_says_so(tmp_path: Path) -> None:
    _, context = self_signed(tmp_path)

    async def main() -> Exchange:
        async with serving(answering(answer(200, CALL)), context) as server:
            return await placed(f"https://127.0.0.1:{server.port}")

    exchange = asyncio.run(main())
    assert_unreached(exchange)
    assert "CERTIFICATE_VERIFY_FAILED" in (exchange.error or "")


def test_a_tls_connection_reset_after_the_request_is_unknown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certificate, context = self_signed(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))

    async def reset(connection: Connection) -> None:
        await connection.request()
        connection.reset()

    async def main() -> Exchange:
        async with serving(reset, context) as server:
            return await placed(f"https://127.0.0.1:{server.port}")

    exchange = asyncio.run(main())
    assert (exchange.bytes_sent, verdict(exchange).placement) == (True, Placement.UNKNOWN)


@pytest.mark.parametrize("status", [403, 407, 502, 503])
def test_a_proxy_that_refuses_the_tunnel_is_unreached(status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    exchange = through(answering(answer(status, b"no")), monkeypatch)
    assert_unreached(exchange)
    assert exchange.status is None
    assert str(status) in (exchange.error or "")


def test_a_proxys_refusal_that_holds_a_call_sid_is_still_not_the_carriers_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert_unreached(through(answering(answer(302, CALL, "Location: /login")), monkeypatch))


def test_a_proxy_that_closes_resets_or_hangs_is_unreached(monkeypatch: pytest.MonkeyPatch) -> None:
    async def close(connection: Connection) -> None:
        await connection.request()

    async def reset(connection: Connection) -> None:
        await connection.request()
        connection.reset()

    for broken in (close, reset, Connection.until_closed):
        assert_unreached(through(broken, monkeypatch, within=0.5))


def test_a_proxy_that_is_not_there_is_unreached(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    assert_unreached(asyncio.run(placed(ELSEWHERE)))


def test_a_tunnel_whose_tls_fails_is_unreached(monkeypatch: pytest.MonkeyPatch) -> None:
    async def plain(connection: Connection) -> None:
        await connection.request()
        await connection.send(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await connection.reader.read(10)
        await connection.send(b"this is not TLS at all")

    exchange = through(plain, monkeypatch)
    assert_unreached(exchange)
    assert "TLS" in (exchange.error or "")


def test_a_tunnel_whose_tls_hangs_is_unreached(monkeypatch: pytest.MonkeyPatch) -> None:
    async def silent(connection: Connection) -> None:
        await connection.request()
        await connection.send(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await connection.until_closed()

    assert_unreached(through(silent, monkeypatch, within=0.5))


async def relay(connection: Connection, port: int) -> None:
    """Answer a CONNECT, then pass bytes both ways to a port of this machine."""
    await connection.request()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    await connection.send(b"HTTP/1.1 200 Connection established\r\n\r\n")

    async def pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        while data := await source.read(65536):
            sink.write(data)
        sink.close()

    try:
        await asyncio.gather(pump(connection.reader, writer), pump(reader, connection.writer))
    finally:
        writer.close()


@pytest.mark.parametrize("answers", [True, False])
def test_through_a_tunnel_the_carriers_answer_counts_and_the_proxy_sees_no_key(
    answers: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over the same tunnel, a carrier that closes without an answer leaves an unknown, not an unreached."""
    certificate, context = self_signed(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))

    async def mute(connection: Connection) -> None:
        await connection.request()

    async def main() -> tuple[Exchange, list[bytes]]:
        async with (
            serving(answering(answer(200, CALL)) if answers else mute, context) as server,
            serving(lambda connection: relay(connection, server.port)) as proxy,
        ):
            monkeypatch.setenv("HTTPS_PROXY", f"http://proxy-user:proxy-secret@127.0.0.1:{proxy.port}")
            return await placed(ELSEWHERE), proxy.requests

    exchange, seen = asyncio.run(main())
    assert exchange.bytes_sent
    assert verdict(exchange).placement is (Placement.ACCEPTED if answers else Placement.UNKNOWN)
    assert seen[0].startswith(b"CONNECT api.carrier.invalid:443")
    assert b"\r\nAuthorization:" not in seen[0]
    assert KEY.encode() not in seen[0]
    assert TOKEN.encode() not in seen[0]


def test_no_proxy_names_hosts_that_are_reached_directly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "carrier.invalid")

    async def main() -> int:
        async with serving(answering(answer(403))) as proxy:
            monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
            assert_unreached(await placed(ELSEWHERE))
            return proxy.connections

    assert asyncio.run(main()) == 0


def test_loopback_never_goes_through_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")

    async def main() -> Exchange:
        async with serving(answering(answer(200, CALL))) as server:
            return await placed(server.url)

    assert verdict(asyncio.run(main())).placement is Placement.ACCEPTED


@pytest.mark.parametrize("proxy", ["socks5://user:proxy-secret@127.0.0.1:9", "http://user:proxy-secret@[::bad"])
def test_a_proxy_that_we_cannot_speak_to_is_refused_without_showing_its_password(
    proxy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    with pytest.raises(CannotProceed) as refused:
        carrier(ELSEWHERE)
    assert "proxy-secret" not in refused.value.message


def test_a_trust_store_that_is_not_there_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "missing.pem"))
    with pytest.raises(CannotProceed):
        carrier(ELSEWHERE)
