"""A plan's `policy`: nodes to values, and the keys that this version refuses because it does not obey them."""

from collections.abc import Iterator

from orchestrator.model.diagnostic import Diagnostic, error
from orchestrator.model.policy import Policy, Rate, Window
from orchestrator.plan.forms import days, hours, rate, share, zone
from orchestrator.plan.misform import Misform
from orchestrator.plan.nodes import Entry, Mapping, Node, Scalar, Sequence
from orchestrator.plan.places import data

UNOBEYED = (
    "per_agent",
    "per_person",
    "holidays",
    "redial",
    "suppress",
    "dnd",
    "stages",
    "halt",
    "limits",
    "waive",
)
"""Keys of `policy` that the engine does not obey yet. Each is a guard, so a plan that has one is refused."""

UNOBEYED_OF_A_CALL = ("priority", "not_before", "not_after")

_WHOLE = {"type": "integer"}


def read_policy(root: Mapping) -> tuple[Policy | None, tuple[Diagnostic, ...]]:
    """Read the policy of a plan that `check` was called on.

    Returns None where a value is not what the schema wants (`check` has told why), and beside an error. The
    diagnostics are those that only the values together show, and one for each key that is not obeyed.
    """
    node = root.get("policy")
    found = list(unobeyed(root))
    if node is None:
        return None if found else Policy(), tuple(found)
    if not isinstance(node, Mapping):
        return None, tuple(found)
    pace = _pace(node.get("pace"))
    concurrency = _concurrency(node.get("concurrency"))
    windows = read_windows(node.get("window"))
    success = _success(node.get("success"))
    if success is not None:
        found.extend(_impossible(node, success))
    if found or isinstance(pace, Misform) or concurrency is None or windows is None or success is None:
        return None, tuple(found)
    return Policy(pace, concurrency, windows, success), tuple(found)


def unobeyed(root: Mapping) -> Iterator[Diagnostic]:
    """Refuse, at its place, each key that would be ignored."""
    policy, calls = root.get("policy"), root.get("calls")
    if isinstance(policy, Mapping):
        yield from (_refuse(f"policy.{each.key.text}", each) for each in policy if each.key.text in UNOBEYED)
    for call in calls.items if isinstance(calls, Sequence) else ():
        if isinstance(call, Mapping):
            yield from (_refuse(each.key.text, each) for each in call if each.key.text in UNOBEYED_OF_A_CALL)


def _refuse(name: str, entry: Entry) -> Diagnostic:
    return error(
        "policy-not-obeyed",
        f"this version does not obey `{name}` yet, and never ignores a guard",
        entry.key.span,
        hint="remove it",
    )


def read_windows(node: Node | None) -> tuple[Window, ...] | None:
    """Read a list of opening hours; none where there is no list, None where an item is not right."""
    if node is None:
        return ()
    if not isinstance(node, Sequence):
        return None
    windows = [_window(item) for item in node.items]
    good = tuple(window for window in windows if window is not None)
    return good if good and len(good) == len(windows) else None


def _window(node: Node) -> Window | None:
    if not isinstance(node, Mapping):
        return None
    read_days, read_hours = days(_text(node, "days")), hours(_text(node, "hours"))
    read_zone = zone(_text(node, "timezone"))
    if isinstance(read_days, Misform) or isinstance(read_hours, Misform) or isinstance(read_zone, Misform):
        return None
    return Window(read_days, *read_hours, read_zone)


def _pace(node: Node | None) -> Rate | Misform | None:
    return None if node is None else rate(node.text if isinstance(node, Scalar) else "")


def _concurrency(node: Node | None) -> int | None:
    if node is None:
        return Policy().concurrency
    value = data(node, _WHOLE)
    return value if isinstance(value, int) and value >= 1 else None


def _success(node: Node | None) -> tuple[tuple[str, float], ...] | None:
    if node is None:
        return ()
    if not isinstance(node, Mapping):
        return None
    shares = [(entry.key.text, share(_text(node, entry.key.text))) for entry in node.entries]
    good = tuple((word, least) for word, least in shares if not isinstance(least, Misform))
    return good if good and len(good) == len(shares) else None


def _impossible(policy: Mapping, success: tuple[tuple[str, float], ...]) -> Iterator[Diagnostic]:
    entry = policy.entry("success")
    if entry is not None and sum(least for _, least in success) > 1 + 1e-9:
        message = "`policy.success` asks for more than 100% in all, which no run can reach"
        yield error("success-impossible", message, entry.key.span, hint="each share is the least one; lower them")


def _text(mapping: Mapping, key: str) -> str:
    node = mapping.get(key)
    return node.text if isinstance(node, Scalar) else ""
