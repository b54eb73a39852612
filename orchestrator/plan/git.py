"""How Git is asked: by subprocess, with nothing that a user typed as an option, and no hook, filter or prompt."""

import io
import os
import subprocess
from pathlib import Path

from orchestrator.model.errors import CannotProceed, WrongUsage
from orchestrator.plan.paths import shown_name

_WHERE_IT_IS = frozenset(
    (
        *("GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_NAMESPACE"),
        *("GIT_OBJECT_DIRECTORY", "GIT_LITERAL_PATHSPECS", "GIT_GLOB_PATHSPECS"),
    )
)
"""What a hook's environment says of a repository: ours is the one around the plan, whoever calls."""


class Blob(io.RawIOBase):
    """A file of a repository as a stream; its end is one only where Git says that all of it came."""

    def __init__(self, top: Path, blob: str) -> None:
        super().__init__()
        command = ["git", "cat-file", "blob", blob]
        self._git = subprocess.Popen(  # noqa: S603 - an id that Git gave
            command,
            cwd=top,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: "memoryview | bytearray") -> int:  # type: ignore[override]
        """Read into the buffer and return how many bytes came. Raises CannotProceed where Git breaks off."""
        if self._git.stdout is None:
            raise AssertionError("Git was started with a pipe")
        chunk = self._git.stdout.read(len(buffer))
        buffer[: len(chunk)] = chunk
        if not chunk and self._git.wait() != 0:
            raise CannotProceed("Git cannot read a file of the commit", "`git fsck` tells what is wrong")
        return len(chunk)

    def close(self) -> None:
        """Let Git end, though it may not have told all of the file."""
        if not self.closed and self._git.stdout is not None:
            self._git.stdout.close()
            self._git.wait()
        super().close()


def commit_of(folder: Path, ref: str) -> tuple[Path, str]:
    """Return the top of the working tree around a folder, and the id of the commit that `ref` names.

    Raises WrongUsage where there is no repository or no such commit, CannotProceed where Git cannot be asked.
    """
    if not ref or ref.startswith("-") or not ref.isprintable():
        raise WrongUsage(f"'{shown_name(ref)}' is no name of a commit; name a branch, a tag or a commit's id")
    where = folder
    while not where.is_dir() and where != where.parent:
        where = where.parent
    asked = _asked(where, "rev-parse", "--show-toplevel")
    if asked.returncode:
        said = asked.stderr.decode("utf-8", "replace").strip()
        if "not a git repository" not in said and "work tree" not in said:
            raise CannotProceed(f"Git cannot be asked: {shown_name(said)}", "mend that, and run it again")
        raise WrongUsage(f"{shown_name(str(folder))} is in no Git repository, so there is no commit to compare with")
    top = Path(os.path.realpath(os.fsdecode(asked.stdout.removesuffix(b"\n"))))
    found = _asked(top, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")
    if found.returncode:
        raise WrongUsage(
            f"the repository has no commit '{shown_name(ref)}'; `git fetch` brings those of others, and a shallow clone"
            " has but the last ones"
        )
    return top, found.stdout.decode("ascii").strip()


def remotes(folder: Path) -> tuple[Path | None, tuple[str, ...]]:
    """Return the top of the working tree around a folder, and the addresses of its remotes.

    None, and none, where there is no repository, or no Git to ask.
    """
    try:
        asked = _asked(folder, "rev-parse", "--show-toplevel")
        if asked.returncode:
            return None, ()
        listed = _asked(folder, "config", "--get-regexp", r"^remote\..*\.url$")
    except CannotProceed:
        return None, ()
    lines = listed.stdout.decode("utf-8", "replace").splitlines()
    return Path(os.path.realpath(os.fsdecode(asked.stdout.removesuffix(b"\n")))), tuple(
        line.partition(" ")[2] for line in lines
    )


def git(folder: Path, *arguments: str, none: int = 0) -> bytes:
    """Ask Git for something that is there; `none` is how it ends where it finds nothing. Raises CannotProceed."""
    done = _asked(folder, *arguments)
    if done.returncode not in (0, none):
        said = done.stderr.decode("utf-8", "replace").strip()
        raise CannotProceed(f"Git cannot read the commit: {shown_name(said)}", "`git fsck` tells what is wrong")
    return done.stdout


def _asked(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[bytes]":
    try:
        return subprocess.run(  # noqa: S603 - what a user typed is no option: `commit_of` looks at it
            ["git", *arguments],  # noqa: S607 - as every shell finds it
            cwd=folder,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
    except FileNotFoundError:
        raise CannotProceed("Git is not installed, or not on the PATH", "install it, or compare two files") from None


def _environment() -> dict[str, str]:
    """Return an environment in which Git speaks English, asks nobody, locks nothing and finds the repository itself."""
    kept = {name: value for name, value in os.environ.items() if name not in _WHERE_IT_IS}
    return {**kept, "LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0"}
