"""`orchestrate cancel`: close what a plan's edition has not dialed."""

import click

from orchestrator.cli.because import because_option
from orchestrator.cli.held_text import held, held_where, named, superseded, tell_default
from orchestrator.cli.options import Command, known_journal_option, text, unmask_option
from orchestrator.cli.screen import Screen, aside, results
from orchestrator.model.hold import way_on
from orchestrator.phone.visible import visible


@click.command("cancel", cls=Command, short_help="Close the undialed calls of a plan's edition until `resume`.")
@click.argument("run", metavar="[RUN]", required=False, callback=text)
@because_option("Why; kept in the journal, and shown by `status`.")
@known_journal_option
@unmask_option
@click.pass_obj
def command(screen: Screen, /, run: str | None, because: str | None, journal: str | None) -> None:
    """Close what is not dialed yet in the plan's edition that RUN is of.

    A RUN is a run's id or a unique beginning of it, a plan's name, or a plan's file; without one the run that dials
    now is meant, or where none does the latest.

    Calls that are under way are followed to their end; then the run ends. Until `orchestrate resume` - with a reason,
    where a halt stands too - no run dials the edition. Done twice it changes nothing.
    """
    from orchestrator.app.control import cancel

    done = cancel(journal, run, because)
    hold = next(hold for hold in done.after if hold.kind == "cancelled")
    what = named(done.plan or "", done.edition)
    if not done.changed:
        results(f"{what}: {held(hold, screen.masker)}; nothing was changed\n")
        return
    if done.superseded_by is not None:
        results(f"{what}: cancelled; {superseded(done.superseded_by)}\n")
        return
    closed = "1 call was closed" if done.calls == 1 else f"{done.calls:,} calls were closed"
    way = visible(way_on(done.after, done.run))
    results(f"{what}: cancelled; {closed}, live calls finish; no further call starts until {way}\n")
    tell_default(done)
    for other in done.before:
        aside(f"note: it was held already: {held_where(other, screen.masker)}")
