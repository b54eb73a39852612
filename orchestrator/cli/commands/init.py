"""`orchestrate init`: a repository of call plans, from nothing or from a spreadsheet export."""

import shlex
import shutil
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

import click

from orchestrator.cli.complete import files, folders
from orchestrator.cli.options import Command, unmask_option
from orchestrator.cli.screen import Screen, is_attended, wants_colour, write_stdout

if TYPE_CHECKING:
    from orchestrator.app.init import Initialised

INDENT = 10
"""Columns of the words that the lines of the result begin with."""


def _number(_ctx: click.Context, _param: click.Parameter, value: str | None) -> str | None:
    """Refuse what is no phone number."""
    if value is None:
        return None
    from orchestrator.app.init import why_no_number

    problem = why_no_number(value)
    if problem is not None:
        raise click.BadParameter(f"'{value}': {problem}")
    return value


def _name(_ctx: click.Context, _param: click.Parameter, value: str | None) -> str | None:
    """Check a name as the plan's own key is checked."""
    if value is None:
        return None
    from orchestrator.plan.text_formats import NAME, format_problem

    if format_problem(NAME, value) is not None:
        raise click.BadParameter(f"'{value}' is no plan's name: small letters, digits and dashes, 63 at most")
    return value


@click.command("init", cls=Command)
@click.argument("folder", default=".", shell_complete=folders)
@click.option("--from", "export", metavar="FILE", shell_complete=files, help="A spreadsheet's export: CSV or text.")
@click.option("--agent", metavar="NUMBER", callback=_number, help="Who is rung first, in every call.")
@click.option("--caller-id", metavar="NUMBER", callback=_number, help="The ExoPhone that both parties see.")
@click.option("--phone-column", metavar="NAME", help="The column of the phone numbers, instead of the one guessed.")
@click.option("--id-column", metavar="NAME", help="The column that identifies a row, instead of the one guessed.")
@click.option("--name", metavar="NAME", callback=_name, help="The plan's name; default: after the export's.")
@click.option(
    "--purpose",
    type=click.Choice(["transactional", "service", "promotional", "recovery", "survey"]),
    default="transactional",
    show_default=True,
    help="Why people are called; the compliance rules judge by it.",
)
@click.option(
    "--pipeline",
    type=click.Choice(["github", "gitlab", "none"]),
    help="Whose pipeline checks the plans; default: after the repository's remote.",
)
@unmask_option
@click.pass_obj
def init_command(
    screen: Screen,
    /,
    folder: str,
    export: str | None,
    agent: str | None,
    caller_id: str | None,
    phone_column: str | None,
    id_column: str | None,
    name: str | None,
    purpose: str,
    pipeline: Literal["github", "gitlab", "none"] | None,
) -> None:
    """Lay out a repository of call plans in FOLDER: plan, data, target, checks and a pipeline.

    With --from the rows of an export become calls: its columns are guessed, and what cannot be known is asked on a
    terminal. Without, it is an example that rings nobody. No file is ever overwritten, and where the data or the plan
    has an error nothing is written. Where the plan is there already, an export becomes its data, if that was removed.
    """
    from orchestrator.app.init import InitOptions, initialise

    options = InitOptions(folder, export, agent, caller_id, id_column, phone_column, name, purpose, pipeline)
    asks = is_attended(sys.stdin) and is_attended(sys.stderr)
    done = initialise(options, _asking(screen) if asks else None)
    write_stdout(_text(done, options.folder, screen))


def _asking(screen: Screen) -> Callable[[str, Callable[[str], str | None]], str]:
    """Return what asks a question on the terminal until the answer will do."""

    def ask(question: str, problem_of: Callable[[str], str | None]) -> str:
        def checked(answer: str) -> str:
            problem = problem_of(answer)
            if problem is not None:
                raise click.UsageError(problem)
            return answer

        answer: str = click.prompt(screen.masker.shown(question), value_proc=checked, err=True)
        return answer

    return ask


def _text(done: "Initialised", folder: str, screen: Screen) -> str:
    from orchestrator.cli.render.findings import render_text
    from orchestrator.cli.render.wrapping import wrapped
    from orchestrator.phone.safe_text import visible

    starter, width = done.starter, shutil.get_terminal_size().columns

    def prose(what: str, text: str) -> str:
        return "\n".join(wrapped(f"{what:<{INDENT}}{screen.masker.shown(text)}", width, " " * INDENT))

    lines = []
    if done.export is not None:
        lines.append(prose("read", f"{done.rows:,} rows: {done.export.encoding}, separated by {done.export.separator}"))
        lines += [prose("renamed", f"column {at + 1}: `{done.export.columns[at]}`") for at in done.export.renamed]
    if done.export is not None and starter.plan in done.written:
        lines.append(prose("phones", f"`{done.phone_column.column}`: {done.phone_column.why}"))
        lines.append(prose("ids", f"`{done.id_column.column}`: {done.id_column.why}"))
    lines += [f"{'wrote':<{INDENT}}{path}" for path in done.written]
    lines += [f"{'kept':<{INDENT}}{path}, which was there" for path in done.kept]
    lines += [prose("remember", remark) for remark in done.remarks]
    if done.warnings:
        lines.append(prose("remember", "the data has warnings: `validate --strict` refuses them (exit code 3)"))
    warnings = [f"\n{block}" for block in render_text(done.warnings, {}, screen.masker, wants_colour(sys.stdout))]
    steps = [] if folder == "." else [f"  cd {shlex.quote(visible(folder))}"]
    steps += [f"  orchestrate {command} {starter.plan}" for command in ("validate --strict", "plan", "run")]
    steps[-1] += "      # in the sandbox: no phone rings"
    return "\n".join([*lines, *warnings, "", "Next:", *steps, ""])
