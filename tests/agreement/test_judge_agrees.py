"""What judges a document quickly, and what explains it, say the same of every value: whether it fits the schema."""

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.plan.schema.check import _without_parameters
from orchestrator.plan.schema.explain import validator
from orchestrator.plan.schema.judge import fits
from orchestrator.plan.schema.node_types import typed_value
from orchestrator.plan.schema.plan import plan_schema
from orchestrator.plan.schema.target import target_schema
from orchestrator.plan.yaml.document import read_document

ROOT = Path(__file__).parents[2]
PLANS = [*sorted((ROOT / "tests/plans").rglob("*.yaml")), *sorted((ROOT / "configs").rglob("*.yaml"))]
SCHEMAS = {"plan": _without_parameters(plan_schema(), ("Extra",)), "target": target_schema()}
"""Those that documents are checked by: a plan's carrier parameters are judged by their table."""

TARGETS = [
    "kind: sandbox\nscenario: calm\nseed: 3\n",
    "kind: sandbox\nbase_url: https://api.example.com\n",
    """
kind: exotel
account: acme1
base_url: https://api.exotel.com
pace: 200/minute
legs: 20
callbacks: {listen: "127.0.0.1:8080", public_url: https://calls.example.com}
lookups: {after: 30s, every: 1m}
rates: {currency: INR, per_minute: "0.60", pulse: 15s}
accept: {Extra: any, Codec: [opus]}
guardrails:
  caller_ids: ["08047112233"]
  window: [{days: mon-sun, hours: "09:00-21:00", timezone: Asia/Kolkata}]
  expect: approved(2)
""",
    "kind: exotel\nscenario: calm\n",
]


def documents() -> list[Any]:
    """Every document that lies about, as each of the schemas takes its values."""
    found = []
    for text in (*(path.read_text("utf-8", "replace") for path in PLANS), *TARGETS):
        root, _ = read_document(text, "document.yaml")
        if root is not None:
            found += [typed_value(root, schema) for schema in SCHEMAS.values()]
    return found


DOCUMENTS = documents()
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 20_000),
    st.sampled_from([0.0, 1.0, 1.5, 1e300, float("inf")]),
    st.sampled_from(
        ["", "x", "exotel", "sandbox", "${row.a}", "10/second", "2026-11-22", "Asia/Kolkata", "mon-fri", "5%"]
    ),
    st.text(max_size=8),
)
KEYS = st.sampled_from(
    sorted(
        {key for schema in SCHEMAS.values() for key in schema["properties"]} | {"x-note", "id", "From", "at", "other"}
    )
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=5
)


def changed(value: Any, data: st.DataObject) -> Any:
    """Change one thing somewhere in a value."""
    inside = list(value) if isinstance(value, dict) else list(range(len(value))) if isinstance(value, list) else []
    what = data.draw(
        st.sampled_from(["replace", "add", *(["deeper"] * 6 if inside else []), *(["drop"] if inside else [])])
    )
    if what == "replace" or not isinstance(value, dict | list):
        return data.draw(VALUES)
    if what == "add":
        if isinstance(value, dict):
            value[data.draw(KEYS)] = data.draw(VALUES)
        else:
            value.append(copy.deepcopy(data.draw(st.sampled_from(value))) if value else data.draw(VALUES))
        return value
    key = data.draw(st.sampled_from(inside))
    if what == "drop":
        del value[key]
    else:
        value[key] = changed(value[key], data)
    return value


@pytest.mark.parametrize("name", SCHEMAS)
def test_both_say_the_same_of_every_document_that_lies_about(name: str) -> None:
    judged = [fits(document, SCHEMAS[name]) for document in DOCUMENTS]
    assert judged == [validator(SCHEMAS[name]).is_valid(document) for document in DOCUMENTS]
    assert set(judged) == {True, False}


@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_both_say_the_same_of_documents_in_which_anything_is_changed(data: st.DataObject) -> None:
    schema = SCHEMAS[data.draw(st.sampled_from(sorted(SCHEMAS)))]
    value = copy.deepcopy(data.draw(st.sampled_from(DOCUMENTS)))
    for _ in range(data.draw(st.integers(1, 3))):
        value = changed(value, data)
    assert fits(value, schema) == validator(schema).is_valid(value)


def places(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every place of a schema: a place deep in it is seldom reached from above."""
    yield schema
    branches = [schema[key] for key in ("items", "additionalProperties", "not", "if", "then", "else") if key in schema]
    for below in (*schema.get("properties", {}).values(), *schema.get("anyOf", ()), *branches):
        if isinstance(below, dict):
            yield from places(below)


def edges(schema: dict[str, Any]) -> list[Any]:
    """Values at and beside all that a place asks for, and of every other kind."""
    found: list[Any] = [None, True, 0, 1, 1.0, 1.5, "", "x", "${row.a}", [], {}, {"x-a": 1}, {"other": 1}]
    found += [*schema.get("enum", ()), *schema.get("examples", ())]
    for key in ("minimum", "maximum"):
        found += [schema[key] + step for step in (-1, 0, 0.5, 1) if key in schema]
    for key in ("minLength", "maxLength"):
        found += ["x" * (schema[key] + step) for step in (-1, 0, 1) if key in schema]
    if isinstance(schema.get("items"), dict):
        for item in edges(schema["items"]):
            found += [[item], [item, copy.deepcopy(item)], [item, "x"]]
    named = {key: below for key, below in schema.get("properties", {}).items() if isinstance(below, dict)}
    example = {key: below["examples"][0] for key, below in named.items() if "examples" in below}
    found += [example, {**example, "other": 1}, {**example, "x-a": []}]
    found += [{key: value for key, value in example.items() if key != gone} for gone in schema.get("required", ())]
    return found


@pytest.mark.parametrize("name", SCHEMAS)
def test_both_say_the_same_at_every_edge_of_every_place(name: str) -> None:
    for place in places(SCHEMAS[name]):
        judge = validator(place)
        for value in edges(place):
            assert fits(value, place) == judge.is_valid(value), (place, value)
