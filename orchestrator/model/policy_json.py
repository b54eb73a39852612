"""A policy to JSON and back: what the digest of a plan covers, and what the journal keeps of a run."""

import dataclasses
import json
from collections.abc import Callable, Collection
from datetime import date
from decimal import Decimal
from typing import Any

from orchestrator.model.diagnostic import Waiver
from orchestrator.model.policy import HaltRule, Limits, PersonCap, Policy, Rate, Redial, Stage, Window

_CANONICAL = json.JSONEncoder(ensure_ascii=True, allow_nan=False, sort_keys=True, separators=(",", ":"))


def canonical_json(value: Any) -> str:
    """Return a value as JSON on one line: different values never give the same text, since line breaks are escaped."""
    return _CANONICAL.encode(value)


def policy_to_json(policy: Policy) -> str:
    """Return the policy as the journal keeps it; `policy_from_json` reads it again."""
    return canonical_json(policy_values(policy))


def policy_values(policy: Policy) -> dict[str, Any]:
    """Return the policy as plain values; `success` and `redial` by their words, whose order means nothing."""
    plain = {item.name: _plain(getattr(policy, item.name)) for item in dataclasses.fields(policy)}
    redial = {ending: _plain(rule) for ending, rule in policy.redial}
    if not policy.waive:
        del plain["waive"]  # a plan that waives nothing has the digest that it had before there were waivers
    return {**plain, "redial": redial, "success": dict(policy.success)}


def policy_from_json(text: str, only: Collection[str] | None = None) -> Policy:
    """Read a policy that `policy_to_json` has written, or `only` these keys. Raises ValueError for a text that is none.

    Keys that this version does not know are passed over, and those that are missing have their default: the journal
    may have been written by another version.
    """
    try:
        values = json.loads(text)
        wanted = {key: read for key, read in _READERS.items() if only is None or key in only}
        return Policy(**{key: read(values[key]) for key, read in wanted.items() if values.get(key) is not None})
    except (ValueError, TypeError, KeyError, AttributeError, ArithmeticError) as problem:
        raise ValueError(f"the text is no policy: {problem}") from problem


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {item.name: _plain(getattr(value, item.name)) for item in dataclasses.fields(value)}
    if isinstance(value, frozenset):
        return [_plain(item) if isinstance(item, date) else item for item in sorted(value)]
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _window(value: Any) -> Window:
    days = frozenset(int(day) for day in value["days"])
    return Window(days, int(value["start"]), int(value["end"]), value["timezone"])


def _limits(value: Any) -> Limits:
    counts = {key: int(value[key]) for key in ("calls", "attempts", "minutes") if value.get(key) is not None}
    read: dict[str, Any] = {**{key: value.get(key) for key in ("currency", "begins", "until")}, **counts}
    return Limits(**read, cost=None if value.get("cost") is None else Decimal(value["cost"]))


def _stage(value: Any) -> Stage:
    return Stage(None if value["calls"] is None else int(value["calls"]), value["share"])


def _list_of(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda values: tuple(read(value) for value in values)


_READERS: dict[str, Callable[[Any], Any]] = {
    "pace": lambda value: Rate(int(value["count"]), float(value["seconds"])),
    "concurrency": int,
    "per_agent": int,
    "per_person": lambda value: PersonCap(int(value["attempts"]), float(value["within"])),
    "windows": _list_of(_window),
    "holidays": lambda values: frozenset(date.fromisoformat(value) for value in values),
    "redial": lambda rules: tuple(
        (ending, Redial(int(rule["attempts"]), float(rule["after"]))) for ending, rule in rules.items()
    ),
    "suppress": _list_of(str),
    "dnd": str,
    "stages": _list_of(_stage),
    "halt": _list_of(
        lambda value: HaltRule(tuple((ending, float(share)) for ending, share in value["shares"]), int(value["of"]))
    ),
    "limits": _limits,
    "success": lambda shares: tuple((word, float(share)) for word, share in shares.items()),
    "waive": _list_of(lambda value: Waiver(value["rule"], value["owner"], value["reason"], value["until"])),
}
"""By field of Policy. A field that is `null` has its default."""
