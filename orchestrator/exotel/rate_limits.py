"""When the carrier asks for quiet: `Retry-After` and `X-RateLimit-*`, read where they are present, never needed."""

import math
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from orchestrator.model.outcome import Exchange

LONGEST_WAIT = 86400.0
"""Seconds: no Retry-After is believed beyond a day."""

LONGEST_RESET = 3600.0
"""Seconds: the same for the reset of an answer that refused nothing. The documented limit is of a minute."""

UNTOLD = 1.0
"""Seconds of quiet after a 429 that names none."""


def quiet(exchange: Exchange, now: datetime | None = None) -> float | None:
    """Return for how many seconds no request may leave after this answer; None where at once.

    `now` (aware) stands in for a missing Date header. A 429 holds as it tells; any other answer does where it says
    that nothing remains, until the reset that it names.
    """
    if exchange.status == 429:
        return retry_after(exchange, now) or UNTOLD
    if exchange.status is None or _number(exchange.headers.get("x-ratelimit-remaining", "")) != 0:
        return None
    wait = _until_reset(exchange, _answered(exchange, now))
    return None if wait is None or wait > LONGEST_RESET else wait


def retry_after(exchange: Exchange, now: datetime | None) -> float | None:
    """Return the seconds to wait: `Retry-After` as seconds or as a date, else `X-RateLimit-Reset` (epoch seconds).

    Times are measured from the answer's own Date, so that a wrong clock on this machine does not matter.
    """
    told = exchange.headers.get("retry-after", "").strip()
    plain = _number(told)
    if plain is not None:
        return _bounded(plain)
    answered, at = _answered(exchange, now), _date(told)
    if answered is not None and at is not None:
        return _bounded((at - answered).total_seconds())
    wait = _until_reset(exchange, answered)
    return None if wait is None else _bounded(wait)


def _until_reset(exchange: Exchange, answered: datetime | None) -> float | None:
    reset = _number(exchange.headers.get("x-ratelimit-reset", ""))
    if reset is None or answered is None:
        return None
    wait = reset - answered.timestamp()
    return wait if wait > 0 else None


def _answered(exchange: Exchange, now: datetime | None) -> datetime | None:
    return _date(exchange.headers.get("date", "")) or now


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
