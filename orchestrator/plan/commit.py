"""Files as they stand in a commit, read from Git without a checkout, a filter or a hook.

The same rules hold as in a folder (`plan/paths.py`): a name leads to a regular file inside the root, through links that
stay inside it, and to nothing hidden or secret.
"""

import io
import os
from collections.abc import Sequence
from dataclasses import field
from pathlib import Path
from typing import BinaryIO, NamedTuple

from orchestrator.model.frozen import frozen
from orchestrator.plan.git import Blob, commit_of, git
from orchestrator.plan.paths import (
    FileRefusal,
    hidden_or_credentials,
    no_such_file,
    outside_root,
    secret_files,
    shown_name,
)

Parts = tuple[str, ...]

_MOST_LINKS = 40
"""Links on the way to one file: as many as Linux follows."""
_LONGEST_LINK = 4096
_LFS_POINTER = b"version https://git-lfs.github.com/spec/v1\n"


class Entry(NamedTuple):
    """What stands under a name in a folder of a commit."""

    mode: str
    id: str

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder."""
        return self.mode == "040000"

    @property
    def is_link(self) -> bool:
        """Whether it is a symbolic link."""
        return self.mode == "120000"

    @property
    def is_submodule(self) -> bool:
        """Whether it is another repository, of which the commit holds no file."""
        return self.mode == "160000"

    @property
    def is_file(self) -> bool:
        """Whether it is a regular file."""
        return self.mode.startswith("100")


def open_commit(folder: Path, ref: str) -> "Commit":
    """Return the commit that `ref` names in the repository around a folder. Raises as `commit_of` does."""
    top, found = commit_of(folder, ref)
    return Commit(top, ref, found)


@frozen
class Commit:
    """A commit of the repository whose working tree is at `top`, a real path; `ref` is what the user called it.

    `folders` keeps what was read of it, by the ids of its trees.
    """

    top: Path
    ref: str
    id: str
    folders: dict[str, dict[str, Entry]] = field(default_factory=dict, repr=False)

    def shown(self, parts: Parts) -> str:
        """Return a path in the commit as Git writes it: `main:plans/calls.yaml`."""
        return f"{self.ref}:{'/'.join(parts)}"

    def parts_of(self, path: str | Path) -> Parts | None:
        """Return where a path of the working tree stands in the commit; None outside of the repository."""
        folder = Path(os.path.realpath(Path(path).parent))
        return (*folder.relative_to(self.top).parts, Path(path).name) if folder.is_relative_to(self.top) else None

    def find(self, folder: Parts, name: str) -> "Found | FileRefusal":
        """Follow a name, relative to a folder of the commit, to what stands there."""
        pending, here, links = name.split("/")[::-1], [*folder], 0
        while pending:
            part = pending.pop()
            if part in ("", "."):
                continue
            if part == "..":
                if not here:
                    return outside_root(name)
                here.pop()
                continue
            around = self._entry(here)
            if around is None or not around.is_folder:
                return self._missing(name, around)
            entry = self._folder(around.id).get(part)
            if entry is not None and entry.is_link:
                links += 1
                target = self.content(entry, _LONGEST_LINK)
                if target.startswith("/") or links > _MOST_LINKS:
                    return outside_root(name)
                pending += target.split("/")[::-1]
            else:
                here.append(part)
        entry = self._entry(here)
        return self._missing(name, entry) if entry is None or entry.is_submodule else Found(tuple(here), entry)

    def open(self, entry: Entry, name: str) -> BinaryIO | FileRefusal:
        """Open a regular file of the commit; `name` is what it was asked for by."""
        stream = io.BufferedReader(Blob(self.top, entry.id), 1 << 16)
        if stream.peek(len(_LFS_POINTER)).startswith(_LFS_POINTER):
            stream.close()
            return no_such_file(
                name, f" in {shown_name(self.ref)}: Git LFS keeps it, and the commit has its pointer only"
            )
        return stream

    def content(self, entry: Entry, most: int) -> str:
        """Return a short text of the commit, such as where a link leads."""
        with io.BufferedReader(Blob(self.top, entry.id)) as stream:
            return os.fsdecode(stream.read(most))

    def files_with(self, text: str, suffixes: tuple[str, ...]) -> list[Parts]:
        """Return where the regular files stand that hold a text and whose names end so, in the order of their paths."""
        how = ("-l", "-z", "-I", "-F", "--no-color", "--full-name", "--no-recurse-submodules")
        listed = git(self.top, "grep", *how, "-e", text, self.id, none=1).decode("utf-8", "surrogateescape")
        paths = (each.removeprefix(f"{self.id}:") for each in listed.split("\0"))
        return [tuple(path.split("/")) for path in paths if path.endswith(suffixes)]

    def _missing(self, name: str, entry: Entry | None) -> FileRefusal:
        why = (
            ": it is in a submodule, of which the commit has no files"
            if entry is not None and entry.is_submodule
            else ""
        )
        return no_such_file(name, f" in {shown_name(self.ref)}{why}")

    def _entry(self, parts: Sequence[str]) -> Entry | None:
        """Return what stands at a path that goes through no link; None where nothing does."""
        entry: Entry | None = Entry("040000", self.id)
        for part in parts:
            if entry is None or entry.is_submodule:
                return entry
            entry = self._folder(entry.id).get(part) if entry.is_folder else None
        return entry

    def _folder(self, tree: str) -> dict[str, Entry]:
        if tree not in self.folders:
            listed = git(self.top, "ls-tree", "-z", "--full-tree", tree).decode("utf-8", "surrogateescape")
            lines = (line.partition("\t") for line in listed.split("\0") if line)
            self.folders[tree] = {name: Entry(about.split(" ")[0], about.split(" ")[2]) for about, _, name in lines}
        return self.folders[tree]


@frozen
class Found:
    """What a name led to, and its path in the commit, without links."""

    parts: Parts
    entry: Entry


@frozen
class CommittedFiles:
    """What the names in a file of a commit mean, which stands in `folder`; all stay inside `root`.

    `secret_paths`: folders and files of the machine that hold secrets, under whatever name.
    """

    commit: Commit
    root: Parts
    folder: Parts
    use_sample: bool = True
    secret_paths: tuple[str, ...] = ()

    def name(self, written: str) -> str:
        """Return a file's name as Git writes it."""
        path = os.path.normpath("/".join((*self.folder, written)))
        return f"{self.commit.ref}:{path}"

    def open(self, written: str) -> BinaryIO | FileRefusal:
        """Open a file of the commit, or say why not."""
        if not written or written.startswith(("/", "~")) or "\0" in written:
            return outside_root(written)
        typed = os.path.normpath("/".join((*self.folder, written))).split("/")
        if not self._is_inside(typed):
            return outside_root(written)
        found = self.commit.find(self.folder, written)
        if isinstance(found, FileRefusal):
            return found
        if not self._is_inside(found.parts) or not found.entry.is_file:
            return outside_root(written)
        top = str(self.commit.top.joinpath(*self.root))
        paths = [str(self.commit.top.joinpath(*parts)) for parts in (typed, found.parts)]
        refused = hidden_or_credentials(written, top, paths, secret_files(self.secret_paths, top))
        return refused or self.commit.open(found.entry, written)

    def _is_inside(self, parts: Sequence[str]) -> bool:
        return tuple(parts[: len(self.root)]) == self.root and ".." not in parts
