"""Reads a plan from standard input: of bounded length, and as UTF-8 or with a finding."""

import io
import os
import select
import sys

from orchestrator.model.diagnostic import Diagnostic, Span, error
from orchestrator.model.errors import CannotProceed, Refused
from orchestrator.plan.yaml.text import MAX_BYTES, too_large

STDIN = "-"


def read_stdin() -> tuple[str | None, tuple[Diagnostic, ...]]:
    """Return the text on stdin; None and the reason where it is no text or too large."""
    raw = _read(MAX_BYTES + 1)
    if len(raw) > MAX_BYTES:
        return None, (too_large(STDIN),)
    try:
        return raw.decode("utf-8-sig"), ()
    except UnicodeDecodeError as problem:
        before = raw[: problem.start]
        line = before.count(b"\n") + 1
        column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8", "replace")) + 1
        message = f"the text is not UTF-8: byte {problem.start} (0x{raw[problem.start]:02x}) fits no character"
        return None, (error("not-utf-8", message, Span(STDIN, line, column), hint="pipe it in as UTF-8"),)


def _read(most: int) -> bytes:
    """Read stdin to its end, at most so many bytes. Raises CannotProceed where it cannot be read."""
    if not isinstance(sys.stdin.buffer, io.BufferedReader):  # a test has put its own there
        return sys.stdin.buffer.read(most)
    handle, found = sys.stdin.fileno(), bytearray()
    try:
        while len(found) < most:
            select.select([handle], [], [])  # whoever started us may have set it not to wait
            try:
                piece = os.read(handle, most - len(found))
            except BlockingIOError:
                continue
            if not piece:
                break
            found += piece
    except OSError as problem:
        raise CannotProceed(f"the plan cannot be read from standard input: {problem.strerror}") from None
    return bytes(found)


def plan_on_stdin(path: str) -> str | None:
    """Return the text on stdin where `path` says so, else None. Raises Refused for what is no text."""
    if path != STDIN:
        return None
    text, problems = read_stdin()
    if text is None:
        raise Refused(problems)
    return text
