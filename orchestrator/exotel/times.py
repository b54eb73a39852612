"""The carrier's times: zoneless text in the account's zone to epoch seconds, and back (docs/carrier.md, times)."""

import re
from datetime import datetime
from email.utils import parsedate_to_datetime
from zoneinfo import ZoneInfo

from orchestrator.exotel import lenient

_ISO = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[ Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?(?:[Zz]|[+-][0-9:]{4,6})?\Z"
)
_MAIL = re.compile(r"(?:[A-Za-z]{3},\s*)?[0-9]{1,2}\s+[A-Za-z]{3}\s")


def carrier_moment(text: str | None, timezone: str) -> float | None:
    """Return a carrier's time in epoch seconds; `timezone` is an IANA name and counts where the text has no zone.

    Read are `2026-11-22 14:30:00`, RFC 3339, and RFC 2822 with its zone. None for anything else, and for 1970-01-01:
    "not yet". A zoneless time that the zone's clocks show twice is the first of the two.
    """
    written = lenient.moment(text)
    try:
        moment = _read(written or "")
        if moment is None:
            return None
        return (moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(timezone))).timestamp()
    except (ValueError, OverflowError):  # a month 13; a year beyond what zones reach
        return None


def carrier_text(epoch: float, timezone: str) -> str:
    """Write epoch seconds as the carrier does, whole seconds (cut, not rounded), no zone; for filters."""
    return datetime.fromtimestamp(epoch // 1, ZoneInfo(timezone)).strftime("%Y-%m-%d %H:%M:%S")


def _read(written: str) -> datetime | None:
    if _ISO.match(written):
        return datetime.fromisoformat(written.upper())
    if not _MAIL.match(written):
        return None
    moment = parsedate_to_datetime(written)
    return moment if moment.tzinfo else None
