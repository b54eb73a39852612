"""The formats of reports: each by its name and by the suffix of a file, with what writes it."""

from collections.abc import Callable, Iterator
from pathlib import PurePath
from typing import TYPE_CHECKING

from orchestrator.model.frozen import frozen
from orchestrator.phone.safe_text import disarmed, disarmed_json

if TYPE_CHECKING:
    from orchestrator.exotel.masking import Masker
    from orchestrator.reports.report import Report

    Write = Callable[[Report, Masker], Iterator[str]]


@frozen
class Format:
    """One format. `suffix` ends the names of its files, `write` yields a report's text piece by piece.

    `on_stdout` takes commands to a pipeline out of a piece: what is printed there may be read by a runner of jobs.
    `has_columns`: it is a table, of which columns can be chosen. `is_of_all`: no calls can be chosen.
    """

    name: str
    suffix: str
    write: "Write"
    on_stdout: Callable[[str], str]
    has_columns: bool = False
    is_of_all: bool = False


def _json(report: "Report", masker: "Masker") -> Iterator[str]:
    from orchestrator.reports.report_json import json_report

    return json_report(report, masker)


def _jsonl(report: "Report", masker: "Masker") -> Iterator[str]:
    from orchestrator.reports.report_jsonl import jsonl_report

    return jsonl_report(report, masker)


def _csv(report: "Report", masker: "Masker") -> Iterator[str]:
    from orchestrator.reports.report_csv import csv_report

    return csv_report(report, masker)


def _sheet_csv(report: "Report", masker: "Masker") -> Iterator[str]:
    from orchestrator.reports.report_sheet import sheet_report

    return sheet_report(report, masker)


def _junit(report: "Report", masker: "Masker") -> Iterator[str]:
    from orchestrator.reports.report_junit import junit_report

    return junit_report(report, masker)


def _markdown(report: "Report", masker: "Masker") -> Iterator[str]:
    from orchestrator.reports.report_markdown import markdown_report

    return markdown_report(report, masker)


def _html(report: "Report", masker: "Masker") -> Iterator[str]:
    from orchestrator.reports.report_html import html_report

    return html_report(report, masker)


def _proof(report: "Report", masker: "Masker") -> Iterator[str]:
    from orchestrator.reports.report_proof import proof_report

    return proof_report(report, masker)


FORMATS = (
    Format("json", ".json", _json, disarmed_json),
    Format("jsonl", ".jsonl", _jsonl, disarmed_json),
    Format("csv", ".csv", _csv, disarmed, has_columns=True),
    Format("sheet-csv", ".sheet.csv", _sheet_csv, disarmed, has_columns=True),
    Format("junit", ".xml", _junit, str),  # no text of others has a # or begins a line
    Format("markdown", ".md", _markdown, str),  # each text of others is disarmed
    Format("html", ".html", _html, str),  # same
    Format("proof", ".proof.jsonl", _proof, str, is_of_all=True),  # disarmed, since it tells the digest of its bytes
)
"""All formats; the first is meant where nothing says another."""

BY_NAME = {each.name: each for each in FORMATS}
_BY_SUFFIX = {each.suffix: each for each in FORMATS}


def format_of_file(path: str) -> Format | None:
    """Return the format that a file's name asks for by its last two suffixes, or its last; None where it names none."""
    last_two = PurePath(path.lower()).suffixes[-2:]
    return _BY_SUFFIX.get("".join(last_two)) or _BY_SUFFIX.get("".join(last_two[-1:]))


def no_format(path: str) -> str:
    """Say that a file's name asks for no format that there is."""
    known = ", ".join(each.suffix for each in FORMATS)
    return f"'{path}' has no known format; these suffixes exist: {known}"
