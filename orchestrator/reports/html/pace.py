"""The pace of a run over time, against its cap, with closed windows shaded and holds marked."""

import math
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import islice
from zoneinfo import ZoneInfo

from orchestrator.exotel.masking import Masker
from orchestrator.model.background import Background
from orchestrator.model.policy import CALLEE, Rate
from orchestrator.policy.pace import INTENT_TO_FIRST_BYTE
from orchestrator.policy.units import duration
from orchestrator.policy.windows import closed_between
from orchestrator.reports.charts.kinds import Course, Stretch, timeline
from orchestrator.reports.charts.scale import DAY, span
from orchestrator.reports.figures import Figures, epoch
from orchestrator.reports.html.chart import Chart, counted, drawn

COLUMNS = 180
"""Columns of the timeline at most."""

LONGEST_SHADED = 400 * DAY
"""Seconds of a timeline in which closed windows can still be seen."""

MOST_HOLDS = 50
"""Holds that are marked."""

BETWEEN = (
    "A request left between its intent and the carrier's answer, within "
    f"{INTENT_TO_FIRST_BYTE:.0f} seconds: it is counted there where the cap first had room for it."
)
"""What a reader must know who finds an attempt's time in another second."""

_UNITS = {1: "second", 60: "minute", 3600: "hour", 86400: "day"}


def width_of(rate: Rate | None) -> int:
    """Return the least whole seconds in which the cap counts so many times: no other time can be compared with it."""
    milliseconds = 1000 if rate is None else _milliseconds(rate)
    return math.lcm(milliseconds, 1000) // 1000


def _milliseconds(rate: Rate) -> int:
    return max(1, round(rate.seconds * 1000))


def pace(figures: Figures, background: Background, zone: ZoneInfo, zone_name: str, masker: Masker) -> Chart:
    """Show how fast calls were started."""
    title = "How fast calls were started"
    rate = None if background.policy is None else background.policy.pace
    base = figures.departures.width
    left = figures.departures.by_span(None if rate is None else rate.count * base * 1000 // _milliseconds(rate))
    if not left:
        return Chart("pace", title, "No request has left.", full=True)
    unit = _unit(rate, base * (max(left) - min(left)))
    course, counts = _course(left, base, background, unit)
    return Chart(
        "pace",
        title,
        f"{counted(left.total(), 'request')} left; at most {max(left.values()):,} in {length(base)};"
        f" {_cap_in_words(background, rate)}.",
        pictures=drawn(lambda width: timeline(course, width, zone, f"cap {in_words(rate)}" if rate else ""), full=True),
        head=(f"Time ({zone_name})", f"Requests in {length(course.width)}", f"A {_UNITS[unit]}"),
        rows=[
            (_clock(course.start + place * course.width, zone), f"{n:,}", f"{course.values[place]:,.1f}")
            for place, n in enumerate(counts)
            if n
        ],
        legend=_legend(course, background, unit, zone, masker),
        full=True,
    )


def _cap_in_words(background: Background, rate: Rate | None) -> str:
    cap = "the plan sets no pace of its own" if rate is None else f"the cap is {in_words(rate)}"
    return f"{cap}; another run of the edition had another pace" if background.had_another_pace else cap


def _course(left: Counter[int], base: int, background: Background, unit: int) -> tuple[Course, Sequence[int]]:
    """Return what is drawn of the requests that left in each `base` seconds, and the requests of each column."""
    width = max(base, span(base * (max(left) - min(left) + 1), COLUMNS, base))
    first = min(left) * base // width
    counts = [0] * (max(left) * base // width - first + 1)
    for place, n in left.items():
        counts[place * base // width - first] += n
    begins = float(first * width)
    ends = begins + width * len(counts)
    rate = None if background.policy is None else background.policy.pace
    cap = None if rate is None else rate.count * unit / rate.seconds
    values = [n * unit / width for n in counts]
    return Course(
        begins, width, values, cap, _closed(background, begins, ends), _holds(background, begins, ends)
    ), counts


def _unit(rate: Rate | None, whole: float) -> int:
    """Return the unit of the axis, in seconds: the cap's, or for none what gives figures that can be read."""
    if rate is not None:
        return max((each for each in _UNITS if each <= max(1.0, rate.seconds)), default=1)
    return 1 if whole < 60 else 60


def _closed(background: Background, begins: float, ends: float) -> Sequence[Stretch]:
    policy = background.policy
    if policy is None or ends - begins > LONGEST_SHADED:
        return ()
    windows = tuple(window for window in policy.windows if window.timezone != CALLEE)
    if not windows or len(windows) < len(policy.windows):
        return ()
    between = (datetime.fromtimestamp(begins, UTC), datetime.fromtimestamp(ends, UTC))
    found = closed_between((windows,), *between, policy.holidays)
    try:
        return [Stretch(opens.timestamp(), closes.timestamp()) for opens, closes in islice(found, 1_000)]
    except (ValueError, OSError, KeyError):  # a zone that there is not, in a damaged journal
        return ()


def _holds(background: Background, begins: float, ends: float) -> Sequence[Stretch]:
    found = []
    for place, hold in enumerate(background.holds[:MOST_HOLDS], 1):
        start, end = epoch(hold.began_at), epoch(hold.ended_at)
        if start is not None and start < ends and (end is None or end > begins):
            found.append(Stretch(max(start, begins), end, f"{place}"))
    return found


def _legend(
    course: Course, background: Background, unit: int, zone: ZoneInfo, masker: Masker
) -> Sequence[tuple[str, str]]:
    lines = [("bar", f"requests that left, a {_UNITS[unit]}, over {length(course.width)} each")]
    if course.cap is not None:
        lines.append(("cap", "the cap of the plan (policy.pace)"))
        lines.append(("", BETWEEN))
    lines += [("closed", "the plan's window is closed")] if course.closed else []
    policy = background.policy
    if policy is not None and any(window.timezone == CALLEE for window in policy.windows):
        lines.append(("", "The plan's window goes by the clock of who is rung: it is not shaded."))
    for place, hold in enumerate(background.holds[:MOST_HOLDS], 1):
        began, ended = epoch(hold.began_at), epoch(hold.ended_at)
        since = "" if began is None else f" from {_clock(began, zone)}"
        until = ", and still is" if hold.ended_at is None else f" to {_clock(ended, zone)}" if ended is not None else ""
        because = f": {masker.shown(hold.reason)}" if hold.reason else ""
        who = f", by {masker.shown(hold.by)}" if hold.by else ""
        lines.append(
            ("held", f"{place}  {'the whole journal ' if hold.whole else ''}{hold.kind}{since}{until}{who}{because}")
        )
    if len(background.holds) > MOST_HOLDS:
        lines.append(("", f"Of {len(background.holds):,} holds the first {MOST_HOLDS} are marked."))
    return lines


def length(seconds: int) -> str:
    """Return a span of time in words: `a minute`, `15 minutes`."""
    for each, name in reversed(_UNITS.items()):
        if seconds % each == 0:
            count = seconds // each
            return f"{'an' if name == 'hour' else 'a'} {name}" if count == 1 else f"{count:,} {name}s"
    raise AssertionError(seconds)


def in_words(rate: Rate) -> str:
    """Return a rate as a plan has it: `150/minute`, `10/6s`."""
    return f"{rate.count:,}/{_UNITS.get(int(rate.seconds)) if rate.seconds in _UNITS else duration(rate.seconds)}"


def _clock(moment: float, zone: ZoneInfo) -> str:
    return f"{datetime.fromtimestamp(moment, zone):%Y-%m-%d %H:%M:%S}"
