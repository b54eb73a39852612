"""The report as CSV for machines: RFC 4180, a row a call, every value as it is (columns: docs/how-to/reports.md)."""

import csv
from collections.abc import Iterator, Sequence
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from itertools import chain, islice

from orchestrator.exotel.masking import Masker
from orchestrator.model.errors import WrongUsage
from orchestrator.model.outcome import Leg
from orchestrator.model.record import AttemptRecord, CallRecord
from orchestrator.reports.report import Report


class Figure(str):
    """A number, written out: no text of others."""

    __slots__ = ()


_figure = lru_cache(4_096)(Figure)  # many calls take as long, or have as many attempts

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

_NO_ATTEMPT = ("",) * (len(_OF_ATTEMPT) + 2 * len(_OF_LEG))
_NO_LEG = Leg()

_TOGETHER = 20
"""Rows that are written together, and looked through for what must be quoted."""


def csv_report(report: Report, masker: Masker) -> Iterator[str]:
    """Yield the header and the rows, each ended by CR LF. Raises WrongUsage for a column that there is not."""
    return rows_of(table(report, masker))


def rows_of(table: Iterator[Sequence[str]]) -> Iterator[str]:
    """Yield the text of some rows at a time, as RFC 4180 has it.

    Where no cell of them must be quoted, which their commas, quotes and ends of lines tell, `csv` is not asked.
    """
    quoting = csv.writer(_AsIs(), lineterminator="\r\n").writerow
    while rows := [*islice(table, _TOGETHER)]:
        cells, count = len(rows[0]), len(rows)
        text = "\r\n".join([*map(",".join, rows), ""])
        plain = text.count(",") == (cells - 1) * count and text.count("\n") == text.count("\r") == count
        yield text if plain and cells > 1 and '"' not in text else "".join([str(quoting(row)) for row in rows])


class _AsIs:
    """Has a writer of CSV return each row's text."""

    def write(self, text: str) -> str:
        """Return what was to be written."""
        return text


def table(report: Report, masker: Masker) -> Iterator[Sequence[str]]:
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
    rows: Iterator[Sequence[str]] = chain([header], (_row(call, of_run, carried, masker) for call in report.calls()))
    if report.columns is None:
        return rows
    chosen = [known.index(name) for name in report.columns]
    return ([row[place] for place in chosen] for row in rows)


def _asks_for_carried(columns: Sequence[str] | None) -> bool:
    return columns is None or any(name.startswith(CARRIED) for name in columns)


def _row(call: CallRecord, of_run: tuple[str, str], carried: Sequence[str], masker: Masker) -> list[str]:
    """Return the values of all columns."""
    reason, attempts = call.reason, call.attempts
    return [
        masker.text(call.id),
        call.disposition,
        "" if reason is None else masker.text(reason),
        masker.number(call.from_number),
        masker.number(call.to_number),
        _figure(len(attempts)),
        attempts[0].started_at if attempts else "",
        *_cost(attempts),
        *(_attempt(attempts[-1], masker) if attempts else _NO_ATTEMPT),
        call.run,
        *of_run,
        *([masker.text(call.carry.get(name, "")) for name in carried] if carried else ()),
    ]


def _cost(attempts: Sequence[AttemptRecord]) -> tuple[str, str]:
    """Return what all attempts cost, and in which currency; nothing where the carrier's prices have no one sum."""
    if len(attempts) == 1:
        price = attempts[0].price
        return ("", "") if price is None else _sum(((price, attempts[0].currency),))
    return _sum(tuple([(each.price, each.currency) for each in attempts if each.price is not None]))


@lru_cache(4_096)  # many calls cost the same
def _sum(prices: tuple[tuple[str, str | None], ...]) -> tuple[str, str]:
    if not prices or len({currency for _, currency in prices}) > 1:
        return "", ""
    try:
        return Figure(f"{sum(Decimal(price) for price, _ in prices):f}"), prices[0][1] or ""
    except InvalidOperation:  # an altered journal
        return "", ""


def _attempt(attempt: AttemptRecord, masker: Masker) -> tuple[str, ...]:
    """Return what an attempt and its legs tell."""
    placed_at, ended_at, placement, evidence = attempt.placed_at, attempt.ended_at, attempt.placement, attempt.evidence
    status, sid, ending, duration = attempt.http_status, attempt.sid, attempt.ending, attempt.duration
    url, message, legs = attempt.recording_url, attempt.message, attempt.legs
    return (
        attempt.started_at,
        "" if placed_at is None else placed_at,
        "" if ended_at is None else ended_at,
        "" if placement is None else placement,
        "" if evidence is None else evidence,
        "" if status is None else _figure(status),
        "" if sid is None else sid,
        "" if ending is None else ending,
        "" if duration is None else _figure(duration),
        "" if url is None else masker.address(url),
        "" if message is None else masker.text(message),
        *_leg(legs[0] if legs else _NO_LEG, masker),
        *_leg(legs[1] if len(legs) > 1 else _NO_LEG, masker),
    )


def _leg(leg: Leg, masker: Masker) -> tuple[str, str, str]:
    status, duration, who = leg.status, leg.duration, leg.answered_by
    return (
        "" if status is None else masker.text(status),
        "" if duration is None else _figure(duration),
        "" if who is None else masker.text(who),
    )
