"""A plan, or a target file, as it stands in a commit; also where it stood before it was moved."""

import os
from pathlib import Path
from typing import BinaryIO

from orchestrator.model.diagnostic import Diagnostic, error
from orchestrator.model.target import Target
from orchestrator.plan.commit import Commit, CommittedFiles, Found, Parts
from orchestrator.plan.load import LoadedPlan, load_text
from orchestrator.plan.parameters import Accept
from orchestrator.plan.paths import FileRefusal, credentials_file, looks_like_credentials, outside_root
from orchestrator.plan.rules.rulebook import RuleBook
from orchestrator.plan.targets import load_target_text
from orchestrator.plan.yaml.document import read_document
from orchestrator.plan.yaml.nodes import ScalarNode
from orchestrator.plan.yaml.text import read_stream

_PLANS = (".yaml", ".yml")
_MOST_CANDIDATES = 100
"""Files that hold a plan's name and are looked into for the plan itself."""

Read = tuple[str | None, tuple[Diagnostic, ...]]
"""A text, None where it cannot be read, and what is wrong with its characters."""


def plan_at(
    commit: Commit,
    parts: Parts,
    root: str | None,
    accept: Accept,
    secret_paths: tuple[str, ...] = (),
    rules: RuleBook | None = None,
) -> LoadedPlan | None:
    """Read the plan that stands at a path of the commit; None where none does.

    `root`, `accept` and `secret_paths` are as for `load_plan`, `rules` as for `load_text`; a sample may stand for
    a data file that is missing.
    """
    folder = parts[:-1]
    files = CommittedFiles(commit, _root(commit, folder, root), folder, secret_paths=secret_paths)
    found = commit.find(folder, parts[-1])
    if isinstance(found, FileRefusal) and found.missing:
        return None
    file = commit.shown(parts)
    text, problems = _text(commit, found, files.root, file)
    return load_text(file, file, text, problems, files, accept, rules)


def target_at(commit: Commit, path: str | Path, name: str) -> tuple[Target | None, tuple[Diagnostic, ...]]:
    """Read the target file that stands at a path of the working tree; None without a finding where none does."""
    parts = commit.parts_of(path)
    found = None if parts is None else commit.find(parts[:-1], parts[-1])
    if parts is None or found is None or (isinstance(found, FileRefusal) and found.missing):
        return None, ()
    file = commit.shown(parts)
    text, problems = _text(commit, found, (), file)
    folder = str(commit.top.joinpath(*parts[:-1]))
    return (None, problems) if text is None else load_target_text(text, file, name, folder)


def moved_from(commit: Commit, name: str) -> Parts | None:
    """Return where the plan of this name stands in the commit, if only one does that the working tree has no more."""
    gone = [
        parts
        for parts in commit.files_with(name, _PLANS)[:_MOST_CANDIDATES]
        if not os.path.lexists(commit.top.joinpath(*parts)) and _name_of(commit, parts) == name
    ]
    return gone[0] if len(gone) == 1 else None


def _name_of(commit: Commit, parts: Parts) -> str | None:
    """Return what the plan at a path of the commit calls itself; None where there is none."""
    file = commit.shown(parts)
    text, _ = _text(commit, commit.find(parts[:-1], parts[-1]), (), file)
    document = None if text is None else read_document(text, file)[0]
    node = None if document is None else document.get("name")
    return node.text if isinstance(node, ScalarNode) else None


def _text(commit: Commit, found: Found | FileRefusal, root: Parts, file: str) -> Read:
    """Read a file as a text. A link out of the root, a folder and a file of credentials are no plans."""
    if isinstance(found, Found):
        stream: BinaryIO | FileRefusal
        if not found.entry.is_file or found.parts[: len(root)] != root:
            stream = outside_root(file)
        elif looks_like_credentials(found.parts[-1:]):
            stream = credentials_file(file)
        else:
            stream = commit.open(found.entry, found.parts[-1])
        if not isinstance(stream, FileRefusal):
            with stream:
                return read_stream(stream, file)
        found = stream
    return None, (error(found.id, found.message, hint=found.hint),)


def _root(commit: Commit, folder: Parts, override: str | None) -> Parts:
    """Return the folder of the commit that a plan's files stay inside, by the rules of `find_root`."""
    if override is not None:
        top = Path(os.path.realpath(override))
        return top.relative_to(commit.top).parts if top.is_relative_to(commit.top) else ()
    for length in range(len(folder), 0, -1):
        if isinstance(commit.find(folder[:length], "orchestrate.toml"), Found):
            return folder[:length]
    return ()
