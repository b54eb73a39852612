"""Which files a plan may read: regular ones inside its root, and nothing else of the machine."""

import errno
import os
import stat
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePath
from typing import BinaryIO, Protocol

from orchestrator.model.frozen import frozen
from orchestrator.plan.findings import line_excerpt

ROOT_MARKS = (".git", "orchestrate.toml")

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
"""Non-blocking: a FIFO that takes a file's place between look and open must not hang the check."""

LONGEST_NAME = 255
"""Bytes of one name in a path: what every file system of today keeps to."""

Identity = tuple[int, int]
"""Device and inode: what a file is under all its names."""

_APART = str.maketrans("._-", "   ")
"""What may stand between the words of a name, and before and behind them."""
_WORDS = (
    *("secret", "secrets", "credential", "credentials", "password", "passwords", "passwd", "passphrase", "passphrases"),
    *("service account", "service accounts", "serviceaccount", "serviceaccounts", "rootkey"),
    *(
        f"{whose}{between}{what}"
        for whose in ("api", "access", "auth", "private", "secret")
        for between in (" ", "")
        for what in ("key", "keys", "token", "tokens")
    ),
)
_BEGINNINGS = (
    *("id_rsa", "id_dsa", "id_ecdsa", "id_ed25519"),
    *("exotel_account_sid", "exotel_api_key", "exotel_api_token"),
)
"""Whole names, or what stands before a `.`, `_` or `-`."""
_NAMES = frozenset(
    {
        *("env", ".netrc", "_netrc", "pgpass", ".pgpass", "pgpass.conf", ".pgpass.conf", "htpasswd", ".htpasswd"),
        *(".npmrc", ".pypirc", ".dockercfg", "kubeconfig"),
    }
)
_ENDINGS = (
    *(".env", ".pem", ".key", ".p8", ".p12", ".pfx", ".jks", ".keystore", ".kdb", ".kdbx", ".ppk", ".gpg"),
    *(".tfvars", ".tfstate", ".tfstate.backup"),
)
_FOLDERS = frozenset(f"{dot}{word}" for dot in (".", "") for word in ("secret", "secrets", "credential", "credentials"))


@frozen
class FileRefusal:
    """Why a named file was not opened; becomes a diagnostic at the name's place. `missing`: it may be made."""

    id: str
    message: str
    hint: str
    missing: bool = False


class NamedFiles(Protocol):
    """What the file names in a plan or a target mean: the one door to files, on this machine or in a commit."""

    @property
    def use_sample(self) -> bool:
        """Whether a sample may stand for a data file that is missing: for review only, a run never dials one."""

    def name(self, written: str) -> str:
        """Return a file's name as the user would write it."""

    def open(self, written: str) -> BinaryIO | FileRefusal:
        """Open a file that is named so, or say why not."""


@frozen
class PlanFiles:
    """What a plan's file names mean. `folder` is the plan's real folder, `shown` how the user names it.

    `use_sample`: for review only; a run must never dial a sample. `secret_paths`: folders and files that hold secrets,
    and that no plan may read.
    """

    root: Path
    folder: Path
    shown: str
    use_sample: bool
    secret_paths: tuple[str, ...] = ()

    def name(self, written: str) -> str:
        """Return a file's name as the user would write it."""
        return named_file(self.shown, self.folder, written)

    def open(self, written: str) -> BinaryIO | FileRefusal:
        """Open a file that the plan names, or say why not."""
        return open_inside(self.root, self.folder, written, self.secret_paths)


def target_files(folder: str, root: str | None, secret_paths: tuple[str, ...] = ()) -> PlanFiles:
    """Return what the names in a target file mean; `folder` is its real one. People see them from where they are."""
    here = os.path.relpath(folder)
    inside = find_root(Path(folder, "target.yaml"), root)
    return PlanFiles(inside, Path(folder), folder if here.startswith("..") else here, False, secret_paths)


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


def resolve_inside(root: Path, folder: Path, name: str, secret_paths: Iterable[str] = ()) -> Path | FileRefusal:
    """Return the real path of `name`, relative to `folder`, if it lies inside `root`.

    The refusal is the same whatever stands there, so that it does not even tell whether something does. The
    file may be missing, and may change before it is opened: `open_inside` is for reading. Hidden files and files of
    credentials are no data; `secret_paths` are folders and files that are known to hold secrets.
    """
    if not name or name.startswith(("/", "~")) or "\0" in name or Path(name).is_absolute():
        return outside_root(name)
    top = os.path.realpath(root)
    here = os.path.realpath(folder)
    typed = os.path.normpath(os.path.join(here, name))  # noqa: PTH118 - pathlib keeps `..`
    if not _is_inside(top, typed):
        return outside_root(name)
    real = os.path.realpath(os.path.join(here, name))  # noqa: PTH118 - as above
    if not _is_inside(top, real) or ".git" in Path(os.path.relpath(real, top)).parts:
        # A repository's own folder may hold credentials (a CI checkout keeps its token in .git/config).
        return outside_root(name)
    return hidden_or_credentials(name, top, (typed, real), secret_files(secret_paths, top)) or Path(real)


def open_inside(root: Path, folder: Path, name: str, secret_paths: Iterable[str] = ()) -> BinaryIO | FileRefusal:
    """Open a regular file inside `root` for reading, or say why not.

    The real path is walked from the root's own descriptor without following links, so that a link which is
    put in the way between look and open is refused too.
    """
    secret_paths = tuple(secret_paths)
    real = resolve_inside(root, folder, name, secret_paths)
    if isinstance(real, FileRefusal):
        return real
    top = os.path.realpath(root)
    try:
        descriptor = _walk(top, Path(os.path.relpath(real, top)).parts)
    except OSError as problem:
        return _unopened(name, problem)
    if descriptor is None:
        return outside_root(name)
    status = os.fstat(descriptor)
    if (status.st_dev, status.st_ino) in secret_files(secret_paths, top):  # as opened, so that no link hides it
        os.close(descriptor)
        return credentials_file(name)
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


def hidden_or_credentials(name: str, top: str, paths: Iterable[str], secret: frozenset[Identity]) -> FileRefusal | None:
    """Return why a file is no data, by its name as typed and by where links lead; None where it is."""
    below = [Path(os.path.relpath(path, top)) for path in paths]
    folders = (folder for path in below for folder in path.parents)
    if any(is_hidden(path.parts) for path in below):
        return FileRefusal(
            "hidden-file",
            f"`{shown_name(name)}` is refused: hidden files, and files in hidden folders, are no data",
            "keep data under a name, and in folders, that do not begin with a dot",
        )
    if any(looks_like_credentials(path.parts) for path in below) or (
        secret and any(identity_of(os.path.join(top, folder)) in secret for folder in folders)  # noqa: PTH118 - quicker
    ):
        return credentials_file(name)
    return None


def credentials_file(name: str) -> FileRefusal:
    """Refuse what is, or looks like, a file of credentials."""
    return FileRefusal(
        "credentials-file",
        f"`{shown_name(name)}` is refused: it is, or looks like, a file of credentials, and those are no data",
        "name a data file; if this is one, give it and its folders other names, apart from --secrets-dir",
    )


def outside_root(name: str) -> FileRefusal:
    """Refuse what is no regular file inside the root; the words do not tell whether something stands there."""
    return FileRefusal(
        "file-outside-root",
        f"`{shown_name(name)}` is refused: a plan reads only regular files inside its root",
        "write a path that is relative to the plan and stays inside the root: the nearest folder above with `.git` or"
        " `orchestrate.toml`, else the plan's own (`--root` names another)",
    )


def _unopened(name: str, problem: OSError) -> FileRefusal:
    if problem.errno in (errno.ENOENT, errno.ENOTDIR):
        return no_such_file(name)
    if problem.errno == errno.ELOOP:
        return outside_root(name)
    return FileRefusal(
        "unreadable-file",
        f"`{shown_name(name)}` cannot be read: {problem.strerror or 'unknown reason'}",
        how_to_open(problem),
    )


def no_such_file(name: str, why: str = "") -> FileRefusal:
    """Say that a file is missing, and `why` where more is known than that."""
    message = f"there is no file `{shown_name(name)}`{why}"
    hint = "check the path: it is relative to the folder of the file that names it"
    return FileRefusal("no-such-file", message, hint, missing=True)


def named_file(named_folder: str, folder: Path, name: str) -> str:
    """Return a file's name as a user would write it: by the folder as it was named, unless links make that another."""
    written = os.path.normpath(os.path.join(named_folder, name))  # noqa: PTH118 - pathlib keeps `..`
    real = os.path.join(folder, name)  # noqa: PTH118 - as above
    by_link = os.path.realpath(named_folder) == os.path.realpath(folder) != os.path.abspath(named_folder)  # noqa: PTH100
    return os.path.relpath(real) if by_link and os.path.realpath(written) != os.path.realpath(real) else written


def shown_name(name: str) -> str:
    """Return a file's name or path that is safe in a message: on one line, 200 characters at most."""
    return line_excerpt(name, 200)


def refused_plan(root: Path, path: str, secret_paths: Iterable[str] = ()) -> FileRefusal | None:
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
    ):  # no such name can be, or a folder on the way may not be entered: reading it reports that
        return None
    if is_link and not _is_inside(os.path.realpath(root), os.path.realpath(path)):
        return FileRefusal(
            "file-outside-root",
            f"`{shown_name(path)}` is a link that leads out of its root",
            "name the file itself",
        )
    real = Path(os.path.realpath(path))
    below = real.relative_to(root).parts if real.is_relative_to(root) else real.parts[-1:]
    known = secret_files(secret_paths, os.path.realpath(root))
    if (
        ".git" in below
        or looks_like_credentials(below[-1:])
        or any(identity_of(str(each)) in known for each in (real, *real.parents))
    ):
        return credentials_file(path)
    if is_special:
        return FileRefusal(
            "not-a-file",
            f"`{shown_name(path)}` is no regular file",
            "name a file, or `-` for a plan on stdin",
        )
    return None


def check_length(path: PurePath) -> None:
    """Raise OSError for a path that no file has, whether or not the folders on the way are there."""
    if any(len(os.fsencode(part)) > LONGEST_NAME for part in path.parts):
        raise OSError(errno.ENAMETOOLONG, os.strerror(errno.ENAMETOOLONG))


def open_regular(path: str) -> BinaryIO:
    """Open a regular file for reading. Raises OSError, IsADirectoryError for a folder, NotAFileError for the like."""
    # Not blocking: opening a pipe to read would wait for a writer, perhaps for ever.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISREG(mode):
        return os.fdopen(descriptor, "rb")
    os.close(descriptor)
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
    raise NotAFileError(errno.EINVAL, "it is a pipe, a socket or a device, and no file", path)


class NotAFileError(OSError):
    """Raised where a name is that of a pipe, a socket or a device."""


def how_to_open(problem: OSError | ValueError) -> str:
    """Return what to do about a file that cannot be opened."""
    return _HINTS.get(getattr(problem, "errno", None) or 0, "check its path and its permissions")


_HINTS = {
    errno.ENAMETOOLONG: "no name of a file or folder has more than 255 bytes: check what was typed or pasted",
    errno.ELOOP: "its links lead in a circle: name the file itself",
    errno.EACCES: "check its permissions, and those of every folder on the way",
    errno.EISDIR: "name a file in it",
    errno.EINVAL: "name a file",
}


def is_hidden(parts: Sequence[str]) -> bool:
    """Whether a path below the root is hidden, or goes through a hidden folder."""
    return any(part.startswith(".") and part not in (".", "..") for part in parts)


def looks_like_credentials(parts: Sequence[str]) -> bool:
    """Whether a path's name, or a folder on its way, is one that credentials are kept under, in whatever case."""
    names = [part.casefold() for part in parts]
    return not _FOLDERS.isdisjoint(names[:-1]) or (bool(names) and _keeps_secrets(names[-1]))


def _keeps_secrets(name: str) -> bool:
    """Whether tools and people keep keys, tokens and passwords under a name, in small letters."""
    words = f" {name.translate(_APART)} "
    return (
        name in _NAMES
        or name.startswith(".env.")
        or name.endswith(_ENDINGS)
        or any(name == begins or name.startswith((f"{begins}.", f"{begins}_", f"{begins}-")) for begins in _BEGINNINGS)
        or any(f" {word} " in words for word in _WORDS)
    )


def secret_paths(secrets_dir: str | None) -> tuple[str, ...]:
    """Return the folder of `--secrets-dir`, and the files of passwords that the environment names."""
    return tuple(path for path in (secrets_dir, os.environ.get("PGPASSFILE"), os.environ.get("NETRC")) if path)


def secret_files(secret_paths: Iterable[str], root: str) -> frozenset[Identity]:
    """Return what must not be read under any name: what is in `secret_paths`, and the files in its folders.

    Of a folder that is the root, or that it stands in, only the files that are named like a setting.
    """
    found: set[Identity] = set()
    for path in secret_paths:
        real = os.path.realpath(path)
        around = root == real or root.startswith(real.rstrip(os.sep) + os.sep)
        try:
            entries = list(os.scandir(real)) if Path(real).is_dir() else []
        except OSError:
            entries = []
        chosen = [entry.path for entry in entries if not around or entry.name.casefold().startswith("exotel_")]
        found.update(identity for each in (*chosen, *(() if around else (real,))) if (identity := identity_of(each)))
    return frozenset(found)


def identity_of(path: str) -> Identity | None:
    """Return what stands at a path, links followed; None where nothing does or it may not be asked."""
    try:
        status = Path(path).stat()
    except (OSError, ValueError):
        return None
    return status.st_dev, status.st_ino
