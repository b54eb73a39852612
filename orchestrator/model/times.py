"""A moment in the two spellings that this program has for it: epoch seconds to compare, RFC 3339 to read."""

import math
from datetime import UTC, datetime
from functools import lru_cache


def rfc3339(epoch: float) -> str:
    """Return the time in UTC with milliseconds, as reports and events write it."""
    fraction, seconds = math.modf(epoch)
    carried, micros = divmod(round(fraction * 1_000_000), 1_000_000)
    return f"{_second(int(seconds) + carried)}.{micros // 1000:03d}Z"


@lru_cache(16)
def _second(epoch: int) -> str:
    """Return a whole second: the next ones of a run are mostly the same."""
    return datetime.fromtimestamp(epoch, UTC).isoformat(timespec="seconds").removesuffix("+00:00")
