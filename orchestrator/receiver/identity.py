"""What a receiver says of itself, and how a process that found its address taken asks who listens there."""

import asyncio
import json
from typing import Literal

from orchestrator.model.frozen import frozen

IDENTITY_PATH = "/healthz"
"""Where a receiver answers `GET` with who it is. It holds no secret: whoever reaches it can send callbacks, no more."""

IDENTITY_WITHIN = 3.0
"""Seconds for the answer. A receiver that is about to listen has taken its address already."""

LONGEST_IDENTITY = 4096
"""Bytes of an answer that are read."""

LOOPBACK_OF = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - where to ask one that listens everywhere


@frozen
class ReceiverIdentity:
    """A receiver: the id of the journal that it commits callbacks to, and whether a run or a service does so."""

    journal: str
    by: Literal["run", "serve"]

    def as_json(self) -> dict[str, str]:
        """Return what it says of itself."""
        return {"journal": self.journal, "heard_by": self.by}


async def ask_identity(host: str, port: int) -> ReceiverIdentity | None:
    """Ask who listens on an address; None where that is no receiver, or it does not say so in time."""
    try:
        async with asyncio.timeout(IDENTITY_WITHIN):
            return _read(await _ask(LOOPBACK_OF.get(host, host), port))
    except (OSError, TimeoutError):
        return None


async def _ask(host: str, port: int) -> bytes:
    reader, writer = await asyncio.open_connection(host, port)
    try:
        writer.write(f"GET {IDENTITY_PATH} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        answer = bytearray()
        while len(answer) < LONGEST_IDENTITY and (piece := await reader.read(LONGEST_IDENTITY)):
            answer += piece
        return bytes(answer)
    finally:
        writer.close()


def _read(answer: bytes) -> ReceiverIdentity | None:
    head, _, body = answer.partition(b"\r\n\r\n")
    return identity_of(body) if head.split(b" ")[1:2] == [b"200"] else None


def identity_of(body: bytes) -> ReceiverIdentity | None:
    """Read what a receiver says of itself; None where the body says something else."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, dict) or not isinstance(said.get("journal"), str):
        return None
    by = said.get("heard_by")
    return ReceiverIdentity(said["journal"], by) if by in ("run", "serve") else None
