"""No answer at all: refused, reset, TLS and proxy failures through real sockets, and the circuit that stops a run."""

import socket
import socketserver
import threading
import time
from pathlib import Path
from typing import ClassVar

import pytest
from durability.carrier import Carrier, counting_carrier

from acceptance.desk import Desk, calls


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def test_a_refused_connection_is_unreached_and_retried_until_the_carrier_is_there(desk: Desk, tmp_path: Path) -> None:
    port = free_port()
    desk.create_journal()
    plan = desk.plan(calls("a"))
    process = desk.start(*desk.run_arguments(plan, desk.target(f"http://127.0.0.1:{port}")))
    time.sleep(2.5)
    with counting_carrier(tmp_path / "carrier", port=port) as carrier:
        out, err = process.communicate(timeout=30)
        assert process.returncode == 0, out + err
        assert carrier.rung() == {"a": 1}
    placements = [item["placement"] for item in desk.told()["a"]["attempts"]]
    assert len(placements) >= 2
    assert placements == ["unreached"] * (len(placements) - 1) + ["accepted"]


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_circuit_of_unreached_requests_stops_the_run(desk: Desk, carrier: Carrier, scheme: str) -> None:
    """Nobody listens, or TLS fails against a plain port: nothing was sent, and the run ends resumable."""
    url = f"http://127.0.0.1:{free_port()}" if scheme == "http" else carrier.url.replace("http:", "https:")
    desk.create_journal()
    plan = desk.plan(calls("a"), policy={"concurrency": 1})
    done = desk.run(plan, desk.target(url, circuit=2))
    assert done.code == 5, done.said
    told = desk.told()["a"]
    assert {item["placement"] for item in told["attempts"]} == {"unreached"}
    assert len(told["attempts"]) == 2
    assert carrier.connects() == []
    if scheme == "http":
        return
    assert desk.run(plan, desk.target(carrier)).code == 0
    assert carrier.rung() == {"a": 1}


class RefusingProxy(socketserver.BaseRequestHandler):
    """An HTTP proxy that opens no tunnel."""

    asked: ClassVar[list[bytes]] = []

    def handle(self) -> None:
        """Read a CONNECT and refuse it."""
        self.asked.append(self.request.recv(65536).split(b"\r\n")[0])
        self.request.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")


def test_a_proxys_refusal_before_the_tunnel_stood_is_unreached(desk: Desk) -> None:
    """The proxy answers CONNECT with 403: no byte of the request was sent, and the 403 is not the carrier's.

    The host's name can never be resolved (RFC 6761), so that nothing leaves this machine even without the proxy.
    """
    desk.create_journal()
    with socketserver.TCPServer(("127.0.0.1", 0), RefusingProxy) as proxy:
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        target = desk.target("https://carrier.invalid", circuit=2)
        arguments = desk.run_arguments(desk.plan(calls("a")), target)
        done = desk.orchestrate(*arguments, HTTPS_PROXY=f"http://127.0.0.1:{proxy.server_address[1]}")
        proxy.shutdown()
    assert done.code == 5, done.said
    assert RefusingProxy.asked == [b"CONNECT carrier.invalid:443 HTTP/1.1"] * 2
    assert {item["placement"] for item in desk.told()["a"]["attempts"]} == {"unreached"}


def test_a_reset_after_bytes_were_sent_is_unknown(desk: Desk, carrier: Carrier, live: Path) -> None:
    carrier.rules(connections={"1": "reset"})
    done = desk.run(desk.plan(calls("a")), live)
    assert done.code == 6, done.said
    (attempt,) = desk.told()["a"]["attempts"]
    assert attempt["placement"] == "unknown"
    assert carrier.connects() == []


def test_a_circuit_of_unknown_outcomes_stops_the_run(desk: Desk, carrier: Carrier) -> None:
    desk.create_journal()
    carrier.rules(default={"answers": ["500"], "listed": False})
    keys = [f"c{index}" for index in range(10)]
    plan = desk.plan(calls(*keys), policy={"concurrency": 1})
    done = desk.run(plan, desk.target(carrier, circuit=3))
    assert done.code == 5, done.said
    assert len(carrier.connects()) == 3
    dispositions = [item["disposition"] for item in desk.told().values()]
    assert dispositions.count("unknown") == 3
    assert len(dispositions) == 10
