"""The documentation of the policy keys, from their declarations."""

from collections.abc import Iterator

from orchestrator.model.page import Example, Page, Subject
from orchestrator.plan.policy.key import PolicyKey
from orchestrator.plan.policy.registry import POLICY_KEYS
from orchestrator.plan.schema.reference import key_page, keys_inside


def policy_key_pages() -> Iterator[Page]:
    """Yield a page for each key, in the order in which people read them, and after it those of the keys inside it."""
    for key in POLICY_KEYS:
        path = f"policy.{key.name}"
        good = Example(_written(key, key.example))
        bad = Example(_written(key, key.bad), key.finding)
        why = " ".join(key.documentation.split())
        yield key_page(Subject.POLICY_KEY, path, key.schema, good, bad, why=why)
        for inner, part in keys_inside(key.schema, before=f"{path}."):
            yield key_page(Subject.POLICY_KEY, inner, part, good, bad, inside=path)


def _written(key: PolicyKey, value: str) -> str:
    return f"policy:\n  {key.name}: {value}\n"
