"""Listens for callbacks, or finds out who does already: a run and a `serve` on one journal share an address."""

import contextlib
import errno

from orchestrator.model.errors import CannotProceed
from orchestrator.receiver import Hear, Hearer, Receiver, Refused, who_hears
from orchestrator.serving import serve


async def listening(
    stack: contextlib.AsyncExitStack, hear: Hear, host: str, port: int, hearer: Hearer, refused: Refused
) -> int | None:
    """Serve a receiver on an address for as long as the stack is open; return the port (for 0, the one picked).

    None where a run finds the `serve` of its journal there, which hears for it. Raises CannotProceed where anybody
    else has the address, or nobody can.
    """
    try:
        return await stack.enter_async_context(serve(Receiver(hear, hearer=hearer, refused=refused).app, host, port))
    except OSError as problem:
        there = await who_hears(host, port) if problem.errno == errno.EADDRINUSE else None
        if hearer.by == "run" and there == Hearer(hearer.journal, "serve"):
            return None
        raise _taken(shown(host, port), there, hearer, problem) from None


def shown(host: str, port: int) -> str:
    """Return an address as a URL has it."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _taken(address: str, there: Hearer | None, mine: Hearer, problem: OSError) -> CannotProceed:
    """Say why no receiver can listen, and who does."""
    if there is None:
        hint = "another program listens there: end it, or choose another address"
        why = f"the callback receiver cannot listen on {address}: {problem.strerror}"
        return CannotProceed(why, hint if problem.errno == errno.EADDRINUSE else None)
    if there.journal != mine.journal:
        return CannotProceed(
            f"{address} is taken by the receiver of another journal, {there.journal}",
            f"what arrives there does not reach {mine.journal}: choose another address",
        )
    if there.by == "serve":
        return CannotProceed(f"`serve` listens on {address} for this journal already", "one is enough for every plan")
    if mine.by == "run":
        hint = "`orchestrate serve` hears for several runs at once: end that run, start the service, and then the runs"
    else:
        hint = "`serve` may start once that run has ended; a run that finds a `serve` there leaves the callbacks to it"
    return CannotProceed(f"a run on this journal listens on {address}, and hears the callbacks of every plan", hint)
