"""Writes a report where it was asked for: whole or not at all, and readable by its owner only."""

import errno
import io
import os
import stat
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path

from orchestrator.model.errors import CannotProceed
from orchestrator.phone.safe_text import disarmed_json
from orchestrator.whole_file import in_place_of

STDOUT = "-"
_MUST_FIT = 64 * 1024
"""Bytes that must fit on the disk before anything is dialed: the report of some hundred calls."""
_HINTS = {
    errno.ENAMETOOLONG: "no name of a file or folder has more than 255 bytes: name another",
    errno.ENOTDIR: "make the folder first, or name another",
    errno.EISDIR: "name a file in it",
    errno.EINVAL: "name a file; `-` is stdout",
    errno.ELOOP: "its links lead in a circle: name the file itself",
    errno.ENOSPC: "the disk is full: make room, or name another folder",
    errno.EROFS: "name a folder that can be written to",
}


def check_destination(path: str, read: Iterable[str] = ()) -> None:
    """Raise CannotProceed where a report could not be written to `path`; to be asked before anything is dialed.

    Nor may it take the place of a file that the command has `read`.
    """
    if path == STDOUT:
        return
    if any(_is_same(path, each) for each in read):
        raise CannotProceed(
            f"the report {path} cannot be written: it would take the place of a file that this command reads",
            "name another file",
        )
    folder = Path(path).parent
    try:
        _look(path, folder)
        with tempfile.TemporaryFile(dir=folder) as probe:  # the only way to know of permissions, quotas and full disks
            probe.write(bytes(_MUST_FIT))
            probe.flush()
            os.fsync(probe.fileno())
    except OSError as problem:
        reason = problem.strerror or type(problem).__name__
        hint = _HINTS.get(problem.errno or 0, "check the folder and its permissions, or name another")
        raise CannotProceed(f"the report {path} cannot be written: {reason}", hint) from None


def _is_same(path: str, other: str) -> bool:
    """Whether two names are of one file, whatever links lead there."""
    try:
        return Path(path).samefile(other)
    except (OSError, ValueError):
        return False  # one of them is not there


def _look(path: str, folder: Path) -> None:
    """Raise OSError where what is there already stands in the way."""
    try:
        is_folder = stat.S_ISDIR(folder.stat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        is_folder = False
    if not is_folder:
        raise NotADirectoryError(errno.ENOTDIR, f"{folder} is not a folder")
    try:
        mode = Path(path).stat().st_mode
    except FileNotFoundError:
        return
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, "it is a folder")
    if not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, "it is a pipe, a socket or a device")


def write_report(path: str, chunks: Iterable[str], on_stdout: Callable[[str], str] = disarmed_json) -> None:
    """Write the text to `path`, or to stdout for `-`, where `on_stdout` makes each piece safe to print.

    The file appears at once and whole, with mode 0600: it holds people's call records. Raises CannotProceed
    where the disk or permissions refuse; the journal still has everything.
    """
    try:
        if path == STDOUT:
            _print(map(on_stdout, chunks))
        else:
            with in_place_of(Path(path)) as file:
                file.writelines(_in_few_pieces(chunks))
    except OSError as problem:
        reason = problem.strerror or type(problem).__name__
        hint = "the journal has everything: run the same command again to write the report, nothing is dialed twice"
        raise CannotProceed(f"the report {path} could not be written: {reason}", hint) from problem


def _in_few_pieces(chunks: Iterable[str]) -> Iterator[bytes]:
    """Yield the text in UTF-8: a piece for each of a million calls would take as long as a column of theirs."""
    left = iter(chunks)
    while some := [*islice(left, 100)]:
        yield "".join(some).encode()


def _print(chunks: Iterable[str]) -> None:
    """Write to stdout, in UTF-8 where a program reads it.

    Where its reader has gone (`| head`) the rest is dropped: that changes no exit code.
    """
    stdout = sys.stdout
    if isinstance(stdout, io.TextIOWrapper) and not stdout.isatty():
        stdout.reconfigure(encoding="utf-8", errors=stdout.errors)
    try:
        sys.stdout.writelines(chunks)
        sys.stdout.flush()
    except BrokenPipeError:
        with Path(os.devnull).open("w") as nowhere:
            os.dup2(nowhere.fileno(), sys.stdout.fileno())
