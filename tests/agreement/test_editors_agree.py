"""What `validate` accepts an editor accepts too: the published schemas over plain YAML, as other readers load it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator, Draft202012Validator

from orchestrator.exotel.parameters import TABLE
from orchestrator.plan.schema.check import check
from orchestrator.plan.schema.plan import plan_schema
from orchestrator.plan.schema.target import target_schema
from orchestrator.plan.yaml.document import read_document

ROOT = Path(__file__).parents[2]
SOURCES = {"call-plan": plan_schema(), "target": target_schema()}
PUBLISHED = {name: json.loads((ROOT / f"schemas/{name}.schema.json").read_text()) for name in SOURCES}

PLAIN = [
    *("0", "1", "7", "30", "010", "0x1F", "1_000", "-5", "1.50", "0.60", "1e3", ".5", "99999999999999999999"),
    *("true", "false", "True", "yes", "no", "off", "on", "null", "~", "NULL", ""),
    *("2026-11-22", "2026-11-22T09:30:00+05:30", "2026-11-22 09:30:00", "12:30:45", "09:00-21:00"),
    *("08012345678", "02226543210", "+919876543210", "0401234567", "080-47112233", "98765.43210"),
    *("x", "15m", "60%", "150/minute", "trans", "dual", "everyday", "Asia/Kolkata", "mon-sat", "15000 INR"),
    *("https://a.example/b.wav", "${row.a}", "${var.b}x", "./a.csv", ".inf", "a b"),
]
"""Single values in every dress that YAML has for them."""
WRITTEN = [*PLAIN, *(json.dumps(text) for text in PLAIN)]

PLACES = {
    "version: {}": "version",
    "name: {}": "name",
    "edition: {}": "",
    "description: {}": "",
    "purpose: {}": "",
    "numbers: {}": "",
    "vars: {{a: {}}}": "",
    "calls: [{{id: {}}}]": "calls",
    "calls: [{{id: a, rows: {}}}]": "calls",
    "calls: [{{id: a, rows: [{{a: {}, b: 2}}]}}]": "calls",
    "calls: [{{id: a, rows: {{file: {}}}}}]": "calls",
    "calls: [{{id: a, rows: {{file: a, sample: {0}, columns: [{0}], carry: [{0}]}}}}]": "calls",
    "calls: [{{id: a, rows: {{file: a, where: {{a: {0}, b: [{0}]}}}}}}]": "calls",
    "calls: [{{id: a, rows: {{file: a, bad: {}}}}}]": "calls",
    "calls: [{{id: a, priority: {}}}]": "calls",
    "calls: [{{id: a, not_before: {}}}]": "calls",
    "policy: {{pace: {}}}": "",
    "policy: {{concurrency: {}}}": "",
    "policy: {{per_person: {{attempts: {}, within: 24h}}}}": "",
    "policy: {{per_person: {{attempts: 1, within: {}}}}}": "",
    "policy: {{window: [{{days: {}, hours: '09:00-21:00', timezone: UTC}}]}}": "",
    "policy: {{window: [{{days: mon, hours: {}, timezone: UTC}}]}}": "",
    "policy: {{window: [{{days: mon, hours: '09:00-21:00', timezone: {}}}]}}": "",
    "policy: {{dnd: {}}}": "",
    "policy: {{stages: [{}]}}": "",
    "policy: {{limits: {{cost: {}}}}}": "",
    "policy: {{limits: {{from: {}}}}}": "",
    "policy: {{success: {{completed: {}}}}}": "",
    "policy: {{suppress: [{}]}}": "",
    "policy: {{waive: [{{rule: {0}, owner: {0}, reason: {0}, until: 2026-01-01}}]}}": "",
    "policy: {{waive: [{{rule: a, owner: a, reason: a, until: {}}}]}}": "",
}
"""Where single values stand in a plan, and the mandatory key that the place itself provides."""
HEAD = {"version": "version: 1", "name": "name: x", "calls": "calls: [{id: a}]"}

TARGET_PLACES = [
    *("account: {}", "base_url: {}", "encoding: {}", "pace: {}", "legs: {}", "timezone: {}", "timeout: {}"),
    *("rates: {{currency: {}}}", "rates: {{per_minute: {}}}", "rates: {{pulse: {}}}", "accept: {{A: {}}}"),
    *("accept: {{A: [{}]}}", "callbacks: {{listen: {}, public_url: 'https://a.example'}}", "lookups: {}"),
    *("lookups: {{after: {}}}", "shared: {}", "circuit: {}", "journal: {}", "guardrails: {{caller_ids: [{}]}}"),
    *("guardrails: {{expect: {}}}", "guardrails: {{suppress: [{}]}}"),
]
SANDBOX_PLACES = ["scenario: {}", "seed: {}", "speed: {}"]


def plan_documents(value: str) -> Iterator[str]:
    for place, key in PLACES.items():
        yield "\n".join([*(line for name, line in HEAD.items() if name != key), place.format(value)])
    for row in TABLE:
        written = f"[{value}]" if row.is_list else value
        yield "\n".join([*HEAD.values(), f"defaults: {{{row.name}: {written}}}"])


def target_documents(value: str) -> Iterator[str]:
    yield from (f"kind: exotel\n{place.format(value)}" for place in TARGET_PLACES)
    yield from (f"kind: sandbox\n{place.format(value)}" for place in SANDBOX_PLACES)


def validated(text: str, schema: dict[str, Any]) -> bool:
    root, found = read_document(text, "x.yaml")
    return root is not None and not found and not any(item.is_error for item in check(root, schema))


def plainly_loaded(text: str) -> Any:
    """The document as JSON: dates, which JSON does not have, as the texts that they were."""
    return json.loads(json.dumps(yaml.safe_load(text), default=lambda moment: moment.isoformat()))


def editor_refuses(text: str, name: str) -> list[str]:
    document = plainly_loaded(text)
    return [
        found.message
        for validator in (Draft7Validator, Draft202012Validator)
        for found in validator(PUBLISHED[name]).iter_errors(document)
    ]


@pytest.mark.parametrize("value", WRITTEN)
def test_no_value_that_validate_accepts_is_refused_by_an_editor(value: str) -> None:
    """But for `null` and `~` where nothing may not stand: an editor takes them for a forgotten value."""
    for name, documents in (("call-plan", plan_documents), ("target", target_documents)):
        for text, empty in zip(documents(value), documents('""'), strict=True):
            forgotten = yaml.safe_load(value) is None and not validated(empty, SOURCES[name])
            if validated(text, SOURCES[name]) and not forgotten:
                assert editor_refuses(text, name) == [], text


@pytest.mark.parametrize(
    ("key", "values"),
    [
        ("TimeOut", ["30", '"30"', "${var.t}", '""', ""]),
        ("TimeLimit", ["14400", '"14400"']),
        ("MaxRetries", ["0", '"0"']),
        ("Record", ["true", '"true"', '"false"', '"${row.r}"', ""]),
        ("From", ["08012345678", "+919876543210", "0401234567"]),
        ("CustomField", ["1.50", "no", "~", "2026-11-22", "7"]),
        ("CallType", ["trans", '"trans"', '""']),
        ("WaitUrl", ["https://a.example/b.wav", '""']),
    ],
)
def test_what_the_dialect_admits_is_admitted_by_both(key: str, values: list[str]) -> None:
    for value in values:
        text = "\n".join([*HEAD.values(), f"defaults:\n  {key}: {value}"])
        assert validated(text, SOURCES["call-plan"]), text
        assert editor_refuses(text, "call-plan") == [], text


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *(("TimeOut", value) for value in ('"030"', '"x"', '"1.5"', "1.5", "true", "0", '"0"', "-1", "[30]")),
        *(("TimeLimit", value) for value in ("14401", '"144000"', "{a: 1}")),
        *(("Record", value) for value in ('"yes"', "1", '"TRUE"')),
        *(("CallType", value) for value in ("promo", "1", "true")),
        *(("WaitUrl", value) for value in ("hold.wav", "7", "true")),
        ("From", "[1]"),
        *(("CustomField", value) for value in ("{a: 1}", "[a]")),
        ("StatusCallbackEvents", "terminal"),
        ("StatusCallbackEvents", ""),
    ],
)
def test_the_published_schema_still_refuses_what_is_plainly_wrong(key: str, value: str) -> None:
    text = "\n".join([*HEAD.values(), f"defaults:\n  {key}: {value}"])
    assert not validated(text, SOURCES["call-plan"])
    assert editor_refuses(text, "call-plan"), text


@pytest.mark.parametrize(
    "path", sorted([*ROOT.glob("configs/plans/*.yaml"), *ROOT.glob("tests/plans/valid/*.yaml")]), ids=lambda p: p.stem
)
def test_every_valid_plan_pleases_editors_too(path: Path) -> None:
    assert editor_refuses(path.read_text(), "call-plan") == []


@pytest.mark.parametrize("name", SOURCES)
def test_what_is_published_is_valid_in_both_drafts(name: str) -> None:
    Draft7Validator.check_schema(PUBLISHED[name])
    Draft202012Validator.check_schema(PUBLISHED[name])
