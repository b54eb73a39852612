"""Posts a message to somebody's server: signed, and again for a bounded time, whatever the other side does.

The signature is that of Standard Webhooks (standardwebhooks.com), which receivers in every language have a library for.
To sign takes five lines of the standard library, so that nothing is installed for it.
"""

import asyncio
import base64
import hmac
import time
from dataclasses import field

import httpx2

from orchestrator.carrier.connections import environment_proxy, tls_trust
from orchestrator.model.errors import CannotProceed
from orchestrator.model.frozen import frozen
from orchestrator.model.program import VERSION

LONGEST_ATTEMPT = 5.0
"""Seconds for one attempt, from the look-up of the host to the status of the answer."""

FIRST_PAUSE = 0.5
"""Seconds before the second attempt; each further pause is twice the one before it."""

_AGAIN = frozenset({408, 425, 429, *range(500, 600)})
"""Statuses after which another attempt may be taken. All others but 2xx say no for good."""


@frozen
class Message:
    """What is posted. `id` is the same in every attempt, so that a receiver can drop doubles; `key` None: unsigned."""

    id: str
    body: bytes
    key: bytes | None = field(default=None, repr=False)

    def headers(self, at: int) -> dict[str, str]:
        """Return the headers of an attempt at this moment, in epoch seconds."""
        headers = {
            "Content-Type": "application/json",
            "User-Agent": f"orchestrate/{VERSION}",
            "webhook-id": self.id,
            "webhook-timestamp": str(at),
        }
        if self.key is None:
            return headers
        signed = hmac.digest(self.key, f"{self.id}.{at}.".encode() + self.body, "sha256")
        return {**headers, "webhook-signature": f"v1,{base64.b64encode(signed).decode()}"}


async def deliver(url: str, message: Message, within: float) -> str | None:
    """Post a message until it is taken, for at most so many seconds. Return why it was not; None where it was.

    Never raises for what the other side does. No redirect is followed, and no body of an answer is read.
    """
    why, pause, attempts = "there was no time for it", FIRST_PAUSE, 0
    try:
        async with asyncio.timeout(within):
            while True:
                attempts += 1
                why = f"it did not answer within {LONGEST_ATTEMPT:g} s"
                refusal, for_good = await _attempt(url, message)
                if refusal is None or for_good:
                    return refusal
                why = refusal
                await asyncio.sleep(pause)
                pause *= 2
    except TimeoutError:
        return why if attempts < 2 else f"{why}, in {attempts} attempts"


async def _attempt(url: str, message: Message) -> tuple[str | None, bool]:
    """Post once. Return why the message was not taken, None where it was; and whether that is for good."""
    try:
        async with asyncio.timeout(LONGEST_ATTEMPT):
            status = await _post(url, message)
    except TimeoutError:
        return f"it did not answer within {LONGEST_ATTEMPT:g} s", False
    except CannotProceed as problem:
        return problem.message, True
    except Exception as problem:  # noqa: BLE001 - whatever a library makes of an answer is a fact about the receiver
        return _in_words(problem), False
    if 200 <= status < 300:
        return None, True
    where = ", and redirects are not followed" if 300 <= status < 400 else ""
    return f"it answered {status}{where}", status not in _AGAIN


def _in_words(problem: Exception) -> str:
    said = str(problem)[:100] or type(problem).__name__
    if isinstance(problem, httpx2.ConnectError):
        return f"no connection to it could be made ({said})"
    return f"it gave no answer in HTTP ({said})"


async def _post(url: str, message: Message) -> int:
    request = httpx2.Request("POST", url, content=message.body, headers=message.headers(int(time.time())))
    transport = httpx2.AsyncHTTPTransport(verify=tls_trust(url), proxy=environment_proxy(url), retries=0)
    async with transport:
        response = await transport.handle_async_request(request)
        await response.aclose()  # without reading the body, which may have no end
    return response.status_code
