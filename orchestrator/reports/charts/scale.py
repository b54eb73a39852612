"""Where the ticks of an axis stand: at round figures, and at round times of a zone's clock."""

import math
from collections.abc import Sequence
from datetime import datetime, tzinfo

ROUND = (1.0, 2.0, 2.5, 5.0, 10.0)
"""Steps between two ticks, to be multiplied by a power of ten."""

SPANS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400)
"""Seconds that are round on a clock; beyond, whole days."""

DAY = 86400


def ticks(most: float, count: int = 4, steps: Sequence[float] = ROUND) -> tuple[float, ...]:
    """Return round figures from 0 on, the last of which is `most` or more, in `count` steps or fewer."""
    if not 0 < most < math.inf:
        return (0.0, 1.0)
    rough = most / count
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * each for each in steps if power * each >= rough * (1 - 1e-9))
    return tuple(step * each for each in range(math.ceil(most / step - 1e-9) + 1))


def whole_ticks(most: float, count: int = 4) -> tuple[float, ...]:
    """Return ticks for what is counted: whole figures only."""
    if most <= count:
        return tuple(map(float, range(max(1, math.ceil(most)) + 1)))
    return ticks(most, count, [each for each in ROUND if each == int(each)])


def span(seconds: float, count: int, of: int = 1) -> int:
    """Return the least span of time of which `count` cover `seconds`: `of` seconds, or a round multiple of them."""
    if of * count >= seconds:
        return of
    for each in SPANS:
        if each * count >= seconds and each % of == 0:
            return each
    days = max(1, math.ceil(seconds / count / DAY))
    return days * DAY if DAY % of == 0 else of * max(1, math.ceil(seconds / count / of))


def time_ticks(start: float, end: float, zone: tzinfo, count: int) -> Sequence[float]:
    """Return the moments from `start` to `end` (epoch seconds) that are round on the zone's clock, `count` or fewer."""
    step = span(max(1.0, end - start), count)
    offset = (datetime.fromtimestamp(start, zone).utcoffset() or datetime.min - datetime.min).total_seconds()
    first = math.ceil((start + offset) / step) * step - offset
    return [first + step * each for each in range(int((end - first) // step) + 1)]
