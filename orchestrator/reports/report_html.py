"""The report as a page: one file that anybody can open, with pictures, a table, and nothing that is fetched.

What others wrote - ids, reasons, carried cells, the carrier's messages - is masked, has every character that is not
seen written out, and is escaped by the template. The page's content security policy allows its own script and style by
their hashes, and nothing else.
"""

import base64
import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from orchestrator.exotel.masking import Masker
from orchestrator.exotel.parameters import TABLE_VERSION
from orchestrator.model.background import Background
from orchestrator.model.exit_codes import MEANINGS
from orchestrator.model.frozen import frozen
from orchestrator.model.outcome import Disposition, Leg
from orchestrator.model.policy import CALLEE
from orchestrator.model.program import VERSION
from orchestrator.model.record import AttemptRecord, CallRecord, RunRecord
from orchestrator.phone.masking import excerpt
from orchestrator.phone.safe_text import visible
from orchestrator.reports.figures import Figures, epoch, gathered, price_of, talked
from orchestrator.reports.html import sections
from orchestrator.reports.html.chart import Chart, counted, share
from orchestrator.reports.html.pace import in_words, pace, width_of
from orchestrator.reports.html.sections import money
from orchestrator.reports.report import Report, why

if TYPE_CHECKING:
    from jinja2 import Environment
    from jinja2.environment import TemplateStream
    from markupsafe import Markup

MOST_ROWS = 10_000
"""Calls that the table has; of more, every so many-th is shown."""

FIRST_ROWS = 100
"""Calls that are laid out at once: the others wait in the page for its script."""

UTC_ZONE = "UTC"

FILES = "files"
"""The folder of the page's template, style and script."""

LONGEST = 300
"""Characters of a text of others that are shown."""

LONGEST_IN_A_ROW = 60
"""The same in a row of the table; the story has more."""


def html_report(report: Report, masker: Masker) -> Iterator[str]:
    """Yield the page, piece by piece."""
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
        title=masker.shown(run.plan) + (f", edition {masker.shown(run.edition)}" if run.edition else ""),
        run=visible(run.id),
        target=masker.shown(run.target),
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
        ("talked", sections.talk_time(talk), f"in {counted(figures.talks.total(), 'talk')}"),
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
        ("target", masker.text(run.target)),
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


def _exit(run: RunRecord) -> str:
    if run.exit_code is None:
        return "none yet"
    meaning = MEANINGS.get(run.exit_code)
    return f"{run.exit_code}: {meaning}" if meaning else f"{run.exit_code}"


def stream(name: str, **values: Any) -> "TemplateStream":
    """Return the text of a template of these values, piece by piece."""
    found = _environment().get_template(name).stream(**values)
    found.enable_buffering(100)
    return found


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, PackageLoader, StrictUndefined  # loaded for this format alone

    made = Environment(
        loader=PackageLoader("orchestrator.reports.html", FILES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.globals.update(style=_own("style.css"), script=_own("table.js"))
    made.globals.update(style_hash=_hash(_own("style.css")), script_hash=_hash(_own("table.js")))
    return made


def _own(name: str) -> "Markup":
    """Return a file of ours, to be written as it is."""
    from markupsafe import Markup

    return Markup(files("orchestrator.reports.html").joinpath(FILES, name).read_text("utf-8"))  # noqa: S704


def _hash(text: str) -> str:
    """Return what a content security policy allows exactly this text by."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


@frozen
class Row:
    """What is written of one call. `began` sorts as text; `talk` and `attempts` are figures, empty where not known."""

    id: str
    disposition: str
    from_number: str
    to_number: str
    attempts: int
    began: str
    talk: str
    cost: str
    why: str
    story: Sequence[str]
    carry: Sequence[tuple[str, str]]


def row_of(call: CallRecord, masker: Masker, zone: ZoneInfo) -> Row:
    """Return a call as it is shown."""
    last = call.attempts[-1] if call.attempts else None
    talk = sum(talked(attempt) or 0 for attempt in call.attempts)
    reason = why(call, Masker(unmask=True))
    return Row(
        id=shown(call.id, masker),
        disposition=call.disposition.value,
        from_number=masker.shown(masker.number(call.from_number)),
        to_number=masker.shown(masker.number(call.to_number)),
        attempts=len(call.attempts),
        began=clock(last.started_at, zone) if last else "",
        talk=f"{talk}" if talk else "",
        cost=_cost(call.attempts),
        why=shown(reason, masker, LONGEST_IN_A_ROW),
        story=_story(call, masker, zone),
        carry=[(shown(name, masker), shown(value, masker)) for name, value in call.carry.items()],
    )


def shown(text: str, masker: Masker, longest: int = LONGEST) -> str:
    """Return a text of others as the page shows it: cut, masked, and with what is not seen written out."""
    return masker.shown(excerpt(text, longest))


def clock(text: str | None, zone: ZoneInfo) -> str:
    """Return an RFC 3339 time by the zone's clock; the text itself where it is no time."""
    moment = epoch(text)
    return f"{datetime.fromtimestamp(moment, zone):%Y-%m-%d %H:%M:%S}" if moment is not None else visible(text or "")


def _story(call: CallRecord, masker: Masker, zone: ZoneInfo) -> Sequence[str]:
    """Return one sentence an attempt, and what stands at the end."""
    lines = [_told(attempt, masker, zone) for attempt in call.attempts]
    if call.reason:
        lines.append(f"{call.disposition.value}: {shown(call.reason, masker)}")
    return lines or ["No attempt has begun."]


def _told(attempt: AttemptRecord, masker: Masker, zone: ZoneInfo) -> str:
    """Return what is known of an attempt."""
    parts = [f"Attempt {attempt.n} began {clock(attempt.started_at, zone)}"]
    evidence = f" (by {attempt.evidence.value})" if attempt.evidence else ""
    parts.append(f"{attempt.placement.value}{evidence}" if attempt.placement else "its request has no outcome yet")
    if attempt.http_status is not None:
        parts.append(f"HTTP {attempt.http_status}")
    if attempt.sid is not None:
        parts.append(f"Sid {visible(attempt.sid)}")
    parts += [f"{name} {_leg(leg, masker)}" for name, leg in zip(("leg 1", "leg 2"), attempt.legs, strict=False)]
    if attempt.ending is not None:
        ended = f" at {clock(attempt.ended_at, zone)}" if attempt.ended_at else ""
        took = f" after {attempt.duration} s" if attempt.duration is not None else ""
        parts.append(f"ended {attempt.ending.value}{ended}{took}")
    price = price_of(attempt)
    if price is not None:
        parts.append(f"cost {money(price, attempt.currency or '')}")
    if attempt.recording_url is not None:
        parts.append(f"recording {visible(masker.address(attempt.recording_url))}")
    if attempt.message:
        parts.append(shown(attempt.message, masker))
    return "; ".join(parts)


def _leg(leg: Leg, masker: Masker) -> str:
    parts = [shown(leg.status, masker, LONGEST_IN_A_ROW) if leg.status else "not told"]
    parts += [f"for {leg.duration} s"] if leg.duration is not None else []
    parts += [f"by {shown(leg.answered_by, masker, LONGEST_IN_A_ROW)}"] if leg.answered_by else []
    return " ".join(parts)


def _cost(attempts: Sequence[AttemptRecord]) -> str:
    """Return what all attempts cost, each currency by itself."""
    found: dict[str, Decimal] = {}
    for attempt in attempts:
        price = price_of(attempt)
        if price is not None:
            currency = attempt.currency or ""
            found[currency] = found.get(currency, Decimal(0)) + price
    return " + ".join(money(amount, currency) for currency, amount in sorted(found.items()))
