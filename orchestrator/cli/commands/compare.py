"""`orchestrate compare`: two runs side by side."""

import click

from orchestrator.cli.complete import runs_and_plans
from orchestrator.cli.options import Command, format_option, known_journal_option, storable_text, unmask_option
from orchestrator.cli.screen import Screen, write_stdout


@click.command("compare", cls=Command)
@click.argument("first", metavar="RUN", callback=storable_text, shell_complete=runs_and_plans)
@click.argument("second", metavar="RUN", callback=storable_text, shell_complete=runs_and_plans)
@format_option
@known_journal_option
@unmask_option
@click.pass_obj
def compare_command(screen: Screen, /, first: str, second: str, format_: str, journal: str | None) -> None:
    """Show two runs side by side: how long each took, what came of its own attempts, and how its edition's calls stand.

    A run is named by its id or a unique beginning of it; a plan's name or file means its latest run.
    """
    from orchestrator.app.compare import compare

    screen.sources = (first, second)
    one, other = compare(journal, first, second)
    if format_ == "json":
        from orchestrator.reports.compare_json import compare_json, compared_facts

        write_stdout(compare_json(*(compared_facts(each.run, each.totals, each.own) for each in (one, other))))
    else:
        from orchestrator.cli.render.compare import compare_text

        write_stdout(compare_text(one, other))
