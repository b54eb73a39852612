"""Files as spreadsheets leave them: what holds nothing is passed over, what is wrong is told in its own words."""

from pathlib import Path

import pytest
from unit.plan.desk import Read, plan

from orchestrator.model.call import SkippedRow
from orchestrator.model.diagnostic import Severity

CALL = "calls:\n  - id: o-${row.n}\n    To: ${row.phone}\n    rows: "
GOOD = "n,phone\n1,+919900000001\n"
BLANKS = [",", ",,,,,", " , ", "\u00a0,\u00a0", '"",""', "\t,\u2003", "\u200b,\ufeff", " ", '""', "\u00a0"]


def with_rows(folder: Path, data: str | bytes, name: str = "d.csv", spec: str = "d.csv") -> Read:
    (folder / name).write_bytes(data.encode() if isinstance(data, str) else data)
    return plan(folder, CALL + spec)


def notes(read: Read) -> list[tuple[str, int, str]]:
    assert all(each.hint for each in read.told)
    return [(each.id, each.spans[0].line, each.message) for each in read.told if each.severity is Severity.NOTE]


@pytest.mark.parametrize("blank", BLANKS)
@pytest.mark.parametrize("spec", ["d.csv", "{file: d.csv, bad: skip}"])
def test_blank_rows_are_passed_over_and_counted_once(tmp_path: Path, blank: str, spec: str) -> None:
    read = with_rows(tmp_path, GOOD + f"{blank}\n" * 1247 + "2,+919900000002\n", spec=spec)
    assert [call.id for call in read.calls] == ["o-1", "o-2"]
    assert notes(read) == [("blank-rows", 3, "1,247 rows are blank and are passed over")]
    assert read.ids == ["blank-rows"]
    assert not any(isinstance(item, SkippedRow) for item in read.loaded.calls())


def test_one_blank_row_is_told_in_the_singular(tmp_path: Path) -> None:
    assert notes(with_rows(tmp_path, GOOD + ",\n")) == [("blank-rows", 3, "1 row is blank and is passed over")]


def test_lines_without_a_character_are_no_rows_and_not_told(tmp_path: Path) -> None:
    assert with_rows(tmp_path, GOOD + "\n\r\n\n").told == []


@pytest.mark.parametrize("cell", ["0", "-", "'", "\u0966", "."])
def test_a_row_with_one_character_in_it_is_not_blank(tmp_path: Path, cell: str) -> None:
    assert [each.id for each in with_rows(tmp_path, GOOD + f"{cell},\n").errors] == ["missing-parameter"]


@pytest.mark.parametrize("line", ["{}", '{"n": null, "phone": ""}', '{"n": " ", "phone": "\\u00a0"}', '{"note": ""}'])
def test_json_lines_without_a_value_are_passed_over_and_counted_once(tmp_path: Path, line: str) -> None:
    data = '{"n": 1, "phone": "+919900000001"}\n' + f"{line}\n" * 30
    read = with_rows(tmp_path, data, "d.jsonl", "{file: d.jsonl, bad: skip}")
    assert [call.id for call in read.calls] == ["o-1"]
    assert read.ids == ["blank-rows"]
    assert notes(read) == [("blank-rows", 2, "30 rows are blank and are passed over")]


def test_inline_rows_without_a_value_are_passed_over_and_counted_once(tmp_path: Path) -> None:
    read = plan(tmp_path, CALL + '[{n: "1", phone: "+919900000001"}, {n: "", phone: " "}, {}, {n: , phone: }]\n')
    assert [call.id for call in read.calls] == ["o-1"]
    assert not read.errors
    assert [each.message for each in read.told if each.id == "blank-rows"] == ["3 rows are blank and are passed over"]


@pytest.mark.parametrize("blank", [",", " , ", "\u00a0,", '"",""'])
def test_blank_lines_of_lists_and_dates_are_passed_over_and_counted_once(tmp_path: Path, blank: str) -> None:
    (tmp_path / "l.csv").write_text("phone,why\n" + f"{blank}\n" * 40 + "+919900000009,asked\n")
    (tmp_path / "h.csv").write_text(f"{blank}\ndate,name\n" + f"{blank}\n" * 39 + "2026-01-26,Republic Day\n")
    read = plan(tmp_path, 'calls:\n  - {id: a, To: "+919900000001"}\npolicy: {suppress: [l.csv], holidays: h.csv}\n')
    assert [(each.id, each.message) for each in read.told] == [
        ("blank-rows", "40 rows are blank and are passed over")
    ] * 2


def test_lists_and_dates_of_blank_lines_alone_are_told(tmp_path: Path) -> None:
    """A note about blank lines does not stand for the warning that nobody is kept from being rung."""
    for name in ("l.csv", "h.csv"):
        (tmp_path / name).write_text(",\n,\n")
    read = plan(tmp_path, 'calls:\n  - {id: a, To: "+919900000001"}\npolicy: {suppress: [l.csv], holidays: h.csv}\n')
    assert {"no-numbers", "no-dates", "blank-rows"} == set(read.ids)


TOLD = {
    "trailing commas": ("n,phone,,,\n1,+919900000001,,,\n", "empty-column-name", 1, "the last 3 columns", "`phone`"),
    "one trailing comma": ("n,phone,\n1,+919900000001,\n", "empty-column-name", 1, "the last column", "delete"),
    "trailing blanks": ("n,phone, ,\u00a0\n", "empty-column-name", 1, "the last 2 columns", "delete"),
    "a gap": ("n,,phone,\n", "empty-column-name", 1, "column 2 ", "name it"),
    "sep": ("sep=,\nn,phone\n1,+919900000001\n", "separator-line", 1, "`sep=,`", "delete this line"),
    "SEP with commas": ("SEP=,,,,\nn,phone\n", "separator-line", 1, "`sep=,`", "delete this line"),
    "quoted sep": ('"sep=,"\nn,phone\n', "separator-line", 1, "`sep=,`", "delete this line"),
    "sep with semicolon": ("sep=;\nn;phone\n", "separator-line", 1, "`sep=;`", "with commas"),
    "sep with a tab": ("sep=\t\nn\tphone\n", "separator-line", 1, "`sep=\\t`", "with commas"),
    "a title": ("Orders of today\nn,phone\n1,2\n", "title-line", 1, "line 2", "delete what stands above"),
    "a title and commas": ("Orders of today,\nn,phone\n1,2\n", "title-line", 1, "line 2", "delete"),
    "a title of three cells": ("Orders,2026-11-22,Delhi\nn,phone\n1,2\n", "title-line", 1, "line 2", "delete"),
    "several lines above": ("Orders\n\nmade by,me\n,\nn,phone\n1,2\n", "title-line", 1, "line 5", "delete"),
    "a title, a name misspelled": ("Orders of today\nn,fone\n1,2\n", "title-line", 1, "line 2", "delete"),
    "a blank first line": (",,\nn,phone\n", "no-header", 1, "the first line has empty cells only", "above the names"),
    "semicolons": ("n;phone\n1;2\n", "wrong-separator", 1, "`;`", "with commas"),
    "semicolons and a comma": ("n;phone;sum, in INR\n1;2;3,4\n", "wrong-separator", 1, "`;`", "with commas"),
    "quoted semicolons": ('"n";"phone"\n"1";"2"\n', "wrong-separator", 1, "`;`", "with commas"),
    "tabs": ("n\tphone\n1\t2\n", "wrong-separator", 1, "tabs", "with commas"),
    "quoted tabs": ('"n"\t"phone"\n', "wrong-separator", 1, "tabs", "with commas"),
    "UTF-16": ("n,phone\n".encode("utf-16"), "not-utf-8", 1, "UTF-16", "CSV UTF-8"),
    "UTF-16 without its mark": ("n,phone\n".encode("utf-16-le"), "not-utf-8", 1, "UTF-16", "CSV UTF-8"),
    "UTF-16, big end first": ("n,phone\n".encode("utf-16-be"), "not-utf-8", 1, "UTF-16", "CSV UTF-8"),
    "a name twice": ("n,phone,n\n", "repeated-column", 1, "columns 1 and 3", "rename one"),
    "surplus empty cells": ("n,phone\n1,+919900000001,,\n", "long-row", 2, "the last 2 are empty", "commas at its end"),
    "surplus cells": ("n,phone\n1,+919900000001,x\n", "long-row", 2, "3 cells, the header 2", "double quotes"),
    "a missing cell": ("n,phone\n1\n", "short-row", 2, "1 cell, the header 2", "no cell for `phone`"),
    "a row of semicolons": ("n,phone\n1;+919900000001\n", "short-row", 2, "1 cell", "with commas"),
    "an empty phone": (
        "n,phone\n1,\n",
        "missing-parameter",
        2,
        "the cell `phone` of this row is empty",
        "fill the cell",
    ),
    "a blank phone": ("n,phone\n1,  \n", "missing-parameter", 2, "the cell `phone` of this row is empty", "fill"),
    "a no-break space": (
        "n,phone\n1,\u00a0\n",
        "missing-parameter",
        2,
        "`phone` of this row is empty",
        "fill the cell",
    ),
}


@pytest.mark.parametrize("name", TOLD)
def test_what_a_spreadsheet_leaves_is_told_in_its_own_words(tmp_path: Path, name: str) -> None:
    data, problem, line, words, hint = TOLD[name]
    (found,) = with_rows(tmp_path, data).errors
    assert (found.id, found.spans[0].line) == (problem, line)
    assert words in found.message
    assert hint in (found.hint or "")


@pytest.mark.parametrize("data", ["n,phone\r1,+919900000001\r2,+919900000002\r", "\ufeff" + GOOD + "2,+919900000002"])
def test_old_line_ends_and_a_byte_order_mark_are_fine(tmp_path: Path, data: str) -> None:
    read = with_rows(tmp_path, data)
    assert [call.id for call in read.calls] == ["o-1", "o-2"]
    assert read.told == []


@pytest.mark.parametrize(
    "data",
    ["name\n1\n", "phone\n+919900000001,x\n", "n,fone\n1,+919900000001\n2,x\n", "n,phone1\nfirst,second\n"],
)
def test_a_header_is_not_taken_for_a_title(tmp_path: Path, data: str) -> None:
    assert "title-line" not in with_rows(tmp_path, data).ids


@pytest.mark.parametrize(
    ("rows", "named"),
    [("d.csv", True), ("{file: d.csv}", True), ("{file: d.csv, bad: skip}", False)],
)
def test_the_hint_of_a_bad_row_names_the_way_to_dial_the_others(tmp_path: Path, rows: str, named: bool) -> None:
    read = with_rows(tmp_path, GOOD + "2\n3,x\n4,\n,+919900000004\n", spec=rows)
    assert {"short-row", "not-a-number", "missing-parameter", "bad-id"} == set(read.ids)
    assert all(("bad: skip" in (each.hint or "")) is named for each in read.told)


def test_an_inline_row_has_no_such_way(tmp_path: Path) -> None:
    read = plan(tmp_path, CALL + '[{n: "1", phone: "x"}]\n')
    assert [each.id for each in read.errors] == ["not-a-number"]
    assert "bad: skip" not in (read.errors[0].hint or "")


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ("sep=,\nphone,why\n+919900000009,x\n", "separator-line"),
        ("sep=;\nphone;why\n+919900000009;x\n", "separator-line"),
        ("Do not call\nphone,why\n+919900000009,x\n", "title-line"),
        ("Do not call 2026,\nphone,why\n+919900000009,x\n", "title-line"),
        ("Do not call\nphone\n+919900000009\n", "title-line"),
        ("phone;why\n+919900000009;x\n", "wrong-separator"),
    ],
)
def test_what_stands_above_the_header_of_a_list_is_told(tmp_path: Path, data: str, problem: str) -> None:
    (tmp_path / "l.csv").write_text(data)
    read = plan(tmp_path, 'calls:\n  - {id: a, To: "+919900000001"}\npolicy: {suppress: [l.csv]}\n')
    assert [(each.id, each.spans[0].line) for each in read.errors] == [(problem, 1)]


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ("sep=,\ndate,name\n2026-01-26,x\n", "separator-line"),
        ("sep=;\n2026-01-26\n", "separator-line"),
        ("Holidays\ndate,name\n2026-01-26,x\n", "title-line"),
        ("Holidays 2026,\ndate,name\n2026-01-26,x\n", "title-line"),
    ],
)
def test_what_stands_above_the_header_of_the_dates_is_told(tmp_path: Path, data: str, problem: str) -> None:
    (tmp_path / "h.csv").write_text(data)
    read = plan(tmp_path, 'calls:\n  - {id: a, To: "+919900000001"}\npolicy: {holidays: h.csv}\n')
    assert [(each.id, each.spans[0].line) for each in read.errors] == [(problem, 1)]
