"""`orchestrate why`: everything about one call."""

import sys

import click

from orchestrator.cli.options import (
    Command,
    format_option,
    known_journal_option,
    run_option,
    storable_text,
    unmask_option,
)
from orchestrator.cli.screen import Screen, wants_colour, write_stdout


@click.command("why", cls=Command)
@click.argument("call", metavar="CALL", callback=storable_text)
@run_option
@format_option
@known_journal_option
@unmask_option
@click.pass_obj
def why_command(screen: Screen, /, call: str, run: str | None, format_: str, journal: str | None) -> None:
    """Tell the whole story of the call with the id CALL, over all runs and editions that the journal knows.

    Where no call has this id, of those with this phone number, in any spelling, this Sid or this CustomField.

    With --run only what that run did; where it names a plan, only the edition that was run last.
    """
    from orchestrator.app.why import call_stories

    found = call_stories(journal, call, run)
    if format_ == "json":
        from orchestrator.reports.story_json import story_json

        write_stdout(story_json(found.stories, screen.masker, found.by))
    else:
        from orchestrator.cli.render.why import WhyText, found_words

        heading = found_words(call, found.by, len(found.stories), screen.masker)
        write_stdout(heading, WhyText(screen.masker, wants_colour(sys.stdout)).render(found.stories))
