"""The report as CSV for machines: RFC 4180, a row a call, every value as it is (columns: docs/how-to/reports.md)."""

import csv
from collections.abc import Iterator, Sequence
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from itertools import chain

from orchestrator.exotel.masking import Masker
from orchestrator.model.errors import WrongUsage
from orchestrator.model.outcome import Leg
from orchestrator.model.record import AttemptRecord, CallRecord
from orchestrator.reports.report import Report


class Figure(str):
    """A decimal number, written out: no text of others."""

    __slots__ = ()


Cell = str | int | None
"""A text, or a number (an int, a Figure); None for what is not known."""

_OF_CALL = ("id", "disposition", "reason", "from", "to", "attempts", "first_started_at", "cost", "currency")
_OF_ATTEMPT = (
    *("started_at", "placed_at", "ended_at", "placement", "evidence", "http_status", "sid", "ending", "duration"),
    *("recording_url", "message"),
)
_OF_LEG = ("status", "duration", "answered_by")
_OF_RUN = ("run", "plan", "edition")

COLUMNS = (*_OF_CALL, *_OF_ATTEMPT, *(f"leg{n}_{name}" for n in (1, 2) for name in _OF_LEG), *_OF_RUN)
"""The columns that every report has, in their order. What an attempt tells is told by the last one, but `cost` and
`currency`, which are of all. Behind them stands a column for each that the plan carries along."""

CARRIED = "carry."
"""What the name of a column begins with that the plan carries along."""

_NO_ATTEMPT = (None,) * len(_OF_ATTEMPT)
_NO_LEG = Leg()


def csv_report(report: Report, masker: Masker) -> Iterator[str]:
    """Yield the header and the rows, each ended by CR LF. Raises WrongUsage for a column that there is not."""
    return rows_of(table(report, masker))


def rows_of(table: Iterator[Sequence[Cell]]) -> Iterator[str]:
    """Yield each row's text as RFC 4180 has it; of a row in which no cell must be quoted without asking `csv`."""
    quoting = csv.writer(_AsIs(), lineterminator="\r\n").writerow
    for row in table:
        text = ",".join([cell if type(cell) is str else "" if cell is None else str(cell) for cell in row])
        quoted = text.count(",") >= len(row) or '"' in text or "\n" in text or "\r" in text or not text
        yield str(quoting(row)) if quoted else f"{text}\r\n"


class _AsIs:
    """Has a writer of CSV return each row's text."""

    def write(self, text: str) -> str:
        """Return what was to be written."""
        return text


def table(report: Report, masker: Masker) -> Iterator[Sequence[Cell]]:
    """Return the header and a row a call, with the columns that were asked for, by default all.

    A part of the calls has the columns of the whole. Raises WrongUsage for a column that there is not, before anything
    is written.
    """
    carried = report.carried() if _asks_for_carried(report.columns) else []
    known = [*COLUMNS, *(CARRIED + name for name in carried)]
    for name in report.columns or ():
        if name not in known:
            raise WrongUsage(f"there is no column {name!r}; there are {', '.join(known)}")
    header = [masker.text(name) for name in known]
    of_run = masker.text(report.run.plan), masker.text(report.run.edition)
    rows: Iterator[Sequence[Cell]] = chain([header], (_row(call, of_run, carried, masker) for call in report.calls()))
    if report.columns is None:
        return rows
    chosen = [known.index(name) for name in report.columns]
    return ([row[place] for place in chosen] for row in rows)


def _asks_for_carried(columns: Sequence[str] | None) -> bool:
    return columns is None or any(name.startswith(CARRIED) for name in columns)


def _row(call: CallRecord, of_run: tuple[str, str], carried: Sequence[str], masker: Masker) -> list[Cell]:
    """Return the values of all columns."""
    last = call.attempts[-1] if call.attempts else None
    return [
        masker.text(call.id),
        call.disposition,
        _text(call.reason, masker),
        masker.number(call.from_number),
        masker.number(call.to_number),
        len(call.attempts),
        call.attempts[0].started_at if call.attempts else None,
        *_cost(call.attempts),
        *(_NO_ATTEMPT if last is None else _attempt(last, masker)),
        *_leg(last, 0, masker),
        *_leg(last, 1, masker),
        call.run,
        *of_run,
        *(_text(call.carry.get(name), masker) for name in carried),
    ]


def _cost(attempts: Sequence[AttemptRecord]) -> tuple[Cell, Cell]:
    """Return what all attempts cost, and in which currency; nothing where the carrier's prices have no one sum."""
    return _sum(tuple([(each.price, each.currency) for each in attempts if each.price is not None]))


@lru_cache(4_096)  # many calls cost the same
def _sum(prices: tuple[tuple[str, str | None], ...]) -> tuple[Cell, Cell]:
    if not prices or len({currency for _, currency in prices}) > 1:
        return None, None
    try:
        return Figure(f"{sum(Decimal(price) for price, _ in prices):f}"), prices[0][1]
    except InvalidOperation:  # an altered journal
        return None, None


def _attempt(attempt: AttemptRecord, masker: Masker) -> tuple[Cell, ...]:
    return (
        attempt.started_at,
        attempt.placed_at,
        attempt.ended_at,
        attempt.placement,
        attempt.evidence,
        attempt.http_status,
        attempt.sid,
        attempt.ending,
        attempt.duration,
        None if attempt.recording_url is None else masker.address(attempt.recording_url),
        _text(attempt.message, masker),
    )


def _leg(attempt: AttemptRecord | None, number: int, masker: Masker) -> tuple[Cell, ...]:
    legs = () if attempt is None else attempt.legs
    leg = legs[number] if number < len(legs) else _NO_LEG
    return _text(leg.status, masker), leg.duration, _text(leg.answered_by, masker)


def _text(text: str | None, masker: Masker) -> str | None:
    return None if text is None else masker.text(text)
