"""Generated files are committed, and are what the code generates."""

import jsonschema
import pytest

from orchestrator.app.generate import GENERATED, HOME, generate
from orchestrator.cli.shared_data import FILES, SHARE
from orchestrator.plan.schema.plan import plan_schema
from orchestrator.plan.schema.target import target_schema

SCHEMAS = pytest.mark.parametrize("schema", [plan_schema(), target_schema()], ids=["plan", "target"])


MOVED = {
    *("$ref", "$defs", "$recursiveRef", "definitions", "dependencies", "dependentRequired", "dependentSchemas"),
    *("prefixItems", "additionalItems", "contains", "unevaluatedProperties", "unevaluatedItems"),
}
"""What draft-07 and 2020-12 do not both know, or not alike."""


@pytest.mark.parametrize("name", GENERATED)
def test_the_committed_file_is_fresh(name: str) -> None:
    """Run `make generate` and commit what changed."""
    assert (HOME / name).read_text("utf-8") == GENERATED[name]()


@pytest.mark.parametrize("name", FILES)
def test_the_committed_file_beside_the_program_is_fresh(name: str) -> None:
    """A command or an option has changed: run `make generate` and commit what changed."""
    assert (SHARE / name).read_text("utf-8") == FILES[name]()


def test_generating_writes_what_changed_and_nothing_twice(tmp_path) -> None:  # type: ignore[no-untyped-def]
    assert generate(tmp_path) == list(GENERATED)
    assert generate(tmp_path) == []
    (tmp_path / "schemas/target.schema.json").write_text("old")
    assert generate(tmp_path) == ["schemas/target.schema.json"]


@SCHEMAS
def test_a_schema_is_valid_in_both_drafts_that_editors_know(schema) -> None:  # type: ignore[no-untyped-def]
    jsonschema.Draft7Validator.check_schema(schema)
    jsonschema.Draft202012Validator.check_schema(schema)


@SCHEMAS
def test_a_schema_uses_only_keywords_that_mean_the_same_in_both(schema) -> None:  # type: ignore[no-untyped-def]
    assert not _keywords(schema) & MOVED


@SCHEMAS
def test_every_mapping_is_closed_but_for_notes_of_ones_own(schema) -> None:  # type: ignore[no-untyped-def]
    for part in _parts(schema):
        if part.get("type") == "object":
            assert part["patternProperties"] == {"^x-": True}
            assert "additionalProperties" in part
            assert part["additionalProperties"] is False or "properties" not in part


def _parts(part: object) -> list[dict[str, object]]:
    if isinstance(part, list):
        return [found for item in part for found in _parts(item)]
    if not isinstance(part, dict):
        return []
    return [part, *(found for item in part.values() for found in _parts(item))]


def _keywords(schema: object) -> set[str]:
    return {keyword for part in _parts(schema) for keyword in part}
