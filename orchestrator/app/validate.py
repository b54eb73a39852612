"""`validate`: finds every problem of every plan and target file in one pass."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from operator import add
from pathlib import Path

from orchestrator.app.stdin import STDIN, read_stdin
from orchestrator.model.diagnostic import Diagnostic, Edit, Severity, warning
from orchestrator.model.frozen import frozen
from orchestrator.model.target import Target
from orchestrator.plan.findings import BoundedFindings
from orchestrator.plan.load import LoadedPlan, load_plan
from orchestrator.plan.paths import open_regular, secret_paths
from orchestrator.plan.rules.settings import is_settings_file
from orchestrator.plan.yaml.document import read_document
from orchestrator.plan.yaml.nodes import ScalarNode
from orchestrator.plan.yaml.text import read_text, source_lines

LARGEST_TARGET = 64 * 1024
"""Bytes. A larger file is a plan: no target file comes near, and telling them apart parses the file."""


@frozen
class Checked:
    """One file and what was found in it.

    `file` is as the findings' spans name it; `lines` are for carets. Of a kind of finding that a large file has
    by the thousand only the first are in `diagnostics`; `counts` has them all, `waived` those that do not count, and
    `fixes` mend them where there is one right answer. `fixed` is how many have been mended.
    """

    file: str
    lines: tuple[str, ...]
    diagnostics: tuple[Diagnostic, ...]
    counts: Mapping[Severity, int]
    waived: int = 0
    fixes: tuple[tuple[Edit, ...], ...] = ()
    fixed: int = 0

    @property
    def left(self) -> int:
        """How many findings there are."""
        return sum(self.counts.values())


MOST_ROUNDS = 5
"""How often a file is mended and checked again: a key that is mended has its value judged, and a value its words."""


def validate_and_fix(paths: Sequence[str], root: str | None = None, secrets_dir: str | None = None) -> list[Checked]:
    """Do as `validate` does, and mend in each file what has one right answer; what is returned is left.

    Files that a plan names are never changed. Raises CannotProceed where a file cannot be written.
    """
    checked = validate(paths, root, secrets_dir)
    fixed = [0] * len(paths)
    for _ in range(MOST_ROUNDS):
        more = [_fix(path, root, each) for path, each in zip(paths, checked, strict=True)]
        if not any(more):
            break
        fixed = list(map(add, fixed, more))
        checked = validate(paths, root, secrets_dir)
    return [replace(each, fixed=count) for each, count in zip(checked, fixed, strict=True)]


def _fix(path: str, root: str | None, checked: Checked) -> int:
    """Mend one file; return how many findings that took away."""
    from orchestrator.plan.fixes import mended
    from orchestrator.plan.source_file import read_source

    source = read_source(path, root) if checked.fixes else ()
    if isinstance(source, tuple) or source_lines(source.text) != checked.lines:  # the same file under a second name
        return 0
    done = mended(source.text, path, checked.fixes)
    if done.fixed:
        source.replace(source.mark + done.text)
    return done.fixed


def validate(paths: Sequence[str], root: str | None = None, secrets_dir: str | None = None) -> list[Checked]:
    """Check each file: one with a top-level `kind:` as a target file, any other as a plan; `-` is a plan on stdin.

    Plans may use what the target files beside them accept, and are judged for the one target that stands beside them.
    No plan may name a file of `secrets_dir`.
    """
    secret = secret_paths(secrets_dir)
    targets = {path: _load_target(path) for path in paths if _is_target(path)}
    accept = _accepted(target for target, _ in targets.values())
    only = next(iter(targets.values()))[0] if len(targets) == 1 else None
    names: dict[str, ScalarNode] = {}
    told: set[Diagnostic] = set()

    def plan(path: str) -> Checked:
        stdin, problems = read_stdin() if path == STDIN else (None, ())
        if path == STDIN and stdin is None:
            return _checked(path, (), problems)
        loaded = load_plan(path, root, accept, stdin, target=only, use_sample=True, secret_paths=secret)
        return _plan(loaded, names, told)

    return [_target(path, targets[path][1]) if path in targets else plan(path) for path in paths]


def _accepted(targets: Iterable[Target | None]) -> Mapping[str, tuple[str, ...]]:
    """Return the words that any of the targets accepts by parameter; none, which is any text, prevails."""
    accept: dict[str, tuple[str, ...]] = {}
    for name, words in chain.from_iterable(target.accept for target in targets if target is not None):
        before = accept.get(name, words)
        accept[name] = (*before, *words) if before and words else ()
    return accept


def _is_target(path: str) -> bool:
    if path == STDIN:
        return False
    try:
        with open_regular(path) as file:
            text = file.read(LARGEST_TARGET + 1).decode("utf-8-sig")
    except (OSError, ValueError):
        return False
    if len(text) > LARGEST_TARGET:
        return False
    document, _ = read_document(text, path)
    return document is not None and document.get("kind") is not None


def _load_target(path: str) -> tuple[Target | None, tuple[Diagnostic, ...]]:
    from orchestrator.plan.targets import load_target  # most check plans only

    return load_target(path, Path(path).stem)


def _target(path: str, found: Iterable[Diagnostic]) -> Checked:
    text, _ = read_text(path)
    return _checked(path, source_lines(text or ""), found)


def _plan(loaded: LoadedPlan, names: dict[str, ScalarNode], told: set[Diagnostic]) -> Checked:
    """Check one plan. `names` are those of the plans before it, at their places; `told` is of files that they share."""
    own: list[Diagnostic] = []
    shared: list[Diagnostic] = []
    for each in loaded.diagnostics:
        (shared if each.spans and is_settings_file(each.spans[0].file) else own).append(each)
    new = [each for each in shared if each not in told]
    told.update(new)
    found = chain(new, own, loaded.rules.judged(_name_again(loaded, names)), loaded.blocks())
    return _checked(loaded.path, loaded.lines, (item for item in found if isinstance(item, Diagnostic)))


def _name_again(loaded: LoadedPlan, names: dict[str, ScalarNode]) -> Iterator[Diagnostic]:
    """Warn of a name that an earlier plan has: a journal takes it from one file only."""
    node = None if loaded.document is None else loaded.document.get("name")
    if not isinstance(node, ScalarNode) or not node.text:
        return
    first = names.setdefault(node.text, node)
    if first is node or os.path.realpath(first.span.file) == os.path.realpath(node.span.file):
        return
    message = f"another plan is named `{node.text}` too: {first.span.file}"
    hint = "give each plan a name of its own: on one journal a run of the second is refused (name-taken)"
    yield warning("name-twice", message, node.span, first.span, hint=hint)


def _checked(file: str, lines: tuple[str, ...], found: Iterable[Diagnostic]) -> Checked:
    collected = BoundedFindings()
    fixes: list[tuple[Edit, ...]] = []
    for finding in found:
        collected.add(finding)
        if finding.fix:
            fixes.append(finding.fix)
    counts = {severity: collected.count(severity) for severity in Severity}
    return Checked(file, lines, collected.findings(), counts, collected.waived, tuple(fixes))
