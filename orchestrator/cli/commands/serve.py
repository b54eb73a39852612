"""`orchestrate serve`: the callback receiver as a service."""

import sys
from typing import TYPE_CHECKING

import click

from orchestrator.cli.options import (
    Command,
    known_journal_option,
    log_format_option,
    root_option,
    target_option,
    unmask_option,
)
from orchestrator.cli.screen import Screen, is_attended, wants_colour, write_stdout

if TYPE_CHECKING:
    from orchestrator.logs import Format


@click.command("serve", cls=Command)
@target_option("Whose `callbacks.listen` is the address; a target file, exotel or sandbox.")
@known_journal_option
@click.option("--listen", metavar="HOST:PORT", help="The address instead of the target's; port 0 picks a free one.")
@root_option
@log_format_option
@unmask_option
@click.option("-q", "--quiet", is_flag=True, help="No logs; errors only.")
@click.pass_obj
def serve_command(
    screen: Screen,
    /,
    target: str,
    journal: str | None,
    listen: str | None,
    root: str | None,
    log_format: "Format | None",
    quiet: bool,
) -> int:
    """Commit the callbacks of every plan on the journal until interrupted, whether or not a run is on.

    The first line on stdout is the address where it listens; GET /healthz there says that it does. It never dials and
    needs no credentials. A run that finds it on its target's address leaves the callbacks to it.
    """
    from orchestrator.app.serve import ServeNotices, ServeOptions, serve_callbacks
    from orchestrator.cli.library_logs import never_wait_for_stderr
    from orchestrator.logs import log_events

    screen.sources, screen.quiet = (target,), quiet
    form: Format = log_format or ("console" if is_attended(sys.stderr) else "json")
    screen.json_lines, screen.errors_too = form == "json", log_format == "json"
    never_wait_for_stderr(screen)
    log = log_events(sys.stderr, form, unmask=screen.unmask, colour=wants_colour(sys.stderr))

    def announce(url: str) -> None:
        write_stdout(f"{url}\n")
        if not quiet:
            screen.say(f"callbacks are received on {url}/callbacks/; Ctrl-C ends it", "info")

    notices = ServeNotices(
        address=announce,
        events=(lambda _events: None) if quiet else log,
        trouble=lambda text: screen.say(text, "error"),
        warning=lambda text: None if quiet else screen.say(text, "warning"),
    )
    stop = serve_callbacks(ServeOptions(target, journal, listen, root), notices)
    if not quiet:
        screen.say(stop.message, "info")
    return stop.code
