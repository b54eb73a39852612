"""Could it have rung? The one verdict on a connect request, row by row as in product.md section 5."""

import math
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from orchestrator.exotel.causes import likely_cause
from orchestrator.exotel.replies import call_facts, names_a_call
from orchestrator.model.outcome import CallFacts, Exchange, Placement, Verdict

LONGEST_WAIT = 86400.0
"""Seconds: no Retry-After is believed beyond a day."""


def verdict(exchange: Exchange, now: datetime | None = None) -> Verdict:
    """Judge the exchange. `now` (aware) stands in for a missing Date header where a wait is told as a time of day.

    An answer that broke off is judged by what did arrive:

    - A 2xx whose body holds a readable Sid is accepted, complete or not: half a document does not parse, so a Sid
      that was read is whole. Without one it is unknown.
    - A 4xx, 429 or 3xx status line is decisive without its body: the carrier refused before it dialed. The one
      exception, a body that names a call, is looked for in whatever part of the body came.
    - No status line after a byte was sent is unknown, 1xx included: an interim answer decides nothing.
    """
    status = exchange.status
    if status is None:
        return _judged(exchange, Placement.UNKNOWN if exchange.bytes_sent else Placement.UNREACHED)
    if 200 <= status < 300:
        return _success(exchange)
    if 300 <= status < 400:
        return _judged(exchange, Placement.REJECTED, account_problem=True)
    if 400 <= status < 500:
        if status in (408, 425) or names_a_call(exchange.body):
            return _judged(exchange, Placement.UNKNOWN)
        if status == 429:
            return _judged(exchange, Placement.THROTTLED, retry_after=_retry_after(exchange, now))
        return _judged(exchange, Placement.REJECTED, account_problem=status in (401, 402, 403))
    return _judged(exchange, Placement.UNKNOWN)  # 5xx, and whatever no document lists


def _success(exchange: Exchange) -> Verdict:
    facts = call_facts(exchange.body) or CallFacts()
    if facts.sid is None:
        return _judged(exchange, Placement.UNKNOWN)
    return Verdict(Placement.ACCEPTED, facts)


def _judged(
    exchange: Exchange, placement: Placement, account_problem: bool = False, retry_after: float | None = None
) -> Verdict:
    facts = call_facts(exchange.body) or CallFacts()
    return Verdict(placement, facts, account_problem, likely_cause(exchange), retry_after)


def _retry_after(exchange: Exchange, now: datetime | None) -> float | None:
    """Return the seconds to wait: `Retry-After` as seconds or as a date, else `X-RateLimit-Reset` (epoch seconds).

    Times are measured from the answer's own Date, so that a wrong clock on this machine does not matter.
    """
    told = exchange.headers.get("retry-after", "").strip()
    plain = _number(told)
    if plain is not None:
        return _bounded(plain)
    answered = _date(exchange.headers.get("date", "")) or now
    if answered is None:
        return None
    at = _date(told)
    if at is not None:
        return _bounded((at - answered).total_seconds())
    reset = _number(exchange.headers.get("x-ratelimit-reset", ""))
    wait = None if reset is None else reset - answered.timestamp()
    return _bounded(wait) if wait is not None and wait > 0 else None


def _number(text: str) -> float | None:
    try:
        value = float(text) if text.isascii() else math.nan
    except ValueError:
        return None
    return value if math.isfinite(value) and value >= 0 else None


def _date(text: str) -> datetime | None:
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _bounded(seconds: float) -> float:
    return min(max(seconds, 0.0), LONGEST_WAIT)
