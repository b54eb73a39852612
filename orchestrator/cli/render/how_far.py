"""How far a long look has come: one line on a terminal that is drawn anew, and nothing anywhere else."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from orchestrator.cli.screen import Screen, is_attended, wants_colour

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

SHORT = 0.5
"""Seconds in which most looks are over: before, nothing is shown."""


@contextmanager
def showing_how_far(screen: Screen) -> Iterator[Callable[[str, float | None], None]]:
    """Give what shows which part of the work is under way and how much of it is done, None where nobody knows."""
    if screen.quiet or not is_attended(sys.stderr):
        yield lambda _what, _part: None
        return
    with ExitStack() as stack:
        yield _Line(stack).show


class _Line:
    """The line; it stands on the terminal until the stack is closed."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack, self._began = stack, time.monotonic()
        self._drawn: tuple[Progress, TaskID] | None = None

    def show(self, what: str, part: float | None) -> None:
        if self._drawn is None and time.monotonic() - self._began >= SHORT:
            progress = self._progress()
            self._drawn = progress, progress.add_task(what)
            self._stack.enter_context(progress)
        if self._drawn is not None:
            progress, task = self._drawn
            progress.update(task, description=what, total=None if part is None else 1.0, completed=part or 0.0)

    def _progress(self) -> "Progress":
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        console = Console(file=sys.stderr, no_color=not wants_colour(sys.stderr), highlight=False)
        columns = (TextColumn("{task.description}", markup=False), BarColumn(), TimeElapsedColumn())
        return Progress(*columns, console=console, transient=True, redirect_stdout=False)
