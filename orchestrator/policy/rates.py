"""Rates as people write them: `150/minute`, `5/second`, `900/hour`, `10/6s`, `1/500ms`."""

import re

from orchestrator.model.policy import Rate
from orchestrator.policy.durations import parse_duration

_NAMED = {"second": 1.0, "minute": 60.0, "hour": 3600.0}
_RATE = re.compile(r"([1-9][0-9]{0,5})/([a-z0-9]+)\Z")


def parse_rate(text: str) -> Rate | None:
    """Return `count` per any window of that length; None for anything else. Neither part may be zero."""
    match = _RATE.match(text)
    if match is None:
        return None
    seconds = _NAMED.get(match[2]) or parse_duration(match[2])
    return Rate(int(match[1]), seconds) if seconds else None
