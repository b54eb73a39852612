"""Writes what libraries and our own code report through `logging`: one line for people or programs, never a traceback.

A kind of trouble is reported once a minute, and how often it came in between: a stranger who connects again and again,
or a loop that fails, must not fill a disk.
"""

import logging
import time
from typing import TYPE_CHECKING

from orchestrator.cli.screen import Screen, as_json_line, write_message, write_stderr
from orchestrator.cli.streams import stderr_writer
from orchestrator.phone.safe_text import visible

if TYPE_CHECKING:
    from orchestrator.logs import Level

QUIET = 60.0
"""Seconds between two lines of one kind."""

MOST_KINDS = 1000
"""Kinds that are distinguished. Those of a library are few; texts that others can vary must not grow without end."""

LONGEST_LOG_LINE = 500
"""Characters of a line."""


class OneLine(logging.Handler):
    """Writes warnings and errors as a command does: masked, with unsafe characters written out, in one line."""

    def __init__(self, screen: Screen) -> None:
        super().__init__(logging.WARNING)
        self._screen = screen
        self._kinds: dict[tuple[str, str], tuple[float, int]] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record, unless one of its kind was written lately."""
        kind, now = (record.name, str(record.msg)), time.monotonic()
        if kind not in self._kinds and len(self._kinds) >= MOST_KINDS:
            return
        again, passed_over = self._kinds.get(kind, (float("-inf"), 0))
        if now < again:
            self._kinds[kind] = again, passed_over + 1
            return
        self._kinds[kind] = now + QUIET, 0
        text = _in_words(record) + (f" ({passed_over:,} more since this was said last)" if passed_over else "")
        shown, level = self._screen.masker.text(text[:LONGEST_LOG_LINE]), _level(record)
        if self._screen.json_lines:
            write_message(shown, level)
        else:
            write_stderr(visible(f"{level}: {shown}"))


def never_wait_for_stderr(screen: Screen) -> None:
    """Let nothing wait for whoever reads stderr, and write there, in our own form, what libraries log.

    Lines for which there is no room are lost; how many is said as soon as there is room again.
    """
    stderr = stderr_writer()
    if stderr is None:
        return
    log_in_one_line(screen)

    def lost(lines: int) -> str:
        text = f"{lines:,} line(s) of this log are missing here: nobody read it; the journal has everything"
        return as_json_line(text, "warning") if screen.json_lines else text

    stderr.queue(lost)


def log_in_one_line(screen: Screen) -> None:
    """Write all that is logged to stderr in our own form."""
    logging.getLogger().handlers[:] = [OneLine(screen)]


def _in_words(record: logging.LogRecord) -> str:
    try:
        said = record.getMessage().partition("\n")[0]
    except (TypeError, ValueError):  # the library's own mistake
        said = str(record.msg)
    problem = record.exc_info[1] if record.exc_info else None
    return said if problem is None else f"{said}: {type(problem).__name__}: {problem}"


def _level(record: logging.LogRecord) -> "Level":
    return "error" if record.levelno >= logging.ERROR else "warning"
