"""How a run shows itself while it goes on: live lines on a terminal, log lines elsewhere, nothing with --quiet."""

import contextlib
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import field
from typing import TYPE_CHECKING

from orchestrator.cli.screen import Screen, is_attended, wants_colour
from orchestrator.exotel.call_fields import call_times
from orchestrator.exotel.masking import Masker
from orchestrator.model.call import BRIDGE_LEGS
from orchestrator.model.events import Event, EventType
from orchestrator.model.frozen import frozen
from orchestrator.phone.safe_text import visible
from orchestrator.policy.estimate import Estimate, estimate
from orchestrator.policy.may_start import NEVER
from orchestrator.progress.progress import Progress
from orchestrator.progress.snapshot import RunSnapshot
from orchestrator.progress.tally import MINUTE, Tally
from orchestrator.progress.times import LocalTimes, span, utc, zone_of
from orchestrator.progress.waits import WaitReasons

if TYPE_CHECKING:
    from rich.text import Text

    from orchestrator.logs import Format

DRAWS_PER_SECOND = 4
"""Times a second that the live lines are drawn."""

ESTIMATE_EVERY = 2.0
"""Seconds between two estimates of the end: one that reaches over many days asks for every hour of them."""


@frozen
class RunObservers:
    """What follows a run: its committed events, and once, when its calls are loaded, what it was given."""

    observe: Callable[[Sequence[Event]], None]
    begin: "Callable[[RunSnapshot], None]"


@contextlib.contextmanager
def observing(screen: Screen, log_format: "Format | None") -> Iterator[RunObservers]:
    """Open what follows a run's committed events on stderr, and close it at the end."""
    if log_format is None and screen.quiet:
        yield RunObservers(lambda _events: None, lambda _snapshot: None)
    elif log_format is None and is_attended(sys.stderr):
        with LiveLines(screen) as live:
            yield RunObservers(live.observe, live.begin)
    else:
        from orchestrator.logs import log_events

        observe = log_events(sys.stderr, log_format or "json", unmask=screen.unmask, colour=wants_colour(sys.stderr))
        yield RunObservers(observe, lambda _snapshot: None)


class LiveLines:
    """Lines on stderr that are drawn anew; with -v each event is a line above them.

    Events come in the run's thread, and a thread of its own draws: what both touch is under the lock. Nothing slow
    happens there, because a request may be waiting for its moment.
    """

    def __init__(self, screen: Screen) -> None:
        from rich.console import Console
        from rich.live import Live

        self._screen, self._lock = screen, threading.Lock()
        self._tally = Tally()
        self._snapshot: RunSnapshot | None = None
        self._began: float | None = None
        self._end: Estimate | None = None
        self._estimated = float("-inf")
        self._console = Console(file=sys.stderr, no_color=not wants_colour(sys.stderr), highlight=False)
        self._live = Live(
            console=self._console,
            get_renderable=self._draw,
            refresh_per_second=DRAWS_PER_SECOND,
            transient=True,
            redirect_stdout=False,  # the report may go there
        )

    def __enter__(self) -> "LiveLines":
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def begin(self, snapshot: "RunSnapshot") -> None:
        """Take note of the caps; until then only the calls are known."""
        with self._lock:
            self._snapshot = snapshot
            self._tally.left_open = snapshot.open
            self._tally.speed.span = Progress(self._tally, snapshot).span

    def observe(self, events: Sequence[Event]) -> None:
        """Show events. The first one starts the display: before it, a question may stand on the terminal."""
        with self._lock:
            for event in events:
                self._tally.add(event)
                if event.type is EventType.RUN_WAITING and self._snapshot is not None:
                    self._tally.paused_by = self._snapshot.paused_by()
        if self._began is None:
            self._began = time.monotonic()
            self._live.start()
        if self._screen.verbose:
            for event in events:
                self._console.print(event_line(event, self._screen), markup=False, soft_wrap=True)
        if any(event.type is EventType.RUN_ENDED for event in events):
            self._live.stop()  # what follows, a report perhaps, goes to the same terminal

    def _draw(self) -> "Text":
        from rich.text import Text

        now, ticks = time.time(), time.monotonic()
        self._estimate(now, ticks)
        with self._lock:
            elapsed = ticks - (self._began or ticks)
            picture = LiveView(self._tally, self._snapshot, now, elapsed, self._end, self._screen.masker)
            lines = picture.lines(self._console.width - 1)  # the last column stays free: `^C` is echoed there
        text = "\n".join(visible(line) for line in lines)
        return Text(text, overflow="fold")

    def _estimate(self, now: float, ticks: float) -> None:
        """Estimate the end again, every ESTIMATE_EVERY seconds."""
        snapshot = self._snapshot
        if snapshot is None or ticks - self._estimated < ESTIMATE_EVERY:
            return
        self._estimated = ticks
        with self._lock:
            work = Progress(self._tally, snapshot).work(now)
        span = call_times(()).ring_span
        self._end = estimate(now, work, lambda moment: snapshot.rules.hours.next_for_anybody(span, moment))


def event_line(event: Event, screen: Screen) -> str:
    """Return `09:00:00 call.ended order-1 disposition=completed`, safe to print."""
    from orchestrator.logs import details, masked

    masker = screen.masker
    known = ((name, value) for name, value in details(event).items() if value is not None)
    data = (f"{name}={masked(name, str(value), masker)}" for name, value in known)
    attempt = "" if event.attempt is None else f"#{event.attempt}"
    call = "" if event.call is None else masker.text(event.call) + attempt
    return visible(" ".join(word for word in (event.at[11:19], event.type.value, call, *data) if word))


BAR = 12
"""Columns of the bar, without its brackets."""

GAP = "  "


@frozen
class LiveView:
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
            waits = WaitReasons(self.tally, self.snapshot, self._times(self.snapshot), self.now).why()
            why = [self.masker.text(waits)] if waits else []
            groups += [self._facts(Progress(self.tally, self.snapshot)), why, self._end(self.snapshot)]
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
            yield f"{progress.busy * BRIDGE_LEGS:,}/{progress.legs:,} legs"
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
    def _times(snapshot: RunSnapshot) -> LocalTimes:
        return LocalTimes(zone_of(snapshot.rules))


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
