"""The digest of what was reviewed: equal where the same calls would be dialed under the same policy."""

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from orchestrator.exotel.parameters import TABLE_VERSION
from orchestrator.model.call import ResolvedCall
from orchestrator.model.policy import Policy
from orchestrator.plan.plan import Plan

_JSON = json.JSONEncoder(ensure_ascii=True, allow_nan=False, sort_keys=True, separators=(",", ":"))
"""One JSON text a line: no two different inputs give the same bytes, since a line break in a value is escaped."""


class Digest:
    """Takes resolved calls in order; in bounded memory.

    Comments, formatting, the order of policy keys, places, origins and carried columns are not part of it.
    `edition` is the run's: the plan's own or `--edition`'s, empty for none.
    """

    def __init__(self, plan: Plan, edition: str) -> None:
        self._hash = hashlib.sha256()
        self._line({"name": plan.name, "edition": edition, "policy": _policy(plan.policy), "table": TABLE_VERSION})

    def add(self, call: ResolvedCall) -> None:
        """Take the next call: its id, its parameters in their order on the wire, and when it may start."""
        terms = call.terms
        times = [terms.priority, terms.not_before, terms.not_after]
        self._line([call.id, [[item.name, item.value] for item in call.fields], times])

    def hexdigest(self) -> str:
        """Return `sha256:` and 64 hexadecimal digits, over the calls added so far."""
        return f"sha256:{self._hash.hexdigest()}"

    def _line(self, value: Any) -> None:
        self._hash.update(_JSON.encode(value).encode("ascii") + b"\n")


def policy_text(policy: Policy) -> str:
    """Return the resolved policy as JSON, as the digest covers it: what a journal keeps of a run."""
    return _JSON.encode(_policy(policy))


def _policy(policy: Policy) -> Mapping[str, Any]:
    """Return the policy as plain values; `success` and `redial` by their words, whose order means nothing."""
    plain = {item.name: _plain(getattr(policy, item.name)) for item in dataclasses.fields(policy)}
    redial = {ending: _plain(rule) for ending, rule in policy.redial}
    return {**plain, "redial": redial, "success": dict(policy.success)}


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
