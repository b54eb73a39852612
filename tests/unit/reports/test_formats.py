"""Every format is chosen by name and by suffix in one place, and all tell the same of the same journal."""

import os
from dataclasses import replace
from pathlib import Path

import pytest
from unit.reports.told import CALLS, DANGEROUS, RUN, report

from orchestrator.exotel.masking import Masker
from orchestrator.reports.formats import BY_NAME, FORMATS, format_of_file, no_format

GOLDEN = Path(__file__).parent / "golden"
EACH = pytest.mark.parametrize("name", BY_NAME)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("report.json", "json"),
        ("report.jsonl", "jsonl"),
        ("report.csv", "csv"),
        ("report.sheet.csv", "sheet-csv"),
        ("2026.11.22.sheet.csv", "sheet-csv"),
        ("2026.11.22.proof.jsonl", "proof"),
        ("proof.jsonl", "jsonl"),
        ("REPORT.SHEET.CSV", "sheet-csv"),
        ("Report.JSON", "json"),
        ("a.json.csv", "csv"),
        ("a.sheet.json", "json"),
        ("folder.sheet/a.csv", "csv"),
        ("sheet.csv", "csv"),
        ("TEST-report.xml", "junit"),
        ("report.md", "markdown"),
        ("report.html", "html"),
        ("report.txt", None),
        ("report", None),
        (".json", None),
        ("folder.json/report", None),
        ("", None),
    ],
)
def test_the_suffix_of_a_file_names_its_format(path: str, name: str | None) -> None:
    found = format_of_file(path)
    assert (found and found.name) == name


def test_every_format_has_a_name_and_a_suffix_of_its_own() -> None:
    assert len({each.name for each in FORMATS}) == len({each.suffix for each in FORMATS}) == len(FORMATS)
    for each in FORMATS:
        assert format_of_file(f"a{each.suffix}") is each


def test_what_has_no_format_is_told_with_those_that_there_are() -> None:
    for each in FORMATS:
        assert each.suffix in no_format("r.txt")


@EACH
def test_the_report_is_what_it_was(name: str) -> None:
    """Renewed by `UPDATE_EXPECTED=1 pytest tests/unit/reports`, and looked at."""
    chosen = BY_NAME[name]
    text = "".join(chosen.write(report((*CALLS, *DANGEROUS)), Masker()))
    golden = GOLDEN / f"report{chosen.suffix}"
    if os.environ.get("UPDATE_EXPECTED") == "1":
        golden.write_bytes(text.encode())
    assert text.encode() == golden.read_bytes()


@EACH
def test_an_empty_edition_has_its_report(name: str) -> None:
    assert "".join(BY_NAME[name].write(report(()), Masker()))


@EACH
def test_nothing_that_is_printed_on_stdout_commands_a_pipeline(name: str) -> None:
    chosen = BY_NAME[name]
    printed = "".join(map(chosen.on_stdout, chosen.write(report(DANGEROUS), Masker(unmask=True))))
    assert "##vso[" not in printed
    assert not any(line.lstrip().startswith("::") for line in printed.splitlines())


@EACH
def test_a_number_in_the_name_of_a_plan_an_edition_or_a_target_is_masked(name: str) -> None:
    named = replace(RUN, plan="to-9812345671", edition="98123 45672", target="live-9812345673")
    hidden, shown = ("".join(BY_NAME[name].write(report(run=named), Masker(unmask))) for unmask in (False, True))
    told = {"csv": ("71", "72"), "sheet-csv": ("71", "72")}.get(name, ("71", "72", "73"))
    assert not [digits for digits in ("9812345671", "98123 45672", "9812345673") if digits in hidden]
    assert all(f"456{digits}" in shown for digits in told)


@EACH
def test_the_same_calls_give_the_same_bytes(name: str) -> None:
    write, told = BY_NAME[name].write, report((*CALLS, *DANGEROUS))
    assert [*write(told, Masker())] == [*write(told, Masker())]
