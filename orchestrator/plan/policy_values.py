"""A plan's `policy`: nodes to values, what only the values together show, and what is refused as not obeyed."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from orchestrator.model.diagnostic import Diagnostic, error
from orchestrator.model.policy import Dnd, Policy, Rate
from orchestrator.plan.node_values import text, whole
from orchestrator.plan.policy_halt import halt_problems, read_halt
from orchestrator.plan.policy_limits import limits_problems, read_limits
from orchestrator.plan.policy_redial import read_person_cap, read_redial, redial_problems
from orchestrator.plan.policy_stages import read_stages, stages_problems
from orchestrator.plan.policy_success import read_success, success_problems
from orchestrator.plan.policy_windows import read_windows
from orchestrator.plan.text_formats import Misform, rate
from orchestrator.plan.window_room import window_problems
from orchestrator.plan.yaml.nodes import Entry, MappingNode, Node, ScalarNode, SequenceNode

UNOBEYED = ("waive",)
"""Keys of `policy` that the engine does not obey yet. Each is a guard, so a plan that has one is refused."""

NO_DATES: frozenset[date] = frozenset()


def read_policy(
    root: MappingNode, holidays: frozenset[date] = NO_DATES
) -> tuple[Policy | None, tuple[Diagnostic, ...]]:
    """Read the policy of a plan that `check` was called on. `holidays` are the dates of the file that it names.

    Returns None where a value is not what the schema wants (`check` has told why), and beside an error. The
    diagnostics are those that only the values together show, and one for each key that is not obeyed.
    """
    node = root.get("policy")
    if node is None:
        return Policy(), ()
    if not isinstance(node, MappingNode):
        return None, ()
    found = list(_unobeyed(node))
    values: dict[str, Any] = {"holidays": holidays}
    for entry in node:
        key = entry.key.text
        if key not in _READERS:
            continue
        value = values[_FIELDS.get(key, key)] = _READERS[key](entry.value)
        if value is not None and key in _PROBLEMS:
            found += _PROBLEMS[key](entry, value)
    found += window_problems(root, values.get("windows") or ())
    unread = any(value is None for value in values.values())
    return None if unread or any(each.is_error for each in found) else Policy(**values), tuple(found)


def _unobeyed(policy: MappingNode) -> Iterator[Diagnostic]:
    """Refuse, at its place, each key that would be ignored."""
    for entry in policy:
        if entry.key.text in UNOBEYED:
            yield _refuse(f"policy.{entry.key.text}", entry)


def _refuse(name: str, entry: Entry) -> Diagnostic:
    return error(
        "policy-not-obeyed",
        f"this version does not obey `{name}` yet, and never ignores a guard",
        entry.key.span,
        hint="remove it",
    )


def _pace(node: Node) -> Rate | None:
    found = rate(text(node))
    return None if isinstance(found, Misform) else found


def _names(node: Node) -> tuple[str, ...] | None:
    """Return a list of file names; None where one has no characters."""
    names = tuple(text(item) for item in node.items) if isinstance(node, SequenceNode) else ()
    return names if names and all(names) else None


def _dnd(node: Node) -> Dnd | None:
    words: tuple[Dnd, ...] = ("skip", "refuse", "ignore")
    return next((word for word in words if isinstance(node, ScalarNode) and node.text == word), None)


_READERS: dict[str, Callable[[Node], Any]] = {
    "pace": _pace,
    "concurrency": whole,
    "per_agent": whole,
    "per_person": read_person_cap,
    "window": read_windows,
    "redial": read_redial,
    "suppress": _names,
    "dnd": _dnd,
    "stages": read_stages,
    "halt": read_halt,
    "limits": read_limits,
    "success": read_success,
}
"""By key; each returns None for a value that is not right. The file of `holidays` is read by `plan.holidays`."""

_FIELDS = {"window": "windows"}
"""Fields of Policy that are not called as their keys."""

_PROBLEMS: dict[str, Callable[[Entry, Any], Iterator[Diagnostic]]] = {
    "redial": redial_problems,
    "stages": stages_problems,
    "halt": halt_problems,
    "limits": limits_problems,
    "success": success_problems,
}
"""What a value that has its shape may be wrong in."""
