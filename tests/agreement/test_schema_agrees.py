"""For every row of the table the published schema, the plan's check and the value judge say the same."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator, Draft202012Validator

from orchestrator.exotel.parameter import Kind, Parameter
from orchestrator.exotel.parameters import REQUIRED, TABLE
from orchestrator.exotel.values import value_problem
from orchestrator.plan.schema.check import check
from orchestrator.plan.schema.plan import plan_schema
from orchestrator.plan.yaml.document import read_document

ROWS = pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
PUBLISHED = json.loads((Path(__file__).parents[2] / "schemas/call-plan.schema.json").read_text())


def cases(row: Parameter) -> list[str]:
    """Values at and just outside every bound, and of wrong types, as a plan would write them."""
    found = ["x" * 200, "true", "false", "0", "-1", "1", "1.5", "01", "yes", "True", row.example]
    for bound in (row.minimum, row.maximum, row.unconfirmed_maximum):
        if bound is not None:
            found += [str(bound - 1), str(bound), str(bound + 1)]
    if row.kind is Kind.TEXT and row.unconfirmed_maximum:
        found += ["x" * row.unconfirmed_maximum, "x" * (row.unconfirmed_maximum + 1)]
    found += [*row.values, *(word.upper() for word in row.values), *(word + "x" for word in row.values)]
    if row.kind is Kind.URL:
        found += [
            f"{scheme}://a.example/b.wav" for scheme in ("http", "https", "wss", "ws", "ftp", "HTTPS", "javascript")
        ]
        found += [
            "http://",
            "http:///x",
            "https://u:p@a.example",
            "https://u@a.example/x",
            "https://a.example:0",
            "https://[::1]:8/x",
        ]
        found += [
            "https://a.example:65535",
            "https://a.example:65536",
            "https://a.example:x",
            "https://a b.example",
            "//a.example",
        ]
    return [value for value in dict.fromkeys(found) if not row.is_list or value != row.example]


def typed(row: Parameter, text: str) -> Any:
    """The value as an editor's YAML reader gives it to the schema where the place is written as it should be."""
    if row.kind is Kind.FLAG and text in ("true", "false"):
        return text == "true"
    if row.kind.is_integer and text.removeprefix("-").isdecimal() and str(int(text)) == text:
        return int(text)
    return text


def plan(row: Parameter, written: str) -> str:
    return f"version: 1\nname: x\ndefaults:\n  {row.name}: {written}\ncalls:\n  - id: a\n"


def check_refuses(row: Parameter, text: str) -> bool:
    quoted = json.dumps(text)
    root, found = read_document(plan(row, f"[{quoted}]" if row.is_list else quoted), "plan.yaml")
    assert root is not None
    assert not found
    return any(each.is_error for each in check(root, plan_schema()))


def schema_refuses(row: Parameter, value: Any) -> bool:
    document = {
        "version": 1,
        "name": "x",
        "calls": [{"id": "a"}],
        "defaults": {row.name: [value] if row.is_list else value},
    }
    verdicts = {validator(PUBLISHED).is_valid(document) for validator in (Draft7Validator, Draft202012Validator)}
    assert len(verdicts) == 1
    return not verdicts.pop()


def judge_refuses(row: Parameter, text: str) -> bool:
    found = value_problem(row, text)
    return found is not None and found.serious


@ROWS
def test_all_agree_at_every_bound_just_outside_and_for_wrong_types(row: Parameter) -> None:
    """A schema cannot see what a phone number or a control character is: there it is only the looser one."""
    for text in cases(row):
        refused = judge_refuses(row, text)
        assert check_refuses(row, text) == refused, text
        if row.kind not in (Kind.PHONE, Kind.TEXT):
            assert schema_refuses(row, typed(row, text)) == refused, text
        else:
            assert not schema_refuses(row, text), text


@ROWS
def test_the_example_is_accepted_by_all_but_for_what_is_not_for_plans(row: Parameter) -> None:
    for text in row.example.split(", ") if row.is_list else [row.example]:
        assert (
            judge_refuses(row, text)
            == check_refuses(row, text)
            == schema_refuses(row, typed(row, text))
            == bool(row.refused)
        )


@ROWS
@pytest.mark.parametrize(("written", "value"), [("{a: b}", {"a": "b"}), ("[[a]]", [["a"]])])
def test_a_mapping_or_a_nested_list_is_refused_by_both(row: Parameter, written: str, value: Any) -> None:
    root, _ = read_document(plan(row, written), "plan.yaml")
    assert root is not None
    assert any(each.is_error for each in check(root, plan_schema()))
    document = {"version": 1, "name": "x", "calls": [{"id": "a"}], "defaults": {row.name: value}}
    assert not Draft202012Validator(PUBLISHED).is_valid(document)


@ROWS
def test_absence_is_no_matter_of_the_schema(row: Parameter) -> None:
    """Also for the mandatory ones: `defaults` and the call decide together, and only when rows are filled in."""
    assert (row.name in REQUIRED) == row.required
    root, _ = read_document("version: 1\nname: x\ncalls:\n  - id: a\n", "plan.yaml")
    assert root is not None
    assert not check(root, plan_schema())
    assert Draft202012Validator(PUBLISHED).is_valid({"version": 1, "name": "x", "calls": [{"id": "a"}]})


@ROWS
@pytest.mark.parametrize("spelling", ["lower", "upper", "snake"])
def test_another_spelling_is_unknown_to_both_and_the_right_one_is_named(row: Parameter, spelling: str) -> None:
    snake = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in row.name).lstrip("_")
    key = {"lower": row.name.lower(), "upper": row.name.upper(), "snake": snake}[spelling]
    root, _ = read_document(f"version: 1\nname: x\ncalls:\n  - id: a\n    {key}: '1'\n", "plan.yaml")
    assert root is not None
    found = check(root, plan_schema())
    assert [each.id for each in found] == ["unknown-key"]
    assert row.refused or found[0].hint == f"did you mean `{row.name}`?"
    assert not Draft202012Validator(PUBLISHED).is_valid({"version": 1, "name": "x", "calls": [{"id": "a", key: "1"}]})


@ROWS
def test_an_alias_is_judged_as_the_row_and_marked_deprecated(row: Parameter) -> None:
    for alias in row.aliases:
        properties = PUBLISHED["properties"]["defaults"]["properties"]
        assert properties[alias]["deprecated"] is True
        shape = {key: value for key, value in properties[row.name].items() if key != "description"}
        assert {
            key: value for key, value in properties[alias].items() if key not in ("description", "deprecated")
        } == shape


LETTERS = st.sampled_from(
    [*"aZ09-._~:/?#[]@!$&'()*+,;=% \\\"<>|^`{}", "é", "\u00a0", "http://", "https://", "a.example", ":80"]
)


@given(st.lists(LETTERS, max_size=12).map("".join))
def test_address_pattern_and_judge_agree_on_any_ascii_address(text: str) -> None:
    """White space beyond ASCII is the one thing that only the judge knows."""
    row = next(row for row in TABLE if row.name == "StatusCallback")
    address = "https://a" + text
    if "${" not in address and address.isascii():
        assert schema_refuses(row, address) == judge_refuses(row, address), address
