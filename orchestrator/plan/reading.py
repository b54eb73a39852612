"""A plan's or target's file to text."""

import errno
import os
import stat
from pathlib import PurePath
from typing import BinaryIO

from orchestrator.model.diagnostic import Diagnostic, Span, error

MAX_BYTES = 64 * 1024 * 1024
"""Some 150,000 literal calls, a gigabyte of nodes. Larger plans keep their calls in a data file, which streams."""


LONGEST_NAME = 255
"""Bytes of one name in a path: what every file system of today keeps to."""


def read_text(path: str) -> tuple[str | None, tuple[Diagnostic, ...]]:
    """Read a UTF-8 file, with or without a byte order mark; None and the reason where that is impossible.

    At most 64 MiB of a regular file are read; a pipe, a socket or a device is neither waited for nor read.
    """
    try:
        with open_regular(path) as stream:
            raw = stream.read(MAX_BYTES + 1)
    except (OSError, ValueError) as problem:
        return None, (_unopened(path, problem),)
    if len(raw) > MAX_BYTES:
        return None, (too_large(path),)
    try:
        return raw.decode("utf-8-sig"), ()
    except UnicodeDecodeError as problem:
        return None, (_not_utf8(path, raw, problem),)


def check_length(path: PurePath) -> None:
    """Raise OSError for a path that no file has, whether or not the folders on the way are there."""
    if any(len(os.fsencode(part)) > LONGEST_NAME for part in path.parts):
        raise OSError(errno.ENAMETOOLONG, os.strerror(errno.ENAMETOOLONG))


def open_regular(path: str) -> BinaryIO:
    """Open a regular file for reading. Raises OSError, IsADirectoryError for a folder, NotAFileError for the like."""
    # Not blocking: opening a pipe to read would wait for a writer, perhaps for ever.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISREG(mode):
        return os.fdopen(descriptor, "rb")
    os.close(descriptor)
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
    raise NotAFileError(errno.EINVAL, "it is a pipe, a socket or a device, and no file", path)


class NotAFileError(OSError):
    """What has the name is no regular file."""


def how_to_open(problem: OSError | ValueError) -> str:
    """Return what to do about a file that cannot be opened."""
    return _HINTS.get(getattr(problem, "errno", None) or 0, "check its path and its permissions")


_HINTS = {
    errno.ENAMETOOLONG: "no name of a file or folder has more than 255 bytes: check what was typed or pasted",
    errno.ELOOP: "its links lead in a circle: name the file itself",
    errno.EACCES: "check its permissions, and those of every folder on the way",
    errno.EISDIR: "name a file in it",
    errno.EINVAL: "name a file",
}


def too_large(file: str) -> Diagnostic:
    """Refuse a text beyond the bound."""
    return error(
        "file-too-large",
        f"the file is larger than {MAX_BYTES // 1024 // 1024} MiB",
        Span(file, 1),
        hint="keep the calls in a data file and name it with `rows:`",
    )


def _unopened(path: str, problem: OSError | ValueError) -> Diagnostic:
    span = Span(path, 1)
    if isinstance(problem, FileNotFoundError):
        return error(
            "no-such-file", "there is no such file", span, hint="check the path; it is relative to this folder"
        )
    if isinstance(problem, IsADirectoryError):
        return error("unreadable-file", "this is a folder", span, hint="name the YAML file in it")
    reason = problem.strerror if isinstance(problem, OSError) and problem.strerror else "the path is not usable"
    return error("unreadable-file", f"the file cannot be read: {reason}", span, hint=how_to_open(problem))


def _not_utf8(path: str, raw: bytes, problem: UnicodeDecodeError) -> Diagnostic:
    before = raw[: problem.start]
    line = before.count(b"\n") + 1
    column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8", "replace")) + 1
    wide = raw.startswith((b"\xff\xfe", b"\xfe\xff"))
    hint = "the file is UTF-16: save it as UTF-8" if wide else "save the file as UTF-8"
    message = f"the file is not UTF-8: byte {problem.start} (0x{raw[problem.start]:02x}) fits no character"
    return error("not-utf-8", message, Span(path, line, column), hint=hint)
