"""Which two plans `diff` compares: two files, or one as it is and as it was in a commit; each on its target."""

import os
from dataclasses import replace
from pathlib import Path

from orchestrator.app.options import DiffOptions
from orchestrator.app.review import read_plan
from orchestrator.app.targets import resolve_target, secret_paths, target_file
from orchestrator.model.diagnostic import Diagnostic, note
from orchestrator.model.errors import Refused
from orchestrator.model.frozen import frozen
from orchestrator.model.target import Target
from orchestrator.plan import LoadedPlan, find_root
from orchestrator.plan.commit import Commit, open_commit
from orchestrator.plan.committed import moved_from, plan_at, target_at
from orchestrator.plan.paths import plan_folder
from orchestrator.plan.rules.rulebook import RuleBook
from orchestrator.plan.rules.settings import read_settings


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
