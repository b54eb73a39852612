"""`orchestrate run`: do it, with live progress; ends in a summary and a report."""

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from orchestrator.cli.complete import files
from orchestrator.cli.options import (
    Command,
    digest,
    duration,
    edition_option,
    expect_head_option,
    journal_option,
    log_format_option,
    loudness_options,
    root_option,
    secrets_option,
    target_option,
    unmask_option,
)
from orchestrator.cli.render.findings import show_findings
from orchestrator.cli.screen import Screen, is_attended, wants_colour, write_message, write_stderr, write_stdout
from orchestrator.cli.streams import CLOSED, STDOUT
from orchestrator.model.diagnostic import Diagnostic
from orchestrator.model.errors import CannotProceed
from orchestrator.model.exit_codes import Exit

if TYPE_CHECKING:
    from orchestrator.app.options import RunOptions
    from orchestrator.app.run import RunOutcome
    from orchestrator.logs import Format


def _reports(_ctx: click.Context, _param: click.Parameter, paths: tuple[str, ...]) -> tuple[str, ...]:
    """Refuse what no writer exists for, before anything is dialed."""
    from orchestrator.reports.formats import format_of_file, no_format

    for path in paths:
        if path != "-" and format_of_file(path) is None:
            raise click.BadParameter(no_format(path))
    if paths.count("-") > 1:
        raise click.BadParameter("'-' can be given once")
    return paths


@click.command("run", cls=Command)
@click.argument("plan", metavar="PLAN", shell_complete=files)
@target_option("sandbox, exotel (dials for real), or a target file.")
@journal_option
@click.option(
    "--report",
    "reports",
    multiple=True,
    metavar="FILE",
    callback=_reports,
    shell_complete=files,
    help="Write a report in the format that its name ends in (.json, .jsonl, .csv, .sheet.csv, .xml, .md; - is JSON);"
    " repeatable.",
)
@click.option(
    "--expect", metavar="DIGEST", callback=digest, help="Run only if the plan still has this digest (see `plan`)."
)
@expect_head_option
@edition_option
@click.option("--yes", is_flag=True, help="Dial a live target without asking.")
@root_option
@secrets_option("Folder with a file for each EXOTEL_* secret (or ORCHESTRATE_SECRETS_DIR); the environment wins.")
@click.option(
    "--settle-for",
    callback=duration,
    metavar="DURATION",
    help="Longest wait for unknown attempts at the end (default 10m).",
)
@click.option(
    "--wait",
    callback=duration,
    metavar="DURATION",
    help="Longest wait for something that may start, such as a window (default 15m, on a terminal no limit).",
)
@click.option(
    "--until", type=click.Choice(["placed"]), help="End when no further call can be placed without knowing an ending."
)
@click.option("--only", metavar="GLOB", help="Only calls whose id matches.")
@click.option(
    "--limit", type=click.IntRange(min=0), metavar="N", help="Start N calls and no more; a redial is no start."
)
@click.option(
    "--new-ids", is_flag=True, help="Dial numbers that may have rung under an id that the plan no longer holds."
)
@click.option("--moved", is_flag=True, help="The plan's file was moved or renamed since the journal last saw it.")
@click.option("--retry-rejected", is_flag=True, help="Send calls again that the carrier rejected, though unchanged.")
@click.option(
    "--notify",
    multiple=True,
    metavar="URL",
    help="Tell this address how the run ended, by one signed POST; repeatable. One that holds a secret stands in"
    " ORCHESTRATE_NOTIFY, what signs, in base64, in ORCHESTRATE_NOTIFY_SECRET.",
)
@log_format_option
@unmask_option
@loudness_options("No progress, logs or summary; errors only.", "On a terminal, each event as a line.")
@click.pass_obj
def run_command(screen: Screen, /, log_format: "Format | None", until: str | None, **chosen: Any) -> int:
    """Dial every call of PLAN that was not dialed yet, each at most once. - is stdin.

    Start, resume and re-run are this one command: no call that may have rung is dialed again. Without --target, the
    calls go to the embedded sandbox and no phone rings.
    """
    from orchestrator.app.options import RunOptions
    from orchestrator.app.process import rare_collections
    from orchestrator.app.run import run_plan
    from orchestrator.cli.library_logs import never_wait_for_stderr
    from orchestrator.cli.render.live import observing

    screen.sources = (chosen["plan"], chosen["target"])
    screen.json_lines = log_format == "json" or (log_format is None and not is_attended(sys.stderr))
    screen.errors_too = log_format == "json"
    never_wait_for_stderr(screen)
    if "-" in chosen["reports"] and STDOUT in CLOSED:
        raise CannotProceed("the report cannot be written to stdout, which is closed", "name a file, or open stdout")
    attended = sys.stdin.isatty() and is_attended(sys.stderr)
    options = RunOptions(**chosen, until_placed=until == "placed", unmask=screen.unmask)

    def warn(findings: tuple[Diagnostic, ...]) -> None:
        show_findings(findings, screen)

    def show(outcome: "RunOutcome") -> None:
        for text in outcome.messages:
            _explain(text, outcome, screen)
        if not screen.quiet:
            _summarise(outcome, options, screen)

    with rare_collections(), observing(screen, log_format) as follow:
        confirm = _confirm(screen) if attended else None
        return run_plan(options, follow.observe, confirm, warn, follow.begin, show).exit_code


def _confirm(screen: Screen) -> Callable[[str], bool]:
    """Return what asks the person at the terminal."""

    def ask(question: str) -> bool:

        return click.confirm(screen.masker.shown(question), default=False, err=True)

    return ask


def _explain(text: str, outcome: "RunOutcome", screen: Screen) -> None:
    """Say why the run ended where it did, or what is left to do."""
    screen.say(text, "error" if outcome.exit_code == Exit.CANNOT_PROCEED else "warning", run=outcome.run.id)


def _summarise(outcome: "RunOutcome", options: "RunOptions", screen: Screen) -> None:
    """Print the summary; on stderr where stdout is the report's."""
    import io

    from orchestrator.cli.render.summary import meaning, print_summary, summary

    to_stderr = "-" in options.reports
    stream = sys.stderr if to_stderr else sys.stdout
    only, until_placed = options.only is not None, options.until_placed
    text = io.StringIO()
    meant = meaning(outcome.exit_code, outcome.totals["waiting"], only=only, until_placed=until_placed)
    print_summary(
        summary(outcome.run, outcome.totals, outcome.unknown, outcome.own),
        journal=outcome.journal,
        exit_code=outcome.exit_code,
        meant="; ".join((meant, *outcome.unmet)),
        sandbox=outcome.sandbox,
        masker=screen.masker,
        stream=text,
        colour=wants_colour(stream) and not (to_stderr and screen.json_lines),
    )
    if not to_stderr:
        try:
            write_stdout(text.getvalue())
        except CannotProceed as problem:  # all is done and in the journal: the verdict stands
            _explain(problem.message.replace("the results", "the summary"), outcome, screen)
    elif screen.json_lines:
        for line in text.getvalue().splitlines():
            write_message(line, "info", run=outcome.run.id)
    else:
        write_stderr(text.getvalue().rstrip("\n"))
