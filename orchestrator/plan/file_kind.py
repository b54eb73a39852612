"""What a file is that does not hold the text for which its name is given, told by its first bytes and by Git's marks.

A plan's repository brings such files by itself: content that Git LFS or git-annex did not fetch, a merge that was not
finished, a spreadsheet under the name of a CSV, a page that asks for a password in place of a download.
"""

import codecs
import re
from collections.abc import Callable

from orchestrator.model.diagnostic import Diagnostic, Span, error

_BINARY = {
    b"PK\x03\x04": "a workbook (.xlsx or .ods) or an archive",
    b"\xd0\xcf\x11\xe0": "a workbook of old Excel (.xls)",
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"\x1f\x8b": "a compressed file",
    b"BZh": "a compressed file",
    b"\xfd7zXZ\x00": "a compressed file",
    b"\x28\xb5\x2f\xfd": "a compressed file",
    b"PAR1": "a Parquet file",
    b"{\\rtf": "a word processor's document",
    b"SQLite format 3\0": "a database, perhaps a journal",
    b"\0GITCRYPT\0": "encrypted by git-crypt, and locked here",
}
_POINTERS = {
    b"version https://git-lfs.github.com/spec/": (
        "Git LFS",
        "run `git lfs pull`; in a pipeline, let the checkout fetch LFS files",
    ),
    b"version https://hawser.github.com/spec/": ("Git LFS", "run `git lfs pull`"),
    b"/annex/objects/": ("git-annex", "run `git annex get` for this file"),
}
_MARKUP = rb"(?i)\s*<(?:!doctype|\?xml|html|head|meta|style|table|workbook)\b"
"""What some programs save under the name of a spreadsheet, and what a server sends that asks to sign in first."""
_CONFLICT = re.compile(r"^(?:<{7}|>{7}) ", re.MULTILINE)
"""Git's marks. The one in their middle, `=======`, may be a line of a text."""


def no_text(head: bytes, file: str, hint: str) -> Diagnostic | None:
    """Tell what else a file is by its first bytes, 64 or more where it has them; None where it may be text.

    `hint`: what to do about a file of another kind.
    """
    for beginning, kind in _BINARY.items():
        if head.startswith(beginning):
            return error("not-text", f"the file is {kind}, not text", Span(file, 1, 1), hint=hint)
    for beginning, (system, fetch) in _POINTERS.items():
        if head.startswith(beginning):
            message = f"the file is a pointer of {system}: what it points to was not fetched"
            return error("not-fetched", message, Span(file, 1, 1), hint=fetch)
    if re.match(_MARKUP, head):
        return error("not-text", "the file is a page or XML, not the text itself", Span(file, 1, 1), hint=hint)
    return None


def utf_16(head: bytes, file: str, hint: str) -> Diagnostic | None:
    """Tell by its first bytes, 64 or more where it has them, that a file is UTF-16, with its mark or without.

    None where it may be UTF-8. `hint`: what to do about it.
    """
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        message = "the file is UTF-16, not UTF-8"
    elif len(head) > 1 and 3 * head.count(0) >= len(head):
        message = "every second byte of the file is nought: it is UTF-16 without its mark, or no text"
    else:
        return None
    return error("not-utf-8", message, Span(file, 1, 1), hint=hint)


def merge_conflict(text: str, file: str, line_of: Callable[[int], int]) -> Diagnostic | None:
    """Find the first mark that Git leaves where two versions were not merged. `line_of` gives a position its line."""
    mark = _CONFLICT.search(text)
    if mark is None:
        return None
    message = f"Git could not merge two versions here, and left its mark `{mark.group().rstrip()}`"
    hint = "choose what holds, and remove the marks (`<<<<<<<`, `=======`, `>>>>>>>`)"
    return error("merge-conflict", message, Span(file, line_of(mark.start()), 1), hint=hint)
