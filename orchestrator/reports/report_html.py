"""The report as a page: one file that anybody can open, with pictures, a table, and nothing that is fetched.

What others wrote - ids, reasons, carried cells, the carrier's messages - is masked, has every character that is not
seen written out, and is escaped by the template. The page's content security policy allows its own script and style by
their hashes, and nothing else.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from orchestrator.exotel.masking import Masker
from orchestrator.exotel.parameters import TABLE_VERSION
from orchestrator.model.background import Background
from orchestrator.model.exit_codes import MEANINGS
from orchestrator.model.outcome import Disposition
from orchestrator.model.policy import CALLEE
from orchestrator.model.program import VERSION
from orchestrator.phone.safe_text import visible
from orchestrator.reports.figures import Figures, gathered
from orchestrator.reports.html import sections
from orchestrator.reports.html.chart import Chart, counted, share
from orchestrator.reports.html.pace import in_words, pace, width_of
from orchestrator.reports.html.rows import clock, row_of, shown
from orchestrator.reports.html.sections import money
from orchestrator.reports.report import Report

if TYPE_CHECKING:
    from orchestrator.model.record import RunRecord

MOST_ROWS = 10_000
"""Calls that the table has; of more, every so many-th is shown."""

FIRST_ROWS = 100
"""Calls that are laid out at once: the others wait in the page for its script."""

UTC_ZONE = "UTC"


def html_report(report: Report, masker: Masker) -> Iterator[str]:
    """Yield the page, piece by piece."""
    from orchestrator.reports.html.template import stream

    run, background, totals = report.run, report.background(), report.totals
    zone_name = _zone(background)
    zone = ZoneInfo(zone_name)
    every = -(-max(1, totals.get("calls", 0)) // MOST_ROWS)
    rate = None if background.policy is None else background.policy.pace
    figures = gathered(report.calls(), zone, every, width_of(rate))
    rows = (row_of(call, masker, zone) for call in figures.sample)
    yield from stream(
        "report.html",
        version=VERSION,
        title=visible(f"{run.plan}{f', edition {run.edition}' if run.edition else ''}"),
        run=visible(run.id),
        target=visible(run.target),
        notes=_notes(report, masker),
        tiles=_tiles(report, figures),
        charts=_charts(report, figures, background, zone, masker),
        zone=zone_name,
        zone_from="the zone of the plan\u2019s window"
        if zone_name != UTC_ZONE
        else "no window of the plan names a zone",
        dispositions=[(word.value, totals[word.value]) for word in Disposition if totals.get(word.value)],
        rows=rows,
        shown=len(figures.sample),
        calls=figures.calls,
        every=every,
        first_rows=FIRST_ROWS,
        making=_making(report, background, zone, masker),
    )


def _zone(background: Background) -> str:
    """Return the zone of the plan's window; UTC where none names one that there is."""
    windows = () if background.policy is None else background.policy.windows
    for name in (window.timezone for window in windows if window.timezone != CALLEE):
        try:
            ZoneInfo(name)
        except (ValueError, OSError, KeyError):  # a damaged journal
            continue
        return name
    return UTC_ZONE


def _notes(report: Report, masker: Masker) -> list[str]:
    """Return what a reader must know before any figure."""
    part, unmet = report.part, report.run.unmet
    notes = ["No phone rang: the calls went to the simulated carrier."] if report.run.target == "sandbox" else []
    notes += ["The run goes on: these are the figures so far."] if report.run.ended_at is None else []
    notes += [f"Not as wished: {shown(unmet, masker)}."] if unmet is not None else []
    chosen = [f"ids like {shown(part.only, masker)}"] if part.only is not None else []
    chosen += [f"disposition {', '.join(part.dispositions)}"] if part.dispositions else []
    notes += [f"Only calls with {' and '.join(chosen)}."] if chosen else []
    return notes


def _tiles(report: Report, figures: Figures) -> list[tuple[str, str, str]]:
    """Return the figures of the headline: each with its name, and a word beside it."""
    done, calls = report.totals.get(Disposition.COMPLETED.value, 0), report.totals.get("calls", 0)
    talk = sum(seconds * count for seconds, count in figures.talks.items())
    cost = " + ".join(money(amount, currency) for currency, amount in sorted(figures.cost.items()))
    seconds = report.run.seconds
    return [
        ("completed", f"{done:,}", f"of {counted(calls, 'call')}{f', {share(done, calls)}' if calls else ''}"),
        ("attempts", f"{report.totals.get('attempts', 0):,}", "connect requests"),
        ("talked", f"{talk / 60:,.0f} min", f"in {counted(figures.talks.total(), 'talk')}"),
        ("cost", cost or "\u2013", "told by the carrier so far"),
        ("the run took", "\u2013" if seconds is None else _took(seconds), "from begin to end"),
    ]


def _took(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours:,} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def _charts(report: Report, figures: Figures, background: Background, zone: ZoneInfo, masker: Masker) -> list[Chart]:
    completed = report.totals.get(Disposition.COMPLETED.value, 0)
    return [
        sections.outcome(report.totals),
        sections.funnel(figures, completed),
        pace(figures, background, zone, zone.key, masker),
        sections.by_hour(figures, zone.key),
        sections.redials(figures),
        sections.ringing(figures),
        sections.talking(figures),
        sections.cost(figures, background, completed),
        sections.unknowns(background),
        sections.agents(figures, masker),
    ]


def _making(report: Report, background: Background, zone: ZoneInfo, masker: Masker) -> list[tuple[str, str]]:
    """Return how the run was made: name and value."""
    run, policy = report.run, background.policy
    approved = [f"{shown(each.by, masker)} ({clock(each.at, zone)})" for each in background.approvals]
    made = [
        ("run", run.id),
        ("runs of the edition", f"{background.runs:,}"),
        ("target", run.target),
        ("began", clock(run.started_at, zone)),
        ("ended", "it goes on" if run.ended_at is None else clock(run.ended_at, zone)),
        ("exit code", _exit(run)),
        (
            "pace",
            "the target\u2019s" if policy is None or policy.pace is None else in_words(policy.pace),
        ),
        ("digest of the plan", run.digest),
        ("table of parameters", f"version {TABLE_VERSION}"),
        ("approved by", ", ".join(approved) or "nobody"),
        ("journal", run.journal),
    ]
    if run.head is not None:
        made.append(("head of the journal at the run\u2019s end", run.head))
    elif background.head is not None:
        made.append(("head of the journal so far", background.head))
    return [(name, visible(value)) for name, value in made]


def _exit(run: "RunRecord") -> str:
    if run.exit_code is None:
        return "none yet"
    meaning = MEANINGS.get(run.exit_code)
    return f"{run.exit_code}: {meaning}" if meaning else f"{run.exit_code}"
