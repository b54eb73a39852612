"""The report as JUnit XML: a test case a call, so that a pipeline's viewer lists who was not reached, and why.

There is no standard but what CI servers read: the schemas of Jenkins and of Ant both accept it. A call that was
completed passes, one that may have rung without our knowing is an error, and one that was not dialed is skipped.
"""

import re
from collections.abc import Iterator
from xml.sax.saxutils import escape

from orchestrator.exotel.masking import Masker
from orchestrator.model.outcome import Disposition
from orchestrator.model.record import CallRecord
from orchestrator.phone.safe_text import printable
from orchestrator.reports.report import Report, why

SKIPPED = frozenset({Disposition.SUPPRESSED, Disposition.NOT_DIALED, Disposition.WAITING})
"""Calls that were not to be dialed, or were not yet."""

_NO_XML = re.compile("[\ufffe\uffff]")
"""What no XML may hold beside control characters, which `printable` has written out."""
_ENTITIES = {'"': "&quot;", "#": "&#35;"}
"""Of a quote, and of what begins a command to a pipeline (phone/safe_text.py)."""


def junit_report(report: Report, masker: Masker) -> Iterator[str]:
    """Yield the document, a call a line."""
    run = report.run
    plan, edition = masker.text(run.plan), masker.text(run.edition)
    suite = f"{plan}.{edition}" if edition else plan
    facts = {
        "name": suite,
        "package": plan,
        "id": "0",
        "hostname": "localhost",
        "timestamp": run.started_at[: len("2026-11-22T09:00:00")],
        "time": f"{run.seconds or 0:.3f}",
        **_counts(report),
    }
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n'
    yield f"<testsuite{_attributes(facts)}>\n<properties>\n"
    for name, value in _properties(report, masker):
        yield f"<property{_attributes({'name': name, 'value': value})}/>\n"
    yield "</properties>\n"
    for call in report.calls():
        yield _case(call, suite, masker)
    yield "<system-out/>\n<system-err/>\n</testsuite>\n</testsuites>\n"


def _counts(report: Report) -> dict[str, str]:
    count = {word: report.totals.get(word.value, 0) for word in Disposition}
    skipped = sum(count[word] for word in SKIPPED)
    passed, errors, tests = count[Disposition.COMPLETED], count[Disposition.UNKNOWN], report.totals.get("calls", 0)
    failures = tests - passed - errors - skipped
    return {"tests": str(tests), "failures": str(failures), "errors": str(errors), "skipped": str(skipped)}


def _properties(report: Report, masker: Masker) -> Iterator[tuple[str, str]]:
    """Yield what tells which run it was, and which part of its calls the report shows."""
    run, part = report.run, report.part
    yield from (
        ("run", run.id),
        ("edition", masker.text(run.edition)),
        ("digest", run.digest),
        ("target", masker.text(run.target)),
    )
    yield from (("journal", run.journal), ("head", run.head or ""), ("attempts", str(report.totals.get("attempts", 0))))
    yield "exit_code", "" if run.exit_code is None else str(run.exit_code)
    if run.unmet is not None:
        yield "unmet", run.unmet
    if part.only is not None:
        yield "only", masker.text(part.only)
    if part.dispositions:
        yield "dispositions", ", ".join(part.dispositions)


def _case(call: CallRecord, suite: str, masker: Masker) -> str:
    last = call.attempts[-1] if call.attempts else None
    seconds = last.duration if last is not None and last.duration is not None else 0
    head = f"<testcase{_attributes({'classname': suite, 'name': masker.text(call.id), 'time': str(seconds)})}"
    if call.disposition is Disposition.COMPLETED:
        return f"{head}/>\n"
    word, reason = call.disposition.value, why(call, masker)
    message = f"{word}: {reason}" if reason else word
    if call.disposition in SKIPPED:
        return f"{head}><skipped{_attributes({'message': message})}/></testcase>\n"
    kind = "error" if call.disposition is Disposition.UNKNOWN else "failure"
    told = f"{message} ({'; '.join(_facts(call, masker))})"
    return f"{head}><{kind}{_attributes({'type': word, 'message': message})}>{_text(told)}</{kind}></testcase>\n"


def _facts(call: CallRecord, masker: Masker) -> Iterator[str]:
    """Yield what helps whoever reads of a failure: whom it was to ring, and what the carrier knows it by."""
    yield f"to {masker.number(call.to_number)}"
    yield f"{len(call.attempts)} attempt{'' if len(call.attempts) == 1 else 's'}"
    sids = [attempt.sid for attempt in call.attempts if attempt.sid is not None]
    if sids:
        yield f"Sid {', '.join(sids)}"
    yield f"run {call.run}"


def _attributes(values: dict[str, str]) -> str:
    return "".join(f' {name}="{_text(value)}"' for name, value in values.items())


def _text(text: str) -> str:
    """Return a text as XML may hold it, on one line; in quotes too."""
    return escape(_NO_XML.sub(lambda found: f"\\u{ord(found.group()):x}", printable(text)), _ENTITIES)
