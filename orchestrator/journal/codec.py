"""Turns records into columns and back, and holds what statements share: conditions, and places for many values."""

import functools
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from itertools import repeat
from json.encoder import encode_basestring as _quoted
from typing import Any, ParamSpec, TypeVar

from orchestrator.exotel.call_fields import AGENT, PERSON, call_times, parties
from orchestrator.journal.database import DamagedRow
from orchestrator.model.call import Attempt, CallTimes, Field, FieldColumn, Parties
from orchestrator.model.events import Event, EventType
from orchestrator.model.outcome import Disposition, Ending, Evidence, Leg, Placement, may_have_rung
from orchestrator.model.record import AttemptRecord, CallRecord

P = ParamSpec("P")
T = TypeVar("T")

_decode = json.JSONDecoder().raw_decode
"""Twice as quick as `json.loads` for the short texts of events."""

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
"""Made once: `json.dumps` would make one for each of a million rows."""

MOST_ASKED = 1_000
"""Values that one statement looks for."""

ATTEMPT_COLUMNS = (
    "n, a.started_at, placement, evidence, sid, http_status, ending, legs, placed_at, a.ended_at, duration,"
    " recording_url, price, currency, message"
)

CALL_COLUMNS = f"c.key, c.id, r.id, c.disposition, c.reason, c.fields, c.carry, {ATTEMPT_COLUMNS}"
"""What `calls_from_rows` reads of a call, of the run that touched it last, and of one of its attempts."""

NOTHING_CARRIED = "{}"
"""The `carry` column of a call that carries nothing."""

_AGENT, _PERSON = f'],["{AGENT}","', f'],["{PERSON}","'
"""What a number stands behind in the `fields` column: no text in it has a quote that is not escaped."""

_DISPOSITIONS = {word.value: word for word in Disposition}
_PLACEMENTS: dict[str | None, Placement | None] = {None: None, **{word.value: word for word in Placement}}
_EVIDENCE: dict[str | None, Evidence | None] = {None: None, **{word.value: word for word in Evidence}}
_ENDINGS: dict[str | None, Ending | None] = {None: None, **{word.value: word for word in Ending}}
"""The words of columns: looking them up takes a tenth of what the classes take."""

_RUNG = ", ".join(f"'{placement}'" for placement in Placement if may_have_rung(placement))

MAY_HAVE_RUNG = f"(a.placement IS NULL OR a.placement IN ({_RUNG}))"
"""Whether attempt `a` may have rung, as `model/outcome.py` decides it; an intent without an outcome perhaps did."""

LOSS_TOKEN = "lost "  # noqa: S105 - a word, no secret
"""What the token of an attempt begins with that a loss of the journal made (loss.py): no callback has such a one."""

MADE_BY_LOSS = f"a.token LIKE '{LOSS_TOKEN}%'"
"""Whether attempt `a` was made for a call that may have been dialed in a part of the journal that is lost."""

CALL_MAY_HAVE_RUNG = "calls.rung > 0"
"""Whether an attempt of a row of `calls` may have rung."""

UNSETTLED = (
    f"EXISTS (SELECT 1 FROM attempts a WHERE a.call = calls.key AND {MAY_HAVE_RUNG}"  # noqa: S608
    " AND (a.ending IS NULL OR a.ending = 'completed'))"
)
"""Whether an attempt of a row of `calls` is unknown, in flight or went well: then no other one may follow."""

LAST_WORD = (
    f"coalesce((SELECT a.ending FROM attempts a WHERE a.call = calls.key AND {MAY_HAVE_RUNG}"  # noqa: S608
    " ORDER BY a.n DESC LIMIT 1), 'not-dialed')"
)
"""The disposition of a row of `calls` that is not dialed any more: how it ended last, if it ever rang."""

MAY_KEEP_PAIR = "(state = 'open' OR disposition = 'unknown')"
"""Whether a row of `calls` may keep its pair and its lines: it is under way, or was given up as unknown."""

MAY_BE_LIVE = f"{MAY_KEEP_PAIR} AND pair_free_at > ?"
"""Whether it may be live at a moment: it was not begun too long ago for that."""

KEEPS_PAIR = (
    "(held.state = 'open' OR held.disposition = 'unknown')"
    " AND ((held.state = 'open' AND held.plan = calls.plan) OR held.pair_free_at > ?)"
)
"""Whether the call `held` keeps a pair from `calls` at a moment: until its attempt cannot be live any more, and in the
same plan until its run has closed it. One of another plan may have no run left that would."""

PAIR_FREE = f"NOT EXISTS (SELECT 1 FROM calls held WHERE held.pair = calls.pair AND {KEEPS_PAIR})"  # noqa: S608
"""Whether no call keeps the pair of a row of `calls` at a moment."""

LAST_THAT_MAY_HAVE_RUNG = f"(SELECT max(a.n) FROM attempts a WHERE a.call = c.key AND {MAY_HAVE_RUNG})"  # noqa: S608
"""The number of call `c`'s last attempt that may have rung: what is known of it is known of the call."""


def _attempts(is_latest: str) -> str:
    """Select attempts with their calls, as `attempt_with_call` reads them; the caller adds the rest of a condition."""
    return (
        f"SELECT a.key, a.call, c.id, r.id, c.state, {is_latest},"  # noqa: S608 - constants only
        f" a.started, c.pair_free_at, c.plan, c.edition, {ATTEMPT_COLUMNS}"
        " FROM attempts a JOIN calls c ON c.key = a.call JOIN runs r ON r.key = a.run WHERE "
    )


ATTEMPT_QUERY = _attempts(f"a.n = {LAST_THAT_MAY_HAVE_RUNG}")
"""Selects any attempts; a condition with placeholders follows."""

LATEST_ATTEMPT_QUERY = f"{_attempts('TRUE')} a.n = {LAST_THAT_MAY_HAVE_RUNG} AND "
"""Selects those that are the last of their calls that may have rung; a condition with placeholders follows."""


AGENT_NUMBER, PERSON_NUMBER = (
    f"substr(calls.{column}, (SELECT length(account) + 2 FROM plans WHERE plans.key = calls.plan))"  # noqa: S608
    for column in ("agent", "person")
)
"""The identities of From and To of a row of `calls`: what stands behind its account."""


def later(one: str, other: str) -> str:
    """Return the later of two moments as SQL: the databases have different functions for that."""
    return f"CASE WHEN {one} > {other} THEN {one} ELSE {other} END"


def as_written(read: Callable[P, T]) -> Callable[P, T]:
    """Let a reader of columns take a value that was never written for what it is, a damaged journal.

    It raises DamagedRow then. A report of a million calls asks five million times.
    """

    @functools.wraps(read)
    def reading(*args: P.args, **more: P.kwargs) -> T:
        try:
            return read(*args, **more)
        except (ValueError, TypeError, KeyError) as problem:
            raise DamagedRow(f"it is damaged: a row holds what was never written there ({problem})") from None

    return reading


def dump(value: Any) -> str:
    """Return compact JSON; the same value always gives the same text."""
    return _encode(value)


def dump_flat(data: Mapping[str, str | int | float | None]) -> str:
    """Return what `dump` does of an object that holds no other, in a tenth of the time."""
    if float in map(type, data.values()):
        return dump(data)  # the quick one writes an exponent in its own way
    return _fast()(data).decode()


@functools.cache
def _fast() -> Callable[[Any], bytes]:
    """Return what writes texts as `dump` does, in a tenth of the time. Loaded late: most commands only read."""
    from msgspec.json import Encoder

    return Encoder().encode


def event_data(text: str) -> dict[str, Any]:
    """Read the `data` column of an event, which may have been altered: what is no object holds nothing."""
    try:
        value = decoded(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def decoded(text: str) -> Any:
    """Read compact JSON, as `dump` writes it. Raises ValueError for anything else."""
    value, end = _decode(text)
    if end != len(text):
        raise ValueError("there is more behind it")
    return value


def fields_to_text(fields: Iterable[Field]) -> str:
    """Return a call's parameters as the `fields` column."""
    return _fast()(tuple(fields)).decode()


def fields_to_texts(fields: Iterable[Field | FieldColumn], count: int) -> Iterable[str]:
    """Return the `fields` column of so many calls, whose parameters are in columns: of each what is written of it."""
    columns: list[Iterable[str]] = []
    parts: list[str] = []
    for item in fields:
        if isinstance(item, Field):
            parts.append(_encode(item).replace("%", "%%"))
        else:
            name, origin = (_encode(text).replace("%", "%%") for text in (item.name, item.origin))
            parts.append(f"[{name},%s,{origin}]")
            columns.append(map(_quoted, item.values))
    line = f"[{','.join(parts)}]"
    return map(line.__mod__, zip(*columns, strict=True)) if columns else repeat(line % (), count)


_field = tuple.__new__
"""Makes a `Field` in half the time: a run reads a dozen for each of its calls."""


@as_written
def fields_from_text(text: str) -> tuple[Field, ...]:
    """Read the `fields` column."""
    return tuple(
        [
            _field(Field, (name, value if type(value) is str else tuple(value), origin))
            for name, value, origin in decoded(text)
        ]
    )


@as_written
def parties_from_text(text: str) -> Parties:
    """Read the numbers of a call in the `fields` column."""
    return parties(decoded(text))


def _numbers(text: str) -> tuple[str, str]:
    """Read From and To in the `fields` column; where nothing is escaped in it, without reading the rest."""
    if "\\" not in text and text.endswith('"]]'):
        parts = f"],{text[1:]}"
        agent, person = parts.find(_AGENT), parts.find(_PERSON)
        if agent >= 0 and person >= 0:
            agent, person = agent + len(_AGENT), person + len(_PERSON)
            return parts[agent : parts.index('"', agent)], parts[person : parts.index('"', person)]
    numbers = parties_from_text(text)
    return numbers.agent or "", numbers.person


@as_written
def times_from_text(text: str) -> CallTimes:
    """Read how long a call may take in the `fields` column."""
    return call_times(decoded(text))


@as_written
def carry_from_text(text: str) -> dict[str, str]:
    """Read the `carry` column."""
    if text == NOTHING_CARRIED:
        return {}
    carried = dict(decoded(text))
    if {*map(type, carried.values())} - {str}:
        raise TypeError("what is carried is no text")
    return carried


@as_written
def price_from_text(text: str) -> Decimal:
    """Read the `price` column."""
    try:
        return Decimal(text)
    except InvalidOperation as problem:
        raise ValueError(problem) from None


@as_written
def disposition_from_text(text: str) -> Disposition:
    """Read the `disposition` column."""
    return _DISPOSITIONS[text]


@as_written
def event_from_row(kind: str, at: str, run: str, call: str | None, attempt: int | None, data: str) -> Event:
    """Read an event's columns, all but its number and its hash."""
    return Event(EventType(kind), at, run, call, attempt, dict(json.loads(data)))


def legs_to_text(legs: Sequence[Leg]) -> str:
    """Return an attempt's legs as the `legs` column."""
    return dump([[leg.status, leg.duration, *([leg.answered_by] if leg.answered_by else [])] for leg in legs])


def _legs_from_text(text: str) -> tuple[Leg, ...]:
    """Read the `legs` column: by msgspec in a third of the time, and what that refuses by the standard library."""
    read, refused = _reader_of_legs()
    try:
        return tuple([Leg(leg.status, leg.duration, leg.answered_by) for leg in read(text)])
    except refused:
        legs = tuple([Leg(*leg) for leg in decoded(text)])
    for leg in legs:
        words = isinstance(leg.status, str | None) and isinstance(leg.answered_by, str | None)
        if not words or not isinstance(leg.duration, int | None):
            raise TypeError("a leg is none")
    return legs


@functools.cache
def _reader_of_legs() -> tuple[Callable[[str], Any], type[Exception]]:
    """Return what reads legs, and what it raises where they are not as they are written. Loaded late, as `_fast` is."""
    from msgspec import DecodeError, Struct
    from msgspec.json import Decoder

    class Columns(Struct, array_like=True, forbid_unknown_fields=True):
        status: str | None = None
        duration: int | None = None
        answered_by: str | None = None

    return Decoder(list[Columns]).decode, DecodeError


@as_written
def attempt_from_row(row: Sequence[Any]) -> AttemptRecord:
    """Read an attempt selected with ATTEMPT_COLUMNS, which are the fields of a record in their order."""
    n, started_at, placement, evidence, sid, http_status, ending, legs, *more = row
    return AttemptRecord(
        *(n, started_at, _PLACEMENTS[placement], _EVIDENCE[evidence], sid, http_status, _ENDINGS[ending]),
        *(_legs_from_text(legs), *more),
    )


@as_written
def calls_from_rows(rows: Iterable[Sequence[Any]]) -> dict[int, CallRecord]:
    """Read rows selected with CALL_COLUMNS, and return each call by its key: it has a row an attempt, or one alone.

    The rows are in the order of the attempts. What `attempt_from_row` does is done here once more, in two thirds of the
    time.
    """
    found: dict[int, CallRecord] = {}
    for (
        key, id_, run, disposition, reason, fields, carry, n, started_at, placement, evidence, sid, http_status, ending,
        legs, placed_at, ended_at, duration, recording_url, price, currency, message,
    ) in rows:  # fmt: skip
        made = () if n is None else (AttemptRecord(
            n, started_at, _PLACEMENTS[placement], _EVIDENCE[evidence], sid, http_status, _ENDINGS[ending],
            _legs_from_text(legs), placed_at, ended_at, duration, recording_url, price, currency, message,
        ),)  # fmt: skip
        if key in found:
            found[key] = replace(found[key], attempts=(*found[key].attempts, *made))
        else:
            carried = {} if carry == NOTHING_CARRIED else carry_from_text(carry)
            found[key] = CallRecord(id_, run, _DISPOSITIONS[disposition], *_numbers(fields), reason, carried, made)
    return found


def attempt_with_call(row: Sequence[Any]) -> Attempt:
    """Read an attempt selected with ATTEMPT_QUERY."""
    key, call, call_id, run_id, state, latest, started, free_at, plan, edition, *record = row
    known = attempt_from_row(record)
    return Attempt(key, call, call_id, run_id, state, bool(latest), started, free_at, known, plan, edition)


def in_parts(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """Yield values by as many as one statement looks for."""
    return (values[start : start + MOST_ASKED] for start in range(0, len(values), MOST_ASKED))


def marks(values: Sequence[object]) -> str:
    """Return the places of so many values in a statement."""
    return ", ".join("?" * len(values))
