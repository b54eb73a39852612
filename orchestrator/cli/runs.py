"""`orchestrate runs`: the journal's runs."""

import click

from orchestrator.cli.options import Command, format_option, known_journal_option, unmask_option
from orchestrator.cli.screen import results


@click.command("runs", cls=Command, short_help="List the journal's runs, the latest first.")
@format_option
@known_journal_option
@unmask_option
def command(format_: str, journal: str | None) -> None:
    """List the runs that the journal knows, the latest first: plan, target, when, how they ended, how many calls."""
    from orchestrator.app.runs import journal_runs

    with journal_runs(journal) as runs:
        if format_ == "json":
            from orchestrator.reports.standing_json import runs_json

            results(runs_json(runs))
        else:
            from orchestrator.cli.status_text import runs_text

            results(runs_text(runs))
