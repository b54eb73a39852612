"""The simulated carrier on a port of its own, until it is told to stop."""

import asyncio
import os
import signal
from collections.abc import Callable

from orchestrator.model.errors import CannotProceed, WrongUsage
from orchestrator.sandbox import Sandbox, SandboxConfig

HOST = "127.0.0.1"


def serve_sandbox(
    port: int,
    scenario: str,
    seed: int,
    speed: float,
    callbacks_to: str | None,
    announce: Callable[[str], None],
) -> None:
    """Serve on loopback until SIGINT or SIGTERM; `announce` gets the base URL once it answers.

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
    asyncio.run(_serve(config, port, announce))


def _own(name: str) -> str:
    return os.environ.get(name) or "sandbox"


async def _serve(config: SandboxConfig, port: int, announce: Callable[[str], None]) -> None:
    stopped = asyncio.Event()
    for signum in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(signum, stopped.set)
    try:
        async with Sandbox(config, port=port, host=HOST) as sandbox:
            announce(sandbox.base_url)
            await stopped.wait()
    except OSError as problem:
        raise CannotProceed(f"port {port} cannot be had: {problem.strerror}", "name another, or 0 for any") from None
