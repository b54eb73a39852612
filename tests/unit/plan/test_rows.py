"""Rows of data: CSV, JSON Lines, and lists in the plan."""

import csv
import io
import json
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.plan.desk import Read, plan

from orchestrator.model.call import text_of
from orchestrator.model.diagnostic import Diagnostic, Severity, Span
from orchestrator.plan.rows.lines import LONGEST_LINE
from orchestrator.plan.rows.row import BadRow, Header, Row, RowItem, is_blank
from orchestrator.plan.rows.source import one_by_one, read_rows

CALL = '\ncalls:\n  - id: o-${row.n}\n    To: ${row.phone}\n    CustomField: "${row.note}"\n    rows: '


def items(data: bytes | str, file: str = "d.csv") -> list[RowItem]:
    raw = data if isinstance(data, bytes) else data.encode()
    return list(one_by_one(read_rows(io.BytesIO(raw), file)))


def rows(data: bytes | str, file: str = "d.csv") -> list[dict[str, str]]:
    return [dict(item.values) for item in items(data, file) if isinstance(item, Row)]


def told(data: bytes | str, file: str = "d.csv") -> Iterator[tuple[str, int, int]]:
    """What is wrong: id, line, column."""
    for item in items(data, file):
        found = item.problem if isinstance(item, BadRow) else item
        if isinstance(found, Diagnostic):
            assert found.hint
            yield found.id, found.spans[0].line, found.spans[0].column


def test_a_csv_has_a_header_of_trimmed_names_and_cells_as_typed() -> None:
    assert items(" n ,phone\n007, +91 99\r\n1.50,~\n") == [
        Header(("n", "phone"), Span("d.csv", 1)),
        Row({"n": "007", "phone": " +91 99"}, Span("d.csv", 2)),
        Row({"n": "1.50", "phone": "~"}, Span("d.csv", 3)),
    ]


def test_a_byte_order_mark_is_not_part_of_the_first_name() -> None:
    assert rows(b"\xef\xbb\xbfn,phone\n1,2\n") == [{"n": "1", "phone": "2"}]
    assert rows(b'\xef\xbb\xbf"n",phone\n1,2\n') == [{"n": "1", "phone": "2"}]
    assert rows(b'\xef\xbb\xbf{"n": 1}\n', "d.jsonl") == [{"n": "1"}]


def test_blank_rows_are_told_at_the_first_of_them_however_wide_it_is() -> None:
    assert list(told("n,phone\n1,2\n,\n,,,\n3,4\n\u00a0,\n")) == [("blank-rows", 3, 1)]
    assert list(told("n,phone\n1,2\n,,,\n,\n")) == [("blank-rows", 3, 1)]
    assert rows("n,phone\n1,2\n,\n\u00a0,\n,4\n") == [{"n": "1", "phone": "2"}, {"n": "", "phone": "4"}]


def test_quotes_commas_and_line_ends_inside_a_cell_are_data_and_lines_are_counted() -> None:
    data = 'n,note\n1,"a, ""b""\nc"\n\n2,d\n'
    assert [(dict(row.values), row.span.line) for row in items(data) if isinstance(row, Row)] == [
        ({"n": "1", "note": 'a, "b"\nc'}, 2),
        ({"n": "2", "note": "d"}, 5),
    ]


def test_a_last_line_without_an_end_and_empty_lines_are_fine() -> None:
    assert rows("n\n\n1\n\n\n2") == [{"n": "1"}, {"n": "2"}]


@given(st.lists(st.tuples(*[st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r\n"))] * 2)))
def test_a_cell_arrives_as_typed(cells: list[tuple[str, str]]) -> None:
    buffer = io.StringIO()
    csv.writer(buffer).writerows([("a", " b "), *cells])
    assert rows(buffer.getvalue()) == [
        {"a": one, "b": other} for one, other in cells if not (is_blank(one) and is_blank(other))
    ]


def test_blanks_around_a_cell_are_data() -> None:
    assert rows('n , note\n 1 , x  y \n2,"  z\t"\n') == [{"n": " 1 ", "note": " x  y "}, {"n": "2", "note": "  z\t"}]


def test_texts_of_json_lines_are_as_written() -> None:
    assert rows('{"n": " x "}\n', "d.jsonl") == [{"n": " x "}]


LFS = "version https://git-lfs.github.com/spec/v1\n"
BAD_CSV: dict[str, tuple[bytes | str, list[tuple[str, int, int]]]] = {
    "short and long rows": ("a,b\n1\n1,2,3\n1,2\n", [("short-row", 2, 1), ("long-row", 3, 1)]),
    "empty file": ("", [("no-header", 1, 1)]),
    "empty first line": ("\na,b\n", [("no-header", 1, 1)]),
    "repeated name": ("a,b, a\n1,2,3\n", [("repeated-column", 1, 1)]),
    "empty name": ("a,,b\n1,2,3\n", [("empty-column-name", 1, 1)]),
    "semicolons": ("a;b\n1;2\n", [("wrong-separator", 1, 1)]),
    "tabs": ("a\tb\n1\t2\n", [("wrong-separator", 1, 1)]),
    "unclosed quote": ('a,b\n1,"2\n3,4\n5,6\n', [("unclosed-quote", 2, 1)]),
    "unclosed quote in the header": ('a,"b\n1,2\n', [("unclosed-quote", 1, 1)]),
    "text after a quote": ('a,b\n1,"2"x\n3,4\n', [("text-after-quote", 2, 1)]),
    "NUL": (b"a,b\n1,\x00\n3,4\n", [("control-character", 2, 3)]),
    "latin-1": (b"a,b\n1,2\ncaf\xe9,2\n3,4\n", [("not-utf-8", 3, 4)]),
    "latin-1 in a long cell": (b'a,b\n1,"x\ncaf\xe9"\n3,4\n', [("not-utf-8", 3, 4)]),
    "latin-1 header": (b"caf\xe9,b\n1,2\n", [("not-utf-8", 1, 4)]),
    "UTF-16": ("a,b\n1,2\n".encode("utf-16"), [("not-utf-8", 1, 1)]),
    "a workbook": (b"PK\x03\x04\x14\x00\x06\x00\xff\n", [("not-text", 1, 1)]),
    "an old workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1\n1,2\n", [("not-text", 1, 1)]),
    "compressed": (b"\x1f\x8b\x08\x00\n1,2\n", [("not-text", 1, 1)]),
    "a page": ("<!DOCTYPE html>\n<p>Sign in</p>\n", [("not-text", 1, 1)]),
    "a pointer of Git LFS": (f"{LFS}oid sha256:{'0' * 64}\nsize 12\n", [("not-fetched", 1, 1)]),
    "a pointer of git-annex": ("/annex/objects/SHA256E-s12--00.csv\n", [("not-fetched", 1, 1)]),
    "locked by git-crypt": (b"\0GITCRYPT\0\x01\x02\n", [("not-text", 1, 1)]),
    "an unfinished merge": ("a,b\n<<<<<<< HEAD\n1,2\n=======\n1,3\n>>>>>>> x\n", [("merge-conflict", 2, 1)]),
    "half an unfinished merge": ("a,b\n1,2\n>>>>>>> x\n3,4\n", [("merge-conflict", 3, 1)]),
    "an unfinished merge at the top": ("<<<<<<< HEAD\na,b\n=======\na,c\n>>>>>>> x\n", [("merge-conflict", 1, 1)]),
    "a rule of equals signs": ("a\n=======\n<b>\n>c\n", []),
    "classic Mac line ends": ("a,b\r1,2\r3,4\n", []),
    "a cell of 200,000 characters": ("a,b\n1," + "9" * 200_000 + "\n", [("unclosed-quote", 2, 1)]),
    "one endless line": ("a,b\n1," + "9" * LONGEST_LINE, [("line-too-long", 2, 1)]),
    "a surrogate's bytes": (b"a\n\xed\xa0\x80\n", [("not-utf-8", 2, 1)]),
}


@pytest.mark.parametrize("name", BAD_CSV)
def test_a_bad_csv_is_told_with_line_and_column(name: str) -> None:
    data, expected = BAD_CSV[name]
    assert list(told(data)) == expected


def test_rows_after_a_bad_one_are_read() -> None:
    assert rows(b'a,b\n1\n2,"x"y\n3,\xff\n4,ok\n') == [{"a": "4", "b": "ok"}]


def test_json_lines_keep_the_characters_of_numbers() -> None:
    good = '{"a": 1.50, " b ": 919876543210, "c": 1e3, "d": -0, "e": true, "f": null, "g": "é\\u00e9"}'
    text = '{"a": 1.50, "b": 08}\n' + good
    found = items(text, "d.jsonl")
    assert isinstance(found[0], BadRow), "08 is no JSON number"
    assert isinstance(found[1], Row)
    assert found[1].values == {"a": "1.50", "b": "919876543210", "c": "1e3", "d": "-0", "e": "true", "f": "", "g": "éé"}


def test_a_number_too_long_for_python_is_only_characters() -> None:
    assert rows('{"a": ' + "7" * 10_000 + "}", "d.ndjson") == [{"a": "7" * 10_000}]


BAD_JSON: dict[str, tuple[bytes | str, list[tuple[str, int, int]]]] = {
    "broken": ('{"a": 1}\n\n{"a": \n', [("not-json", 3, 6)]),
    "two on a line": ('{"a": 1} {"a": 2}\n', [("not-json", 1, 10)]),
    "a list": ("[1]\n", [("not-an-object", 1, 1)]),
    "a text": ('"a"\n', [("not-an-object", 1, 1)]),
    "nested list": ('{"a": [1]}\n', [("nested-value", 1, 1)]),
    "nested object": ('{"a": {"b": 1}}\n', [("nested-value", 1, 1)]),
    "deep": ('{"a": ' + "[" * 100_000 + "\n", [("nested-value", 1, 1)]),
    "the same key twice": ('{"a": 1, "a ": 2}\n', [("repeated-column", 1, 1)]),
    "an empty key": ('{" ": 1}\n', [("empty-column-name", 1, 1)]),
    "not a number": ('{"a": NaN}\n', [("not-json", 1, 1)]),
    "half a surrogate pair": ('{"a": "\\ud800"}\n', [("control-character", 1, 1)]),
    "latin-1": (b'{"a": "caf\xe9"}\n', [("not-utf-8", 1, 11)]),
    "NUL": (b'{"a": "\x00"}\n', [("control-character", 1, 8)]),
}


@pytest.mark.parametrize("name", BAD_JSON)
def test_a_bad_json_line_is_told_with_line_and_column(name: str) -> None:
    data, expected = BAD_JSON[name]
    assert list(told(data, "d.jsonl")) == expected


def test_reading_half_a_file_leaves_it_closed() -> None:
    stream = io.BytesIO(b"a\n1\n2\n")
    reading = read_rows(stream, "d.csv")
    next(reading)
    reading.close()  # type: ignore[attr-defined]
    assert stream.closed


@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
def test_memory_does_not_grow_with_the_file(tmp_path: Path, suffix: str) -> None:
    """40,000 rows of 4 MB pass through less than 1 MB."""
    path = tmp_path / f"d.{suffix}"
    with path.open("w") as file:
        file.write("n,note\n" if suffix == "csv" else "")
        for number in range(40_000):
            note = "x" * 90
            file.write(f"{number},{note}\n" if suffix == "csv" else json.dumps({"n": number, "note": note}) + "\n")
    tracemalloc.start()
    count = sum(isinstance(item, Row) for item in one_by_one(read_rows(path.open("rb"), path.name)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 40_000
    assert peak < 1_000_000


def ordered(
    folder: Path, spec: str, data: str = "n,phone,note,pay\n1,+919900000001,a,COD\n2,+919900000002,b,UPI\n"
) -> Read:
    (folder / "d.csv").write_text(data)
    return plan(folder, CALL + spec)


def test_a_file_becomes_one_call_a_row(tmp_path: Path) -> None:
    read = ordered(tmp_path, "d.csv")
    assert not read.told
    assert [call.id for call in read.calls] == ["o-1", "o-2"]
    assert [call.span for call in read.calls] == [Span(str(tmp_path / "d.csv"), 2), Span(str(tmp_path / "d.csv"), 3)]


def test_an_inline_list_becomes_one_call_a_row(tmp_path: Path) -> None:
    read = plan(tmp_path, CALL + "[{n: 007, phone: 08012345678, note: no}, {n: 1.50, phone: +919900000001, note: ~}]")
    assert not read.errors
    assert [call.id for call in read.calls] == ["o-007", "o-1.50"]
    assert read.values("To") == ["08012345678", "+919900000001"]
    assert read.values("CustomField") == ["no", "~"]


@pytest.mark.parametrize(
    ("where", "left"),
    [
        ("{pay: COD}", ["o-1"]),
        ("{pay: [COD, UPI]}", ["o-1", "o-2"]),
        ("{pay: [COD, UPI], n: 2}", ["o-2"]),
        ('{pay: "${var.only}"}', ["o-2"]),
        ("{ n : 1 }", ["o-1"]),
    ],
)
def test_where_keeps_rows_by_exact_text(tmp_path: Path, where: str, left: list[str]) -> None:
    (tmp_path / "d.csv").write_text("n,phone,note,pay\n1,+919900000001,a,COD\n2,+919900000002,b,UPI\n")
    read = plan(tmp_path, f"vars: {{only: UPI}}{CALL}{{file: d.csv, where: {where}}}")
    assert not read.errors
    assert [call.id for call in read.calls] == left


@pytest.mark.parametrize("where", ["{pay: cod}", '{pay: ""}', '{n: "01"}'])
def test_where_that_no_row_meets_is_a_warning(tmp_path: Path, where: str) -> None:
    read = ordered(tmp_path, f"{{file: d.csv, where: {where}}}")
    assert [(item.id, item.severity) for item in read.told if item.id != "quote-the-number"] == [
        ("no-rows", Severity.WARNING)
    ]
    assert not read.calls


def test_a_row_that_where_leaves_out_may_be_wrong(tmp_path: Path) -> None:
    read = ordered(
        tmp_path, "{file: d.csv, where: {pay: COD}}", "n,phone,note,pay\n1,+919900000001,a,COD\n,junk,b,UPI\n"
    )
    assert not read.told
    assert len(read.calls) == 1


def test_carry_puts_columns_beside_the_call(tmp_path: Path) -> None:
    read = ordered(tmp_path, "{file: d.csv, carry: [pay, n]}")
    assert [dict(call.carry) for call in read.calls] == [{"pay": "COD", "n": "1"}, {"pay": "UPI", "n": "2"}]


@pytest.mark.parametrize(
    "spec",
    ["{file: d.csv, columns: [n, phon]}", "{file: d.csv, where: {phon: x}}", "{file: d.csv, carry: [phon]}"],
)
def test_a_column_that_the_header_lacks_is_told_at_the_plans_place(tmp_path: Path, spec: str) -> None:
    read = ordered(tmp_path, spec)
    (found,) = read.errors
    assert found.id == "unknown-column"
    assert found.hint == "did you mean `phone`?"
    assert [Path(span.file).name for span in found.spans] == ["plan.yaml", "d.csv"]
    assert not read.calls


def test_a_template_of_an_unknown_column_is_told_once_and_names_the_columns(tmp_path: Path) -> None:
    read = ordered(tmp_path, "d.csv", "n,phone,zip\n1,2,3\n4,5,6\n")
    (found,) = read.errors
    assert (found.id, found.message) == ("unknown-column", "the data has no column `note`")
    assert found.hint == "the columns are: n, phone, zip"


LINES = ['{"n": 1, "phone": "+919900000001"}', '{"n": 2, "phone": "+919900000002", "note": "b"}']


@pytest.mark.parametrize("lines", [LINES, LINES[::-1]], ids=["before", "after"])
def test_what_a_json_line_leaves_out_is_empty_where_another_line_has_it(tmp_path: Path, lines: list[str]) -> None:
    (tmp_path / "d.jsonl").write_text("\n".join(lines))
    read = plan(tmp_path, CALL + "{file: d.jsonl, carry: [note]}")
    assert not read.told
    assert {call.id: (text_of(call.fields, "CustomField"), call.carry["note"]) for call in read.calls} == {
        "o-1": (None, ""),
        "o-2": ("b", "b"),
    }


def test_a_mandatory_parameter_that_a_json_line_leaves_out_is_told_as_missing(tmp_path: Path) -> None:
    (tmp_path / "d.jsonl").write_text("\n".join(['{"n": 3, "note": "c"}', *LINES]))
    read = plan(tmp_path, CALL + "d.jsonl")
    assert [(item.id, item.spans[0].line) for item in read.errors] == [("missing-parameter", 1)]


def test_a_key_that_no_json_line_has_makes_each_of_them_a_bad_row(tmp_path: Path) -> None:
    """No header promises the columns; a key that is nowhere is a slip of the pen in the plan."""
    (tmp_path / "d.jsonl").write_text("\n".join([LINES[0], LINES[0]]))
    read = plan(tmp_path, CALL + "d.jsonl")
    assert not read.calls
    assert [(item.id, item.message, item.spans[0].line) for item in read.errors] == [
        ("unknown-column", "the data has no column `note`", 1),
        ("unknown-column", "the data has no column `note`", 2),
    ]
    assert {item.hint for item in read.errors} == {"the columns are: n, phone"}


def test_a_key_that_an_inline_row_lacks_is_a_bad_row(tmp_path: Path) -> None:
    """Who writes rows into the plan can write an empty value too."""
    read = plan(tmp_path, CALL + '[{n: 1, phone: "+919900000001"}, {n: 2, phone: "+919900000002", note: b}]')
    assert [call.id for call in read.calls] == ["o-2"]
    assert [item.id for item in read.errors] == ["unknown-column"]


def test_a_missing_file_is_told_at_its_place_in_the_plan(tmp_path: Path) -> None:
    read = plan(tmp_path, CALL + "nowhere.csv")
    (found,) = read.errors
    assert (found.id, found.spans) == ("no-such-file", (Span(str(tmp_path / "plan.yaml"), 11, 11, 22),))


def test_a_sample_stands_for_a_missing_file_in_a_review_only(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text("n,phone,note\n1,+919900000001,a\n")
    text = CALL + "{file: d.csv, sample: s.csv}"
    reviewed = plan(tmp_path, text, use_sample=True)
    assert [(item.id, item.severity) for item in reviewed.told] == [("sample-used", Severity.NOTE)]
    assert len(reviewed.calls) == 1
    run = plan(tmp_path, text)
    assert [item.id for item in run.errors] == ["no-such-file"]
    assert "sample" in (run.errors[0].hint or "")
    assert not run.calls


def test_the_file_is_used_where_it_is_there_whatever_the_sample(tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text("n,phone,note\n2,+919900000002,a\n")
    read = plan(tmp_path, CALL + "{file: d.csv, sample: s.csv}", use_sample=True)
    assert [call.id for call in read.calls] == ["o-2"]
    assert not read.told


def test_a_refused_file_has_no_sample(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text("n,phone,note\n1,+919900000001,a\n")
    read = plan(tmp_path, CALL + "{file: ../../d.csv, sample: s.csv}", use_sample=True)
    assert [item.id for item in read.errors] == ["file-outside-root"]
    assert not read.calls


BAD_ROWS = "n,phone,note\n1,+919900000001,a\n2\n3,+918069171234,c\n4,,d\n5,9.19877E+11,e\n6,+919900000006,f\n"


def test_bad_rows_are_errors(tmp_path: Path) -> None:
    read = ordered(tmp_path, "d.csv", BAD_ROWS)
    assert [(item.id, item.spans[0].line) for item in read.errors] == [
        ("short-row", 3),
        ("same-number", 4),
        ("missing-parameter", 5),
        ("number-destroyed", 6),
    ]


def test_bad_skip_lists_each_bad_row_once_and_makes_the_other_calls(tmp_path: Path) -> None:
    read = ordered(tmp_path, "{file: d.csv, bad: skip}", BAD_ROWS)
    assert not read.errors
    assert [call.id for call in read.calls] == ["o-1", "o-6"]
    assert [(item.id, item.severity, item.message.startswith("row skipped: ")) for item in read.told] == [
        ("short-row", Severity.WARNING, True),
        ("same-number", Severity.WARNING, True),
        ("missing-parameter", Severity.WARNING, True),
        ("number-destroyed", Severity.WARNING, True),
    ]


def test_bad_skip_does_not_excuse_a_file_that_cannot_be_read_on(tmp_path: Path) -> None:
    read = ordered(tmp_path, "{file: d.csv, bad: skip}", 'n,phone,note\n1,"+919900000001,a\n2,x,b\n')
    assert [item.id for item in read.errors] == ["unclosed-quote"]


def test_a_rounded_number_is_an_error_in_an_id_and_a_warning_in_a_text(tmp_path: Path) -> None:
    data = "n,phone,note,pay\n1.23457E+11,+919900000001,a,1\n2,+919900000002,1.5E+10,2\n3,+919900000003,c,1.5E+10\n"
    read = ordered(tmp_path, "d.csv", data)
    assert [(item.id, item.severity, item.spans[0].line) for item in read.told] == [
        ("number-destroyed", Severity.ERROR, 2),
        ("number-destroyed", Severity.WARNING, 3),
    ]


@pytest.mark.parametrize("name", ["d.xlsx", "d.json", "D.YAML"])
def test_a_file_of_another_kind_is_told_how_to_save_it(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("n,phone,note\n")
    read = plan(tmp_path, CALL + name)
    assert [item.id for item in read.errors] == ["not-rows"]


def test_data_is_never_a_template(tmp_path: Path) -> None:
    read = ordered(tmp_path, "d.csv", "n,phone,note\n1,+919900000001,${row.phone} $$ ${var.x} $\n")
    assert not read.told
    assert read.values("CustomField") == ["${row.phone} $$ ${var.x} $"]
