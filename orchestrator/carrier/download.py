"""Fetches one file that a plan names by its address: of bounded size and time, and never from inside a network.

A plan of a pull request must not make the machine that checks it ask its neighbours. So each host is resolved here, and
the request goes to the very address that was looked at.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Callable
from urllib.parse import SplitResult, urljoin, urlsplit

import httpx2

from orchestrator.carrier.connections import environment_proxy, tls_trust
from orchestrator.model.errors import CannotProceed
from orchestrator.model.frozen import frozen
from orchestrator.model.program import VERSION

MOST_REDIRECTS = 3
_REDIRECTS = (301, 302, 303, 307, 308)
_PORTS = {"http": 80, "https": 443}

MayReach = Callable[[str], bool]
"""Whether a request may go to an IP address."""


@frozen
class Download:
    """What came. `body` is None where no file did, for the reason that `problem` has in words.

    `is_whole` False: it was cut where it grew too long. `is_inside`: nothing was asked, because the host is not one of
    the public network.
    """

    body: bytes | None = None
    is_whole: bool = False
    problem: str | None = None
    is_inside: bool = False


def is_this_machines_or_public(address: str) -> bool:
    """Whether an IP address is this machine's loopback or one of the public network."""
    return ipaddress.ip_address(address.partition("%")[0]).is_loopback or is_public(address)


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public network: nobody's loopback, private network or metadata service."""
    found = ipaddress.ip_address(address.partition("%")[0])
    return found.is_global and not found.is_multicast


async def addresses_of(host: str, port: int) -> tuple[str, ...]:
    """Return the IP addresses of a host, the preferred first. Raises OSError."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError:
        raise OSError("no host can have such a name") from None
    return tuple(dict.fromkeys(str(each[4][0]) for each in found))


async def download(url: str, longest: int, within: float, may_reach: MayReach = is_public) -> Download:
    """Fetch a file, at most `longest` bytes of it, in so many seconds. Never raises for what the other side does."""
    try:
        async with asyncio.timeout(within):
            return await _follow(url, longest, may_reach)
    except TimeoutError:
        return Download(problem=f"it did not come within {within:g} s")
    except CannotProceed as problem:
        return Download(problem=problem.message)
    except socket.gaierror as problem:
        return Download(problem=f"its host has no address: {problem.strerror}")
    except Exception as problem:  # noqa: BLE001 - whatever a library makes of an answer is a fact about the file
        return Download(problem=f"{type(problem).__name__}: {str(problem)[:200] or 'no reason given'}")


async def _follow(url: str, longest: int, may_reach: MayReach) -> Download:
    for _ in range(MOST_REDIRECTS + 1):
        parts = urlsplit(url)
        if parts.scheme not in _PORTS or not parts.hostname or "@" in parts.netloc:
            return Download(problem="it leads to no plain http:// or https:// address")
        port = parts.port or _PORTS[parts.scheme]
        addresses = await addresses_of(parts.hostname, port)
        if not all(map(may_reach, addresses)):
            return Download(problem="its host is not one of the public network", is_inside=True)
        answer = await _get(parts, addresses[0], port, longest)
        if isinstance(answer, Download):
            return answer
        url = urljoin(url, answer)
    return Download(problem=f"it redirects more than {MOST_REDIRECTS} times")


async def _get(parts: SplitResult, address: str, port: int, longest: int) -> Download | str:
    """Return what one request brought, or where it redirects to."""
    host = str(parts.hostname)
    named = f"[{host}]" if ":" in host else host
    path = parts._replace(scheme="", netloc="", fragment="").geturl() or "/"
    proxy = environment_proxy(parts.geturl())
    to = named if proxy else f"[{address}]" if ":" in address else address
    request = httpx2.Request(
        "GET",
        f"{parts.scheme}://{to}:{port}{path}",
        headers={
            "Host": named if parts.port is None else f"{named}:{port}",
            "User-Agent": f"orchestrate/{VERSION}",
            "Accept-Encoding": "identity",
        },
        extensions={"sni_hostname": host},
    )
    transport = httpx2.AsyncHTTPTransport(verify=tls_trust(parts.geturl()), proxy=proxy, retries=0)
    async with transport:
        response = await transport.handle_async_request(request)
        try:
            if response.status_code in _REDIRECTS:
                return response.headers.get("location", "")
            if response.status_code != 200:
                return Download(problem=f"its server answers {response.status_code}")
            body = bytearray()
            async for chunk in response.aiter_raw():
                body += chunk[: longest - len(body)]
                if len(body) >= longest:
                    return Download(bytes(body))
            return Download(bytes(body), is_whole=True)
        finally:
            await response.aclose()
