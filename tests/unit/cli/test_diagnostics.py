"""One finding, four renderings: for people, programs, code-scanning services and pull requests."""

import json

from jsonschema import Draft202012Validator

from orchestrator.cli.render.findings import count_line, render_text
from orchestrator.cli.render.findings_for_programs import render_github, render_json, render_sarif
from orchestrator.exotel.masking import Masker
from orchestrator.model.diagnostic import Severity, Span, error, note, warning

MASKED = Masker()
LINES = {"plans/a.yaml": ("version: 1", "  CallType: promo", "  To: +919900000001")}
PROMO = error(
    "not-allowed",
    "CallType cannot be `promo`; it is one of: trans",
    Span("plans/a.yaml", 2, 13, 18),
    hint="write one of: trans",
)
TWICE = error("duplicate-id", "the id of +919900000001 stands twice", Span("d.csv", 4), Span("d.csv", 9))
EVIL = warning("evil", "x\n::error::forged\x1b[2J 50%", Span("a:b,c%.yaml", 1, 2, 3))
NOWHERE = note("nowhere", "no place at all")

ESSENTIAL_SARIF = {
    "type": "object",
    "required": ["version", "runs"],
    "properties": {
        "version": {"const": "2.1.0"},
        "runs": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["tool", "results"],
                "properties": {
                    "tool": {
                        "required": ["driver"],
                        "properties": {
                            "driver": {
                                "required": ["name"],
                                "properties": {"rules": {"uniqueItems": True, "items": {"required": ["id"]}}},
                            }
                        },
                    },
                    "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                    "results": {
                        "items": {
                            "required": ["message", "ruleId", "level"],
                            "properties": {
                                "level": {"enum": ["none", "note", "warning", "error"]},
                                "message": {"required": ["text"]},
                                "ruleIndex": {"type": "integer", "minimum": 0},
                                "locations": {"items": {"$ref": "#/$defs/location"}},
                                "relatedLocations": {"items": {"$ref": "#/$defs/location"}},
                            },
                        }
                    },
                },
            },
        },
    },
    "$defs": {
        "location": {
            "required": ["physicalLocation"],
            "properties": {
                "physicalLocation": {
                    "required": ["artifactLocation"],
                    "properties": {
                        "artifactLocation": {"required": ["uri"]},
                        "region": {
                            "properties": {
                                name: {"type": "integer", "minimum": 1}
                                for name in ("startLine", "startColumn", "endColumn")
                            }
                        },
                    },
                }
            },
        }
    },
}


def test_text_shows_place_id_message_line_caret_and_hint():
    (block,) = render_text([PROMO], LINES, MASKED, colour=False)
    assert block == (
        "plans/a.yaml:2:13: error[not-allowed]: CallType cannot be `promo`; it is one of: trans\n"
        " 2 |   CallType: promo\n"
        "   |             ^^^^^\n"
        "   = hint: write one of: trans"
    )


def test_text_without_the_source_shows_no_line_and_every_other_place():
    assert list(render_text([TWICE], LINES, MASKED, colour=False)) == [
        "d.csv:4:1: error[duplicate-id]: the id of +9199******01 stands twice\n  = see also d.csv:9:1"
    ]


def test_text_of_a_finding_without_a_place_begins_with_its_severity():
    assert list(render_text([NOWHERE], LINES, MASKED, colour=False)) == ["note[nowhere]: no place at all"]


def test_text_cannot_be_forged_by_what_a_plan_holds():
    (block,) = render_text([EVIL], {"a:b,c%.yaml": ("\x1b[1A\x1b[2Kfine",)}, MASKED, colour=False)
    assert "\x1b" not in block
    assert len(block.split("\n")) == 3
    assert r"x\n::error::forged\x1b[2J 50%" in block


def test_colours_are_added_only_on_request():
    (plain,) = render_text([PROMO], LINES, MASKED, colour=False)
    (coloured,) = render_text([PROMO], LINES, MASKED, colour=True)
    assert "\x1b[" not in plain
    assert "\x1b[31m" in coloured


def test_the_count_line_counts_and_speaks_of_notes_only_where_there_are_some():
    assert count_line({Severity.ERROR: 2000, Severity.WARNING: 1}) == "2,000 errors, 1 warning"
    assert count_line({Severity.NOTE: 1}) == "0 errors, 0 warnings, 1 note"
    assert count_line({}) == "0 errors, 0 warnings"


def test_json_holds_every_finding_masked():
    document = json.loads(render_json([PROMO, TWICE, NOWHERE], MASKED))
    assert (document["format"], document["errors"], document["warnings"], document["notes"]) == (1, 2, 0, 1)
    assert document["findings"][0] == {
        "id": "not-allowed",
        "severity": "error",
        "message": "CallType cannot be `promo`; it is one of: trans",
        "hint": "write one of: trans",
        "waived": None,
        "file": "plans/a.yaml",
        "line": 2,
        "column": 13,
        "end_column": 18,
        "related": [],
    }
    assert "+919900000001" not in json.dumps(document)
    assert document["findings"][1]["related"] == [{"file": "d.csv", "line": 9, "column": 1, "end_column": None}]
    assert document["findings"][2]["file"] is None


def test_json_shows_numbers_when_unmasked():
    assert "+919900000001" in render_json([TWICE], Masker(unmask=True))


def test_sarif_has_the_essential_shape_of_2_1_0():
    document = json.loads(render_sarif([PROMO, TWICE, EVIL, NOWHERE], MASKED))
    Draft202012Validator(ESSENTIAL_SARIF).validate(document)
    run = document["runs"][0]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert rules == ["duplicate-id", "evil", "not-allowed", "nowhere"]
    assert [rules[result["ruleIndex"]] for result in run["results"]] == [
        "not-allowed",
        "duplicate-id",
        "evil",
        "nowhere",
    ]
    location = run["results"][0]["locations"][0]["physicalLocation"]
    assert location == {
        "artifactLocation": {"uri": "plans/a.yaml"},
        "region": {"startLine": 2, "startColumn": 13, "endColumn": 18},
    }
    assert run["results"][3]["locations"] == []


def test_sarif_addresses_are_escaped_and_absolute_paths_are_file_uris():
    here, there = (Span(name, 1) for name in ("a b%.yaml", "/srv/p.yaml"))
    results = json.loads(render_sarif([error("x", "m", here), error("x", "m", there)], MASKED))["runs"][0]["results"]
    uris = [result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for result in results]
    assert uris == ["a%20b%25.yaml", "file:///srv/p.yaml"]


def test_github_annotations_name_the_place():
    (line,) = render_github([PROMO], MASKED)
    assert line == (
        "::error file=plans/a.yaml,line=2,col=13,title=not-allowed,endColumn=18"
        "::CallType cannot be `promo`; it is one of: trans%0Ahint: write one of: trans"
    )


def test_github_annotations_escape_what_could_be_a_command():
    (line,) = render_github([EVIL], MASKED)
    assert line == (
        "::warning file=a%3Ab%2Cc%25.yaml,line=1,col=2,title=evil,endColumn=3::x%0A::error::forged\\x1b[2J 50%25"
    )
    assert list(render_github([NOWHERE], MASKED)) == ["::notice title=nowhere::no place at all"]
