"""The simulated carrier: beside a run, or on a port of its own until a signal ends it."""

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator, Callable

from orchestrator.app.process import awaited_signal
from orchestrator.journal.sqlite.sandbox_calls import SandboxCalls
from orchestrator.model.errors import CannotProceed, WrongUsage
from orchestrator.sandbox.app import serve_sandbox
from orchestrator.sandbox.config import SandboxConfig
from orchestrator.sandbox.memory import CallsInMemory


@contextlib.asynccontextmanager
async def simulated_carrier(config: SandboxConfig, port: int = 0) -> AsyncIterator[str]:
    """Serve a sandbox on loopback, with its state, while the context is open; yields its base URL.

    Raises OSError where the port cannot be had, and CannotProceed where `config.state` is no state of this version.
    """
    calls = CallsInMemory() if config.state is None else SandboxCalls(config.state)
    with contextlib.closing(calls):
        async with serve_sandbox(config, calls, port) as base_url:
            yield base_url


def run_sandbox(
    port: int,
    scenario: str,
    seed: int,
    speed: float,
    callbacks_to: str | None,
    announce: Callable[[str], None],
) -> int:
    """Serve on loopback until a signal ends it, and return its exit code; `announce` gets the base URL once it answers.

    It accepts the EXOTEL_* credentials of its environment, else account, key and token `sandbox`. Raises
    CannotProceed where the port cannot be had, WrongUsage for a scenario or a speed that does not exist.
    """
    try:
        config = SandboxConfig(
            account=_own("EXOTEL_ACCOUNT_SID"),
            api_key=_own("EXOTEL_API_KEY"),
            api_token=_own("EXOTEL_API_TOKEN"),
            seed=seed,
            speed=speed,
            scenario=scenario,
            callbacks_to=(callbacks_to,) if callbacks_to else (),
        )
    except ValueError as problem:
        raise WrongUsage(str(problem)) from None
    return asyncio.run(_serve(config, port, announce))


def _own(name: str) -> str:
    return os.environ.get(name) or "sandbox"


async def _serve(config: SandboxConfig, port: int, announce: Callable[[str], None]) -> int:
    with awaited_signal("stopped") as stopped:
        try:
            async with simulated_carrier(config, port) as base_url:
                announce(base_url)
                why = await stopped
                return why.code if why.signal is signal.SIGHUP else 0  # a signal is how it ends
        except OSError as problem:
            raise CannotProceed(
                f"port {port} cannot be had: {problem.strerror}", "name another, or 0 for any"
            ) from None
