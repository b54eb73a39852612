"""The single error boundary: whatever a command raises becomes a text for people and an exit code."""

import contextlib
import errno
import gc
import os
import select
import sys
import threading
from collections.abc import Callable
from typing import NoReturn

import click

from orchestrator.app.interruption import WATCH, Interrupted
from orchestrator.cli.screen import Screen, wants_colour, write_message, write_stderr, write_stdout
from orchestrator.cli.streams import STDERR, StdoutUnwritable, drop_stdout, make_streams_safe, stderr_writer
from orchestrator.model.errors import CannotProceed, JournalBroken, Refused, WrongUsage
from orchestrator.model.exit_codes import GO_ON, Exit

RARELY = 50_000
"""Objects that come and stay before the interpreter looks for such as only refer to one another: a few megabytes. What
a command loads makes thousands that stay, and looking through them time and again takes a sixteenth of its start."""

LONGEST_ECHO = 500
"""Characters of a message that may repeat what was typed."""

READER_PATIENCE = 2.0
"""Seconds without a reader after which the end of a run does not wait for its log to be read."""

READER_PATIENCE_REFUSED = 60.0
"""The same where nothing was dialed, and the reasons are all there is to read."""

NOTHING_LOST = f"the journal, if one was open, is whole: {GO_ON}"


def process(command: Callable[[], object]) -> NoReturn:
    """Run a command as this process, with safe streams and signals from the first moment to the last, and end it."""
    gc.set_threshold(RARELY)
    make_streams_safe()
    sys.unraisablehook = lambda what: _report_ignored(what.exc_value)
    threading.excepthook = lambda what: _report_ignored(what.exc_value)
    code = int(Exit.BUG)
    try:
        WATCH.begin(_last_words)
        try:
            command()
        except Interrupted:
            raise
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else Exit.AS_WISHED
        _flush(READER_PATIENCE_REFUSED if code in (Exit.WRONG_USAGE, Exit.REFUSED) else READER_PATIENCE)
    except Interrupted as signal:  # outside of the boundary: a moment before or after the command
        drop_stdout()
        code = signal.signal_code
        write_stderr(f"interrupted by {signal.signal.name}")
        _flush(0.5)
    WATCH.over(code)
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.flush()
    os._exit(code)  # the interpreter's own end gives signals back to the system, which would change the code


def _flush(patience: float) -> None:
    """Have everything written to stderr that somebody reads."""
    stderr = stderr_writer()
    if stderr is not None:
        stderr.finish(patience)


def _report_ignored(problem: BaseException | None) -> None:
    """Report what no command can catch: an exception in a thread, or one that Python could only ignore."""
    if isinstance(problem, Interrupted):
        os._exit(problem.signal_code)
    if problem is not None and not isinstance(problem, SystemExit):
        write_stderr(f"this is a bug of ours, outside of the command itself: {type(problem).__name__}")


def _last_words() -> None:
    """Say, where that can be done at once, that the process is ended without waiting for anything."""
    if select.select([], [STDERR], [], 0)[1]:
        with contextlib.suppress(OSError):
            os.write(STDERR, f"interrupted: ended at once; {NOTHING_LOST}\n".encode())


def guarded(command: Callable[[], object], screen: Screen) -> int:
    """Run `command` and return its exit code. Nothing but SystemExit passes through.

    A traceback is printed only with ORCHESTRATE_DEBUG=1, and never with local variables: they hold secrets.
    """
    try:
        return _run_to_code(command, screen)
    except Interrupted as signal:
        drop_stdout()
        _report("interrupted", f"{signal.signal.name} ended the command", NOTHING_LOST, screen)
        return signal.signal_code


SHORTAGES = {
    errno.EMFILE: "allow this process more open files (`ulimit -n`), then run the same command again",
    errno.ENFILE: "the machine has too many open files; end what is not needed, then run the same command again",
    errno.ENOSPC: "the disk is full: make room, then run the same command again",
    errno.EDQUOT: "the quota of the disk is used up: make room, then run the same command again",
    errno.ENOMEM: "the machine has no memory left; end what is not needed, then run the same command again",
}
"""What a machine may be short of wherever a command is, and what to do: it is no bug of ours."""


def _run_to_code(command: Callable[[], object], screen: Screen) -> int:
    try:
        code = command()
        write_stdout()
        return code if isinstance(code, int) else Exit.AS_WISHED
    except Refused as refusal:
        _report_refusal(refusal, screen)
        return Exit.REFUSED
    except CannotProceed as obstacle:
        _report("cannot proceed", obstacle.message, obstacle.hint, screen)
        return Exit.CANNOT_PROCEED
    except JournalBroken as failure:
        hint = "the journal tells what was dialed: mend the disk, then run the same command again"
        *before, last = str(failure).split("\n")  # our own lines: the reason, then what could not be written down
        for reason in before:
            _report("stopped", reason, None, screen)
        _report("stopped", last, hint, screen)
        return Exit.STOPPED
    except WrongUsage as mistake:
        _report("wrong usage", str(mistake), None, screen)
        return Exit.WRONG_USAGE
    except click.ClickException as mistake:
        _report_usage(mistake, screen)
        return Exit.WRONG_USAGE
    except (click.Abort, KeyboardInterrupt):
        write_stderr("interrupted")
        return Exit.INTERRUPTED
    except StdoutUnwritable as problem:  # `--help` and the like, which click prints
        _report("cannot proceed", f"the results could not be written to stdout: {problem.strerror}", None, screen)
        return Exit.CANNOT_PROCEED
    except Exception as bug:  # noqa: BLE001 - the boundary: people get a text, never a traceback
        signal = _interruption(bug)
        if signal is not None:
            raise signal from None
        if isinstance(bug, OSError) and bug.errno in SHORTAGES:
            _report("cannot proceed", f"the operating system refused: {bug.strerror}", SHORTAGES[bug.errno], screen)
            return Exit.CANNOT_PROCEED
        _report_bug(bug, screen)
        return Exit.BUG


def _interruption(bug: BaseException) -> Interrupted | None:
    """Return what a signal has raised, where Python made another error of it: inside of a class that is being made."""
    cause: BaseException | None = bug
    while cause is not None and not isinstance(cause, Interrupted):
        cause = cause.__cause__ or cause.__context__
    return cause


def _report(what: str, message: str, hint: str | None, screen: Screen) -> None:
    """Print one line, and the hint below it; or both as a line for programs, where somebody asked for such."""
    from orchestrator.phone.safe_text import visible

    show = screen.masker.text
    if screen.errors_too:
        write_message(show(f"{what}: {message}"), "error", hint=None if hint is None else show(hint))
        return
    bold = click.style(f"{what}:", fg="red", bold=True) if wants_colour(sys.stderr) else f"{what}:"
    write_stderr(f"{bold} {visible(show(message))}")
    if hint:
        write_stderr(f"  hint: {visible(show(hint))}")


def _report_usage(mistake: click.ClickException, screen: Screen) -> None:
    """Print what click found wrong with the command line, as click does, but nothing that was typed as it was typed."""
    from orchestrator.phone.masking import excerpt

    if isinstance(mistake, click.exceptions.NoArgsIsHelpError):
        mistake.show()
        return
    context = mistake.ctx if isinstance(mistake, click.UsageError) else None
    if context is not None:
        write_stderr(f"{context.get_usage()}\nTry '{context.command_path} {context.help_option_names[0]}' for help.\n")
    write_stderr(f"Error: {screen.masker.shown(excerpt(mistake.format_message(), LONGEST_ECHO))}")


def _report_refusal(refusal: Refused, screen: Screen) -> None:
    from orchestrator.cli.render.findings import count_line, counts_of, errors_first, render_text
    from orchestrator.cli.render.snippet import lines_of_file

    shown, left_out = errors_first(refusal.diagnostics)
    lines = {path: lines_of_file(path) for path in screen.sources}
    for block in render_text(shown, lines, screen.masker, wants_colour(sys.stderr)):
        write_stderr(block)
    for text in left_out:
        write_stderr(text)
    write_stderr(f"refused: {count_line(counts_of(refusal.diagnostics))}; nothing was dialed")


def _report_bug(bug: Exception, screen: Screen) -> None:
    from orchestrator.phone.masking import excerpt

    message = screen.masker.shown(excerpt(str(bug), LONGEST_ECHO))
    write_stderr(f"this is a bug of ours: {type(bug).__name__}: {message}")
    write_stderr(
        "  hint: please report it; ORCHESTRATE_DEBUG=1 shows where it happened. The journal, if one was open, is whole."
    )
    if os.environ.get("ORCHESTRATE_DEBUG") == "1":
        import traceback

        lines = "".join(traceback.format_exception(bug)).rstrip("\n").split("\n")
        write_stderr("\n".join(screen.masker.shown(line) for line in lines))
