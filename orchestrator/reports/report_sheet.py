"""The report as CSV for spreadsheets: they show each text as it is, compute none, and find UTF-8 by the mark before it.

A spreadsheet takes `=1+1` for a formula, `+919812345678` for 9.2E+11, `0042` for 42, `3-4` for a day and `MARCH1` for
another. An apostrophe before such a text has it shown as a text. Whole numbers of up to fifteen digits are left as they
are, so that a column of them joins back to the sheet that it came from.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import chain

from orchestrator.exotel.masking import Masker
from orchestrator.phone.safe_text import printable, written_out
from orchestrator.reports.report import Report
from orchestrator.reports.report_csv import Figure, rows_of, table

BYTE_ORDER_MARK = "\ufeff"
GUARD = "'"

_BLANK = r"[\s\u200c\u200d]*+"
_SIGN = r"[=+\-@\uff1d\uff0b\uff0d\uff20]"
_FORMULA = re.compile(rf"{_BLANK}{_SIGN}")
"""What a formula begins with, also in full width and behind blanks."""
_SEPARATED = re.compile(rf";(?={_BLANK}[\"']?{_SIGN})")
"""Where a formula would begin in a country whose spreadsheets part cells by semicolons."""
_MONEY = r"$\u20ac\u00a3\u00a5\u20b9"
_NUMBER = rf"(?i:[\s('\"{_MONEY}.,]*+\d[\d\s.,:/%(){_MONEY}-]*+(?:e[+-]?\d*)?(?:[ap]\.?m?\.?)?\s*)"
"""A number, a share, an amount, a date in figures or a time of day, as some country writes it."""
_MOMENT = r"\d{4}-\d\d?-\d\d?T[\d:.,]*"
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_DATE = rf"(?i:\s*(?:\d{{1,4}}[\s.,/-]*{_MONTH}|{_MONTH}[\s.,/-]*\d)[\d\s.,/:-]*)"
"""A date with the name of its month."""
_TRUTHS = ("true", "false")
_WORD = r"(?i:\s*(?:true|false|#[a-z/0!?]+)\s*)"
_CHANGED = re.compile(f"{_NUMBER}|{_MOMENT}|{_DATE}|{_WORD}")
_PLAIN = re.compile(r"0|[1-9][0-9]{0,14}")
"""A whole number that a spreadsheet shows as it is written."""


def sheet_report(report: Report, masker: Masker) -> Iterator[str]:
    """Return the header and the rows, with the mark before them. Raises WrongUsage for a column that there is not."""
    rows = table(report, masker)
    return chain([BYTE_ORDER_MARK], rows_of([guarded(cell) for cell in row] for row in rows))


def guarded(cell: str) -> str:
    """Return what a spreadsheet shows as this cell. What is a number by its kind stays one; a text is on one line."""
    return cell if isinstance(cell, Figure) else _shown(cell)


@lru_cache(4_096)  # the same words, numbers and runs stand in many rows
def _shown(cell: str) -> str:
    text = printable(cell)
    if ";" in text:
        text = _SEPARATED.sub(lambda found: written_out(found.group()), text)
    return f"{GUARD}{text}" if _would_change(text) else text


def _would_change(text: str) -> bool:
    """Whether a spreadsheet may take a text for something else, or a reader its own apostrophe for a guard."""
    if text.isalpha() and text.isascii():
        return text.lower() in _TRUTHS
    if text.startswith(GUARD) or _FORMULA.match(text):
        return True
    if _PLAIN.fullmatch(text):
        return False
    return _CHANGED.fullmatch(text) is not None
