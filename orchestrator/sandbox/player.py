"""Plays accepted calls: sends every callback at its moment, and again where the receiver did not take it."""

import asyncio
import contextlib
import heapq
import itertools
import time
from collections.abc import Iterable
from dataclasses import replace

from orchestrator.sandbox import delivery
from orchestrator.sandbox.config import SandboxConfig
from orchestrator.sandbox.store import Owed, Store

RETRY_AFTER = (300.0, 900.0)
"""Sandbox seconds before the second and the third try; then it is dropped (a guide's figures)."""
RESEND_WITHIN = 24 * 3600.0
"""Real seconds. A restarted sandbox gives up on older callbacks: others may own their port by now."""
AT_ONCE = 64
"""Callbacks in flight, so that a backlog on restart cannot exhaust file handles."""


class Player:
    """The one task that keeps a sandbox's calls going; all else about a call follows from the clock."""

    def __init__(self, config: SandboxConfig, store: Store) -> None:
        self._config = config
        self._store = store
        self._due: list[tuple[float, int, Owed]] = []
        self._order = itertools.count()
        self._wake = asyncio.Event()
        self._slots = asyncio.Semaphore(AT_ONCE)

    def resume(self) -> None:
        """Schedule what an earlier process left undelivered."""
        self.add(self._store.undelivered(time.time() - RESEND_WITHIN))

    def add(self, callbacks: Iterable[Owed]) -> None:
        """Schedule callbacks that the store already holds."""
        for owed in callbacks:
            heapq.heappush(self._due, (owed.due, next(self._order), owed))
        self._wake.set()

    def forget(self) -> None:
        """Drop what is scheduled."""
        self._due.clear()

    async def play(self) -> None:
        """Send callbacks as they fall due, until cancelled."""
        async with contextlib.AsyncExitStack() as stack, asyncio.TaskGroup() as sends:
            sender = delivery.Sender()
            stack.push_async_callback(sender.close)
            while True:
                self._wake.clear()
                now = time.time()
                while self._due and self._due[0][0] <= now:
                    sends.create_task(self._send(sender, heapq.heappop(self._due)[2]))
                await self._sleep(self._due[0][0] - now if self._due else None)

    async def _sleep(self, seconds: float | None) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._wake.wait()
        except TimeoutError:
            return

    async def _send(self, sender: delivery.Sender, owed: Owed) -> None:
        # Judged right before the effect: a restart may allow fewer hosts than the process that took the call.
        why_not = delivery.forbidden(owed.address, self._config.callbacks_to)
        if why_not is not None:
            self._store.settle(owed, "not-sent", why_not)
            return
        async with self._slots:
            delivered, note = await sender.post(owed)
        tried = replace(owed, tries=owed.tries + 1)
        if delivered or owed.tries >= len(RETRY_AFTER):
            self._store.settle(tried, "delivered" if delivered else "dropped", note)
            return
        again = replace(tried, due=time.time() + RETRY_AFTER[owed.tries] / self._config.speed)
        if self._store.settle(again, "pending", note):
            self.add([again])
