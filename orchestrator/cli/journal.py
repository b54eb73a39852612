"""`orchestrate journal create`: the journal that a live target needs."""

import click

from orchestrator.cli.options import Command, journal_option
from orchestrator.cli.screen import results


@click.group("journal", no_args_is_help=True, short_help="Make the journal that a live target needs.")
def command() -> None:
    """Make the durable record that everything else derives from."""


@command.command("create", cls=Command, short_help="Make a journal and print its id.")
@journal_option
def create(journal: str | None) -> None:
    """Make the journal that --journal or ORCHESTRATE_JOURNAL names, and print its id; an existing one is fine."""
    from orchestrator.app.journal import create_journal

    results(f"{create_journal(journal)}\n")
