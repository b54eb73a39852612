"""The journal's chain of events, as its rows have it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import field
from typing import NamedTuple

from orchestrator.model.events import Event
from orchestrator.model.frozen import frozen


class ChainedEvent(NamedTuple):
    """One event with what its row has beside it; `data` is the event's, written as the chain covers it."""

    seq: int
    event: Event
    data: str
    salt: str
    seal: str | None
    hash: str


@frozen
class Chain:
    """All events of a journal as of one moment, how many there are of each type, and the sums that the last one seals.

    `head` is the last one's hash. `events` streams them in their order, anew each time.
    """

    journal: str = ""
    head: str = ""
    types: Mapping[str, int] = field(default_factory=dict)
    sums: Mapping[str, str] = field(default_factory=dict)
    events: Callable[[], Iterable[ChainedEvent]] = tuple
