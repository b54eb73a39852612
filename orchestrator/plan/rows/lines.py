"""The text lines of a data file, each looked at before it is parsed."""

from collections.abc import Iterator
from io import TextIOWrapper
from typing import BinaryIO, Self

from orchestrator.model.diagnostic import Diagnostic, Span, error
from orchestrator.plan.file_kind import merge_conflict, no_text, utf_16

LONGEST_LINE = 1 << 20
"""Characters. No line of contacts comes near; a file without line ends must not fill the memory."""

_SAVE_AS = "save it as CSV UTF-8"


class DataLines:
    """Iterates over the lines of a file with their line ends; a context that closes the file.

    `number` is the last line's, from 1. `trouble` is what is wrong with the characters of the lines since it
    was last set to None. `rounded` likewise: whether they may hold a number as a spreadsheet rounds it.
    `characters` is how many were read. `broken` ends the iteration: the file is not text that can be read on.
    `first` is the first line.
    """

    def __init__(self, stream: BinaryIO, file: str) -> None:
        # `surrogateescape` keeps bytes that are not UTF-8 as lone surrogates: they are reported with their line.
        self._text = TextIOWrapper(stream, "utf-8-sig", "surrogateescape", newline="")
        self._file = file
        self.number = 0
        self.characters = 0
        self.first = ""
        self.trouble: Diagnostic | None = None
        self.rounded = False
        self.broken: Diagnostic | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._text.close()

    def __iter__(self) -> Iterator[str]:
        while line := self._text.readline(LONGEST_LINE):
            self.number += 1
            self.characters += len(line)
            if self.number == 1:
                self.first = line
                self.broken = self._kind(line)
            if line[0] in "<>" and self.broken is None:
                self.broken = merge_conflict(line, self._file, lambda _: self.number)
            if self.trouble is None and (not line.isascii() or "\0" in line):
                self.trouble = self._trouble(line)
            if len(line) >= LONGEST_LINE:
                self.broken = self._error(
                    "line-too-long", f"the line is longer than {LONGEST_LINE:,} characters", 1, _ENDS
                )
            if self.broken is not None:
                return
            if "E+" in line or "e+" in line:
                self.rounded = True
            yield line

    def _kind(self, first: str) -> Diagnostic | None:
        """Tell what else the file is, by its first line."""
        head = first[:64].encode("utf-8", "surrogateescape")
        return no_text(head, self._file, _SAVE_AS) or utf_16(head, self._file, _SAVE_AS)

    def _trouble(self, line: str) -> Diagnostic | None:
        at = line.find("\0")
        if at >= 0:
            return self._error(
                "control-character", "the row holds a NUL", at + 1, "remove it: the file may be cut off or binary"
            )
        try:
            line.encode("utf-8")
        except UnicodeEncodeError as problem:
            byte = ord(line[problem.start]) & 0xFF
            message = f"the row is not UTF-8: the byte 0x{byte:02x} fits no character"
            return self._error("not-utf-8", message, problem.start + 1, "save the file as UTF-8")
        return None

    def _error(self, name: str, message: str, column: int, hint: str) -> Diagnostic:
        return error(name, message, Span(self._file, self.number, column), hint=hint)


_ENDS = "check its line ends and its quotes"
