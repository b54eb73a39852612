"""What the carrier's tests send, and how."""

import asyncio

from contract.raw_carrier import Behaviour, serving

from orchestrator.carrier.client import Carrier
from orchestrator.exotel.placement import verdict
from orchestrator.model.call import ConnectRequest
from orchestrator.model.outcome import Exchange, Placement

KEY = "canary-api-key-7f3a"
TOKEN = "canary-api-token-91c5e2"
ACCOUNT = "acme1"
REQUEST = ConnectRequest(
    (("From", "+919900000001"), ("To", "08047112299"), ("CallerId", "08047112233"), ("Record", "true"))
)


async def at_once() -> None:
    """Let a request leave without waiting."""


def carrier(url: str, timeout: float = 5.0, response: str = "json") -> Carrier:
    return Carrier(url, ACCOUNT, KEY, TOKEN, "multipart", response, timeout)


async def placed(url: str, within: float = 5.0, request: ConnectRequest = REQUEST) -> Exchange:
    """Place one call on a client of its own."""
    async with carrier(url, within) as client:
        return await client.place(request, at_once)


def against(
    behave: Behaviour, within: float = 5.0, request: ConnectRequest = REQUEST, scheme: str = "http"
) -> Exchange:
    """Place one call on a server that behaves so."""

    async def main() -> Exchange:
        async with serving(behave) as server:
            return await placed(f"{scheme}://127.0.0.1:{server.port}", within, request)

    return asyncio.run(main())


def assert_placement(exchange: Exchange, placement: Placement, bytes_sent: bool) -> None:
    assert (exchange.bytes_sent, verdict(exchange).placement) == (bytes_sent, placement), exchange.error
    if exchange.status is None:
        assert exchange.error
        assert "\n" not in exchange.error
