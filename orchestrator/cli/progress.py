"""How a run shows itself while it goes on: live lines on a terminal, log lines elsewhere, nothing with --quiet."""

import contextlib
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from orchestrator.cli.screen import Screen, is_attended, wants_colour
from orchestrator.model.events import Event, EventType
from orchestrator.phone.visible import visible

if TYPE_CHECKING:
    from rich.text import Text

    from orchestrator.policy.estimate import Estimate
    from orchestrator.progress.snapshot import RunSnapshot

LogFormat = Literal["json", "console"]

REFRESHED = 4
"""Times a second that the live lines are drawn."""

ESTIMATED = 2.0
"""Seconds between two estimates of the end: one that reaches over many days asks for every hour of them."""


@dataclass(frozen=True, slots=True)
class Followers:
    """What follows a run: each committed event, and once, when its calls are loaded, what it stands on."""

    observe: Callable[[Event], None]
    begin: "Callable[[RunSnapshot], None]"


@contextlib.contextmanager
def observing(screen: Screen, log_format: LogFormat | None) -> Iterator[Followers]:
    """Open what follows a run's committed events on stderr, and close it at the end."""
    if log_format is None and screen.quiet:
        yield Followers(lambda _event: None, lambda _snapshot: None)
    elif log_format is None and is_attended(sys.stderr):
        with LiveLines(screen) as live:
            yield Followers(live.observe, live.begin)
    else:
        from orchestrator.logs import log_events

        observe = log_events(sys.stderr, log_format or "json", unmask=screen.unmask, colour=wants_colour(sys.stderr))
        yield Followers(observe, lambda _snapshot: None)


class LiveLines:
    """Lines on stderr that are drawn anew; with -v each event is a line above them.

    Events come in the run's thread, and a thread of its own draws: what both touch is under the lock. Nothing slow
    happens there, because a request may be waiting for its moment.
    """

    def __init__(self, screen: Screen) -> None:
        from rich.console import Console
        from rich.live import Live

        from orchestrator.progress.tally import Tally

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
            refresh_per_second=REFRESHED,
            transient=True,
            redirect_stdout=False,  # the report may go there
        )

    def __enter__(self) -> "LiveLines":
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def begin(self, snapshot: "RunSnapshot") -> None:
        """Take note of the caps; until then only the calls are known."""
        from orchestrator.progress.progress import Progress

        with self._lock:
            self._snapshot = snapshot
            self._tally.left_open = snapshot.open
            self._tally.speed.span = Progress(self._tally, snapshot).span

    def observe(self, event: Event) -> None:
        """Show one event. The first one starts the display: before it, a question may stand on the terminal."""
        with self._lock:
            self._tally.add(event)
            if event.type is EventType.RUN_WAITING and self._snapshot is not None:
                self._tally.paused_by = self._snapshot.paused_by()
        if self._began is None:
            self._began = time.monotonic()
            self._live.start()
        if self._screen.verbose:
            self._console.print(event_line(event, self._screen), markup=False, soft_wrap=True)
        if event.type is EventType.RUN_ENDED:
            self._live.stop()  # what follows, a report perhaps, goes to the same terminal

    def _draw(self) -> "Text":
        from rich.text import Text

        from orchestrator.cli.progress_text import Picture

        now, ticks = time.time(), time.monotonic()
        self._estimate(now, ticks)
        with self._lock:
            elapsed = ticks - (self._began or ticks)
            picture = Picture(self._tally, self._snapshot, now, elapsed, self._end, self._screen.masker)
            lines = picture.lines(self._console.width - 1)  # the last column stays free: `^C` is echoed there
        text = "\n".join(visible(line) for line in lines)
        return Text(text, overflow="fold")

    def _estimate(self, now: float, ticks: float) -> None:
        """Guess the end anew, from time to time."""
        from orchestrator.policy.estimate import estimate
        from orchestrator.progress.progress import Progress

        snapshot = self._snapshot
        if snapshot is None or ticks - self._estimated < ESTIMATED:
            return
        self._estimated = ticks
        with self._lock:
            work = Progress(self._tally, snapshot).work(now)
        self._end = estimate(now, work, lambda moment: snapshot.rules.opens(lambda _name: None, moment))


def event_line(event: Event, screen: Screen) -> str:
    """Return `09:00:00 call.ended order-1 disposition=completed`, safe to print."""
    from orchestrator.logs import details, masked

    masker = screen.masker
    known = ((name, value) for name, value in details(event).items() if value is not None)
    data = (f"{name}={masked(name, str(value), masker)}" for name, value in known)
    attempt = "" if event.attempt is None else f"#{event.attempt}"
    call = "" if event.call is None else masker.text(event.call) + attempt
    return visible(" ".join(word for word in (event.at[11:19], event.type.value, call, *data) if word))
