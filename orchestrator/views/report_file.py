"""Writes a report where it was asked for: whole or not at all, and readable by its owner only."""

import os
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from orchestrator.exotel.safe_text import disarmed_json
from orchestrator.model.errors import CannotProceed

STDOUT = "-"


def check_destination(path: str) -> None:
    """Raise CannotProceed where a report could not be written to `path`; to be asked before anything is dialed."""
    folder = Path(path).parent
    if path == STDOUT:
        return
    if not folder.is_dir():
        raise CannotProceed(f"the report {path} cannot be written: {folder} is not a folder", "make the folder first")
    if Path(path).is_dir():
        raise CannotProceed(f"the report {path} cannot be written: it is a folder", "name a file in it")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise CannotProceed(f"the report {path} cannot be written: no permission to write in {folder}")


def write_report(path: str, chunks: Iterable[str]) -> None:
    """Write the text to `path`, or to stdout for `-`.

    The file appears at once and whole, with mode 0600: it holds people's call records. Raises CannotProceed
    where the disk or permissions refuse; the journal still has everything.
    """
    try:
        if path == STDOUT:
            _print(chunks)
        else:
            _replace(Path(path), chunks)
    except OSError as problem:
        reason = problem.strerror or type(problem).__name__
        hint = "the journal has everything: run the same command again to write the report, nothing is dialed twice"
        raise CannotProceed(f"the report {path} could not be written: {reason}", hint) from problem


def _print(chunks: Iterable[str]) -> None:
    """Write to stdout. A reader that has gone (`| head`) changes no verdict: the rest goes nowhere."""
    try:
        sys.stdout.writelines(map(disarmed_json, chunks))
        sys.stdout.flush()
    except BrokenPipeError:
        with Path(os.devnull).open("w") as nowhere:
            os.dup2(nowhere.fileno(), sys.stdout.fileno())


def _replace(path: Path, chunks: Iterable[str]) -> None:
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")  # mode 0600
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.writelines(chunks)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)  # noqa: PTH105 - one name for the atomic step
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
