"""When connect requests leave a process: its socket notes it, from outside of the product.

    TEST_IN_CHILD=durability.departures TEST_DEPARTURES=/path/of/the/record

A carrier is a process of its own, which a busy machine holds up as well: by its clock two requests may arrive closer
together than they left.
"""

import os
import socket
import time
from pathlib import Path
from typing import Any

from durability import clock

VARIABLE = "TEST_DEPARTURES"
CONNECT = b"POST /v1/Accounts/"


def install() -> None:
    """Have this process note each connect request that it hands to a socket, and go by TEST_CLOCK where it is set."""
    if clock.VARIABLE in os.environ:
        clock.install()
    record, send = os.environ[VARIABLE], socket.socket.send

    def noted(self: socket.socket, data: Any, *more: Any) -> int:
        if bytes(data[: len(CONNECT)]) == CONNECT:
            with Path(record).open("a") as file:
                file.write(f"{time.monotonic()}\n")
        return send(self, data, *more)

    socket.socket.send = noted  # type: ignore[method-assign]


def moments(record: Path) -> list[float]:
    """Return when they left, ascending, in seconds of the steady clock, which all processes of a machine share."""
    return sorted(float(line) for line in record.read_text().split())
