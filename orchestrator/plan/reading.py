"""A plan's or target's file to text."""

from pathlib import Path

from orchestrator.model.diagnostic import Diagnostic, Span, error

MAX_BYTES = 64 * 1024 * 1024
"""Some 150,000 literal calls, a gigabyte of nodes. Larger plans keep their calls in a data file, which streams."""


def read_text(path: str) -> tuple[str | None, tuple[Diagnostic, ...]]:
    """Read a UTF-8 file, with or without a byte order mark; None and the reason where that is impossible.

    At most 64 MiB are read, so that a device or an endless pipe cannot fill the memory.
    """
    try:
        with Path(path).open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except (OSError, ValueError) as problem:
        return None, (_unopened(path, problem),)
    if len(raw) > MAX_BYTES:
        return None, (too_large(path),)
    try:
        return raw.decode("utf-8-sig"), ()
    except UnicodeDecodeError as problem:
        return None, (_not_utf8(path, raw, problem),)


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
    return error("unreadable-file", f"the file cannot be read: {reason}", span, hint="check its path and permissions")


def _not_utf8(path: str, raw: bytes, problem: UnicodeDecodeError) -> Diagnostic:
    before = raw[: problem.start]
    line = before.count(b"\n") + 1
    column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8", "replace")) + 1
    wide = raw.startswith((b"\xff\xfe", b"\xfe\xff"))
    hint = "the file is UTF-16: save it as UTF-8" if wide else "save the file as UTF-8"
    message = f"the file is not UTF-8: byte {problem.start} (0x{raw[problem.start]:02x}) fits no character"
    return error("not-utf-8", message, Span(path, line, column), hint=hint)
