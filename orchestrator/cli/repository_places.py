"""Files as a pipeline names them: relative to the repository, whatever folder the command runs in."""

import os
from pathlib import Path, PurePath

STDIN = "-"
STDIN_NAME = "stdin"
"""What standard input is called where a place must be a path."""


def repository_path(file: str) -> str:
    """Return a file's path relative to its repository, with forward slashes and without `.`, `..` and links.

    The repository is the nearest folder with `.git` above the file as it is named, else as links lead to it; without
    one the working directory stands for it. A link that leads out of the repository is what the repository has.
    What lies outside keeps its absolute path. `-` becomes `stdin`.
    """
    if file == STDIN:
        return STDIN_NAME
    here = os.path.realpath(os.curdir)
    named = os.path.normpath(os.path.join(here, file))  # noqa: PTH118 - pathlib keeps `..`
    real = os.path.realpath(os.path.join(here, file))  # noqa: PTH118 - as above
    root = os.path.realpath(_repository(named) or _repository(real) or here)
    for path in (real, named):
        if path.startswith(root.rstrip(os.sep) + os.sep):
            return PurePath(os.path.relpath(path, root)).as_posix()
    return PurePath(named).as_posix()


def _repository(path: str) -> Path | None:
    for folder in Path(path).parents:
        if os.path.lexists(folder / ".git"):
            return folder
    return None
