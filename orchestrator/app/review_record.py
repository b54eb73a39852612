"""What a review leaves in the journal: whom it suppresses, so that no run that expects its digest rings them."""

import time
from pathlib import Path

from orchestrator.app.journal import locate_journal
from orchestrator.app.options import PlanOptions
from orchestrator.app.review import Reviewed
from orchestrator.journal.reviews import Review, SuppressedIds, compare, remember
from orchestrator.journal.sqlite.file import opened
from orchestrator.model.diagnostic import Diagnostic, note
from orchestrator.model.errors import CannotProceed
from orchestrator.model.target import Target
from orchestrator.model.times import rfc3339

SAMPLE_USED = "sample-used"
"""The finding that says that only a sample of the rows was read."""


def record_review(
    reviewed: Reviewed, suppressed: SuppressedIds, journal: Path | None, options: PlanOptions
) -> tuple[Path | None, tuple[Diagnostic, ...]]:
    """Write down what is new in a review; return the journal that was asked or made, and what people should know.

    A review that cannot be written down is one all the same, and says so; one of a sample is not, since its rows are
    not the calls. `journal` is None where there is none yet: for the sandbox one is made where somebody is suppressed.
    """
    if any(finding.id == SAMPLE_USED for finding in reviewed.findings):
        return journal, ()
    new, kept, findings = len(suppressed), 0, []
    if journal is not None:
        with opened(journal) as db:
            new, kept = compare(db, reviewed.digest, suppressed)
    if kept:
        findings.append(_kept(kept))
    if new:
        review = Review(reviewed.plan.name, reviewed.edition, reviewed.digest, rfc3339(time.time()))
        try:
            journal = journal or _made(options, reviewed.target)
            remember(journal, review, suppressed)
        except CannotProceed as problem:
            findings.append(_forgotten(new, problem.message, problem.hint))
    return journal, tuple(findings)


def _made(options: PlanOptions, target: Target) -> Path:
    if target.is_live:
        raise CannotProceed("no journal is named", "name the one of the run with --journal")
    return locate_journal(options.journal, target)


def _kept(calls: int) -> Diagnostic:
    message = f"{_calls(calls)} stood on a list when this digest was reviewed before, and stand on none now"
    hint = "under --expect they stay suppressed: a run without it, or a new edition, dials them"
    return note("suppressed-when-reviewed", message, hint=hint)


def _forgotten(calls: int, why: str, hint: str | None) -> Diagnostic:
    message = f"the journal does not keep which calls this review suppresses ({_calls(calls)}): {why}"
    otherwise = "otherwise `run --expect` uses the lists as they are at that time"
    return note("review-not-remembered", message, hint=f"{hint or 'check the disk and the permissions'}; {otherwise}")


def _calls(count: int) -> str:
    return f"{count:,} call{'' if count == 1 else 's'}"
