"""One Markdown document of what several commands wrote, short enough for where it goes."""

import re
from collections.abc import Iterable
from pathlib import Path

LEFT_OUT = "\n*Left out here, because it is too long: {what}. The files of this job have it.*\n"
MARKDOWN = ".md"


def document(files: Iterable[Path], most: int) -> str:
    """Return the files as one document of at most `most` bytes, the first ones whole as long as they fit.

    Markdown is taken as it is; anything else stands in a block of code, where a service makes nothing of it. Files that
    are missing or empty are passed over. Both were written by `orchestrate`, which masks numbers and disarms texts.
    """
    left = most - size(LEFT_OUT.format(what="changes, findings, summary, review"))
    parts, left_out = [], []
    for file in files:
        text = file.read_text(encoding="utf-8", errors="replace") if file.is_file() else ""
        if not text.strip():
            continue
        part = f"{text.rstrip()}\n" if file.suffix == MARKDOWN else _block(text, left)
        if size(part) <= left:
            parts.append(part)
            left -= size(part) + 1
        else:
            left_out.append(file.stem)
    if left_out:
        parts.append(LEFT_OUT.format(what=", ".join(left_out)))
    return "\n".join(parts)


def size(text: str) -> int:
    """Return the bytes of a text."""
    return len(text.encode("utf-8", "surrogatepass"))


def _block(text: str, most: int) -> str:
    """Return a text as a block of code that no line of it can end, with as many of its lines as fit."""
    fence = "`" * max([3, *(len(run) + 1 for run in re.findall("`+", text))])
    lines = text.rstrip().splitlines()
    kept = most - 2 * size(fence) - len("\n\n\n... and 1,000,000,000 more lines\n")
    shown: list[str] = []
    for line in lines:
        kept -= size(line) + 1
        if kept < 0:
            shown.append(f"... and {len(lines) - len(shown):,} more lines")
            break
        shown.append(line)
    return "\n".join([fence, *shown, fence, ""])
