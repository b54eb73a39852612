"""Which files a plan may read: regular ones inside its root, and nothing else of the machine."""

import errno
import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from orchestrator.exotel.masking import excerpt
from orchestrator.plan.no_data import Identity, closed_files, identity_of, is_hidden, looks_like_credentials
from orchestrator.plan.reading import how_to_open

ROOT_MARKS = (".git", "orchestrate.toml")

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
"""Non-blocking: a FIFO that takes a file's place between look and open must not hang the check."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a named file was not opened; becomes a diagnostic at the name's place. `missing`: it may be made."""

    id: str
    message: str
    hint: str
    missing: bool = False


def find_root(plan_path: str | Path, override: str | None = None) -> Path:
    """Return the folder that a plan's files stay inside.

    The nearest ancestor with `.git` (a folder, or a worktree's file) or `orchestrate.toml`, else the plan's own
    folder; `override` wins. For a plan from stdin (`-`) the search starts in the working directory.
    """
    if override is not None:
        return Path(os.path.realpath(override))
    folder = plan_folder(plan_path)
    for candidate in (folder, *folder.parents):
        if any(os.path.lexists(candidate / mark) for mark in ROOT_MARKS):
            return candidate
    return folder


def plan_source(plan_path: str, override: str | None = None) -> str:
    """Return how a journal remembers a plan's file: relative to its repository, so that every checkout is the same.

    The real path where no repository is around it; empty for stdin.
    """
    if plan_path == "-":
        return ""
    root, real = find_root(plan_path, override), Path(os.path.realpath(plan_path))
    marked = override is not None or any(os.path.lexists(root / mark) for mark in ROOT_MARKS)
    return printable(real.relative_to(root).as_posix() if marked and real.is_relative_to(root) else str(real))


def printable(path: str) -> str:
    """Return a path as text that can be stored and sent: bytes of no character in it are written as escapes."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def plan_folder(plan_path: str | Path) -> Path:
    """Return the real folder that a plan's file names are relative to; for `-` the working directory."""
    return Path(os.path.realpath(Path(plan_path).parent))


def resolve_inside(root: Path, folder: Path, name: str, closed: Iterable[str] = ()) -> Path | Refusal:
    """Return the real path of `name`, relative to `folder`, if it lies inside `root`.

    The refusal is the same whatever stands there, so that it does not even tell whether something does. The
    file may be missing, and may change before it is opened: `open_inside` is for reading. Hidden files and files of
    credentials are no data; `closed` are folders and files that are known to hold secrets.
    """
    if not name or name.startswith(("/", "~")) or "\0" in name or Path(name).is_absolute():
        return _refused(name)
    top = os.path.realpath(root)
    here = os.path.realpath(folder)
    typed = os.path.normpath(os.path.join(here, name))  # noqa: PTH118 - pathlib keeps `..`
    if not _is_inside(top, typed):
        return _refused(name)
    real = os.path.realpath(os.path.join(here, name))  # noqa: PTH118 - as above
    if not _is_inside(top, real) or ".git" in Path(os.path.relpath(real, top)).parts:
        # A repository's own folder may hold credentials (a CI checkout keeps its token in .git/config).
        return _refused(name)
    return _no_data(name, top, (typed, real), closed_files(closed, top)) or Path(real)


def open_inside(root: Path, folder: Path, name: str, closed: Iterable[str] = ()) -> BinaryIO | Refusal:
    """Open a regular file inside `root` for reading, or say why not.

    The real path is walked from the root's own descriptor without following links, so that a link which is
    put in the way between look and open is refused too.
    """
    closed = tuple(closed)
    real = resolve_inside(root, folder, name, closed)
    if isinstance(real, Refusal):
        return real
    top = os.path.realpath(root)
    try:
        descriptor = _walk(top, Path(os.path.relpath(real, top)).parts)
    except OSError as problem:
        return _unopened(name, problem)
    if descriptor is None:
        return _refused(name)
    status = os.fstat(descriptor)
    if (status.st_dev, status.st_ino) in closed_files(closed, top):  # as opened, so that no link hides it
        os.close(descriptor)
        return _credentials(name)
    return os.fdopen(descriptor, "rb")


def _walk(top: str, parts: tuple[str, ...]) -> int | None:
    """Return a descriptor of the regular file, None where it is something else. Raises OSError."""
    folder = os.open(top, _FOLDER)
    try:
        for part in parts[:-1]:
            below = os.open(part, _FOLDER, dir_fd=folder)
            os.close(folder)
            folder = below
        if not parts or not stat.S_ISREG(os.stat(parts[-1], dir_fd=folder, follow_symlinks=False).st_mode):
            return None
        descriptor = os.open(parts[-1], _FILE, dir_fd=folder)
    finally:
        os.close(folder)
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return descriptor
    os.close(descriptor)
    return None


def _is_inside(top: str, path: str) -> bool:
    return path == top or path.startswith(top.rstrip(os.sep) + os.sep)


def _no_data(name: str, top: str, paths: Iterable[str], closed: frozenset[Identity]) -> Refusal | None:
    """Refuse what is no data as it was typed, or where links lead."""
    below = [Path(os.path.relpath(path, top)) for path in paths]
    folders = (folder for path in below for folder in path.parents)
    if any(is_hidden(path.parts) for path in below):
        return Refusal(
            "hidden-file",
            f"`{shown(name)}` is refused: hidden files, and files in hidden folders, are no data",
            "keep data under a name, and in folders, that do not begin with a dot",
        )
    if any(looks_like_credentials(path.parts) for path in below) or (
        closed and any(identity_of(os.path.join(top, folder)) in closed for folder in folders)  # noqa: PTH118 - quicker
    ):
        return _credentials(name)
    return None


def _credentials(name: str) -> Refusal:
    return Refusal(
        "credentials-file",
        f"`{shown(name)}` is refused: it is, or looks like, a file of credentials, and those are no data",
        "name a data file; if this is one, give it and its folders other names, apart from --secrets-dir",
    )


def _refused(name: str) -> Refusal:
    return Refusal(
        "file-outside-root",
        f"`{shown(name)}` is refused: a plan reads only regular files inside its root",
        "write a path that is relative to the plan and stays inside the root: the nearest folder above with `.git` or"
        " `orchestrate.toml`, else the plan's own (`--root` names another)",
    )


def _unopened(name: str, problem: OSError) -> Refusal:
    if problem.errno in (errno.ENOENT, errno.ENOTDIR):
        return Refusal(
            "no-such-file",
            f"there is no file `{shown(name)}`",
            "check the path: it is relative to the folder of the file that names it",
            missing=True,
        )
    if problem.errno == errno.ELOOP:
        return _refused(name)
    return Refusal(
        "unreadable-file",
        f"`{shown(name)}` cannot be read: {problem.strerror or 'unknown reason'}",
        how_to_open(problem),
    )


def named_file(named_folder: str, folder: Path, name: str) -> str:
    """Return a file's name as a user would write it: by the folder as it was named, unless links make that another."""
    written = os.path.normpath(os.path.join(named_folder, name))  # noqa: PTH118 - pathlib keeps `..`
    real = os.path.join(folder, name)  # noqa: PTH118 - as above
    by_link = os.path.realpath(named_folder) == os.path.realpath(folder) != os.path.abspath(named_folder)  # noqa: PTH100
    return os.path.relpath(real) if by_link and os.path.realpath(written) != os.path.realpath(real) else written


def shown(name: str) -> str:
    """Return a file name that is safe in a message: on one line, not too long."""
    line = "".join(character if character.isprintable() else "?" for character in name)
    return excerpt(line, 200)


def refused_plan(root: Path, path: str, closed: Iterable[str] = ()) -> Refusal | None:
    """Say why a plan's own path is not read: a link out of its root, as a pull request may bring one, or no file.

    Files of credentials are no plans either: their lines would be shown. A missing file and a folder are left to the
    reading. A pipe is refused, since nobody may ever write into it.
    """
    plan = Path(path)
    try:
        is_link, is_special = plan.is_symlink(), plan.exists() and not plan.is_file() and not plan.is_dir()
    except (
        OSError,
        ValueError,
    ):  # no such name can be, or a folder on the way may not be entered: the reading tells it
        return None
    if is_link and not _is_inside(os.path.realpath(root), os.path.realpath(path)):
        return Refusal(
            "file-outside-root", f"`{shown(path)}` is a link that leads out of its root", "name the file itself"
        )
    real = Path(os.path.realpath(path))
    below = real.relative_to(root).parts if real.is_relative_to(root) else real.parts[-1:]
    known = closed_files(closed, os.path.realpath(root))
    if (
        ".git" in below
        or looks_like_credentials(below[-1:])
        or any(identity_of(str(each)) in known for each in (real, *real.parents))
    ):
        return _credentials(path)
    if is_special:
        return Refusal("not-a-file", f"`{shown(path)}` is no regular file", "name a file, or `-` for a plan on stdin")
    return None
