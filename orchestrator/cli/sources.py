"""The lines of a file that the user named, for showing beside findings."""

from pathlib import Path

LARGEST = 16 * 1024 * 1024
"""Bytes of a file that are read for showing: a plan larger than this is refused anyway."""


def source_lines(path: str) -> tuple[str, ...]:
    """Return the file's lines, or none where it cannot be read (the finding says why)."""
    try:
        if not Path(path).is_file():
            return ()
        with Path(path).open("rb") as file:
            text = file.read(LARGEST).decode("utf-8-sig", "replace")
    except OSError:
        return ()
    return tuple(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
