"""`orchestrate report`: what became of the calls, in any format, from the journal."""

from typing import Any

import click

from orchestrator.cli.complete import files, runs_and_plans
from orchestrator.cli.options import (
    Command,
    disposition_option,
    edition,
    known_journal_option,
    listed,
    root_option,
    storable_text,
    unmask_option,
)
from orchestrator.cli.screen import Screen
from orchestrator.reports.formats import FORMATS


def _columns(_ctx: click.Context, _param: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...] | None:
    found = listed(value)
    if value and not found:
        raise click.BadParameter("it names no column")
    return found or None


@click.command("report", cls=Command)
@click.argument("what", metavar="[RUN or PLAN]", required=False, callback=storable_text, shell_complete=runs_and_plans)
@click.option(
    "--format",
    "format_",
    type=click.Choice([each.name for each in FORMATS]),
    help="How it is written; default: as the name of --out ends, else json.",
)
@click.option(
    "--out",
    default="-",
    metavar="FILE",
    shell_complete=files,
    help="Write to a file (mode 0600) instead of stdout.",
)
@click.option("--only", metavar="GLOB", callback=storable_text, help="Only calls whose id matches.")
@disposition_option("Only calls with one of these, such as busy,no-answer.")
@click.option(
    "--columns", multiple=True, metavar="NAME,...", callback=_columns, help="Of a CSV only these, in this order."
)
@click.option(
    "--edition", metavar="NAME", callback=edition, help="The plan's edition; default: its file's, or the latest."
)
@known_journal_option
@root_option
@unmask_option
@click.pass_obj
def report_command(screen: Screen, /, format_: str | None, **chosen: Any) -> None:
    """Report what became of every call of a plan's edition, over all its runs, as the journal knows it now.

    A run is named by its id or a unique beginning of it, a plan by its name or by its file; without either the latest
    run's is meant. Also while a run goes on: calls that have no disposition yet are `waiting`.
    """
    from orchestrator.app.options import ReportOptions
    from orchestrator.app.report import report_now

    screen.sources = (chosen["what"],) if chosen["what"] else ()
    report_now(ReportOptions(**chosen, format=format_, unmask=screen.unmask))
