"""`diff`: what changes from one plan to another, or to itself at a commit; without credentials, and nothing is dialed.

The two are files, or one file as it is and as it was in a commit. Both are read and judged as `plan` does it, their
calls sorted by id on disk and compared side by side.
"""

import contextlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import field, replace
from pathlib import Path
from typing import BinaryIO

from orchestrator.app.inputs import files_read
from orchestrator.app.options import DiffOptions
from orchestrator.app.review import SAMPLE_USED, NeverRung, Planned, Reviewed, read_plan, review
from orchestrator.app.targets import account_known, resolve_target, target_file
from orchestrator.exotel.parameters import BY_SPELLING
from orchestrator.model.call import SkippedRow
from orchestrator.model.diagnostic import Diagnostic, note
from orchestrator.model.errors import Refused
from orchestrator.model.frozen import frozen
from orchestrator.model.plan_diff import ListedNumbers, ManyChange, PlanDiff, PlanSide
from orchestrator.model.review import FieldChange, FieldValue
from orchestrator.model.target import Target
from orchestrator.plan.call_changes import CallChanges
from orchestrator.plan.commit import Commit, open_commit
from orchestrator.plan.committed import moved_from, plan_at, target_at
from orchestrator.plan.lists.suppression import NO_LISTS
from orchestrator.plan.load import LoadedPlan
from orchestrator.plan.paths import (
    FileRefusal,
    NamedFiles,
    find_root,
    no_such_file,
    plan_folder,
    secret_paths,
    shown_name,
)
from orchestrator.plan.rules.rulebook import RuleBook
from orchestrator.plan.rules.settings import read_settings
from orchestrator.plan.sorted_calls import DEFAULTS, Shapes, SortedCalls
from orchestrator.plan.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

VARIABLES = "vars"


@contextlib.contextmanager
def compared(options: DiffOptions) -> Iterator[PlanDiff]:
    """Compare two plans; the result streams from files that are gone with the context.

    Raises Refused with every problem of both, WrongUsage where there is no such commit, CannotProceed.
    """
    pair, shapes = plans_to_compare(options), Shapes()
    before, after = _Side(pair.old, shapes), _Side(pair.new, shapes)
    with contextlib.closing(before), contextlib.closing(after):
        _review(before, after)
        with contextlib.closing(CallChanges(before.calls, after.calls, shapes)) as changes:
            written = tuple(_written(pair.old.loaded, pair.new.loaded, changes))
            yield PlanDiff(
                old=before.told(options),
                new=after.told(options),
                written=written,
                shared=tuple(each for each in changes.shared if not _is_written(each, written)),
                counts=changes.counts,
                calls=changes,
                moved=pair.moved,
                reordered=changes.is_reordered,
                findings=(*pair.findings, *before.findings, *after.findings),
                read=(*before.files_read(options), *after.files_read(options)),
            )


@frozen
class Source:
    """A plan to be compared: its file, what it says, None where there is none, and its target."""

    file: str
    loaded: LoadedPlan | None
    target: Target


@frozen
class Pair:
    """Two plans. `moved`: the old one stood elsewhere. `findings`: what people should know of how they were found."""

    old: Source
    new: Source
    moved: bool = False
    findings: tuple[Diagnostic, ...] = ()


def plans_to_compare(options: DiffOptions) -> Pair:
    """Read what the two plans say of themselves, not their rows.

    Raises Refused for a target, WrongUsage where there is no such commit, CannotProceed.
    """
    if options.against is None:
        return Pair(_on_disk(options.old or "", options), _on_disk(options.new, options))
    commit = open_commit(plan_folder(options.new), options.against)
    target, findings = _target_before(commit, options)
    old = _in_commit(commit, options, target)
    if old is not None and not os.path.lexists(options.new):
        now = resolve_target(options.target, options.new, options.root)
        return Pair(Source(old.path, old, target), Source(options.new, None, now), findings=findings)
    new = _on_disk(options.new, options)
    moved = None
    if old is None and new.loaded is not None and new.loaded.plan is not None:
        moved = moved_from(commit, new.loaded.plan.name)
        old = None if moved is None else _in_commit(commit, options, target, moved)
    file = commit.shown(commit.parts_of(options.new) or ()) if old is None else old.path
    return Pair(Source(file, old, target), new, moved is not None, findings)


def _on_disk(path: str, options: DiffOptions) -> Source:
    target = resolve_target(options.target, path, options.root)
    loaded = read_plan(path, target, options.root, options.secrets_dir, use_sample=True)
    return Source(loaded.path, loaded, target)


def _in_commit(
    commit: Commit, options: DiffOptions, target: Target, parts: tuple[str, ...] | None = None
) -> LoadedPlan | None:
    """Read the plan as it stands in a commit, at its own place or at another; None where none does."""
    place = parts or commit.parts_of(options.new)
    secret, rules = secret_paths(options.secrets_dir), _rules_before(options, target)
    return None if place is None else plan_at(commit, place, options.root, dict(target.accept), secret, rules)


def _rules_before(options: DiffOptions, target: Target) -> RuleBook:
    """Return the rules that stand now, but those that refuse a plan: what was committed is only compared.

    Its waivers held when it was, so that a change which mends an expired one can be shown.
    """
    settings, _ = read_settings(find_root(options.new, options.root))
    return RuleBook(replace(settings, severity={}), target, at=0.0)


def _target_before(commit: Commit, options: DiffOptions) -> tuple[Target, tuple[Diagnostic, ...]]:
    """Return the target as it was in a commit; as it is where its file is not in it. Raises Refused."""
    path = target_file(options.target, options.new, options.root)
    before, found = (None, ()) if path is None else target_at(commit, path, Path(path).stem)
    if any(each.is_error for each in found):
        raise Refused(found)
    if before is not None:
        return before, ()
    target = resolve_target(options.target, options.new, options.root)
    message = f"the file of target {target.name} is not in {commit.ref}: both plans are read against it as it is now"
    return target, () if path is None else (note("target-as-it-is", message),)


@frozen
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
            return replace(no_such_file(written), message=f"the other plan has no file `{shown_name(written)}`")
        opened = self.files.open(written)
        if isinstance(opened, FileRefusal) and opened.missing:
            self.missing.add(written)
        return opened


class _Side:
    """One plan while it is read: its calls, sorted, and what is told of it."""

    def __init__(self, source: Source, shapes: Shapes) -> None:
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

    def files_read(self, options: DiffOptions) -> Iterator[str]:
        """Yield the files that were read for it."""
        loaded, target = self.source.loaded, self.source.target
        return iter(()) if loaded is None else files_read(loaded, target, options.target, options.root)

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


def _written(old: LoadedPlan | None, new: LoadedPlan | None, changes: CallChanges) -> Iterator[ManyChange]:
    """Yield what differs in `vars` and `defaults`, as it is written there; nothing where one plan is missing."""
    if old is None or new is None:
        return
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
