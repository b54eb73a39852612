"""The live lines of a run: how far, how fast, why it waits, and about when it will be over, in any width."""

import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from orchestrator.exotel.masking import Masker
from orchestrator.policy.estimate import NEVER, Estimate
from orchestrator.progress.progress import Progress
from orchestrator.progress.snapshot import RunSnapshot
from orchestrator.progress.tally import MINUTE, Tally
from orchestrator.progress.times import Times, span, utc, zone_of
from orchestrator.progress.waits import Waits

BAR = 12
"""Columns of the bar, without its brackets."""

GAP = "  "


@dataclass(frozen=True, slots=True)
class Picture:
    """What is shown at one moment. `snapshot` is None until the run's calls are loaded, `end` where nobody knows."""

    tally: Tally
    snapshot: RunSnapshot | None
    now: float
    elapsed: float
    end: Estimate | None = None
    masker: Masker = field(default_factory=Masker)

    def lines(self, width: int) -> list[str]:
        """Return the lines, the weightiest first: what does not fit on a low screen is cut off at the bottom.

        Masked are the words of others, not the figures: side by side they would be taken for a number.
        """
        groups: list[Iterable[str]] = [self._head()]
        if self.snapshot is not None:
            waits = Waits(self.tally, self.snapshot, self._times(self.snapshot), self.now).why()
            told = [self.masker.text(waits)] if waits else []
            groups += [self._facts(Progress(self.tally, self.snapshot)), told, self._end(self.snapshot)]
        groups.append(self._dispositions())
        return [line for group in groups for line in flow(group, width)]

    def _head(self) -> Iterator[str]:
        tally = self.tally
        filled = BAR * tally.done // tally.calls if tally.calls else 0
        minutes, seconds = divmod(int(self.elapsed), 60)
        yield f"[{'#' * filled}{'.' * (BAR - filled)}]"
        yield f"{tally.done:,}/{tally.calls:,}"
        yield f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"

    def _facts(self, progress: Progress) -> Iterator[str]:
        yield f"{progress.busy:,}/{progress.snapshot.slots:,} in flight"
        if progress.legs is not None:
            yield f"{progress.busy * 2:,}/{progress.legs:,} legs"
        rate = self.tally.speed.rate(self.now)
        if progress.binding is not None:
            cap, whose = progress.span / progress.gap, progress.binding[1]
            now = "-" if rate is None else _number(min(rate, cap))
            yield f"{now}/{_number(cap)} {'a minute' if progress.span == MINUTE else 'an hour'} ({whose}'s pace)"
        elif rate is not None:
            yield f"{_number(rate)} a minute"
        if progress.stage is not None:
            yield progress.stage

    def _end(self, snapshot: RunSnapshot) -> Iterator[str]:
        held = snapshot.stops() or self.tally.halted or (self.tally.waiting_for or ("",))[0] == "paused"
        if self.end is None or held:
            return
        times, at = self._times(snapshot), self.end.at
        if at == NEVER:
            yield "end more than two weeks away"
        elif self.end.held:
            yield f"end not before {times.at(at, self.now)} ({utc(at - at % 60)})"
        else:
            yield f"end about {times.at(at, self.now)} (in {span(max(0.0, at - self.now))})"

    def _dispositions(self) -> Iterator[str]:
        for word, count in (+self.tally.ended).most_common():
            yield f"{word} {count:,}"
        if self.tally.waiting.redials:
            yield f"redials waiting {self.tally.waiting.redials:,}"

    @staticmethod
    def _times(snapshot: RunSnapshot) -> Times:
        return Times(zone_of(snapshot.rules))


def flow(words: Iterable[str], width: int) -> list[str]:
    """Set words side by side, and on a new line what has no room; a word that is wider than the screen is broken."""
    found: list[str] = []
    for word in words:
        if found and len(found[-1]) + len(GAP) + len(word) <= width:
            found[-1] += GAP + word
        else:
            found += textwrap.wrap(word, max(1, width)) or [word]
    return found


def _number(value: float) -> str:
    """Return `58`, or `2.5` where the tenth matters."""
    return f"{value:,.0f}" if value >= 10 or abs(value - round(value)) < 0.05 else f"{value:.1f}"
