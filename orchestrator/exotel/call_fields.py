"""A call's parameters: what they mean - whom it rings, on which line, for how long - and how they go on the wire.

The one place beside the table that knows which parameter says what; all other rooms ask here.
"""

import re
from collections.abc import Container, Iterable, Mapping, Sequence
from os import urandom
from typing import Literal
from urllib.parse import quote

from orchestrator.exotel.parameters import BY_NAME, BY_SPELLING
from orchestrator.model.call import CallTimes, ConnectRequest, Field, Parties, text_of

AGENT, PERSON = "From", "To"
NUMBERS = (AGENT, PERSON)
"""The parameters whose numbers are rung, in this order."""

EXOPHONE = "CallerId"
"""The parameter with the account's line that a call goes out on."""

_PARTIES = frozenset({AGENT, PERSON, EXOPHONE})

RING, TALK = "TimeOut", "TimeLimit"
"""The parameters that say how long a call may take."""
_TIMES = frozenset({RING, TALK})

CALLBACK, _EVENTS, REFERENCE = "StatusCallback", "StatusCallbackEvents", "CustomField"

RING_SECONDS_UNSET = 60
"""Seconds that a leg is taken to ring where the call does not say: the longest that any document allows."""

TALK_SECONDS_UNSET = BY_NAME[TALK].maximum or 0
"""Seconds that a call is taken to last at most where it does not say: the carrier's own maximum."""


def parties(fields: Iterable[Sequence[object]]) -> Parties:
    """Return the numbers of a call as they are written in its plan: its fields begin with their names and values."""
    found = _texts_of(fields, _PARTIES)
    return Parties(found.get(AGENT), found.get(PERSON, ""), found.get(EXOPHONE))


def call_times(fields: Iterable[Sequence[object]]) -> CallTimes:
    """Return how long a call may ring and last, with the carrier's own bounds where its plan is silent."""
    found = _texts_of(fields, _TIMES)
    return CallTimes(int(found.get(RING) or RING_SECONDS_UNSET), int(found.get(TALK) or TALK_SECONDS_UNSET))


def _texts_of(fields: Iterable[Sequence[object]], wanted: Container[str]) -> dict[str, str]:
    """Return the values of some parameters; each call asks several times, so that this is one plain loop."""
    found: dict[str, str] = {}
    for field in fields:
        name, value = field[0], field[1]
        if name in wanted and isinstance(name, str) and isinstance(value, str):
            found[name] = value
    return found


def reference(fields: Sequence[Field]) -> str | None:
    """Return the caller's own word for the call, which the carrier gives back; None where the plan sets none."""
    return text_of(fields, REFERENCE)


def has_own_callback(fields: Sequence[Field]) -> bool:
    """Whether the plan names an address of its own that hears of the call."""
    return text_of(fields, CALLBACK) is not None


EVENTS = BY_NAME[_EVENTS].values
"""All that a callback may tell."""


def with_callback(
    fields: tuple[Field, ...], address: str, reference: str, events: tuple[str, ...] = EVENTS
) -> tuple[Field, ...]:
    """Return the fields of a call that `address` hears of, with what the plan leaves out added by the receiver."""
    named = {item.name for item in fields}
    added = [Field(CALLBACK, address, "receiver")]
    if _EVENTS not in named:
        added.append(Field(_EVENTS, events, "receiver"))
    if REFERENCE not in named:
        added.append(Field(REFERENCE, reference, "receiver"))
    return (*fields, *added)


def numbers_filter(agents: str, persons: str) -> Iterable[tuple[str, str]]:
    """Return the filters of a list of calls by the numbers rung; each is a list with commas."""
    return (AGENT, agents), (PERSON, persons)


Encoding = Literal["multipart", "urlencoded"]
Spelling = Literal["plain", "new"]

_INDEXED = re.compile(r"(?P<name>[A-Za-z]+)\[(?P<index>[0-9]{1,4})\]\Z")


def connect_request(fields: Iterable[Field], spelling: Spelling = "plain") -> ConnectRequest:
    """Write resolved parameters as wire fields: order kept, list items indexed and adjacent.

    `spelling` chooses the wire name of the rows that S0 prints with a `New` (docs/carrier.md, requests).
    """
    pairs: list[tuple[str, str]] = []
    for name, value, _ in fields:
        written = name if spelling == "plain" else _new_name(name)
        if type(value) is str:
            pairs.append((written, value))
        else:
            pairs += [(f"{written}[{index}]", item) for index, item in enumerate(value)]
    return ConnectRequest(tuple(pairs))


def _new_name(name: str) -> str:
    row = BY_NAME.get(name)
    return row.new_name if row and row.new_name else name


def encode(request: ConnectRequest, encoding: Encoding, boundary: str | None = None) -> tuple[str, bytes]:
    """Return the Content-Type and the body. `boundary` is chosen at random unless a test fixes it.

    Multipart parts are those of the source's curl example: a disposition with the name, nothing else, and
    the value's UTF-8 bytes as they are.
    """
    if encoding == "urlencoded":
        body = "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in request.pairs)
        return "application/x-www-form-urlencoded", body.encode("ascii")
    boundary = boundary or f"orchestrate-{urandom(16).hex()}"
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in request.pairs
    ]
    return f"multipart/form-data; boundary={boundary}", "".join([*parts, f"--{boundary}--\r\n"]).encode()


class NotDecodable(ValueError):  # noqa: N818 - named for what it says
    """The fields do not form a request; the text names the field and says why."""


def decode(pairs: Sequence[tuple[str, str]]) -> Mapping[str, str | tuple[str, ...]]:
    """Group wire fields back into parameters under their table names, in the order of first appearance.

    Names that the table does not know are kept as they came. Raises NotDecodable for a field sent twice, a list
    without indexes, and indexes that do not run 0, 1, 2, ...
    """
    singles: dict[str, str | tuple[str, ...]] = {}
    lists: dict[str, dict[int, str]] = {}
    for wire_name, value in pairs:
        indexed = _INDEXED.match(wire_name)
        spelled = indexed["name"] if indexed else wire_name
        row = BY_SPELLING.get(spelled)
        name = row.name if row else spelled
        if row and row.is_list and not indexed:
            raise NotDecodable(f"{wire_name} must be sent indexed: {row.name}[0], {row.name}[1]")
        if indexed and (row is None or row.is_list):
            items = lists.setdefault(name, {})
            singles.setdefault(name, ())
            if int(indexed["index"]) in items:
                raise NotDecodable(f"{wire_name} was sent twice")
            items[int(indexed["index"])] = value
        elif name in singles:
            raise NotDecodable(f"{name} was sent twice")
        else:
            singles[wire_name if indexed else name] = value
    for name, items in lists.items():
        if sorted(items) != list(range(len(items))):
            raise NotDecodable(f"the indexes of {name} must run 0, 1, 2, ...")
        singles[name] = tuple(items[index] for index in range(len(items)))
    return singles
