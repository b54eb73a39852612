"""The journal's two spellings of a time: epoch seconds to compare, RFC 3339 to read."""

from datetime import UTC, datetime


def moment(epoch: float) -> str:
    """Return an epoch second as RFC 3339 in UTC, with milliseconds."""
    return datetime.fromtimestamp(epoch, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
