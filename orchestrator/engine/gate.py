"""The last thing before a request's first byte: one at a time, spaced by what really left, guards judged again."""

import asyncio
from collections.abc import Callable

from orchestrator.engine.ports import Clock
from orchestrator.model.errors import NotLeaving
from orchestrator.model.policy import Rate
from orchestrator.policy.pace import Pacer


class Gate:
    """Lets requests out. `connects` caps connect requests, `requests` all of them, look-ups included.

    The scheduler paces what it starts; commits and new connections then take their time, each its own, and without
    a gate at the very end two requests could reach the carrier together. `last` is when the account's last
    request may have left, in epoch seconds.
    """

    def __init__(self, clock: Clock, connects: Rate | None, requests: Rate | None, last: float | None) -> None:
        self._clock, self._lock = clock, asyncio.Lock()
        self._connects, self._requests = Pacer(connects), Pacer(requests)
        if last is not None:
            self._connects.took(last)
            self._requests.took(last)

    async def connect(self, guard: Callable[[], str | None]) -> None:
        """Wait for a connect request's turn. Raises NotLeaving with the guard's reason where it may not leave."""
        async with self._lock:
            await self._until(max(self._connects.ready_at(self._clock()), self._requests.ready_at(self._clock())))
            reason = guard()
            if reason is not None:
                raise NotLeaving(reason)
            self._connects.took(self._clock())
            self._requests.took(self._clock())

    async def look_up(self) -> None:
        """Wait for a look-up's turn."""
        async with self._lock:
            await self._until(self._requests.ready_at(self._clock()))
            self._requests.took(self._clock())

    async def _until(self, moment: float) -> None:
        await asyncio.sleep(max(0.0, moment - self._clock()))
