"""What spreadsheet programs write becomes the CSV that plans read, and nothing in a cell changes."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.model.diagnostic import Diagnostic
from orchestrator.plan.rows.export import Export, convert

TABLE = [["Order ID", "Mobile", "Straße", "Note"], ["007", "09876543210", "Königsallee 1", 'says "hi", twice']]
BROKEN = [["id", "note"], ["1", "two\nlines; and more"], ["2", "x"]]


def as_text(rows: list[list[str]], separator: str = ",", ends: str = "\r\n") -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=separator, lineterminator=ends).writerows(rows)
    return text.getvalue()


def converted(folder: Path, raw: bytes) -> tuple[Export | Diagnostic, list[list[str]]]:
    source, copy = folder / "export.csv", folder / "copy.csv"
    source.write_bytes(raw)
    with copy.open("w", encoding="utf-8", newline="") as file:
        found = convert(str(source), file)
    with copy.open(encoding="utf-8", newline="") as file:
        return found, list(csv.reader(file, strict=True))


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("ends", ["\r\n", "\n", "\r"])
@pytest.mark.parametrize(
    ("codec", "words"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8 with a byte order mark"),
        ("cp1252", "Windows-1252"),
        ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-16 without its mark"),
        ("utf-16-be", "UTF-16 without its mark"),
    ],
)
def test_an_export_in_every_dress_has_the_same_cells(tmp_path, separator, ends, codec, words):
    found, rows = converted(tmp_path, as_text(TABLE, separator, ends).encode(codec))
    assert isinstance(found, Export)
    assert (found.encoding, found.renamed, found.lines_left_out) == (words, (), 0)
    assert rows == TABLE


def test_excel_s_own_line_about_the_separator_is_obeyed_and_left_out(tmp_path):
    found, rows = converted(tmp_path, b"sep=;\r\n" + as_text(TABLE, ";").encode("utf-8"))
    assert isinstance(found, Export)
    assert (found.separator, found.lines_left_out) == ("semicolons", 1)
    assert rows == TABLE


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_separators_and_line_ends_inside_cells_decide_nothing(tmp_path, separator):
    found, rows = converted(tmp_path, as_text(BROKEN, separator).encode())
    assert isinstance(found, Export)
    assert rows == BROKEN


def test_decimal_commas_do_not_make_commas_of_semicolons(tmp_path):
    found, rows = converted(tmp_path, b"id;price;tax\n1;1,5;0,3\n2;2,5;0,4\n")
    assert isinstance(found, Export)
    assert found.separator == "semicolons"
    assert rows[1] == ["1", "1,5", "0,3"]


@pytest.mark.parametrize(
    ("header", "names"),
    [
        (["id", "", "phone", ""], ("id", "column 2", "phone", "column 4")),
        (["id", "phone", "phone", "phone"], ("id", "phone", "phone (2)", "phone (3)")),
        (["phone (2)", "phone", "phone"], ("phone (2)", "phone", "phone (3)")),
        (["${row.id}", "a}b"], ("$(row.id)", "a)b")),
        (["<b>", "x" * 150], ("<b>", "x" * 100)),
        (["two\nlines", "bell\x07"], ("two lines", "bell")),
        (["\u00a0", "\u200b", "x"], ("\u00a0", "\u200b", "x")),  # one name alone: a title, and no header
        (["\u00a0", "y", "x"], ("column 1", "y", "x")),
        (["::error::x", "##vso[y]", "🙂", "שלום"], ("::error::x", "##vso[y]", "🙂", "שלום")),
    ],
)
def test_each_column_gets_a_name_that_a_template_can_say(tmp_path, header, names):
    found, rows = converted(tmp_path, as_text([header, ["12345"] * len(header)]).encode())
    assert isinstance(found, Export)
    assert found.columns == tuple(rows[0]) == names


@pytest.mark.parametrize(
    ("raw", "id_", "words"),
    [
        (b"PK\x03\x04rest", "not-text", "workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "not-text", "old Excel"),
        (b"\r\n <html><table>", "not-text", "page"),
        (b"id,name\n1,\x81\x8d\n", "not-utf-8", "Windows-1252"),
        (b"\xff\xfei\x00d\x00,", "not-utf-8", "UTF-16"),
        (b"<?xml version='1.0'?><Workbook>", "not-text", "XML"),
        (b"Orders of today,,\n\nid,phone,city\n1,2,3\n", "title-line", "line 3"),
        (b"sep=;\nOrders of today\nid;phone\n1;2\n", "title-line", "line 3"),
        (b"", "no-header", "empty"),
        (b"\r\n\r\n", "no-header", "empty"),
        (b'id,name\n1,"never closed\n', "unclosed-quote", "never closed"),
        (b'id,name\n1,"a"b\n', "text-after-quote", "closing quote"),
    ],
)
def test_what_is_no_export_is_refused_with_its_place(tmp_path, raw, id_, words):
    found, _ = converted(tmp_path, raw)
    assert isinstance(found, Diagnostic)
    assert found.id == id_
    assert words in found.message
    assert found.spans[0].file == str(tmp_path / "export.csv")


def test_a_file_without_line_ends_does_not_fill_the_memory(tmp_path):
    found, _ = converted(tmp_path, b"id,name\n" + b"x," * (1 << 20))
    assert isinstance(found, Diagnostic)
    assert "longer than" in found.message


def test_ten_thousand_columns_of_one_name_are_renamed_at_once(tmp_path):
    found, _ = converted(tmp_path, as_text([["x"] * 10_000, ["1"] * 10_000]).encode())
    assert isinstance(found, Export)
    assert len(set(found.columns)) == 10_000


@given(raw=st.binary(max_size=400))
def test_any_bytes_are_an_export_or_a_finding(tmp_path_factory, raw):
    found, _ = converted(tmp_path_factory.getbasetemp(), raw)
    assert isinstance(found, Export | Diagnostic)
