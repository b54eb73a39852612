"""`diff`: what changes from one plan to another, or to itself at a commit; without credentials, and nothing is dialed.

Both plans are read and judged as `plan` does it. Their calls are sorted by id on disk and compared side by side.
"""

import contextlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO

from orchestrator.app.options import DiffOptions
from orchestrator.app.review import SAMPLE_USED, NeverRung, Planned, Reviewed, read_plan, review
from orchestrator.app.targets import account_known, resolve_target, secret_paths, target_file
from orchestrator.exotel.parameters import BY_SPELLING
from orchestrator.model.call import SkippedRow
from orchestrator.model.diagnostic import Diagnostic, note
from orchestrator.model.errors import Refused
from orchestrator.model.plan_diff import ListedNumbers, ManyChange, PlanDiff, PlanSide
from orchestrator.model.review import FieldChange, FieldValue
from orchestrator.model.target import Target
from orchestrator.plan import LoadedPlan
from orchestrator.plan.call_changes import CallChanges
from orchestrator.plan.commit import Commit, open_commit
from orchestrator.plan.committed import moved_from, plan_at, target_at
from orchestrator.plan.lists.suppression import NO_LISTS
from orchestrator.plan.paths import FileRefusal, NamedFiles, no_such_file, plan_folder
from orchestrator.plan.sorted_calls import DEFAULTS, Shapes, SortedCalls
from orchestrator.plan.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

VARIABLES = "vars"


@dataclass(frozen=True, slots=True)
class _Source:
    """A plan to be compared: its file, what it says, None where there is none, and its target."""

    file: str
    loaded: LoadedPlan | None
    target: Target


@contextlib.contextmanager
def compared(options: DiffOptions) -> Iterator[PlanDiff]:
    """Compare two plans; the result streams from files that are gone with the context.

    Raises Refused with every problem of both, WrongUsage where there is no such commit, CannotProceed.
    """
    old, new, moved, findings = _at_a_commit(options) if options.against is not None else _two_files(options)
    shapes = Shapes()
    before, after = _Side(old, shapes), _Side(new, shapes)
    with contextlib.closing(before), contextlib.closing(after):
        _review(before, after)
        with contextlib.closing(CallChanges(before.calls, after.calls, shapes)) as changes:
            written = tuple(_written(old.loaded, new.loaded, changes)) if old.loaded and new.loaded else ()
            yield PlanDiff(
                old=before.told(options),
                new=after.told(options),
                written=written,
                shared=tuple(each for each in changes.shared if not _is_written(each, written)),
                counts=changes.counts,
                calls=changes,
                moved=moved,
                findings=(*findings, *before.findings, *after.findings),
            )


def _two_files(options: DiffOptions) -> tuple[_Source, _Source, bool, tuple[Diagnostic, ...]]:
    old, new = (_on_disk(path, options) for path in (options.old or "", options.new))
    return old, new, False, ()


def _on_disk(path: str, options: DiffOptions) -> _Source:
    target = resolve_target(options.target, path, options.root)
    loaded = read_plan(path, target, options.root, options.secrets_dir, use_sample=True)
    return _Source(loaded.path, loaded, target)


def _at_a_commit(options: DiffOptions) -> tuple[_Source, _Source, bool, tuple[Diagnostic, ...]]:
    """Read the plan as it is, and as it was in a commit, if it was there; also whether it stood elsewhere."""
    path, secret = options.new, secret_paths(options.secrets_dir)
    commit = open_commit(plan_folder(path), options.against or "")
    parts = commit.parts_of(path)
    target = resolve_target(options.target, path, options.root)
    before, findings = _target_before(commit, target, options)
    old = None if parts is None else plan_at(commit, parts, options.root, dict(before.accept), secret)
    if not os.path.lexists(path) and old is not None:
        return _Source(old.path, old, before), _Source(path, None, target), False, findings
    new = _on_disk(path, options)
    moved = None
    if old is None and new.loaded is not None and new.loaded.plan is not None:
        moved = moved_from(commit, new.loaded.plan.name)
        old = None if moved is None else plan_at(commit, moved, options.root, dict(before.accept), secret)
    file = commit.shown(parts or ()) if old is None else old.path
    return _Source(file, old, before), new, moved is not None, findings


def _target_before(commit: Commit, target: Target, options: DiffOptions) -> tuple[Target, tuple[Diagnostic, ...]]:
    """Return the target as it was in a commit; as it is where its file is not in it. Raises Refused."""
    path = target_file(options.target, options.new, options.root)
    if path is None:
        return target, ()
    before, found = target_at(commit, path, Path(path).stem)
    if any(each.is_error for each in found):
        raise Refused(found)
    if before is not None:
        return before, ()
    message = f"the file of target {target.name} is not in {commit.ref}: both plans are read against it as it is now"
    return target, (note("target-as-it-is", message),)


@dataclass(frozen=True, slots=True)
class _Files:
    """The files of one plan, without those that the other has not: then both are read by their samples."""

    files: NamedFiles
    hidden: set[str]
    missing: set[str] = field(default_factory=set)

    @property
    def use_sample(self) -> bool:
        """Whether a sample may stand for a file that is missing."""
        return self.files.use_sample

    def name(self, written: str) -> str:
        """Return a file's name as the user would write it."""
        return self.files.name(written)

    def open(self, written: str) -> BinaryIO | FileRefusal:
        """Open a file that both plans have, and note where this one has it not."""
        if written in self.hidden:
            return no_such_file(written, " for the other plan")
        opened = self.files.open(written)
        if isinstance(opened, FileRefusal) and opened.missing:
            self.missing.add(written)
        return opened


class _Side:
    """One plan while it is read: its calls, sorted, and what is told of it."""

    def __init__(self, source: _Source, shapes: Shapes) -> None:
        self.source = source
        self._shapes = shapes
        self._reviewed: Reviewed | None = None
        self._left_out = 0
        self.files: _Files | None = None
        lists = NO_LISTS if source.loaded is None else source.loaded.lists
        self._never_rung = NeverRung(lists, NO_LISTS)
        self.calls = self._no_calls()

    def _no_calls(self) -> SortedCalls:
        never_rung = self._never_rung
        return SortedCalls(self._shapes, lambda call: never_rung.list_with(call) is not None, never_rung.may_hold)

    def read(self, hidden: set[str]) -> None:
        """Review the plan as if it had none of these files. Raises Refused."""
        loaded = self.source.loaded
        if loaded is None:
            return
        self.close()
        self.calls, self._left_out = self._no_calls(), 0
        self.files = _Files(loaded.files, hidden)
        self._reviewed = review(
            replace(loaded, files=self.files), self.source.target, None, (NO_LISTS, ()), watch=self._take
        )

    def _take(self, item: Planned) -> None:
        if isinstance(item, SkippedRow):
            self._left_out += 1
        else:
            self.calls.add(item)

    @property
    def findings(self) -> tuple[Diagnostic, ...]:
        """What people should know of how it was read."""
        return () if self._reviewed is None else tuple(x for x in self._reviewed.findings if x.id == SAMPLE_USED)

    def told(self, options: DiffOptions) -> PlanSide:
        """Return what the plan is."""
        source, reviewed = self.source, self._reviewed
        if reviewed is None:
            return PlanSide(source.file, source.target, exists=False)
        plan, lists = reviewed.plan, reviewed.loaded.lists.lists
        return PlanSide(
            file=source.file,
            target=source.target,
            name=plan.name,
            edition=reviewed.edition,
            account=account_known(source.target, options.secrets_dir),
            digest=reviewed.digest,
            calls=reviewed.calls,
            left_out=self._left_out,
            purpose=plan.purpose,
            numbers=plan.numbers,
            policy=plan.policy,
            lists=tuple(
                ListedNumbers(name, len(keys), hash(keys.tobytes()))
                for name, (_, keys) in zip(dict.fromkeys(plan.policy.suppress), lists, strict=True)
            ),
        )

    def close(self) -> None:
        """Let go of its files."""
        self.calls.close()


def _review(old: _Side, new: _Side) -> None:
    """Read both plans, by a sample both where one of them has no more. Raises Refused with what is wrong with both."""
    refused: list[Diagnostic] = []

    def read(side: _Side, hidden: set[str]) -> set[str]:
        try:
            side.read(hidden)
        except Refused as problem:
            refused.extend(problem.diagnostics)
        return set() if side.files is None else side.files.missing

    missing = read(old, set())
    also = read(new, missing)
    if also - missing and not refused:
        read(old, also)
    if refused:
        raise Refused(tuple(refused))


def _written(old: LoadedPlan, new: LoadedPlan, changes: CallChanges) -> Iterator[ManyChange]:
    """Yield what differs in `vars` and `defaults`, as it is written there."""
    for part in (VARIABLES, DEFAULTS):
        before, after = (_texts(None if each.document is None else each.document.get(part)) for each in (old, new))
        for name in dict.fromkeys((*after, *before)):
            if before.get(name) != after.get(name):
                calls = None if part == VARIABLES else changes.touched_by_default(name)
                yield ManyChange(FieldChange(f"{part}.{name}", before.get(name), after.get(name)), calls)


def _texts(node: Node | None) -> Mapping[str, FieldValue]:
    """Return what a mapping sets, as typed, by the table's names where it has them; what is empty is not set."""
    found: dict[str, FieldValue] = {}
    for entry in node.entries if isinstance(node, MappingNode) else ():
        row, value = BY_SPELLING.get(entry.key.text), entry.value
        text: FieldValue = value.text if isinstance(value, ScalarNode) else None
        if isinstance(value, SequenceNode):
            text = tuple(item.text for item in value.items if isinstance(item, ScalarNode))
        if text:
            found[entry.key.text if row is None else row.name] = text
    return found


def _is_written(shared: ManyChange, written: tuple[ManyChange, ...]) -> bool:
    """Whether a change of many calls is one of the defaults, in as many calls."""
    value = shared.value
    as_default = ManyChange(FieldChange(f"{DEFAULTS}.{value.name}", value.before, value.after), shared.calls)
    return as_default in written
