"""`orchestrate validate`: every problem at once."""

import sys
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from orchestrator.cli.complete import files
from orchestrator.cli.options import Command, loudness_options, root_option, secrets_option, unmask_option
from orchestrator.cli.screen import Screen, wants_colour, write_stdout
from orchestrator.model.diagnostic import Diagnostic, Severity, Span
from orchestrator.model.exit_codes import Exit

if TYPE_CHECKING:
    from orchestrator.app.validate import Checked


@click.command("validate", cls=Command)
@click.argument("plans", nargs=-1, required=True, metavar="PLAN...", shell_complete=files)
@click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "json", "sarif", "github"]),
    default="text",
    show_default=True,
    help="How findings are written to stdout.",
)
@click.option("--strict", is_flag=True, help="Warnings exit 3 too; notes and what is waived do not.")
@click.option(
    "--fix",
    is_flag=True,
    help="Mend in the plans and target files what has one right answer: quotes, case, a slip in a key.",
)
@root_option
@secrets_option("Folder of secrets, as for `run`: no file of it is read, also where a plan names one.")
@unmask_option
@loudness_options("Errors only, and no summary line.", "Say of each file that it was read.")
@click.pass_obj
def validate_command(
    screen: Screen,
    plans: tuple[str, ...],
    format_: str,
    strict: bool,
    fix: bool,
    root: str | None,
    secrets_dir: str | None,
) -> int:
    """Find every problem of plans and target files at once; nothing is dialed.

    PLAN is a plan or a target file; - is stdin. Plans may use what the target files beside them accept. --fix changes
    no file that a plan names; what it leaves is shown. Exits 3 where there are errors, left by --fix or not.
    """
    from orchestrator.app.validate import validate, validate_and_fix

    if fix and "-" in plans:
        raise click.UsageError("--fix changes files: name one instead of -")
    plans = tuple(dict.fromkeys(plans))  # a script may name one twice
    checked = (validate_and_fix if fix else validate)(plans, root, secrets_dir)
    findings = [finding for file in checked for finding in _placed(file, format_)]
    stops = (Severity.ERROR, Severity.WARNING) if strict else (Severity.ERROR,)
    if screen.quiet:
        findings = [finding for finding in findings if finding.severity in stops and not finding.waiver]
    if format_ == "text":
        write_stdout(_text(checked, findings, screen))
    else:
        write_stdout(_machine(format_, findings, screen))
    stopped = any(file.counts[severity] for file in checked for severity in stops)
    return Exit.REFUSED if stopped else Exit.AS_WISHED


def _placed(file: "Checked", format_: str) -> Iterable[Diagnostic]:
    """Return a file's findings; for services, which want a place, those without one stand at the file's beginning."""
    if format_ not in ("sarif", "github"):
        return file.diagnostics
    return (each if each.spans else replace(each, spans=(Span(file.file, 1),)) for each in file.diagnostics)


def _text(checked: "list[Checked]", findings: list[Diagnostic], screen: Screen) -> str:
    from orchestrator.cli.render.findings import count_line, errors_first, render_text
    from orchestrator.phone.safe_text import visible

    lines = {file.file: file.lines for file in checked}
    shown, left_out = errors_first(findings)
    blocks = [*render_text(shown, lines, screen.masker, wants_colour(sys.stdout)), *left_out] if shown else []
    if screen.quiet:
        return "".join(f"{block}\n" for block in blocks)
    counts = {severity: sum(file.counts[severity] for file in checked) for severity in Severity}
    waived = sum(file.waived for file in checked)
    files = f"{len(checked)} file{'' if len(checked) == 1 else 's'} checked"
    read = (
        [f"{visible(file.file)}: {count_line(file.counts, file.waived)}" for file in checked] if screen.verbose else []
    )
    read += [f"{visible(file.file)}: fixed {file.fixed:,}, {file.left:,} left" for file in checked if file.fixed]
    may_be_fixed = sum(len(set(file.fixes)) for file in checked)
    read += [f"--fix mends {may_be_fixed:,} of these"] if may_be_fixed else []
    return "".join(f"{block}\n\n" for block in blocks) + "".join(
        f"{line}\n" for line in (*read, f"{files}: {count_line(counts, waived)}")
    )


def _machine(format_: str, findings: list[Diagnostic], screen: Screen) -> str:
    from orchestrator.cli.render.findings_for_programs import render_github, render_json, render_sarif

    if format_ == "github":
        return "".join(f"{line}\n" for line in render_github(findings, screen.masker))
    return (render_json if format_ == "json" else render_sarif)(findings, screen.masker)
