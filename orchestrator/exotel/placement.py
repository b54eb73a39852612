"""What an answer to a connect request proves: whether it may have rung, why not, and how long the carrier wants quiet.

Row by row as in docs/guarantees.md; nothing else judges answers.
"""

import math
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from orchestrator.exotel.call_mentions import headers_name_a_call, names_a_call
from orchestrator.exotel.content import content
from orchestrator.exotel.facts import call_facts
from orchestrator.exotel.replies import carrier_message, is_cut_off, one_line
from orchestrator.model.outcome import CallFacts, Exchange, Placement, Verdict


def verdict(exchange: Exchange, now: datetime | None = None) -> Verdict:
    """Judge the exchange. `now` (aware) stands in for a missing Date header where a wait is given as a time of day.

    An answer that broke off is judged by what did arrive:

    - A 2xx whose body holds a readable Sid is accepted, complete or not: half a document does not parse, so a Sid
      that was read is whole. Without one it is unknown.
    - A 4xx, 429 or 3xx status line is decisive without its body: the carrier refused before it dialed. The one
      exception, an answer that names a call, is looked for in whatever part of the body came; where a 4xx has a body
      that cannot be read as text, is longer than what is read, or breaks off in the middle, it may name one.
    - No status line after a byte was sent is unknown, 1xx included: an interim answer decides nothing.
    """
    status = exchange.status
    if status is None:
        return _judged(exchange, Placement.UNKNOWN if exchange.bytes_sent else Placement.UNREACHED)
    if 200 <= status < 300:
        return _success(exchange)
    if 300 <= status < 500:
        return _refusal(exchange, status, now)
    return _judged(exchange, Placement.UNKNOWN)  # 5xx, and whatever no document lists


def _refusal(exchange: Exchange, status: int, now: datetime | None) -> Verdict:
    """Judge a 3xx or 4xx: it did not ring, unless the answer names a call, or may."""
    named = names_a_call(exchange.body) or headers_name_a_call(exchange.headers)
    if status < 400:  # never followed; the next request would be redirected as well
        placement = Placement.UNKNOWN if named else Placement.REJECTED
        return _judged(exchange, placement, account_problem=True, doubt=NAMES_A_CALL if named else None)
    unread = exchange.unread or content(exchange.body).problem
    if unread is None and is_cut_off(exchange.body, complete=exchange.complete):
        unread = "it breaks off"
    if named:
        return _judged(exchange, Placement.UNKNOWN, doubt=NAMES_A_CALL)
    if unread is not None:
        return _judged(exchange, Placement.UNKNOWN, doubt=f"its body may name a call, and cannot be read: {unread}")
    if status in (408, 425):
        return _judged(exchange, Placement.UNKNOWN)
    if status == 429:
        return _judged(exchange, Placement.THROTTLED, retry_after=retry_after(exchange, now))
    return _judged(exchange, Placement.REJECTED, account_problem=status in (401, 402, 403))


def _success(exchange: Exchange) -> Verdict:
    facts = call_facts(exchange.body) or CallFacts()
    if facts.sid is None:
        return _judged(exchange, Placement.UNKNOWN)
    return Verdict(Placement.ACCEPTED, facts)


def _judged(
    exchange: Exchange,
    placement: Placement,
    account_problem: bool = False,
    retry_after: float | None = None,
    doubt: str | None = None,
) -> Verdict:
    facts = call_facts(exchange.body) or CallFacts()
    return Verdict(placement, facts, account_problem, likely_cause(exchange, doubt), retry_after)


PERHAPS_RANG = "perhaps the phones rang"
NOTHING_SENT = "nothing left this machine"
NAMES_A_CALL = f"a refusal, but the answer names a call; {PERHAPS_RANG}"

_CAUSES = {
    400: "the carrier found the request malformed: most likely a number or another parameter it cannot use",
    401: "the API key or the API token is wrong, or the account belongs to the carrier's other region",
    402: "the account's balance is used up, or its plan does not cover this call",
    403: "the key is valid but may not do this: this machine's IP address is not on the account's allow-list,"
    " or the account's KYC is incomplete or it is suspended",
    404: "the account SID does not exist at this address: wrong account SID, or the carrier's other region",
    408: f"the carrier gave up waiting for the request; {PERHAPS_RANG}",
    409: "the carrier reports a conflict with another request for the same thing",
    425: f"the carrier did not want to take the request yet; {PERHAPS_RANG}",
    429: "more requests than the account's rate allows",
    500: f"the carrier failed after it had the request; {PERHAPS_RANG}",
    502: f"a gateway of the carrier failed after it had the request; {PERHAPS_RANG}",
    503: f"the carrier is overloaded or in maintenance; {PERHAPS_RANG}",
    504: f"the carrier found no route in time, or a gateway gave up on it; {PERHAPS_RANG}",
}


def likely_cause(exchange: Exchange, doubt: str | None = None) -> str:
    """Say in one line what the answer means, then the carrier's own words, then what broke.

    `doubt` is why a refusal proves nothing.
    """
    if exchange.status is None:
        cause = PERHAPS_RANG if exchange.bytes_sent else NOTHING_SENT
        return f"{cause}: {exchange.error or 'no answer came'}"
    said = carrier_message(exchange.body)
    parts = [
        f"HTTP {exchange.status}: {doubt}" if doubt else "",
        f"{'the status alone says' if doubt else f'HTTP {exchange.status}'}: {_cause(exchange, exchange.status)}",
        f"the carrier says: {said}" if said else "",
        f"its body cannot be read: {exchange.unread}" if exchange.unread and doubt is None else "",
        f"the answer broke off: {exchange.error}" if exchange.error else "",
    ]
    return "; ".join(part for part in parts if part)


def _cause(exchange: Exchange, status: int) -> str:
    if status in _CAUSES:
        return _CAUSES[status]
    if 200 <= status < 300:
        return f"the answer holds no readable call Sid; {PERHAPS_RANG}"
    if 300 <= status < 400:
        host = _host(exchange.headers.get("location", ""))
        where = f" (to {host})" if host else ""
        return f"a redirect{where}, which is never followed: base_url is not the address of the carrier's API"
    if 400 <= status < 500:
        return "the carrier refused the request"
    return f"an answer that no document lists; {PERHAPS_RANG}"


def _host(location: str) -> str | None:
    """Return where a redirect points, without the path, the query and a user name that it may carry."""
    try:
        return one_line(urlsplit(location).hostname or "")
    except ValueError:
        return None


LONGEST_WAIT = 86400.0
"""Seconds: no Retry-After is believed beyond a day."""

LONGEST_RESET = 3600.0
"""Seconds: the same for the reset of an answer that refused nothing. The documented limit is of a minute."""

DEFAULT_QUIET = 1.0
"""Seconds of quiet after a 429 that names none."""


def quiet(exchange: Exchange, now: datetime | None = None) -> float | None:
    """Return for how many seconds no request may leave after this answer; None where at once.

    `now` (aware) stands in for a missing Date header. A 429 holds as it tells; any other answer does where it says
    that nothing remains, until the reset that it names.
    """
    if exchange.status == 429:
        return retry_after(exchange, now) or DEFAULT_QUIET
    if exchange.status is None or _number(exchange.headers.get("x-ratelimit-remaining", "")) != 0:
        return None
    wait = _until_reset(exchange, _answered(exchange, now))
    return None if wait is None or wait > LONGEST_RESET else wait


def retry_after(exchange: Exchange, now: datetime | None) -> float | None:
    """Return the seconds to wait: `Retry-After` as seconds or as a date, else `X-RateLimit-Reset` (epoch seconds).

    Times are measured from the answer's own Date, so that a wrong clock on this machine does not matter.
    """
    asked = exchange.headers.get("retry-after", "").strip()
    plain = _number(asked)
    if plain is not None:
        return _bounded(plain)
    answered, at = _answered(exchange, now), _date(asked)
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
