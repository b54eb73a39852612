"""The journal's runs, and where a plan's edition stands, for people."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import click

from orchestrator.cli.render.held import scoped_hold, superseded
from orchestrator.cli.render.names import what_ran
from orchestrator.exotel.masking import Masker
from orchestrator.model.exit_codes import MEANINGS, Exit
from orchestrator.model.hold import resume_commands
from orchestrator.model.outcome import Disposition
from orchestrator.model.record import CallRecord
from orchestrator.model.refusal import Refusal, RefusedCallbacks
from orchestrator.model.story import Dialer, RunLine, Standing
from orchestrator.phone.safe_text import visible
from orchestrator.progress.times import duration_in_words
from orchestrator.reports.report import why

if TYPE_CHECKING:
    from orchestrator.app.status import Status

REFUSALS = {
    Refusal.WRONG_PATH: "at a wrong path",
    Refusal.UNREADABLE_BODY: "with an unreadable body",
    Refusal.UNKNOWN_TOKEN: "with an unknown token",
}

DISPOSITION_COLOURS = {"completed": "green", "failed": "red", "rejected": "red", "unknown": "red", "waiting": "cyan"}


def runs_text(runs: Iterable[RunLine], masker: Masker) -> Iterator[str]:
    """Yield two lines a run: its id, times, exit code and calls, then what it ran and where."""
    none = True
    for line in runs:
        none = False
        run = line.run
        took = "" if run.seconds is None else f" ({duration_in_words(run.seconds)})"
        ended = "not ended" if run.ended_at is None else f"to {_short(run.ended_at)}, exit {run.exit_code}"
        yield f"{visible(run.id)}  {what_ran(run, masker)}\n"
        yield f"  {_short(run.started_at)}{took} {ended}, {line.calls:,} call{_s(line.calls)}\n"
    if none:
        yield "no run yet\n"


def status_text(status: "Status", colour: bool, masker: Masker) -> Iterator[str]:
    """Yield the dispositions with their counts, then what the run and the edition wait for."""
    run, totals = status.standing.run, status.standing.totals
    title = what_ran(run, masker)
    yield (click.style(title, bold=True) if colour else title) + "\n"
    for word in Disposition:
        if totals.get(word.value):
            line = f"{word.value:<15} {totals[word.value]:>9,}"
            yield (click.style(line, fg=DISPOSITION_COLOURS.get(word.value)) if colour else line) + "\n"
    for label, text in (*_figures(status.standing), *_approvals(status.standing, masker), *_ahead(status, masker)):
        yield f"{label:<8}{text}\n"


def calls_text(calls: Iterable[CallRecord], colour: bool, masker: Masker) -> Iterator[str]:
    """Yield a line a call, apart from what stands before: disposition, id, To, attempts, why it is not completed."""
    for n, call in enumerate(calls):
        if n == 0:
            yield "\n"
        word = f"{call.disposition.value:<15}"
        shown = click.style(word, fg=DISPOSITION_COLOURS.get(call.disposition.value)) if colour else word
        count = len(call.attempts)
        ended = call.attempts[-1].ended_at if call.attempts else None
        facts = [f"to {visible(masker.number(call.to_number))}", f"{count} attempt{_s(count)}"]
        facts += [f"ended {_short(ended)}"] if ended else []
        reason = "" if call.disposition is Disposition.COMPLETED else why(call, masker)
        yield f"{shown} {masker.shown(call.id)}  {', '.join(facts)}{f': {visible(reason)}' if reason else ''}\n"


def _figures(standing: Standing) -> Iterator[tuple[str, str]]:
    run, totals = standing.run, standing.totals
    over = "1 run" if standing.runs == 1 else f"{standing.runs:,} runs"
    yield "calls", f"{totals['calls']:,}, {totals['attempts']:,} attempt{_s(totals['attempts'])} over {over}"
    if standing.due or standing.open:
        yield "left", f"{standing.due:,} to be dialed, {standing.open:,} in flight or not settled yet"
    made = f", {standing.attempts_of_run:,} attempt{_s(standing.attempts_of_run)} of its own"
    yield "run", f"{visible(run.id)}{'' if standing.asked else ' (the latest)'}{made}"
    yield "began", run.started_at
    if run.ended_at is not None and run.exit_code is not None:
        yield "ended", run.ended_at
        less = run.exit_code == Exit.AS_WISHED and (totals["waiting"] or totals["not-dialed"])
        meant = "what was asked for was done" if less else MEANINGS.get(run.exit_code, "unlisted")
        yield "exit", "; ".join(filter(None, (f"{run.exit_code}: {meant}", visible(run.unmet or ""))))
    else:
        gone = "no: its process is gone; give the same `run` command again to go on"
        yield "ended", "not yet" if standing.alive else gone
    yield "dialer", _dialer(standing.dialer)
    if any(standing.refused.counts.values()):
        yield "refused", _refused(standing.refused)


def _approvals(standing: Standing, masker: Masker) -> Iterator[tuple[str, str]]:
    """Yield who approved what the run dials, where somebody did."""
    if standing.approvals:
        people = (f"{visible(masker.text(each.by))} at {_short(each.at)}" for each in standing.approvals)
        yield "digest", f"approved by {', '.join(people)}"


def _refused(refused: RefusedCallbacks) -> str:
    counts = [f"{count:,} {REFUSALS[why]}" for why, count in refused.counts.items() if count]
    last = f", the last at {_short(refused.last_at)}" if refused.last_at else ""
    return f"callbacks to this journal's receivers: {'; '.join(counts)}{last}"


def _ahead(status: "Status", masker: Masker) -> Iterator[tuple[str, str]]:
    """Yield what holds the edition, what lifts that, and what comes next."""
    standing = status.standing
    for hold in standing.holds:
        yield "held", scoped_hold(hold, masker)
    if status.superseded_by is not None:
        yield "next", superseded(status.superseded_by, masker)
        return
    if standing.holds:
        yield "resume", visible(resume_commands(standing.holds, standing.run.id))
    if standing.next_at is not None or standing.next_why is not None:
        yield "next", _next(standing, masker)


def _dialer(dialer: Dialer | None) -> str:
    if dialer is None or not dialer.alive:
        return "no process dials this plan"
    return f"process {dialer.pid} dials this plan, last seen {dialer.silent:.0f} s ago"


def _next(standing: Standing, masker: Masker) -> str:
    if standing.holds:
        return "no call starts while that holds"
    why = f" ({masker.shown(standing.next_why)})" if standing.next_why else ""
    if standing.next_at is None:
        return f"no time is known at which a call may start{why}"
    return f"a call may start at {standing.next_at}{why}" if why else "a call may start now"


def _short(at: str) -> str:
    """Return an RFC 3339 time to the second, in UTC."""
    return f"{at[:19]}Z"


def _s(count: int) -> str:
    return "" if count == 1 else "s"
