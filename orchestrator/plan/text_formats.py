"""Texts as people write them in plans and target files: the pattern that editors know, and how each is read.

The patterns are linear, with no unbounded repetition inside another, and the same in every regex dialect. What they say
to editors is decided, and explained, by the reader that `FORMATS` names for each.
"""

import re
from collections.abc import Callable
from datetime import date, datetime
from functools import cache, lru_cache
from typing import TypeVar
from urllib.parse import urlsplit

from orchestrator.model.frozen import frozen
from orchestrator.model.policy import CALLEE, Rate
from orchestrator.model.target import is_loopback
from orchestrator.plan.addresses import Reach, traits
from orchestrator.plan.suggestions import LONGEST_WORD, closest_spelling
from orchestrator.policy.units import parse_duration, parse_rate

NAME = "^[a-z0-9][a-z0-9-]{0,62}$"
EDITION = "^[A-Za-z0-9][A-Za-z0-9._:+-]{0,62}$"
"""Like a name, with what dates, times and versions need; it stands in tables and in the journal's keys."""
ID = "^[A-Za-z0-9_-]{1,64}$"
"""An account's Sid and a journal's id: also a part of paths, hence no dots and slashes."""

_UNITS = "(?:[0-9]{1,9}(?:ms|s|m|h|d)){1,5}"
DURATION = f"^{_UNITS}$"
RATE = f"^[1-9][0-9]{{0,5}}/(?:second|minute|hour|{_UNITS})$"
SHARE = "^(?:100|[1-9]?[0-9](?:[.][0-9]{1,2})?)%$"

_DAY = "(?:mon|tue|wed|thu|fri|sat|sun)"
_RANGE = f"{_DAY}(?:-{_DAY})?"
DAYS = f"^{_RANGE}(?:, ?{_RANGE}){{0,6}}$"
_TIME = "(?:[01][0-9]|2[0-3]):[0-5][0-9]"
HOURS = f"^{_TIME}-(?:{_TIME}|24:00)$"
ZONE = "^[A-Za-z0-9_+/-]{1,64}$"
ZONE_OF_WINDOW = f"^(?:{CALLEE}|[A-Za-z0-9_+/-]{{1,64}})$"
DATE = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
MOMENT = "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(?::[0-9]{2})?(?:Z|[+-][0-9]{2}:[0-9]{2})$"
TEMPLATE = "[$][{]"
"""A value that a row or a variable completes; what comes out is judged again."""
MOMENT_OR_TEMPLATE = f"{TEMPLATE}|{MOMENT}"
ZONE_OR_TEMPLATE = f"{TEMPLATE}|{ZONE}"

MONEY = "^[0-9]{1,12}(?:[.][0-9]{1,4})? [A-Z]{3}$"
DECIMAL = "^[0-9]{1,9}(?:[.][0-9]{1,6})?$"
CURRENCY = "^[A-Z]{3}$"

EXPECT = "^(?:required|optional|approved\\((?:[1-9]|1[0-9]|20)\\))$"

_LOOPBACK = r"(?:localhost|127[.][0-9.]{5,11}|\[::1\])"
_HOST = r"(?:[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])"
_REST = "(?::[0-9]{1,5})?(?:/[A-Za-z0-9._~/-]*)?$"
ADDRESS = f"^(?:https://{_HOST}|http://{_LOOPBACK}){_REST}"
WEBHOOK = f"^https?://{_HOST}(?::[0-9]{{1,5}})?(?:[/?][!-~]*)?$"
LISTEN = r"^(?:[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\]):[0-9]{1,5}$"


@frozen
class ParseError:
    """`reason` ends a sentence that begins with the key's name; `hint` says what to write; `id` is a diagnostic's."""

    reason: str
    hint: str
    id: str = "wrong-form"


Value = TypeVar("Value")

WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MACHINES_OWN = frozenset({"localtime", "posixrules", "Factory"})
"""`Factory` is the tz database's own word for a machine on which nobody has set a zone."""
_HOURS = re.compile(r"([0-9]{2}):([0-9]{2})-([0-9]{2}):([0-9]{2})\Z")


def read_rate(text: str) -> Rate | ParseError:
    """Read `150/minute`."""
    return parse_rate(text) or ParseError(
        "is not a rate: a whole number above zero, a slash, and a length of time",
        "for example `150/minute`, `2/second`, `900/hour` or `10/6s`",
    )


def read_duration(text: str) -> float | ParseError:
    """Read `15m` to seconds; nought is no duration here."""
    return parse_duration(text) or ParseError(
        "is not a duration: a whole number above zero and a unit, at most 366 days",
        "for example `90s`, `15m`, `2h` or `1d`",
    )


def read_share(text: str) -> float | ParseError:
    """Read `60%` to 0.6."""
    if not whole_match(SHARE).match(text):
        return ParseError("is not a share: a number from 0 to 100 and a percent sign", "for example `60%` or `2.5%`")
    return float(text.removesuffix("%")) / 100


def read_days(text: str) -> frozenset[int] | ParseError:
    """Read `mon-sat` or `mon,wed,fri-sun` to weekdays; 0 is Monday. A range may go over the weekend."""
    if not whole_match(DAYS).match(text):
        first = text.strip().lower()[:3]
        hint = "days are three small letters: " if first in WEEK else ""
        return ParseError(
            "is not a list of days: mon, tue, wed, thu, fri, sat, sun", f"{hint}for example `mon-sat` or `mon,wed,fri`"
        )
    found: set[int] = set()
    for part in text.split(","):
        ends = part.strip().split("-")
        first_day, last_day = WEEK.index(ends[0]), WEEK.index(ends[-1])
        found.update((first_day + step) % 7 for step in range((last_day - first_day) % 7 + 1))
    return frozenset(found)


def read_hours(text: str) -> tuple[int, int] | ParseError:
    """Read `09:00-21:00` to minutes after midnight; an end before the start lies on the next day."""
    match = _HOURS.match(text)
    if match is None:
        return ParseError("is not a span of hours: two times of day with a dash between", "for example `09:00-21:00`")
    start, end = int(match[1]) * 60 + int(match[2]), int(match[3]) * 60 + int(match[4])
    if int(match[2]) > 59 or int(match[4]) > 59 or start >= 1440 or end > 1440:
        return ParseError("names a time that no day has", "from 00:00 to 23:59; only the end may be 24:00")
    if start == end:
        return ParseError("begins and ends at the same time", "write `00:00-24:00` for the whole day")
    return start, end


@lru_cache(maxsize=64)  # what a plan says wrong is asked for again where it is explained
def read_timezone(text: str) -> str | ParseError:
    """Check the name of a time zone: one that the tz database publishes, so that it means the same everywhere.

    Whatever else a machine keeps among its zones, such as `localtime`, is its own affair.
    """
    known = _published_timezones()
    if text in known:
        return text
    if text in _MACHINES_OWN:
        hint = "a plan means the same everywhere: write the zone itself, such as `Asia/Kolkata` or `UTC`"
        return ParseError("is a time zone that each machine sets for itself", hint)
    same = _timezones_by_lower_case().get(text.lower())
    if same is None and text.casefold() in _INDIAN:
        return ParseError("is not a known time zone", "write a name such as `Asia/Kolkata`, which is the zone of India")
    near = same or closest_spelling(text[:64], _timezones_by_lower_case().values())
    hint = f"did you mean `{near}`?" if near else "write a name such as `Asia/Kolkata` or `UTC`"
    return ParseError("is not a known time zone", hint)


def read_window_timezone(text: str) -> str | ParseError:
    """Check the zone of a window, which may also be `callee`: the one, or each of those, that To is in."""
    if text == CALLEE:
        return text
    found = read_timezone(text)
    if isinstance(found, ParseError) and closest_spelling(text[:64].lower(), (CALLEE,)) is not None:
        return ParseError(found.reason, f"did you mean `{CALLEE}`, the zone of the number that is rung?", found.id)
    return found


def read_timezone_or_template(text: str) -> str | ParseError:
    """Check a time zone, or leave it to whoever completes the template."""
    return text if "${" in text else read_timezone(text)


_INDIAN = frozenset(
    {"ist", "india", "asia/india", "asia/bangalore", "asia/bengaluru", "asia/chennai", "asia/delhi", "asia/mumbai"}
    | {"+05:30", "+5:30", "gmt+5:30", "gmt+05:30", "utc+5:30", "utc+05:30"}
)
"""What people write for the zone of India, whose name has the city that the tz database chose."""


@cache
def _published_timezones() -> frozenset[str]:
    from importlib.resources import files  # it loads tempfile and more, and few zones are misspelled

    return frozenset((files("tzdata") / "zones").read_text("ascii").split()) - _MACHINES_OWN


@cache
def _timezones_by_lower_case() -> dict[str, str]:
    return {name.lower(): name for name in sorted(_published_timezones())}


def read_date(text: str) -> date | ParseError:
    """Read `2026-11-22`."""
    found = _written(DATE, text, date.fromisoformat)
    return found or ParseError("is not a date: year, month and day", "for example `2026-11-22`")


def read_moment(text: str) -> datetime | ParseError:
    """Read a date and time with its offset, in a year that clocks know in every zone."""
    found = _written(MOMENT, text, datetime.fromisoformat)
    if found is None or not 1970 < found.year < 9999:
        return ParseError("is not a date and time with its offset", 'for example `"2026-11-22T09:30:00+05:30"`')
    return found


def read_moment_or_template(text: str) -> datetime | str | ParseError:
    """Read a date and time, or leave it to whoever completes the template."""
    return text if "${" in text else read_moment(text)


def _read_template(text: str) -> str | ParseError:
    """Admit a template in a place that otherwise takes a whole number."""
    return text if "${" in text else ParseError("is not a whole number", "for example `10`, or `${row.priority}`")


def _written(pattern: str, text: str, read: Callable[[str], Value]) -> Value | None:
    if not whole_match(pattern).match(text):
        return None
    try:
        return read(text)
    except ValueError:  # the thirtieth of February
        return None


def _as_typed(pattern: str, reason: str, hint: str) -> Callable[[str], object]:
    """Return the reader of a text that its pattern describes completely: it is taken as typed."""
    return lambda text: text if whole_match(pattern).match(text) else ParseError(reason, hint)


@cache
def whole_match(pattern: str) -> re.Pattern[str]:
    """Compile a schema's pattern; Python's `$` would also match before a final line break."""
    return re.compile(re.sub(r"\$(?=\Z|\|)", r"\\Z", pattern))


_PLAIN = re.compile(r"[!-~]+\Z")
_LISTEN = re.compile(r"(?:(?P<name>[A-Za-z0-9._-]{1,253})|\[(?P<six>[0-9A-Fa-f:.]{2,45})\]):(?P<port>[0-9]{1,5})\Z")


@frozen
class ListenAddress:
    """Where a server listens; port 0 picks a free one."""

    host: str
    port: int


def read_address(text: str) -> str | ParseError:
    """Check an https address (http on loopback only); returned without its final slash."""
    example = "for example `https://hooks.acme.example`"
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return ParseError("is not an address", example)
    if parts.username is not None or parts.password is not None:
        return ParseError(
            "holds a user name or password",
            "remove it: credentials come from EXOTEL_API_KEY and EXOTEL_API_TOKEN, or from files in --secrets-dir",
            "secret-in-url",
        )
    if parts.scheme not in ("https", "http") or not host or not _PLAIN.match(text):
        return ParseError("is not an address that begins with https://", example)
    if parts.query or parts.fragment or "?" in text or "#" in text:
        return ParseError("may not hold a `?` or `#`", "end it with the path")
    if parts.scheme == "http" and not is_loopback(host):
        return ParseError("is not encrypted: http:// is for loopback only", "write https://", "insecure-url")
    return text.rstrip("/")


LONGEST_WEBHOOK = 2000
"""Characters of an address that is told how runs ended."""


def read_webhook(text: str, *, may_hold_secret: bool = False) -> str | ParseError:
    """Check the address of a webhook: https, or http to this machine or its network; no secret that is seen as one.

    `may_hold_secret`: it comes from where secrets are kept. A user name and a password are refused there too.
    """
    example = "for example `https://ops.acme.example/runs`"
    if not whole_match(WEBHOOK).match(text) or len(text) > LONGEST_WEBHOOK:
        if "@" in text:
            return ParseError("holds a user name or password", "remove it", "secret-in-url")
        return ParseError("is not an address that begins with https://", example)
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return ParseError("is not an address", example)
    seen = traits(text)
    if not host or parts.fragment:
        return ParseError("is not an address without a `#`", example)
    if parts.scheme == "http" and seen.reach is Reach.ANYWHERE:
        reason = "is not encrypted: http:// is for this machine and its own network only"
        return ParseError(reason, "write https://", "insecure-url")
    if seen.secret is not None and not may_hold_secret:
        return ParseError(
            "has a query parameter that is called like a secret",
            "put the whole address into the environment, as ORCHESTRATE_NOTIFY",
            "secret-in-url",
        )
    return text


def read_listen_address(text: str) -> ListenAddress | ParseError:
    """Read `127.0.0.1:8090` or `[::1]:8090`."""
    match = _LISTEN.match(text)
    if match is None or int(match["port"]) > 65535:
        return ParseError("is not a host and a port", "for example `127.0.0.1:8090`")
    return ListenAddress(match["name"] or match["six"], int(match["port"]))


def read_expect(text: str) -> str | int | ParseError:
    """Read `required`, `optional`, or `approved(2)` to the number of people."""
    if not whole_match(EXPECT).match(text):
        reason = "is neither `required` nor `optional` nor `approved(N)` with 1 to 20 people"
        return ParseError(reason, "for example `required`, or `approved(2)`", "not-allowed")
    return int(text[len("approved(") : -1]) if text.startswith("approved") else text


FORMATS: dict[str, Callable[[str], object]] = {
    RATE: read_rate,
    DURATION: read_duration,
    SHARE: read_share,
    DAYS: read_days,
    HOURS: read_hours,
    ZONE: read_timezone,
    ZONE_OF_WINDOW: read_window_timezone,
    ZONE_OR_TEMPLATE: read_timezone_or_template,
    DATE: read_date,
    MOMENT: read_moment,
    MOMENT_OR_TEMPLATE: read_moment_or_template,
    TEMPLATE: _read_template,
    EXPECT: read_expect,
    ADDRESS: read_address,
    WEBHOOK: read_webhook,
    LISTEN: read_listen_address,
    NAME: _as_typed(
        NAME,
        "may hold small letters, digits and dashes only, 63 at most, and begins with a letter or digit",
        "for example `cod-confirmations`",
    ),
    EDITION: _as_typed(
        EDITION,
        "may hold letters, digits and `. _ : + -` only, 63 at most, and begins with a letter or digit",
        'for example `"2026-11-22"`',
    ),
    ID: _as_typed(ID, "may hold letters, digits, `_` and `-` only, 64 at most", "for example `acme1`"),
    MONEY: _as_typed(MONEY, "is not an amount and a currency", "for example `15000 INR`"),
    DECIMAL: _as_typed(DECIMAL, "is not a decimal number", 'for example `"0.60"`'),
    CURRENCY: _as_typed(CURRENCY, "is not a currency of three capital letters", "for example `INR`"),
}
"""The reader of each pattern: it decides, and explains, what the pattern only outlines to editors."""


_CAPITALS = (MONEY, CURRENCY)
_RESPELLED = (RATE, DURATION, SHARE, DAYS, HOURS, ZONE, ZONE_OF_WINDOW, EXPECT, *_CAPITALS)
_LOOSE_HOURS = re.compile(r"([0-9]{1,2}):([0-9]{2})-([0-9]{1,2}):([0-9]{2})\Z")


def respelled(pattern: str, text: str) -> str | None:
    """Return what was meant, where only blanks, case or the leading nought of an hour are wrong; else None."""
    if pattern not in _RESPELLED or len(text) > LONGEST_WORD:
        return None
    if pattern in _CAPITALS:
        meant = " ".join(text.split()).upper()
    elif pattern in (ZONE, ZONE_OF_WINDOW):
        known = (CALLEE, *_published_timezones())
        meant = {zone.lower(): zone for zone in known}.get(text.strip().lower(), "")
    else:
        meant = "".join(text.split()).lower()
        hours = _LOOSE_HOURS.match(meant) if pattern == HOURS else None
        meant = meant if hours is None else f"{hours[1]:0>2}:{hours[2]}-{hours[3]:0>2}:{hours[4]}"
    return meant if meant != text and format_problem(pattern, meant) is None else None


def format_problem(pattern: str, text: str) -> ParseError | None:
    """Say what is wrong with a text in a place of this pattern; None where nothing is."""
    found = FORMATS[pattern](text)
    return found if isinstance(found, ParseError) else None
