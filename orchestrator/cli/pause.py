"""`orchestrate pause`: start no further call, from any terminal."""

import click

from orchestrator.cli.because import because_option
from orchestrator.cli.held_text import held, held_where, named, superseded, tell_default
from orchestrator.cli.options import Command, known_journal_option, text, unmask_option
from orchestrator.cli.screen import Screen, aside, results
from orchestrator.model.hold import way_on
from orchestrator.phone.visible import visible


@click.command("pause", cls=Command, short_help="Start no further call; live ones finish, the process stays.")
@click.argument("run", metavar="[RUN]", required=False, callback=text)
@click.option("--all", "whole", is_flag=True, help="Every plan on the journal, also runs that start later.")
@because_option("Why; kept in the journal, and shown by `status`.")
@known_journal_option
@unmask_option
@click.pass_obj
def command(screen: Screen, /, run: str | None, whole: bool, because: str | None, journal: str | None) -> None:
    """Start no further call in the plan's edition that RUN is of.

    A RUN is a run's id or a unique beginning of it, a plan's name, or a plan's file; without one the run that dials
    now is meant, or where none does the latest.

    Calls that are under way finish. The process that dials waits for `orchestrate resume` (after --all, for `resume
    --all`), at most as long as its --wait. Done twice it changes nothing.
    """
    if whole and run is not None:
        raise click.UsageError("--all is every plan on the journal; name no RUN with it")
    from orchestrator.app.control import pause

    done = pause(journal, run, because, whole=whole)
    hold = next(hold for hold in done.after if hold.kind == "paused" and hold.whole == whole)
    what = "every plan on the journal" if done.plan is None else named(done.plan, done.edition)
    if not done.changed:
        results(f"{what}: {held(hold, screen.masker)}; nothing was changed\n")
        return
    if done.superseded_by is not None:
        results(f"{what}: paused; {superseded(done.superseded_by)}\n")
        return
    later = ", also of runs that start later," if whole else ""
    way = visible(way_on(done.after, done.run))
    results(f"{what}: paused; no further call starts{later} until {way}; live calls finish\n")
    tell_default(done)
    for other in done.before:
        aside(f"note: it was held already: {held_where(other, screen.masker)}")
