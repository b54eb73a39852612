"""Whether a byte of the request may have left: told by the HTTP library's own trace events, not guessed.

httpcore2 announces every step to the `trace` request extension before it takes it. The order for one request is
`connection.connect_tcp`, `connection.start_tls` (https), `http11.send_request_headers`,
`http11.send_request_body`, `http11.receive_response_headers`, each as `.started` and then `.complete` or
`.failed`; a reused connection begins with the headers. Behind a proxy the tunnel comes first: the same
`http11.*` events for a request of its own whose method is CONNECT, then `proxy.start_tls`. The carrier sees
nothing of that, so it does not count.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

_STAGES = {
    "connection.connect_tcp": "connecting",
    "connection.start_tls": "in the TLS handshake",
    "proxy.start_tls": "in the TLS handshake through the proxy",
    "http11.send_request_headers": "sending the request",
    "http11.send_request_body": "sending the request",
    "http11.receive_response_headers": "waiting for the answer",
    "http11.receive_response_body": "reading the answer",
}


class EarlyAnswer(Exception):  # noqa: N818 - named for what happened
    """An answer lay ready before the request had left: it belongs to an earlier one."""


class WireTrace:
    """Follows one request. `sent` is True from the moment its first byte may be written.

    `connected` is the connection that was made for it, as the library's stream; None where an idle one was found.
    `before_first_byte` is awaited right before that moment; where it raises, nothing is sent.
    """

    def __init__(self, before_first_byte: Callable[[], Awaitable[None]]) -> None:
        self.sent = False
        self.stage = "waiting for a connection"
        self._before_first_byte = before_first_byte
        self.connected: Any = None
        self._read = False

    async def __call__(self, event: str, info: Mapping[str, Any]) -> None:
        """Take one trace event; httpcore2 awaits this before it goes on."""
        step, _, moment = event.rpartition(".")
        if event == "connection.connect_tcp.complete":
            self.connected = info["return_value"]
        if step == "http11.receive_response_headers" and self.sent:
            self._answering(moment)
        if moment != "started" or step not in _STAGES:
            return
        if _is_tunnel(info):
            self.stage = "asking the proxy for a tunnel"
            return
        if step == "http11.send_request_headers":
            await self._before_first_byte()
            self.sent = True
        self.stage = _STAGES[step]

    def _answering(self, moment: str) -> None:
        """Refuse an answer that was read from no socket: one that a server sent too many, kept from the last read.

        Reading from a socket gives the event loop a turn; taking an answer from a buffer does not.
        """
        if moment == "started":
            asyncio.get_running_loop().call_soon(self._loop_turned)
        elif moment == "complete" and not self._read:
            raise EarlyAnswer("an answer that nobody had asked for yet")

    def _loop_turned(self) -> None:
        self._read = True

    async def close_what_nobody_owns(self) -> None:
        """Close a connection whose TLS handshake was cancelled: httpcore2 2.16 closes it for errors only."""
        if not self.sent and self.connected is not None:
            await self.connected.aclose()


def _is_tunnel(info: Mapping[str, Any]) -> bool:
    """Whether the step belongs to a proxy's CONNECT. The request is there for every `http11` step."""
    return getattr(info.get("request"), "method", None) == b"CONNECT"
