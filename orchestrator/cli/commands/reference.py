"""`orchestrate schema` and `explain`: the JSON Schemas, for editors and programs; one parameter's documentation."""

import click

from orchestrator.cli.options import Command
from orchestrator.cli.screen import write_stdout

NAMES = ("call-plan", "target", "run-report", "events", "plan-review", "plan-diff")


@click.command("schema", cls=Command)
@click.argument("name", type=click.Choice(NAMES), default="call-plan")
def schema_command(name: str) -> None:
    """Print a JSON Schema: of call plans, target files, run reports, log events, plan reviews or plan diffs."""
    from orchestrator.app.reference import schema_text

    write_stdout(schema_text(name))


@click.command("explain", cls=Command)
@click.argument("name")
def explain_command(name: str) -> None:
    """Print the documentation of a carrier's parameter, such as TimeOut."""
    from orchestrator.app.reference import explain

    write_stdout(explain(name))
