"""CSV as LibreOffice reads and writes it: whoever opens a report there and saves it has changed nothing.

Part of `make campaign`: LibreOffice (Debian: libreoffice-calc-nogui) is half a gigabyte, and starts slowly.
"""

import csv
import io
import shutil
import subprocess
from decimal import Decimal
from pathlib import Path

import pytest
from unit.reports.told import CALLS, DANGEROUS, report

from orchestrator.exotel.masking import Masker
from orchestrator.reports.formats import BY_NAME

OFFICE = shutil.which("soffice")
pytestmark = [
    pytest.mark.campaign,
    pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not installed"),
]
AS_IT_IS = "44,34,76,1"
"""Commas, double quotes, UTF-8, from the first line on: what LibreOffice proposes for a file."""
SAVED = f"csv:Text - txt - csv (StarCalc):{AS_IT_IS},,0,false,true,false"


def told(name: str) -> str:
    return "".join(BY_NAME[name].write(report((*CALLS, *DANGEROUS)), Masker(unmask=True)))


def rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True))


def through_the_office(text: str, folder: Path, opened: str) -> list[list[str]]:
    """Open a file with LibreOffice's settings for CSV, save it as CSV, and read that."""
    (folder / "told.csv").write_text(text, "utf-8", newline="")
    words = [OFFICE, f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless", f"--infilter=CSV:{opened}"]
    words += ["--convert-to", SAVED, "--outdir", folder / "saved", folder / "told.csv"]
    subprocess.run([*map(str, words)], check=True, capture_output=True, timeout=240)
    return rows((folder / "saved" / "told.csv").read_text("utf-8"))


def test_a_report_for_spreadsheets_is_opened_as_it_is_and_comes_back(tmp_path: Path) -> None:
    """But for zeros at the end of what a call cost, which is a number."""
    text = told("sheet-csv")
    header, *wanted = rows(text)
    found_header, *found = through_the_office(text, tmp_path, AS_IT_IS)
    assert found_header == header
    cost = header.index("cost")
    for row in (*wanted, *found):
        row[cost] = str(Decimal(row[cost]).normalize()) if row[cost] else ""
    assert found == wanted
    assert sum(1 for row in wanted if row[cost]) > 1


def test_a_report_for_machines_comes_back_where_each_column_is_opened_as_text(tmp_path: Path) -> None:
    """But for a lone carriage return, which LibreOffice takes for a new line, and for NUL, which it has no room for."""
    text = told("csv")
    columns = "/".join(f"{number}/2" for number in range(1, len(rows(text)[0]) + 1))
    wanted = [[cell.replace("\r", "\n").replace("\x00", "") for cell in row] for row in rows(text)]
    assert through_the_office(text, tmp_path, f"{AS_IT_IS},{columns}") == wanted
