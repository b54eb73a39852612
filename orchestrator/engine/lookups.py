"""Look-ups, one after another, inside a fifth of the account's pace."""

from collections.abc import Awaitable, Callable

from orchestrator.engine.conduct import Conduct
from orchestrator.engine.gate import Gate
from orchestrator.engine.ports import Carrier
from orchestrator.engine.reconcile import Query
from orchestrator.exotel.replies import ListedCall, call_list
from orchestrator.model.outcome import Exchange
from orchestrator.policy.pace import SHARE_OF_LOOK_UPS

Leave = Callable[[], Awaitable[None]]

MOST_PAGES = 20
"""Pages of one list that are read: 2,000 calls. A longer one proves nothing, since its end was not seen."""


class LookUps:
    """Asks the carrier, each question when its turn has come. `heard` is told of every answer."""

    def __init__(self, conduct: Conduct, carrier: Carrier, gate: Gate, heard: Callable[[Exchange], None]) -> None:
        self._carrier, self._gate, self._heard = carrier, gate, heard
        rate = conduct.account_pace
        self.interval = max(rate.interval * SHARE_OF_LOOK_UPS, 0.001) if rate else 0.001
        """Seconds between two questions."""
        self.trouble: str | None = None
        """Why no look-up was answered so far; None once one was."""
        self._is_answered = False

    async def details(self, sid: str) -> Exchange:
        """Ask for one call with its legs."""
        return await self._ask(lambda leave: self._carrier.details(sid, leave))

    async def calls(self, query: Query) -> list[ListedCall] | None:
        """Ask for a list, page by page; None where a page could not be had or read: who counts needs all of it."""
        found: list[ListedCall] = []
        following: Query | None = query
        for _ in range(MOST_PAGES):
            asked = following
            exchange = await self._ask(lambda leave, page=asked: self._carrier.listing(page, leave))  # type: ignore[misc]
            page = call_list(exchange.body) if exchange.status == 200 and exchange.complete else None
            if page is None:
                return None
            found += page.calls
            following = page.next_query
            if following is None:
                return found
        return None

    async def _ask(self, question: Callable[[Leave], Awaitable[Exchange]]) -> Exchange:
        turn = await self._gate.look_up()  # before a connection is opened: the wait may be long
        exchange = await question(turn.leave)
        self._note(exchange)
        self._heard(exchange)
        return exchange

    def _note(self, exchange: Exchange) -> None:
        if exchange.status in (200, 404):
            self._is_answered, self.trouble = True, None
        elif exchange.status != 429 and not self._is_answered:
            self.trouble = exchange.error if exchange.status is None else f"HTTP {exchange.status}"
