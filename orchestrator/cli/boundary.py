"""The single error boundary: whatever a command raises becomes a text for people and an exit code."""

import os
import sys
import traceback
from collections import Counter
from collections.abc import Callable

import click

from orchestrator.cli.exit_codes import Exit
from orchestrator.cli.screen import ReaderGone, Screen, aside, drop_stdout, results, wants_colour
from orchestrator.cli.screen import message as line
from orchestrator.model.errors import CannotProceed, JournalBroken, Refused, WrongUsage


def guarded(command: Callable[[], object], screen: Screen) -> int:
    """Run `command` and return its exit code. Nothing but SystemExit passes through.

    A traceback is printed only with ORCHESTRATE_DEBUG=1, and never with local variables: they hold secrets.
    """
    try:
        code = command()
        results()
        return code if isinstance(code, int) else Exit.AS_WISHED
    except Refused as refusal:
        _tell_refusal(refusal, screen)
        return Exit.REFUSED
    except CannotProceed as obstacle:
        _tell("cannot proceed", obstacle.message, obstacle.hint, screen)
        return Exit.CANNOT_PROCEED
    except JournalBroken as failure:
        hint = "the journal tells what was dialed: mend the disk, then the same command goes on"
        *before, last = str(failure).split("\n")  # our own lines: the reason, then what could not be written down
        for line in before:
            _tell("stopped", line, None, screen)
        _tell("stopped", last, hint, screen)
        return Exit.STOPPED
    except WrongUsage as mistake:
        _tell("wrong usage", str(mistake), None, screen)
        return Exit.WRONG_USAGE
    except click.ClickException as mistake:
        mistake.show()
        return Exit.WRONG_USAGE
    except (click.Abort, KeyboardInterrupt):
        aside("interrupted")
        return Exit.INTERRUPTED
    except ReaderGone:
        drop_stdout()
        return Exit.AS_WISHED
    except Exception as bug:  # noqa: BLE001 - the boundary: people get a text, never a traceback
        _tell_bug(bug, screen)
        return Exit.BUG


def _tell(what: str, message: str, hint: str | None, screen: Screen) -> None:
    """Print one line, and the hint below it; or both as a line for programs."""
    from orchestrator.cli.visible import visible

    show = screen.masker.text
    if screen.json_lines:
        line(show(f"{what}: {message}"), "error", hint=None if hint is None else show(hint))
        return
    bold = click.style(f"{what}:", fg="red", bold=True) if wants_colour(sys.stderr) else f"{what}:"
    aside(f"{bold} {visible(show(message))}")
    if hint:
        aside(f"  hint: {visible(show(hint))}")


def _tell_refusal(refusal: Refused, screen: Screen) -> None:
    from orchestrator.cli.diagnostics_text import count_line, render_text
    from orchestrator.cli.sources import source_lines

    lines = {path: source_lines(path) for path in screen.sources}
    for block in render_text(refusal.diagnostics, lines, screen.masker, wants_colour(sys.stderr)):
        aside(block)
    aside(f"refused: {count_line(Counter(finding.severity for finding in refusal.diagnostics))}; nothing was dialed")


def _tell_bug(bug: Exception, screen: Screen) -> None:
    from orchestrator.cli.visible import visible

    message = visible(screen.masker.text(str(bug)))[:500]
    aside(f"this is a bug of ours: {type(bug).__name__}: {message}")
    aside(
        "  hint: please report it; ORCHESTRATE_DEBUG=1 shows where it happened. The journal, if one was open, is whole."
    )
    if os.environ.get("ORCHESTRATE_DEBUG") == "1":
        aside("".join(traceback.format_exception(bug)))
