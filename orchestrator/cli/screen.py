"""How a command writes: results to stdout, everything else to stderr."""

import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from orchestrator.model.errors import CannotProceed
from orchestrator.phone.safe_text import disarmed_json

if TYPE_CHECKING:
    from orchestrator.exotel.masking import Masker
    from orchestrator.logs import Level


@dataclass(slots=True)
class Screen:
    """What the options of this command line say about how it writes.

    `sources` are the files that the user named: only their lines may be shown beside a finding. `json_lines`: stderr
    is for programs, and takes one JSON object a line. `errors_too`: the reason for which a command fails is such an
    object too, because the user asked for JSON; else it is a text for people, also where stderr is no terminal.
    """

    unmask: bool = False
    quiet: bool = False
    verbose: bool = False
    sources: tuple[str, ...] = ()
    json_lines: bool = False
    errors_too: bool = False

    @property
    def masker(self) -> "Masker":
        """What masks texts, unless the user asked for numbers in full."""
        from orchestrator.exotel.masking import Masker

        return Masker(self.unmask)

    def say(self, text: str, level: "Level", **more: str | None) -> None:
        """Write a text to stderr, masked: safe lines for people, or one JSON object with `more` keys for programs."""
        from orchestrator.phone.safe_text import visible

        shown = self.masker.text(text)
        if self.json_lines:
            write_message(shown, level, **more)
        else:
            write_stderr("\n".join(map(visible, shown.split("\n"))))


def write_stdout(*chunks: str | Iterable[str]) -> None:
    """Write to stdout and flush. What a reader that has gone (`| head`) leaves is dropped: no exit code changes."""
    try:
        for chunk in chunks:
            for piece in (chunk,) if isinstance(chunk, str) else chunk:
                sys.stdout.write(disarmed_json(piece))
        sys.stdout.flush()
    except OSError as problem:
        raise _unwritten(problem) from problem


def write_output(out: str | None, text: Iterable[str], read: Iterable[str]) -> None:
    """Write what a command shows to the file `out`, or to stdout; it replaces none of the files that were `read`."""
    if out is None:
        write_stdout(text)
        return
    from orchestrator.reports.report_file import check_destination, write_report

    check_destination(out, read)
    write_report(out, text)


def write_exactly(text: str) -> None:
    """Write a file's own text to stdout, as the bytes that the file has: whoever redirects it gets that file."""
    write_stdout()
    try:
        sys.stdout.buffer.write(text.encode())
        sys.stdout.buffer.flush()
    except OSError as problem:
        raise _unwritten(problem) from problem


def _unwritten(problem: OSError) -> CannotProceed:
    reason = problem.strerror or type(problem).__name__
    return CannotProceed(f"the results could not be written to stdout: {reason}")


def write_stderr(text: str) -> None:
    """Write one line or several to stderr, which never fails."""
    sys.stderr.write(disarmed_json(text) + "\n")
    sys.stderr.flush()


def write_message(text: str, level: "Level", **more: str | None) -> None:
    """Write a text for people as a line for programs; it is masked already. `more` are keys of events.schema.json."""
    write_stderr(as_json_line(text, level, **more))


def as_json_line(text: str, level: "Level", **more: str | None) -> str:
    """Return a text for people as one JSON object."""
    import json
    from datetime import UTC, datetime

    from orchestrator.reports.event_schema import MESSAGE

    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    line = {"event": MESSAGE, "at": now, "level": level, **more, "text": text}
    return json.dumps({name: value for name, value in line.items() if value is not None})


def wants_colour(stream: IO[str]) -> bool:
    """Whether to colour: only on a terminal that can, and never with NO_COLOR (https://no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def is_attended(stream: IO[str]) -> bool:
    """Whether a person watches: a terminal, and not a CI job that pretends to have one."""
    return stream.isatty() and not os.environ.get("CI") and os.environ.get("TERM") != "dumb"
