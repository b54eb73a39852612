"""`orchestrate status`: where a run, or a plan's edition, stands; `orchestrate runs`: the journal's runs."""

import sys

import click

from orchestrator.cli.complete import runs_and_plans
from orchestrator.cli.options import (
    Command,
    disposition_option,
    edition,
    format_option,
    known_journal_option,
    root_option,
    storable_text,
    unmask_option,
)
from orchestrator.cli.screen import Screen, wants_colour, write_stdout
from orchestrator.model.outcome import Disposition
from orchestrator.model.record import Part


@click.command("status", cls=Command)
@click.argument("what", metavar="[RUN or PLAN]", required=False, callback=storable_text, shell_complete=runs_and_plans)
@click.option(
    "--edition", metavar="NAME", callback=edition, help="The plan's edition; default: its file's, or the latest."
)
@click.option("--calls", "list_calls", is_flag=True, help="List the edition's calls too.")
@disposition_option("List only calls with one of these, such as busy,no-answer.")
@format_option
@known_journal_option
@root_option
@unmask_option
@click.pass_obj
def status_command(
    screen: Screen,
    /,
    what: str | None,
    edition: str | None,
    list_calls: bool,
    dispositions: tuple[str, ...],
    format_: str,
    journal: str | None,
    root: str | None,
) -> None:
    """Say where a run stands, by default the latest; or a plan's edition over all its runs.

    A run is named by its id or a unique beginning of it, a plan by its name or by its file; without an edition of its
    own or --edition, its latest is meant.
    """
    from orchestrator.app.status import status

    screen.sources = (what,) if what else ()
    part = Part(None, tuple(map(Disposition, dispositions)))
    with status(journal, what, edition, root) as found:
        calls = found.calls(part) if list_calls or dispositions else None
        if format_ == "json":
            from orchestrator.reports.standing_json import standing_json

            write_stdout(standing_json(found.standing, screen.masker, calls))
        else:
            from orchestrator.cli.render.status import calls_text, status_text

            colour = wants_colour(sys.stdout)
            write_stdout(status_text(found, colour, screen.masker), calls_text(calls or (), colour, screen.masker))


@click.command("runs", cls=Command)
@click.argument("plan", metavar="[PLAN]", required=False, callback=storable_text, shell_complete=runs_and_plans)
@click.option("--edition", metavar="NAME", callback=edition, help="Only runs of this edition of PLAN.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Only the latest N.")
@format_option
@known_journal_option
@unmask_option
@click.pass_obj
def runs_command(
    screen: Screen, /, plan: str | None, edition: str | None, limit: int | None, format_: str, journal: str | None
) -> None:
    """List the runs that the journal knows, the latest first: plan, target, when, how they ended, how many calls.

    Only those of PLAN, where it is given: a plan's name or its file.
    """
    from orchestrator.app.status import journal_runs

    screen.sources = (plan,) if plan else ()
    with journal_runs(journal, plan, edition, limit) as runs:
        if format_ == "json":
            from orchestrator.reports.standing_json import runs_json

            write_stdout(runs_json(runs, screen.masker))
        else:
            from orchestrator.cli.render.status import runs_text

            write_stdout(runs_text(runs, screen.masker))
