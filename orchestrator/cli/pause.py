"""`orchestrate pause`: start no further call, from any terminal."""

import click

from orchestrator.cli.because import because_option
from orchestrator.cli.held_text import held, named, way_on
from orchestrator.cli.options import Command, known_journal_option, text, unmask_option
from orchestrator.cli.screen import Screen, results


@click.command("pause", cls=Command, short_help="Start no further call; live ones finish, the process stays.")
@click.argument("run", metavar="[RUN]", required=False, callback=text)
@click.option("--all", "whole", is_flag=True, help="Every plan on the journal, also runs that start later.")
@because_option("Why; kept in the journal, and shown by `status`.")
@known_journal_option
@unmask_option
@click.pass_obj
def command(screen: Screen, /, run: str | None, whole: bool, because: str | None, journal: str | None) -> None:
    """Start no further call in the plan's edition that RUN is of, by default the latest run's.

    Calls that are under way finish. The process that dials waits for `orchestrate resume`, at most as long as its
    --wait. Done twice it changes nothing.
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
    later = ", also of runs that start later" if whole else ""
    results(f"{what}: paused; no further call starts{later}, live calls finish; {way_on(hold, done.run)} goes on\n")
