"""A moment in the two spellings that this program has for it: epoch seconds to compare, RFC 3339 to read."""

from datetime import UTC, datetime


def rfc3339(epoch: float) -> str:
    """Return the time in UTC with milliseconds, as reports and events write it."""
    return datetime.fromtimestamp(epoch, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
