"""The report as JSON Lines: the run with its totals in the first line, then one call a line, as JSON has them."""

from collections.abc import Iterator

from orchestrator.exotel.masking import Masker
from orchestrator.reports.report import Report
from orchestrator.reports.report_json import call_text, encoded, heading


def jsonl_report(report: Report, masker: Masker) -> Iterator[str]:
    """Yield the lines. They are ASCII, and each is a JSON object: a reader takes as many as it wants."""
    yield f"{encoded(heading(report, masker))}\n"
    for call in report.calls():
        yield f"{call_text(call, masker)}\n"
