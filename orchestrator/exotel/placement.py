"""What an answer to a connect request proves: whether it may have rung, why not, and how long the carrier wants quiet.

Row by row as in docs/guarantees.md; nothing else judges answers. Whether a refusal names a call, so that "it did not
ring" is no longer proven, is read generously, in any spelling and as deep as texts quote one another: who takes a Sid
for a request's id leaves a call `unknown`, for a person to judge; who overlooks one rings somebody twice.
"""

import math
import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from orchestrator.exotel.content import base64_texts, body_text, content, reply_call, sid_of, unescaped_layers
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
    call = reply_call(exchange.body)
    sid = None if call is None else sid_of(call)
    if sid is None:
        return _judged(exchange, Placement.UNKNOWN)
    return Verdict(Placement.ACCEPTED, CallFacts(sid=sid))


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

    `now` (aware) stands in for a missing Date header. A 429 holds for as long as it says; any other answer does where
    it says that nothing remains, until the reset that it names.
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


_NOTHING = (
    r"(?!(?:null|nil|none|undefined|true|false|n/a|na|is|was|not|no|required|missing|mandatory|invalid|empty|must|cannot"
    r"|should)\b)"
)
"""Words that stand where a Sid would, and say that there is none."""
_VALUE = rf"{_NOTHING}[A-Za-z0-9_-]"
_INNER = r"(?:<(?!/|!\[)[^<>]*>\s{0,99}|<!\[CDATA\[\s{0,99}){0,4}"
_CALL_SID = r"call[\s_.-]{0,3}(?:sid|id|uuid)"
_SID = rf"(?:[\w.-]{{0,30}}{_CALL_SID}|sid)"

_FIELD = re.compile(
    # a quoted name: JSON, Python, a form's HTML; the value may stand in a list, an object, or quotes
    rf"""["'](?:[\w.-]{{1,40}}:)?{_SID}["']\s*(?:[:=,]|=>|\s*value\s*=)[\s\["'({{]{{0,40}}{_VALUE}"""
    # an element in any name space, or an attribute
    rf"""|<(?:[\w.-]{{1,40}}:)?{_SID}(?![\w.-])[^<>]*(?<!/)>\s{{0,99}}{_INNER}(?:{_VALUE}|&\w)"""
    rf"""|<[^<>]*?[\s:]{_SID}\s*=\s*["']?\s*{_VALUE}"""
    # a name in brackets: a form's body, PHP
    rf"""|\[{_SID}\]\s{{0,99}}=>?\s{{0,99}}["']?{_VALUE}"""
    # a bare name: a form's body, YAML, a sentence
    rf"""|(?<![\w.-])(?<!account\s)(?<!number\s){_SID}\s*(?:=>|[:=])\s*["']?{_VALUE}"""
    rf"""|(?<![\w.-]){_CALL_SID}\W{{1,20}}(?:is\s)?(?=[A-Za-z_-]{{0,63}}[0-9])[A-Za-z0-9_-]{{6}}""",
    re.IGNORECASE,
)

_LOOKS_LIKE_SID = re.compile(
    r"(?<![A-Za-z0-9])(?=[0-9]*[A-Za-z])(?=[A-Za-z]*[0-9])(?:[0-9a-z]{32}|[0-9A-Z]{32}|CA[0-9a-f]{32})"
    r"(?![A-Za-z0-9])(?!\.(?:css|gif|ico|jpe?g|js|png|svg|webp|woff2?)\b)"
)
"""32 letters and digits, as in every sample (docs/carrier.md, replies), also behind `CA`, as the API that the carrier's
was modelled on writes them. Not the name of a page's picture or script."""

_OF_SOMETHING_ELSE = re.compile(
    r"(?:accounts?(?:[\s_-]*sid)?|number[\s_-]*sid|(?:request|trace|span|correlation|error|incident|event|ray|support)[\s_-]*id"
    r"|traceparent|etag|custom[\s_-]*field)"
    r"(?:[\"'>\s:=/]|</?[a-z]{1,10}>){0,10}(?:00-)?\Z",
    re.IGNORECASE,
)
"""What stands before the id of an account, a number or a request - the carrier's newer errors have one, and so
has tracing (`00-` is its version) - or before the plan's own CustomField."""

_BEFORE = 60
"""Characters that are looked at before an id."""

_TAG = re.compile(r"<[^<>]{0,200}>")

_PATH = re.compile(r"/Calls(?:\.json|\.xml)?/(?!connect\b)[A-Za-z0-9_-]", re.IGNORECASE)
"""The address of one call."""

_HEADER = re.compile(r"(?:.*[_-])?call[_-]?(?:sid|id|uuid)|(?:x-)?(?:exotel-)?sid")
_COOKIES = ("set-cookie", "set-cookie2")


def names_a_call(body: bytes) -> bool:
    """Whether a call's Sid stands anywhere in the body, also in one cut short or of a shape we do not know."""
    return text_names_a_call(body_text(body))


def text_names_a_call(text: str) -> bool:
    """Whether a call's Sid stands anywhere in the text."""
    return any(_names(_plain(layer)) for layer in _all_layers(text))


def headers_name_a_call(headers: Mapping[str, str]) -> bool:
    """Whether a header (lower-case names) gives a Sid, or the address of a call."""
    return any(
        (name not in _COOKIES and _PATH.search(value)) or (_HEADER.fullmatch(name) and re.match(_VALUE, value.strip()))
        for name, value in headers.items()
    )


def _all_layers(text: str) -> Iterator[str]:
    """Yield the text with its escapes undone layer by layer, and what stands in it in base64."""
    plainest = text
    for plainest in unescaped_layers(text):
        yield plainest
    for held in base64_texts(plainest):
        yield from unescaped_layers(held)


def _plain(text: str) -> str:
    """Return the text without characters that nobody sees, and with plain letters for full-width ones and the like."""
    if text.isascii():
        return text
    return "".join(each for each in unicodedata.normalize("NFKC", text) if unicodedata.category(each) != "Cf")


def _names(text: str) -> bool:
    if _FIELD.search(text) or _PATH.search(text) or ("<" in text and _FIELD.search(_TAG.sub(" ", text))):
        return True
    return any(
        not _OF_SOMETHING_ELSE.search(text, max(0, found.start() - _BEFORE), found.start())
        for found in _LOOKS_LIKE_SID.finditer(text)
    )
