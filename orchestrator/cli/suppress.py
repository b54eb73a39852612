"""`orchestrate suppress`: never ring a number again."""

import click

from orchestrator.cli.because import because_option
from orchestrator.cli.options import Command, known_journal_option, text, unmask_option
from orchestrator.cli.screen import Screen, results


@click.command("suppress", cls=Command, short_help="Never ring a number again, for every plan on the journal.")
@click.argument("number", metavar="NUMBER", callback=text)
@because_option("Why; kept in the journal.", required=True)
@known_journal_option
@unmask_option
@click.pass_obj
def command(screen: Screen, /, number: str, because: str, journal: str | None) -> None:
    """Never ring NUMBER again, at once: no plan on the journal, and no run that is under way.

    Any spelling of the number will do. A call that rings at this moment finishes.
    """
    from orchestrator.app.control import suppress
    from orchestrator.phone.visible import visible

    done = suppress(journal, number, because)
    shown = screen.masker.number(done.number)
    if done.already:
        known = done.suppression
        why, by = screen.masker.text(known.because), screen.masker.text(known.by)
        results(visible(f"{shown} was suppressed already by {by} at {known.at}: {why}; nothing was changed") + "\n")
    else:
        results(visible(f"{shown} is never rung again by any plan on this journal") + "\n")
