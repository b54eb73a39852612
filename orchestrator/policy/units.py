"""Durations and rates as people write them: `90s`, `15m`, `1h30m`, `500ms`; `150/minute`, `5/second`, `10/6s`."""

import re

from orchestrator.model.policy import Rate

LONGEST = 366 * 86400.0
"""Seconds. A longer wait is a slip of the pen, and would leave the range of dates when added to one."""

_SECONDS = {"d": 86400.0, "h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
_DURATION = (
    r"(?=[0-9])(?:(?P<d>[0-9]{1,9})d)?(?:(?P<h>[0-9]{1,9})h)?(?:(?P<m>[0-9]{1,9})m)?(?:(?P<s>[0-9]{1,9})s)?"
    r"(?:(?P<ms>[0-9]{1,9})ms)?\Z"
)


def parse_duration(text: str) -> float | None:
    """Return the seconds of one or several units, largest first; None for anything else and beyond 366 days."""
    match = re.match(_DURATION, text)
    if match is None:
        return None
    seconds = sum(int(count) * _SECONDS[unit] for unit, count in match.groupdict().items() if count)
    return seconds if seconds <= LONGEST else None


_SIZES = ((86_400, "d"), (3_600, "h"), (60, "m"), (1, "s"))


def duration(seconds: float) -> str:
    """Return `90m` as `1h30m`, `0.5` as `500ms`, and 0 as `0s`."""
    whole, rest = divmod(round(seconds * 1000), 1000)
    parts = []
    for size, unit in _SIZES:
        count, whole = divmod(whole, size)
        parts += [f"{count}{unit}"] if count else []
    parts += [f"{rest}ms"] if rest else []
    return "".join(parts) or "0s"


_NAMED = {"second": 1.0, "minute": 60.0, "hour": 3600.0}
_RATE = re.compile(r"([1-9][0-9]{0,5})/([a-z0-9]+)\Z")


def parse_rate(text: str) -> Rate | None:
    """Return `count` per any window of that length; None for anything else. Neither part may be zero."""
    match = _RATE.match(text)
    if match is None:
        return None
    seconds = _NAMED.get(match[2]) or parse_duration(match[2])
    return Rate(int(match[1]), seconds) if seconds else None
