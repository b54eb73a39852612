"""Could it have rung? The one verdict on a connect request, row by row as in docs/guarantees.md."""

from datetime import datetime

from orchestrator.exotel.causes import NAMES_A_CALL, likely_cause
from orchestrator.exotel.content import content
from orchestrator.exotel.naming import headers_name_a_call
from orchestrator.exotel.rate_limits import retry_after
from orchestrator.exotel.replies import breaks_off, call_facts, names_a_call
from orchestrator.model.outcome import CallFacts, Exchange, Placement, Verdict


def verdict(exchange: Exchange, now: datetime | None = None) -> Verdict:
    """Judge the exchange. `now` (aware) stands in for a missing Date header where a wait is told as a time of day.

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
    if unread is None and breaks_off(exchange.body, complete=exchange.complete):
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
