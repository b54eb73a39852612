"""Where a command speaks: results on stdout, everything else on stderr."""

import json
import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO, TYPE_CHECKING

from orchestrator.model.errors import CannotProceed

if TYPE_CHECKING:
    from orchestrator.exotel.masking import Masker
    from orchestrator.logs import Level


@dataclass(slots=True)
class Screen:
    """How this command line wants to be spoken to; filled by the command's options.

    `sources` are the files that the user named: only their lines may be shown beside a finding. `json_lines`: stderr
    is for programs, and takes one JSON object a line.
    """

    unmask: bool = False
    quiet: bool = False
    verbose: bool = False
    sources: tuple[str, ...] = ()
    json_lines: bool = False

    @property
    def masker(self) -> "Masker":
        """What shows texts, masked unless the user asked otherwise."""
        from orchestrator.exotel.masking import Masker

        return Masker(self.unmask)


class ReaderGone(Exception):  # noqa: N818 - named for what happened
    """Whoever read our stdout closed it."""


def results(*chunks: str | Iterable[str]) -> None:
    """Write to stdout and flush. A reader that has gone (`| head`) changes no verdict: the rest is dropped."""
    try:
        for chunk in chunks:
            if isinstance(chunk, str):
                sys.stdout.write(chunk)
            else:
                for piece in chunk:
                    sys.stdout.write(piece)
        sys.stdout.flush()
    except BrokenPipeError:
        drop_stdout()
    except OSError as problem:
        drop_stdout()
        reason = problem.strerror or type(problem).__name__
        raise CannotProceed(f"the results could not be written to stdout: {reason}") from problem


def drop_stdout() -> None:
    """Let what is still buffered go nowhere, so that the interpreter's last flush cannot fail."""
    devnull = os.open(os.devnull, os.O_WRONLY)
    os.dup2(devnull, sys.stdout.fileno())
    os.close(devnull)


def aside(text: str) -> None:
    """Write a line to stderr; a closed stderr is nobody's problem."""
    try:
        sys.stderr.write(text + "\n")
        sys.stderr.flush()
    except BrokenPipeError:
        devnull = os.open(os.devnull, os.O_WRONLY)
        os.dup2(devnull, sys.stderr.fileno())
        os.close(devnull)


def message(text: str, level: "Level", **more: str | None) -> None:
    """Write a text for people as a line for programs; it is masked already. `more` are keys of events.schema.json."""
    from orchestrator.views.event_schema import MESSAGE

    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    line = {"event": MESSAGE, "at": now, "level": level, **more, "text": text}
    aside(json.dumps({name: value for name, value in line.items() if value is not None}))


def wants_colour(stream: IO[str]) -> bool:
    """Whether to colour: only on a terminal that can, and never with NO_COLOR (https://no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def is_attended(stream: IO[str]) -> bool:
    """Whether a person watches: a terminal, and not a CI job that pretends to have one."""
    return stream.isatty() and not os.environ.get("CI") and os.environ.get("TERM") != "dumb"
