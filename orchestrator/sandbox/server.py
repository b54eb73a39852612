"""One running sandbox: its socket, its player, its state, begun and ended together."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from types import TracebackType
from typing import Self

from starlette.applications import Starlette

from orchestrator.sandbox.app import Pages
from orchestrator.sandbox.callbacks import Player
from orchestrator.sandbox.config import SandboxConfig
from orchestrator.sandbox.store import Store
from orchestrator.serving import serve


class Sandbox:
    """A simulated carrier, served while the context is open.

    `async with Sandbox(config, port=0) as sandbox: sandbox.base_url`. It listens on `host`:`port` (0 picks a
    free port) and plays the calls of its state. Raises OSError where the address cannot be bound, and
    CannotProceed where the state file is not one of this version.
    """

    base_url: str
    app: Starlette

    def __init__(self, config: SandboxConfig, port: int = 0, host: str = "127.0.0.1") -> None:
        self._config = config
        self._port = port
        self._host = host
        self._open = contextlib.AsyncExitStack()

    async def __aenter__(self) -> Self:
        async with contextlib.AsyncExitStack() as stack:
            store = stack.enter_context(contextlib.closing(Store(self._config.state)))
            player = Player(self._config, store)
            await stack.enter_async_context(_playing(player))
            self.app = Pages(self._config, store, player).app()
            port = await stack.enter_async_context(serve(self.app, self._host, self._port))
            shown = f"[{self._host}]" if ":" in self._host else self._host
            self.base_url = f"http://{shown}:{port}"
            self._open = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._open.aclose()


@contextlib.asynccontextmanager
async def _playing(player: Player) -> AsyncIterator[None]:
    player.resume()
    task = asyncio.create_task(player.play())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
