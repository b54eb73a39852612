"""Callbacks of accepted calls: each is sent at its moment, to an allowed address only, and again where it failed."""

import asyncio
import contextlib
import heapq
import ipaddress
import itertools
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import replace

import httpx2

from orchestrator.model.simulated import OwedCallback
from orchestrator.sandbox.bodies import flat, payload
from orchestrator.sandbox.config import SandboxConfig
from orchestrator.sandbox.ports import SandboxCalls

RETRY_AFTER = (300.0, 900.0)
"""Sandbox seconds before the second and the third try; then it is dropped (a guide's figures)."""
RESEND_WITHIN = 24 * 3600.0
"""Real seconds. A restarted sandbox gives up on older callbacks: others may own their port by now."""
MOST_CALLBACKS_IN_FLIGHT = 64
"""Callbacks in flight, so that a backlog on restart cannot exhaust file handles."""


Post = Callable[[OwedCallback], Awaitable[tuple[bool, str]]]
"""Delivers one callback; returns whether it was taken, and a note without the address (it may hold a token).

Raises Forbidden where it must not be tried.
"""

LOOPBACK_NETWORKS = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))
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
    if number is not None and any(number in network for network in LOOPBACK_NETWORKS):
        return None
    return f"{host} is not loopback, and the sandbox contacts nobody else unless `callbacks_to` names the host"


class Forbidden(Exception):  # noqa: N818 - what the address is
    """A callback is not sent at all; the text says why."""


class Sender:
    """Posts callbacks: no redirects, no proxies of the environment, a new connection each time.

    It contacts nobody but this machine and `allowed_hosts`.
    """

    def __init__(self, allowed_hosts: tuple[str, ...]) -> None:
        self._allowed_hosts = allowed_hosts
        # Loading the certificates costs 20 to 80 ms of every start, and a plain address needs none.
        self._plain = _client(verify=False)
        self._secure: httpx2.AsyncClient | None = None

    async def aclose(self) -> None:
        """Close every connection."""
        await self._plain.aclose()
        if self._secure is not None:
            await self._secure.aclose()

    async def post(self, owed: OwedCallback) -> tuple[bool, str]:
        """Send one; return whether a 2xx came, and a note. Raises Forbidden.

        Judged right before the effect: a restart may allow fewer hosts than the process that took the call.
        """
        why_not = forbidden(owed.address, self._allowed_hosts)
        if why_not is not None:
            raise Forbidden(why_not)
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


class CallbackScheduler:
    """The one task that keeps a sandbox's calls going; all else about a call follows from the clock."""

    def __init__(self, config: SandboxConfig, calls: SandboxCalls) -> None:
        self._config = config
        self._calls = calls
        self._due: list[tuple[float, int, OwedCallback]] = []
        self._order = itertools.count()
        self._wake = asyncio.Event()
        self._slots = asyncio.Semaphore(MOST_CALLBACKS_IN_FLIGHT)

    def resume(self) -> None:
        """Schedule what an earlier process left undelivered."""
        self.add(self._calls.undelivered(self._config.clock() - RESEND_WITHIN))

    def add(self, callbacks: Iterable[OwedCallback]) -> None:
        """Schedule callbacks that are remembered already."""
        for owed in callbacks:
            heapq.heappush(self._due, (owed.due, next(self._order), owed))
        self._wake.set()

    def forget(self) -> None:
        """Drop what is scheduled."""
        self._due.clear()

    async def play(self, post: Post) -> None:
        """Send callbacks as they fall due, until cancelled."""
        async with asyncio.TaskGroup() as sends:
            while True:
                self._wake.clear()
                now, gathers = self._config.clock(), self._config.gathers
                if self._due and self._due[0][0] + gathers <= now:
                    while self._due and self._due[0][0] <= now:
                        sends.create_task(self._send(post, heapq.heappop(self._due)[2]))
                await self._sleep(self._due[0][0] + gathers - now if self._due else None)

    async def _sleep(self, seconds: float | None) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._wake.wait()
        except TimeoutError:
            return

    async def _send(self, post: Post, owed: OwedCallback) -> None:
        try:
            async with self._slots:
                delivered, note = await post(owed)
        except Forbidden as why_not:
            self._calls.note_try(owed, "not-sent", str(why_not))
            return
        tried = replace(owed, tries=owed.tries + 1)
        if delivered or owed.tries >= len(RETRY_AFTER):
            self._calls.note_try(tried, "delivered" if delivered else "dropped", note)
            return
        again = replace(tried, due=self._config.clock() + RETRY_AFTER[owed.tries] / self._config.speed)
        if self._calls.note_try(again, "pending", note):
            self.add([again])


@contextlib.asynccontextmanager
async def playing(scheduler: CallbackScheduler, post: Post) -> AsyncIterator[None]:
    """Send callbacks as they fall due while the context is open, those too that an earlier process left undelivered."""
    scheduler.resume()
    task = asyncio.create_task(scheduler.play(post))
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
