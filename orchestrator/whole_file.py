"""Writes a file whole or not at all: what it holds appears at once, in the place of what was there."""

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO


@contextlib.contextmanager
def in_place_of(path: Path, check: Callable[[], None] | None = None) -> Iterator[BinaryIO]:
    """Yield a new file that takes the place of `path` at the end of the block, once it is on the disk.

    Where anything raises, nothing has happened: the block, or `check`, which is called right before that. The file can
    be read by its owner only, unless the block allows more.
    """
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".orchestrate-", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if check is not None:
            check()
        os.replace(temporary, path)  # noqa: PTH105 - one name for the atomic step
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
