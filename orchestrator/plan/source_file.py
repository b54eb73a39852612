"""The file of a plan or target, for those who change it: read as bytes, and replaced whole or not at all."""

import io
import os
import stat
from pathlib import Path

from orchestrator.model.diagnostic import Diagnostic, error
from orchestrator.model.errors import CannotProceed
from orchestrator.model.frozen import frozen
from orchestrator.plan.paths import find_root, how_to_open, open_regular, refused_plan, shown_name
from orchestrator.plan.yaml.text import MAX_BYTES, read_stream, read_text
from orchestrator.whole_file import in_place_of

MARK = "\ufeff"
"""The byte order mark that some editors write at the beginning of a file."""


@frozen
class SourceFile:
    """A file as it was read. `path` is as the user named it, `text` is without a byte order mark."""

    path: str
    raw: bytes
    text: str

    @property
    def mark(self) -> str:
        """The byte order mark, empty where there is none."""
        return MARK if self.raw.startswith(MARK.encode()) else ""

    def replace(self, text: str) -> None:
        """Write a text in the place of the file: at once and whole, with the same owner and mode, where links lead.

        Raises CannotProceed where the file has changed since it was read, and where it cannot be written.
        """
        try:
            self._replace(Path(os.path.realpath(self.path)), text.encode())
        except OSError as problem:
            raise _not_written(self.path, problem.strerror or type(problem).__name__, how_to_open(problem)) from None

    def _replace(self, path: Path, raw: bytes) -> None:
        status = path.stat()
        if status.st_nlink > 1:  # a file of its own would take this name, and the others would keep the old one
            hint = "name the file that the others are copies of, or write it yourself: `fmt - < FILE` prints it"
            raise _not_written(self.path, "it has a second name (a hard link), which would be parted from it", hint)
        if not os.access(path, os.W_OK):
            raise _not_written(self.path, "it is read-only", "allow writing to it")
        with in_place_of(path, lambda: self._check_unchanged(path)) as file:
            file.write(raw)
            if (status.st_uid, status.st_gid) != (os.geteuid(), os.getegid()):
                os.fchown(file.fileno(), status.st_uid, status.st_gid)
            os.fchmod(file.fileno(), stat.S_IMODE(status.st_mode))

    def _check_unchanged(self, path: Path) -> None:
        if path.read_bytes() != self.raw:
            raise _not_written(self.path, "somebody has changed it meanwhile", "run the same command again")


def _not_written(path: str, reason: str, hint: str) -> CannotProceed:
    return CannotProceed(f"{shown_name(path)} cannot be written: {reason}", hint)


def read_source(path: str, root: str | None = None) -> SourceFile | tuple[Diagnostic, ...]:
    """Read the file of a plan or target; what is wrong with it where it is none. `root` as for `load_plan`."""
    refusal = refused_plan(find_root(path, root), path)
    if refusal is not None:
        return (error(refusal.id, refusal.message, hint=refusal.hint),)
    try:
        with open_regular(path) as stream:
            raw = stream.read(MAX_BYTES + 1)
    except (OSError, ValueError):
        return read_text(path)[1]
    text, problems = read_stream(io.BytesIO(raw), path)
    return problems if text is None else SourceFile(path, raw, text)
