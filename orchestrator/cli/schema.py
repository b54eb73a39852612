"""`orchestrate schema`: the JSON Schemas, for editors and programs."""

import click

from orchestrator.cli.options import Command
from orchestrator.cli.screen import results

NAMES = ("call-plan", "target", "run-report", "events")


@click.command("schema", cls=Command, short_help="Print a JSON Schema.")
@click.argument("name", type=click.Choice(NAMES), default="call-plan")
def command(name: str) -> None:
    """Print a JSON Schema: of call plans, target files, run reports or log events."""
    from orchestrator.app.schema import schema_text

    results(schema_text(name))
