"""The simulated carrier without a socket, for an engine in the same process and, where it is virtual, the same time."""

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

from orchestrator.exotel.call_fields import Encoding
from orchestrator.exotel.facts import facts_of
from orchestrator.model.call import ConnectRequest
from orchestrator.model.errors import NotLeaving
from orchestrator.model.outcome import CallFacts, Exchange
from orchestrator.model.simulated import OwedCallback, ReceivedRequest
from orchestrator.sandbox.account import Reply, SimulatedAccount
from orchestrator.sandbox.bodies import BodyFormat, payload
from orchestrator.sandbox.callbacks import CallbackScheduler, Forbidden, playing
from orchestrator.sandbox.config import SandboxConfig
from orchestrator.sandbox.ports import SandboxCalls

CALLBACK_BASE = "http://localhost"
"""Stands before the path of callbacks that are handed over; nobody listens there."""

Leave = Callable[[], Awaitable[None]]
ReceiveCallback = Callable[[str, CallFacts], Awaitable[bool]]
"""Takes the token and the facts of a callback; returns whether it knows the token."""


class DirectCarrier:
    """Fits the engine's port of a carrier: what is asked is answered at once, in the carrier's shape.

    In each method `leave` is awaited first; where it raises, nothing was asked.
    """

    def __init__(self, account: SimulatedAccount, config: SandboxConfig, encoding: Encoding, shape: BodyFormat) -> None:
        self._account, self._clock = account, config.clock
        self._encoding, self._shape = encoding, shape

    async def place(self, request: ConnectRequest, leave: Leave) -> Exchange:
        """Take one connect request."""

        def answer() -> Reply:
            received = ReceivedRequest(self._clock(), self._encoding, request.pairs)
            return self._account.connect(received, self._shape)

        return await _exchange(leave, answer)

    async def details(self, sid: str, leave: Leave) -> Exchange:
        """Tell of one call, with its legs."""
        return await _exchange(leave, lambda: self._account.call(sid, self._shape, details=True))

    async def listing(self, query: Sequence[tuple[str, str]], leave: Leave) -> Exchange:
        """Tell of one page of the list of calls."""
        return await _exchange(leave, lambda: self._account.calls(query, "/Calls", self._shape))

    async def number(self, number: str, leave: Leave) -> Exchange:
        """Tell what is known of a phone number."""
        return await _exchange(leave, lambda: self._account.number(number, self._shape))


async def _exchange(leave: Leave, answer: Callable[[], Reply]) -> Exchange:
    try:
        await leave()
    except NotLeaving as reason:
        return Exchange(bytes_sent=False, error=str(reason))
    reply = answer()
    return Exchange(True, reply.status, {}, reply.body, complete=True)


@contextlib.asynccontextmanager
async def direct_carrier(
    config: SandboxConfig, calls: SandboxCalls, receive: ReceiveCallback, encoding: Encoding, shape: BodyFormat
) -> AsyncIterator[DirectCarrier]:
    """Simulate a carrier while the context is open; callbacks to an address under CALLBACK_BASE go to `receive`."""

    async def post(owed: OwedCallback) -> tuple[bool, str]:
        token = owed.address.removeprefix(f"{CALLBACK_BASE}/callbacks/")
        if token == owed.address:
            raise Forbidden("a virtual run contacts nobody")
        is_known = await receive(token, facts_of(payload(owed.call, owed.event)))
        return is_known, "received" if is_known else "unknown"

    scheduler = CallbackScheduler(config, calls)
    async with playing(scheduler, post):
        yield DirectCarrier(SimulatedAccount(config, calls, scheduler), config, encoding, shape)
