"""`orchestrate journal`: make the journal that a live target needs, and prove that nothing in it was altered."""

from typing import TYPE_CHECKING

import click

from orchestrator.cli.exit_codes import Exit
from orchestrator.cli.options import Command, journal_option
from orchestrator.cli.screen import Screen, results

if TYPE_CHECKING:
    from orchestrator.journal import Altered

HEAD = 64
"""Hexadecimal digits of a head."""


@click.group("journal", no_args_is_help=True, short_help="Make or verify the journal of a live target.")
def command() -> None:
    """Make or verify the durable record that everything else derives from."""


@command.command("create", cls=Command, short_help="Make a journal and print its id.")
@journal_option
def create(journal: str | None) -> None:
    """Make the journal that --journal or ORCHESTRATE_JOURNAL names, and print its id; an existing one is fine."""
    from orchestrator.app.journal import create_journal

    results(f"{create_journal(journal)}\n")


def _head(_ctx: click.Context, _param: click.Parameter, value: str | None) -> str | None:
    """Take a head as a summary or report has it, or its digits alone."""
    if value is None:
        return None
    digits = value.removeprefix("sha256:").lower()
    if len(digits) != HEAD or not set(digits) <= set("0123456789abcdef"):
        raise click.BadParameter(f"'{value}' is no head; copy it from a summary or report: sha256: and {HEAD} digits")
    return digits


@command.command("verify", cls=Command, short_help="Prove that nothing in a journal was altered.")
@journal_option
@click.option(
    "--expect-head",
    metavar="HASH",
    callback=_head,
    help="The `head` that a summary or report printed; the journal must still hold it.",
)
@click.pass_obj
def verify(screen: Screen, /, journal: str | None, expect_head: str | None) -> int:
    """Read the whole journal and say whether it is still what was written.

    Judged are the chain of its events, and its calls, attempts and runs against what events say. Nothing is changed,
    and a running dialer is not disturbed.

    Only --expect-head can tell that the newest events were cut off, or that somebody wrote the whole chain anew.

    Exit codes: 0 verified, 1 something was altered (each place is listed), 2 wrong usage, 4 the journal cannot be read.
    """
    from orchestrator.app.journal import verify_journal

    found = verify_journal(journal, expect_head)
    results(f"journal {found.journal}\nevents  {found.events:,}\nhead    {found.head}\n")
    if not found.count:
        results("verified\n")
        return Exit.AS_WISHED
    results(f"{_line(item, screen)}\n" for item in found.altered)
    if found.count > len(found.altered):
        results(f"... and {found.count - len(found.altered):,} more\n")
    results(f"ALTERED: {found.count:,} finding{'' if found.count == 1 else 's'}; restore the journal from a copy\n")
    return Exit.NOT_AS_WISHED


def _line(item: "Altered", screen: Screen) -> str:
    from orchestrator.cli.visible import visible

    where = "" if item.seq is None else f" (event {item.seq})"
    return visible(screen.masker.text(f"{item.what}{where}: {item.why}"))
