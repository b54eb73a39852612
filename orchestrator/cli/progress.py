"""How a run shows itself while it goes on: a live line on a terminal, log lines elsewhere, nothing with --quiet."""

import contextlib
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Literal

from orchestrator.cli.screen import Screen, is_attended, wants_colour
from orchestrator.cli.visible import visible
from orchestrator.model.events import Event, EventType

LogFormat = Literal["json", "console"]
Observer = Callable[[Event], None]


@contextlib.contextmanager
def observing(screen: Screen, log_format: LogFormat | None) -> Iterator[Observer]:
    """Open what follows a run's committed events on stderr, and close it at the end."""
    if log_format is None and screen.quiet:
        yield lambda _event: None
    elif log_format is None and is_attended(sys.stderr):
        with LiveLine(screen) as live:
            yield live.observe
    else:
        from orchestrator.logs import log_events

        yield log_events(sys.stderr, log_format or "json", unmask=screen.unmask, colour=wants_colour(sys.stderr))


class Tally:
    """What the live line counts. Calls that were already final when the run began are in `already`."""

    def __init__(self) -> None:
        self.total = 0
        self.already = 0
        self.ended: Counter[str] = Counter()
        self.open: set[tuple[str | None, int | None]] = set()
        self.waiting: str | None = None

    @property
    def done(self) -> int:
        """Calls with a disposition."""
        return self.already + self.ended.total()

    def add(self, event: Event) -> None:
        """Count one event."""
        match event.type:
            case EventType.CALLS_LOADED:
                self.total = int(event.data.get("calls") or 0)
                self.already = int(event.data.get("already") or 0)
            case EventType.ATTEMPT_STARTED:
                self.open.add((event.call, event.attempt))
                self.waiting = None
            case EventType.CALL_ENDED:
                self.ended[str(event.data.get("disposition"))] += 1
                self.open = {attempt for attempt in self.open if attempt[0] != event.call}
            case EventType.ATTEMPT_PLACED if event.data.get("placement") not in ("accepted", "unknown"):
                self.open.discard((event.call, event.attempt))
            case EventType.RUN_WAITING:
                self.waiting = f"waiting: {event.data.get('reason')}, until {event.data.get('until')}"
            case _:
                pass

    def line(self) -> str:
        """Return `4 in flight, completed 12, busy 3`; a wait stands before the counts, which may be cut off."""
        waiting = [self.waiting] if self.waiting else []
        counts = (f"{word} {count:,}" for word, count in self.ended.most_common())
        return ", ".join([f"{len(self.open)} in flight", *waiting, *counts])


class LiveLine:
    """A progress bar on stderr; with -v each event is a line above it."""

    def __init__(self, screen: Screen) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
        from rich.table import Column

        console = Console(file=sys.stderr, no_color=not wants_colour(sys.stderr), highlight=False)
        self._progress = Progress(
            BarColumn(bar_width=12, table_column=Column(min_width=12)),
            MofNCompleteColumn(table_column=Column(no_wrap=True, min_width=7)),
            TimeElapsedColumn(table_column=Column(no_wrap=True, min_width=7)),
            TextColumn("{task.fields[rate]}", markup=False, table_column=Column(no_wrap=True, min_width=7)),
            TextColumn("{task.description}", markup=False, table_column=Column(no_wrap=True, ratio=1)),
            console=console,
            expand=True,
            transient=True,
        )
        self._task = self._progress.add_task("starting", total=None, rate="")
        self._tally = Tally()
        self._screen = screen

    def __enter__(self) -> "LiveLine":
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def observe(self, event: Event) -> None:
        """Show one event. The first one starts the display: before it, a question may stand on the terminal."""
        self._progress.start()
        tally = self._tally
        tally.add(event)
        elapsed = self._progress.tasks[0].elapsed or 0.0
        rate = f"{60 * tally.ended.total() / elapsed:,.0f}/min" if elapsed > 1 else ""
        text = visible(self._screen.masker.text(tally.line()))
        self._progress.update(self._task, total=tally.total or None, completed=tally.done, description=text, rate=rate)
        if self._screen.verbose:
            self._progress.console.print(event_line(event, self._screen), markup=False, soft_wrap=True)


def event_line(event: Event, screen: Screen) -> str:
    """Return `09:00:00 call.ended order-1 disposition=completed`, safe to print."""
    from orchestrator.logs import details, masked

    masker = screen.masker
    known = ((name, value) for name, value in details(event).items() if value is not None)
    data = (f"{name}={masked(name, str(value), masker)}" for name, value in known)
    attempt = "" if event.attempt is None else f"#{event.attempt}"
    call = "" if event.call is None else masker.text(event.call) + attempt
    return visible(" ".join(word for word in (event.at[11:19], event.type.value, call, *data) if word))
