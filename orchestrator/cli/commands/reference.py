"""`orchestrate schema` and `explain`: the JSON Schemas, for editors and programs; the documentation of every name."""

import shutil

import click

from orchestrator.cli.complete import names_to_explain
from orchestrator.cli.options import Command
from orchestrator.cli.screen import write_stdout

NAMES = (
    "call-plan",
    "target",
    "run-report",
    "run-report-line",
    "proof-line",
    "events",
    "plan-review",
    "plan-diff",
    "doctor",
    "notification",
)

MARGIN = 2
"""Columns that are left free at the right of a terminal."""


@click.command("schema", cls=Command)
@click.argument("name", type=click.Choice(NAMES), default="call-plan")
def schema_command(name: str) -> None:
    """Print a JSON Schema: of plans, targets, reports, proofs, events, reviews, diffs, notifications or `doctor`."""
    from orchestrator.app.reference import schema_text

    write_stdout(schema_text(name))


@click.command("explain", cls=Command)
@click.argument("name", nargs=-1, shell_complete=names_to_explain)
def explain_command(name: tuple[str, ...]) -> None:
    """Print the documentation of NAME; without one, list all names.

    A NAME is a carrier's parameter (TimeOut), a key of plans, policies or target files (window, guardrails.expect), the
    id of a finding (bad-row), an exit code (5), or a word of the glossary (disposition).
    """
    from orchestrator.app.explain import explain, names_by_subject
    from orchestrator.reference.page_text import names_text, page_text

    width = shutil.get_terminal_size().columns - MARGIN
    if not name:
        write_stdout(names_text(names_by_subject(), width))
        return
    write_stdout("\n".join(page_text(page, width) for page in explain(" ".join(name))))
