"""Canary, then ramp: how many calls a stage admits, and when it is over. And what halts: shares of bad endings."""

import math
from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from functools import cache, lru_cache

from orchestrator.model.frozen import frozen
from orchestrator.model.policy import HaltRule, Stage


@frozen
class EditionProgress:
    """How far an edition is, over all its runs.

    `dialed` calls may have rung or were rejected, `all` are those and the ones still to be dialed. `endings` are those
    of the last finished calls since somebody said `resume`, the latest first, as many as the longest rule looks at.
    Of the end of a stage: `under_way` calls have begun and are not over, also those that wait for their redial;
    `unknown` ones were given up and `rejected` ones refused since somebody said `resume`.
    """

    dialed: int = 0
    all: int = 0
    endings: Sequence[str] = ()
    under_way: int = 0
    unknown: int = 0
    rejected: int = 0


@frozen
class Room:
    """How many more calls may be dialed for the first time now, and why no more; `is_last`: no stage follows.

    `halt` says what was found that nobody may go on with. `stage` is the number of the stage that is dialed, from 1; it
    is 0 without stages, behind the last one, and where the edition halts.
    """

    calls: float = math.inf
    reason: str | None = None
    is_last: bool = False
    halt: str | None = None
    stage: int = 0


NO_STAGES = Room()
"""Any number of calls."""


def room(stages: Sequence[Stage], rules: Sequence[HaltRule], progress: EditionProgress) -> Room:
    """Judge by the halt rules and the stages.

    A stage is over when its calls are dialed and none is under way. Then the rules are judged whatever the number of
    finished calls is, and an unknown call halts, or one rejection after another: stages are there to find that out.
    """
    halt = halted(rules, progress.endings)
    if halt is not None:
        return Room(0, halt=halt)
    for number, stage in enumerate(stages, 1):
        most = admits(stage, progress.all)
        if progress.dialed < most:
            return Room(most - progress.dialed, f"stage {number} of {len(stages)}", stage=number)
        is_last = number == len(stages)
        if progress.dialed > most and not is_last:
            continue
        if progress.under_way:
            return Room(0, f"stage {number} of {len(stages)} is not over", stage=number)
        found = _found(rules, progress)
        if found is not None:
            return Room(0, halt=f"{found} stage {number} of {len(stages)}")
        if is_last:
            return Room(0, f"the last stage, {most:,} of {progress.all:,} calls, is dialed", is_last=True)
    return NO_STAGES


def is_full(stages: Sequence[Stage], dialed: int, calls: int) -> bool:
    """Whether a stage is dialed and the next one not begun; `calls` as in `EditionProgress.all`."""
    return bool(stages) and (dialed >= admits(stages[-1], calls) or any(dialed == admits(it, calls) for it in stages))


def _found(rules: Sequence[HaltRule], progress: EditionProgress) -> str | None:
    """Say what the end of a stage shows that nobody may go on with, in words before the stage's name."""
    if progress.unknown:
        return f"{progress.unknown} unknown in"
    if progress.rejected and not progress.endings:
        return f"{progress.rejected:,} rejected and none placed in"
    halt = halted(rules, progress.endings, whatever=True)
    return halt and f"{halt}, at the end of"


def halted(rules: Sequence[HaltRule], endings: Sequence[str], *, whatever: bool = False) -> str | None:
    """Say which rule the endings (the latest first) have reached; `whatever`: also where they are fewer than `of`."""
    for rule in rules:
        last = endings[: rule.of]
        if not last or (len(last) < rule.of and not whatever):
            continue
        counted = _counted(tuple(last))
        for ending, share in rule.shares:
            if counted[ending] and counted[ending] >= _exact(share) * len(last):
                return f"{counted[ending]} of the last {len(last)} finished calls ended {ending}"
    return None


@lru_cache(maxsize=4)
def _counted(endings: tuple[str, ...]) -> Counter[str]:
    """Count endings: every call that may start asks, and between two of them there is seldom one more."""
    return Counter(endings)


@lru_cache(maxsize=256)
def admits(stage: Stage, calls: int) -> int:
    """Return how many of so many calls may be dialed once this stage is reached."""
    if stage.share is None:
        return min(stage.calls or 0, calls)
    return math.ceil(_exact(stage.share) * calls)


@cache
def _exact(share: float) -> Fraction:
    """Return a share as it was written: 7% of 100 calls are 7, and not 8 for a rounding error."""
    return Fraction(str(round(share, 6)))
