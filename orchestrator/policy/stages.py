"""Canary, then ramp: how many calls a stage admits, and when it is over. And what halts: shares of bad endings."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from orchestrator.model.policy import HaltRule, Stage


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an edition is, over all its runs.

    `dialed` calls may have rung, `all` are those and the ones still to be dialed. `open`: calls under way. `endings`
    are the last ones since somebody said `resume`, the latest first, as many as the longest rule looks at.
    `unknown`: calls that were given up as unknown since then.
    """

    dialed: int = 0
    all: int = 0
    open: int = 0
    endings: Sequence[str] = ()
    unknown: int = 0


@dataclass(frozen=True, slots=True)
class Room:
    """How many more calls may be dialed for the first time now, and why no more; `is_last`: no stage follows.

    `halt` says what was found that nobody may go on with.
    """

    calls: float = math.inf
    reason: str | None = None
    is_last: bool = False
    halt: str | None = None


def room(stages: Sequence[Stage], rules: Sequence[HaltRule], progress: Progress) -> Room:
    """Judge by the halt rules and the stages.

    A stage is over when its calls are dialed and none is under way. Then the rules are judged whatever the number of
    finished calls is, and an unknown call halts: every stage but the last is there to find that out.
    """
    halt = halted(rules, progress.endings)
    if halt is not None:
        return Room(0, halt=halt)
    for number, stage in enumerate(stages, 1):
        admits = _admits(stage, progress.all)
        if progress.dialed < admits:
            return Room(admits - progress.dialed, f"stage {number} of {len(stages)}")
        if number == len(stages):
            return Room(0, f"the last stage, {admits:,} of {progress.all:,} calls, is dialed", is_last=True)
        if progress.dialed > admits:
            continue
        if progress.open:
            return Room(0, f"stage {number} of {len(stages)} is not over")
        if progress.unknown:
            return Room(0, halt=f"{progress.unknown} unknown in stage {number} of {len(stages)}")
        halt = halted(rules, progress.endings, whatever=True)
        if halt is not None:
            return Room(0, halt=f"{halt}, at the end of stage {number} of {len(stages)}")
    return Room()


def halted(rules: Sequence[HaltRule], endings: Sequence[str], *, whatever: bool = False) -> str | None:
    """Say which rule the endings (the latest first) have reached; `whatever`: also where they are fewer than `of`."""
    for rule in rules:
        last = endings[: rule.of]
        if not last or (len(last) < rule.of and not whatever):
            continue
        counted = Counter(last)
        for ending, share in rule.shares:
            if counted[ending] and counted[ending] >= _exact(share) * len(last):
                return f"{counted[ending]} of the last {len(last)} finished calls ended {ending}"
    return None


def _admits(stage: Stage, calls: int) -> int:
    if stage.share is None:
        return min(stage.calls or 0, calls)
    return math.ceil(_exact(stage.share) * calls)


def _exact(share: float) -> Fraction:
    """Return a share as it was written: 7% of 100 calls are 7, and not 8 for a rounding error."""
    return Fraction(str(round(share, 6)))
