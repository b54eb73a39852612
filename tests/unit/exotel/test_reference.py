"""The reference says of every parameter what its row says, in words."""

import re

import pytest

from orchestrator.exotel.parameter import Parameter, Source
from orchestrator.exotel.parameters import BY_NAME, TABLE
from orchestrator.exotel.reference import SOURCES, parameter_page, parameters_markdown
from orchestrator.reference.page_text import page_text

WIDTH = 78

rows = pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)


def explanation(row: Parameter) -> str:
    return page_text(parameter_page(row), WIDTH)


def unwrapped(text: str) -> str:
    return re.sub(r"\s+", " ", text)


@rows
def test_explanation_holds_all_that_the_row_says(row):
    text = unwrapped(explanation(row))
    said = [row.name, row.summary, *row.notes, *row.values, *row.aliases, *row.advises]
    said += [need.name for need in row.needs] + [row.echoed or "", row.refused or "", row.default or ""]
    said += [str(bound) for bound in (row.minimum, row.maximum, row.unconfirmed_maximum) if bound is not None]
    said += [SOURCES[source] for source in row.sources]
    assert [part for part in said if unwrapped(part) not in text] == []
    assert ("mandatory" if row.required else "optional") in text
    assert ("unconfirmed" in text) or row.documented or row.refused


@rows
def test_explanation_fits_a_terminal_of_80_columns(row):
    assert [line for line in explanation(row).split("\n") if len(line) > WIDTH] == []


@rows
def test_markdown_has_a_section_for_every_row(row):
    section = parameters_markdown().split(f"\n## {row.name}\n", 1)[1].split("\n## ", 1)[0]
    only = " (S0)" if row.documented and len(row.sources) == 2 else ""
    assert f"- {'Mandatory' if row.required else 'Optional'}{only}; " in section
    assert f"; {row.documented_type} in " in section or row.documented_type is None
    assert [note for note in row.notes if note.replace("<", "&lt;").replace("*", "\\*") not in section] == []
    assert f"Said by: {', '.join(source.value for source in row.sources)}" in section


def test_markdown_spells_out_every_tag_once():
    head = parameters_markdown().split("\n## ", 1)[0]
    assert [source for source in Source if head.count(f"- {source.value}: ") != 1] == []


def test_an_explanation_spells_out_tags_that_only_its_notes_name():
    assert SOURCES[Source.HELP] in explanation(BY_NAME["CallType"])


def test_every_status_of_the_carriers_list_stands_in_the_reference_with_what_it_proves():
    text = parameters_markdown().split("\n# HTTP statuses\n", 1)[1]
    assert re.findall(r"^\| (\dxx|\d+) \|.*\| ([a-z]+) \|$", text, re.MULTILINE) == [
        *(("200", "accepted"), ("202", "accepted")),
        *((status, "rejected") for status in ("400", "401", "402", "403", "404", "409")),
        *(("429", "throttled"), ("5xx", "unknown")),
    ]


def test_a_fact_that_one_document_says_alone_names_it():
    assert "Values: true, false (S0)" not in explanation(BY_NAME["Record"])
    assert re.search(r"Default: +false \(S0\)", explanation(BY_NAME["Record"]))
    assert "at most 14400 seconds (S0)" in explanation(BY_NAME["TimeLimit"])
    assert re.search(r"Default: +mp3\n", explanation(BY_NAME["RecordingFormat"])), "S0 alone says all of this row"


def test_a_number_in_an_example_is_quoted():
    assert 'From: "+918069171234"' in explanation(BY_NAME["From"])


def test_the_refused_flow_form_says_what_to_do_instead():
    text = unwrapped(explanation(BY_NAME["Url"]))
    assert "refused in call plans" in text
    assert "set To" in text
    assert "Example" not in text
