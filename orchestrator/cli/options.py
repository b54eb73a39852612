"""What several commands share: their class, their common options, and durations as typed on a command line."""

import re
from collections.abc import Callable
from typing import Any, TypeVar

import click

from orchestrator.cli.complete import files, folders, runs_and_plans, targets
from orchestrator.cli.screen import Screen
from orchestrator.cli.streams import check_stdout

Decorated = TypeVar("Decorated", bound=Callable[..., Any])


class Command(click.Command):
    """A command that does nothing where its results could not be written."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command, unless its results could not be written: then it fails before it has done anything."""
        screen = ctx.find_object(Screen)
        if screen is None or not screen.quiet:
            check_stdout()
        return super().invoke(ctx)


def duration(_ctx: click.Context, _param: click.Parameter, value: str | None) -> float | None:
    """Turn `90s`, `15m`, `2h`, `1d`, a sum such as `1h30m`, or `0` into seconds."""
    from orchestrator.policy.units import parse_duration

    if value is None:
        return None
    seconds = 0.0 if value == "0" else parse_duration(value)
    if seconds is None:
        raise click.BadParameter(f"'{value}' is not a duration; write 90s, 15m, 2h, 1d or 1h30m, at most 366d")
    return seconds


def root_option(function: Decorated) -> Decorated:
    """Add `--root`."""
    return click.option(
        "--root",
        metavar="DIR",
        shell_complete=folders,
        help="Folder that the plan's files must stay in; default: the nearest one with .git or orchestrate.toml.",
    )(function)


def secrets_option(help_: str) -> Callable[[Decorated], Decorated]:
    """Add `--secrets-dir`; `help_` says what the command does with it."""
    return click.option(
        "--secrets-dir", metavar="DIR", envvar="ORCHESTRATE_SECRETS_DIR", shell_complete=folders, help=help_
    )


def target_option(help_: str) -> Callable[[Decorated], Decorated]:
    """Add `--target`; `help_` says what the command takes of it."""
    return click.option(
        "--target", default="sandbox", show_default=True, metavar="NAME", shell_complete=targets, help=help_
    )


def journal_option(function: Decorated) -> Decorated:
    """Add `--journal`."""
    return click.option(
        "--journal",
        metavar="PATH",
        envvar="ORCHESTRATE_JOURNAL",
        shell_complete=files,
        help="The journal's file (or ORCHESTRATE_JOURNAL). For the sandbox one is made where none is named.",
    )(function)


HEAD = 64
"""Hexadecimal digits of a head."""


def _head(_ctx: click.Context, _param: click.Parameter, value: str | None) -> str | None:
    """Take a head as a summary or report has it, or its digits alone."""
    if value is None:
        return None
    digits = value.strip().lower().removeprefix("sha256:")
    if len(digits) != HEAD or not set(digits) <= set("0123456789abcdef"):
        raise click.BadParameter(f"'{value}' is no head; copy it from a summary or report: sha256: and {HEAD} digits")
    return digits


DIGEST = re.compile(r"sha256:[0-9a-f]{64}\Z")


def digest(_ctx: click.Context, _param: click.Parameter, value: str | None) -> str | None:
    """Refuse what no plan's digest can be: a typing error is no change of the plan."""
    if value is not None and not DIGEST.match(value):
        form = "sha256: and 64 hexadecimal digits in small letters, as `orchestrate plan` prints it"
        raise click.BadParameter(f"{value!r} is no digest: {form}")
    return value


def expect_head_option(function: Decorated) -> Decorated:
    """Add `--expect-head`."""
    return click.option(
        "--expect-head",
        metavar="HEAD",
        envvar="ORCHESTRATE_EXPECT_HEAD",
        callback=_head,
        help="A `head` that a summary, report or `journal verify` printed: the journal must hold that event"
        " (or ORCHESTRATE_EXPECT_HEAD).",
    )(function)


def known_journal_option(function: Decorated) -> Decorated:
    """Add `--journal` to a command that makes none."""
    return click.option(
        "--journal",
        metavar="PATH",
        envvar="ORCHESTRATE_JOURNAL",
        shell_complete=files,
        help="The journal's file (or ORCHESTRATE_JOURNAL); default: the sandbox's own.",
    )(function)


def run_option(function: Decorated) -> Decorated:
    """Add `--run`."""
    return click.option(
        "--run",
        metavar="RUN",
        callback=storable_text,
        shell_complete=runs_and_plans,
        help="The run's id or a unique beginning of it, as `orchestrate runs` lists it; its plan's name or file.",
    )(function)


def format_of(*formats: str) -> Callable[[Decorated], Decorated]:
    """Add `--format` with these choices, the default first; the command gets it as `format_`."""
    return click.option(
        "--format",
        "format_",
        type=click.Choice(formats),
        default=formats[0],
        show_default=True,
        help="How it is written.",
    )


format_option = format_of("text", "json")
"""Adds `--format`, for people and for programs."""


def log_format_option(function: Decorated) -> Decorated:
    """Add `--log-format`."""
    return click.option(
        "--log-format",
        type=click.Choice(["json", "console"]),
        help="Log lines on stderr; json where it is no terminal.",
    )(function)


def storable_text(_ctx: click.Context, _param: click.Parameter, value: str | None) -> str | None:
    """Make a text fit for the journal: bytes of no character, which a shell lets pass, become U+FFFD."""
    return None if value is None else value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def edition(_ctx: click.Context, _param: click.Parameter, value: str | None) -> str | None:
    """Check an edition as the plan's own key is checked."""
    if value is None:
        return None
    from orchestrator.plan.text_formats import EDITION, format_problem

    problem = format_problem(EDITION, value)
    if problem is not None:
        raise click.BadParameter(f"'{value}' {problem.reason}")
    return value


def moment(_ctx: click.Context, _param: click.Parameter, value: str | None) -> float | None:
    """Read a date and time as a plan writes it, to epoch seconds."""
    if value is None:
        return None
    from orchestrator.plan.text_formats import ParseError, read_moment

    found = read_moment(value)
    if isinstance(found, ParseError):
        raise click.BadParameter(f"'{value}' is not a date and time with its offset, such as 2026-11-22T09:30:00+05:30")
    return found.timestamp()


def edition_option(function: Decorated) -> Decorated:
    """Add `--edition`."""
    return click.option(
        "--edition",
        metavar="NAME",
        callback=edition,
        help="The edition instead of the plan's; a new one dials the same ids again.",
    )(function)


def _set(name: str) -> Callable[[click.Context, click.Parameter, bool], bool]:
    def callback(ctx: click.Context, _param: click.Parameter, value: bool) -> bool:
        setattr(ctx.ensure_object(Screen), name, value)
        return value

    return callback


def unmask_option(function: Decorated) -> Decorated:
    """Add `--unmask`, which the screen keeps."""
    return click.option(
        "--unmask", is_flag=True, expose_value=False, callback=_set("unmask"), help="Show phone numbers in full."
    )(function)


def loudness_options(quiet: str, verbose: str) -> Callable[[Decorated], Decorated]:
    """Add `--quiet` and `--verbose`, which the screen keeps; the texts say what they mean for this command."""

    def decorate(function: Decorated) -> Decorated:
        options = (
            click.option("-v", "--verbose", is_flag=True, expose_value=False, callback=_set("verbose"), help=verbose),
            click.option("-q", "--quiet", is_flag=True, expose_value=False, callback=_set("quiet"), help=quiet),
        )
        for option in options:
            function = option(function)
        return function

    return decorate


LONGEST_REASON = 500
"""Characters of a reason: it is shown in one line."""


def because_option(words: str, *, required: bool = False) -> Callable[[Decorated], Decorated]:
    """Add `--because`; `words` are its help."""
    return click.option("--because", metavar="TEXT", callback=_reason, required=required, help=words)


def _reason(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    """Take a reason; one of blanks only is none."""
    if value is None:
        return None
    if len(value) > LONGEST_REASON:
        raise click.BadParameter(f"a reason has at most {LONGEST_REASON} characters")
    if not value.strip():
        raise click.BadParameter("a reason has at least one word")
    return storable_text(ctx, param, value)


def listed(value: tuple[str, ...]) -> tuple[str, ...]:
    """Return the words of a list with commas, or of several, each once."""
    words = (word.strip() for text in value for word in text.split(","))
    return tuple(dict.fromkeys(word for word in words if word))


def _dispositions(_ctx: click.Context, _param: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    """Take dispositions, in whatever case."""
    from orchestrator.model.outcome import Disposition

    found = listed(tuple(text.lower() for text in value))
    words = tuple(word.value for word in Disposition)
    if value and not found:
        raise click.BadParameter(f"it names no disposition; there are {', '.join(words)}")
    for word in found:
        if word not in words:
            raise click.BadParameter(f"'{word}' is no disposition; there are {', '.join(words)}")
    return found


def disposition_option(help_: str) -> Callable[[Decorated], Decorated]:
    """Add `--disposition`; the command gets the words as `dispositions`."""
    return click.option(
        "--disposition", "dispositions", multiple=True, metavar="WORD,...", callback=_dispositions, help=help_
    )
