"""One question about a number: its slot of the account's pace, the request, and what its answer says."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from orchestrator.engine.gate import Gate
from orchestrator.engine.ports import Carrier
from orchestrator.exotel.placement import verdict
from orchestrator.exotel.replies import dnd_mark
from orchestrator.model.number import DndMark
from orchestrator.model.outcome import Exchange


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a question. `mark` None: nothing was learnt, and `why` says so.

    `is_of_account`: every question would be answered so. `is_of_number`: another number may well get a better one.
    """

    mark: DndMark | None
    why: str = ""
    is_of_account: bool = False
    is_of_number: bool = False


class NumberQuestions:
    """Asks the carrier. `heard` is told of every answer."""

    def __init__(self, carrier: Carrier, gate: Gate, heard: Callable[[Exchange], None]) -> None:
        self._carrier, self._gate, self._heard = carrier, gate, heard
        self._queue = asyncio.Lock()

    async def ask(self, number: str) -> Answer:
        """Ask whether a number is registered as do-not-disturb."""
        async with self._queue:  # one question beside the calls competes for the next slot, not many
            turn = await self._gate.question()
        exchange = await self._carrier.number(number, turn.leave)
        self._heard(exchange)
        mark = dnd_mark(exchange.body, number) if exchange.status == 200 and exchange.complete else None
        if mark is not None:
            return Answer(mark)
        of_number = exchange.complete and exchange.status in (200, 404)
        return Answer(None, _why(exchange), verdict(exchange).account_problem, of_number)


def _why(exchange: Exchange) -> str:
    if exchange.status is None:
        return exchange.error or "no answer"
    return f"HTTP {exchange.status}" + (", an answer that cannot be read" if exchange.status == 200 else "")
