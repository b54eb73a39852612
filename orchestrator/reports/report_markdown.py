"""The report as Markdown: what a pipeline shows of a run in its summary, or in a comment, whose limits it fits."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from orchestrator.exotel.masking import Masker
from orchestrator.model.outcome import Disposition
from orchestrator.model.record import CallRecord
from orchestrator.reports.markdown import MOST_ROWS, Page, code
from orchestrator.reports.report import Report, why

MOST_REASONS = 1_000
"""Different reasons that are counted: carriers write what they like."""

_OTHERS = "other reasons"

LONGEST_WISH = 1_000
"""Characters that may say what was not as wished: our own words, a wish a disposition."""

_WORST_FIRST = (
    *(Disposition.UNKNOWN, Disposition.REJECTED, Disposition.FAILED, Disposition.UNSEEN, Disposition.CANCELED),
    *(Disposition.AGENT_NO_ANSWER, Disposition.BUSY, Disposition.NO_ANSWER, Disposition.WAITING),
    *(Disposition.NOT_DIALED, Disposition.SUPPRESSED),
)
"""All but those that are as wished."""


@dataclass(slots=True)
class _Seen:
    """What one pass over the calls gathers: reasons, the first calls of each disposition, and what they cost."""

    reasons: Counter[tuple[Disposition, str]] = field(default_factory=Counter)
    first: dict[Disposition, list[list[str]]] = field(default_factory=dict)
    cost: dict[str, Decimal] = field(default_factory=dict)


def markdown_report(report: Report, masker: Masker) -> Iterator[str]:
    """Yield the document: the headline and totals, why calls were not completed, then calls that a reader folds out."""
    seen = _gathered(report, masker)
    page = Page(_ending(report))
    page.add(_headline(report, seen, masker))
    counted = [(word, report.totals.get(word.value, 0)) for word in Disposition]
    every = report.totals.get("calls", 0)
    rows = [[word.value, f"{count:,}", f"{count / every:.1%}"] for word, count in counted if count]
    page.table("Calls by disposition", ("disposition", "calls", "share"), rows, len(rows), unfolded=True)
    if seen.reasons:
        said = ([word.value, code(reason), f"{count:,}"] for (word, reason), count in seen.reasons.most_common())
        page.table("Reasons", ("disposition", "reason", "calls"), said, len(seen.reasons), unfolded=True)
    for word in _WORST_FIRST:
        count = report.totals.get(word.value, 0)
        if count:
            head = ("call", "why", "attempts", "last began")
            page.table(f"{count:,} {word.value}", head, seen.first.get(word, []), count)
    yield page.text()


def _gathered(report: Report, masker: Masker) -> _Seen:
    """Pass over the calls once, and keep no more of them than is shown."""
    seen = _Seen()
    for call in report.calls():
        _add_cost(seen.cost, call)
        if call.disposition is Disposition.COMPLETED:
            continue
        reason = why(call, masker)
        if reason:
            key = (call.disposition, reason)
            known = key in seen.reasons or len(seen.reasons) < MOST_REASONS
            seen.reasons[key if known else (call.disposition, _OTHERS)] += 1
        first = seen.first.setdefault(call.disposition, [])
        if len(first) < MOST_ROWS:
            last = code(call.attempts[-1].started_at) if call.attempts else ""
            first.append([code(masker.text(call.id)), code(reason) if reason else "", f"{len(call.attempts)}", last])
    return seen


def _add_cost(cost: dict[str, Decimal], call: CallRecord) -> None:
    for attempt in call.attempts:
        if attempt.price is not None:
            try:
                price = Decimal(attempt.price)
            except InvalidOperation:  # an altered journal
                continue
            currency = attempt.currency or ""
            cost[currency] = cost.get(currency, Decimal(0)) + price


def _headline(report: Report, seen: _Seen, masker: Masker) -> str:
    run, part, totals = report.run, report.part, report.totals
    calls, attempts = totals.get("calls", 0), totals.get("attempts", 0)
    edition = f", edition {code(masker.text(run.edition))}" if run.edition else ""
    chosen = []
    if part.only is not None:
        chosen.append(f"ids like {code(masker.text(part.only))}")
    if part.dispositions:
        chosen.append(f"disposition {', '.join(part.dispositions)}")
    cost = " and ".join(f"{amount:f} {currency}".rstrip() for currency, amount in sorted(seen.cost.items()))
    lines = [
        f"{calls:,} call{_s(calls)}, {attempts:,} attempt{_s(attempts)}, target {code(masker.text(run.target))}",
        f"cost {code(cost)}, as far as the carrier has told" if cost else "",
        f"only calls with {' and '.join(chosen)}" if chosen else "",
        f"not as wished: {code(run.unmet, LONGEST_WISH)}" if run.unmet is not None else "",
        "**the run goes on**" if run.ended_at is None else "",
    ]
    done = totals.get(Disposition.COMPLETED.value, 0)
    facts = "".join(f"- {line}\n" for line in lines if line)
    return f"### {code(masker.text(run.plan))}{edition}: {done:,} of {calls:,} call{_s(calls)} completed\n\n{facts}\n"


def _ending(report: Report) -> str:
    run = report.run
    ended = f" to {code(run.ended_at)}, exit code {run.exit_code}" if run.ended_at is not None else ""
    head = f", head {code(run.head)}" if run.head is not None else ""
    return f"run {code(run.id)}, {code(run.started_at)}{ended}, digest {code(run.digest)}{head}\n"


def _s(count: int) -> str:
    return "" if count == 1 else "s"
