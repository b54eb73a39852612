"""What an answer most likely means, in words for people (docs/carrier.md, statuses and rates)."""

from urllib.parse import urlsplit

from orchestrator.exotel.replies import carrier_message, one_line
from orchestrator.model.outcome import Exchange

PERHAPS = "perhaps the phones rang"
AGAIN = "nothing left this machine"
NAMES_A_CALL = f"a refusal, but the answer names a call; {PERHAPS}"

_CAUSES = {
    400: "the carrier found the request malformed: most likely a number or another parameter it cannot use",
    401: "the API key or the API token is wrong, or the account belongs to the carrier's other region",
    402: "the account's balance is used up, or its plan does not cover this call",
    403: "the key is valid but may not do this: this machine's IP address is not on the account's allow-list,"
    " or the account's KYC is incomplete or it is suspended",
    404: "the account SID does not exist at this address: wrong account SID, or the carrier's other region",
    408: f"the carrier gave up waiting for the request; {PERHAPS}",
    409: "the carrier reports a conflict with another request for the same thing",
    425: f"the carrier did not want to take the request yet; {PERHAPS}",
    429: "more requests than the account's rate allows",
    500: f"the carrier failed after it had the request; {PERHAPS}",
    502: f"a gateway of the carrier failed after it had the request; {PERHAPS}",
    503: f"the carrier is overloaded or in maintenance; {PERHAPS}",
    504: f"the carrier found no route in time, or a gateway gave up on it; {PERHAPS}",
}


def likely_cause(exchange: Exchange, doubt: str | None = None) -> str:
    """Say in one line what the answer means, then the carrier's own words, then what broke.

    `doubt` is why a refusal proves nothing.
    """
    if exchange.status is None:
        cause = PERHAPS if exchange.bytes_sent else AGAIN
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
        return f"the answer holds no readable call Sid; {PERHAPS}"
    if 300 <= status < 400:
        host = _host(exchange.headers.get("location", ""))
        where = f" (to {host})" if host else ""
        return f"a redirect{where}, which is never followed: base_url is not the address of the carrier's API"
    if 400 <= status < 500:
        return "the carrier refused the request"
    return f"an answer that no document lists; {PERHAPS}"


def _host(location: str) -> str | None:
    """Return where a redirect points, without the path, the query and a user name that it may carry."""
    try:
        return one_line(urlsplit(location).hostname or "")
    except ValueError:
        return None
