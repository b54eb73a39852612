"""The digest of what was reviewed: equal where the same calls would be dialed under the same policy."""

import hashlib
from typing import Any

from orchestrator.exotel.parameters import TABLE_VERSION
from orchestrator.model.call import ResolvedCall
from orchestrator.model.policy_json import canonical_json, policy_values
from orchestrator.plan.plan import Plan


class Digest:
    """Takes resolved calls in order; in bounded memory.

    Comments, formatting, the order of policy keys, places, origins and carried columns are not part of it.
    `edition` is the run's: the plan's own or `--edition`'s, empty for none.
    """

    def __init__(self, plan: Plan, edition: str) -> None:
        self._hash = hashlib.sha256()
        self._line(
            {"name": plan.name, "edition": edition, "policy": policy_values(plan.policy), "table": TABLE_VERSION}
        )

    def add(self, call: ResolvedCall) -> None:
        """Take the next call: its id, its parameters in their order on the wire, and when it may start."""
        terms = call.terms
        times = [terms.priority, terms.not_before, terms.not_after]
        self._line([call.id, [[item.name, item.value] for item in call.fields], times])

    def hexdigest(self) -> str:
        """Return `sha256:` and 64 hexadecimal digits, over the calls added so far."""
        return f"sha256:{self._hash.hexdigest()}"

    def _line(self, value: Any) -> None:
        self._hash.update(canonical_json(value).encode("ascii") + b"\n")
