"""One StatusCallback POST: whether its address may be contacted at all, and what the receiver said."""

import ipaddress
import json

import httpx2

from orchestrator.sandbox.payloads import flat, payload
from orchestrator.sandbox.store import Owed

LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))
ANSWER_WITHIN = 15.0
"""Real seconds that a receiver has to answer (a guide's figure): it does not live in compressed time."""


def forbidden(address: str, allowed_hosts: tuple[str, ...]) -> str | None:
    """Why this StatusCallback is never contacted; None where it may be.

    Only loopback addresses, `localhost` and the hosts allowed by name. Other names are not even looked up:
    a question to a name server leaves the machine too.
    """
    try:
        host = httpx2.URL(address).host.lower()
    except (httpx2.InvalidURL, ValueError):
        return "the address cannot be read"
    if host == "localhost" or host in (allowed.lower() for allowed in allowed_hosts):
        return None
    try:
        number = ipaddress.ip_address(host)
    except ValueError:
        number = None
    if number is not None and any(number in network for network in LOOPBACK):
        return None
    return f"{host} is not loopback, and the sandbox contacts nobody else unless `callbacks_to` names the host"


class Sender:
    """Posts callbacks: no redirects, no proxies of the environment, a new connection each time."""

    def __init__(self) -> None:
        # Loading the certificates costs 20 to 80 ms of every start, and a plain address needs none.
        self._plain = _client(verify=False)
        self._secure: httpx2.AsyncClient | None = None

    async def close(self) -> None:
        """Close every connection."""
        await self._plain.aclose()
        if self._secure is not None:
            await self._secure.aclose()

    async def post(self, owed: Owed) -> tuple[bool, str]:
        """Send one; return whether a 2xx came, and a note without the address (it may hold a token)."""
        body, client = payload(owed.call, owed.event), self._client_for(owed.address)
        try:
            if owed.call.asked.callback_type == "application/json":
                headers = {"Content-Type": "application/json"}
                response = await client.post(owed.address, content=json.dumps(body).encode(), headers=headers)
            else:
                parts = [(name, (None, value)) for name, value in flat(body)]
                response = await client.post(owed.address, files=parts)
        except (httpx2.HTTPError, OSError) as error:
            return False, type(error).__name__
        return response.is_success, f"HTTP {response.status_code}"

    def _client_for(self, address: str) -> httpx2.AsyncClient:
        if httpx2.URL(address).scheme == "http":
            return self._plain
        self._secure = self._secure or _client(verify=True)
        return self._secure


def _client(verify: bool) -> httpx2.AsyncClient:
    # No idle connections: a receiver that is gone must show as refused, not as a broken connection.
    limits = httpx2.Limits(max_connections=100, max_keepalive_connections=0)
    return httpx2.AsyncClient(
        verify=verify, follow_redirects=False, trust_env=False, timeout=ANSWER_WITHIN, limits=limits
    )
