"""`orchestrate explain`: one parameter's documentation."""

import click

from orchestrator.cli.options import Command
from orchestrator.cli.screen import results


@click.command("explain", cls=Command, short_help="Print the documentation of a parameter.")
@click.argument("name")
def command(name: str) -> None:
    """Print the documentation of a carrier's parameter, such as TimeOut."""
    from orchestrator.app.explain import explain

    results(explain(name))
