"""`orchestrate fmt`: canonical form that keeps comments."""

import re
from collections import Counter
from collections.abc import Iterator
from difflib import unified_diff
from typing import TYPE_CHECKING

import click

from orchestrator.cli.complete import files
from orchestrator.cli.options import Command, loudness_options, root_option, unmask_option
from orchestrator.cli.screen import Screen, write_exactly, write_stdout
from orchestrator.model.exit_codes import Exit
from orchestrator.phone.safe_text import visible

_LINE = re.compile(r"[^\n]*\n|[^\n]+\Z")

if TYPE_CHECKING:
    from orchestrator.app.fmt import Formatted


@click.command("fmt", cls=Command)
@click.argument("plans", nargs=-1, required=True, metavar="PLAN...", shell_complete=files)
@click.option("--check", is_flag=True, help="Write nothing, and exit 1 where a file would change.")
@click.option("--diff", "show_diff", is_flag=True, help="Write nothing, and show what would change.")
@root_option
@unmask_option
@loudness_options("Only what --diff shows.", "Name unchanged files too.")
@click.pass_obj
def fmt_command(screen: Screen, plans: tuple[str, ...], check: bool, show_diff: bool, root: str | None) -> int:
    """Bring plans and target files into canonical form; what they mean stays, and every comment.

    Each level is indented by two columns, also the dashes of a list. One blank stands behind a colon, a comma and a
    dash, none inside brackets or at the end of a line; empty lines stand alone. A byte order mark goes. Values that
    other tools misread (08012345678, no, 2026-11-22) get double quotes. Nothing else changes: no key moves, no line is
    joined or broken, and lines end as they did.

    PLAN is a plan or a target file; - reads stdin and writes stdout. A file that cannot be read as YAML stays as it is,
    and the command exits 3.
    """
    from orchestrator.app.fmt import fmt
    from orchestrator.cli.render.findings import show_findings

    if "-" in plans and len(plans) > 1:
        raise click.UsageError("- writes the plan to stdout: name no other file beside it")
    screen.sources = plans
    counts: Counter[str] = Counter()
    for each in fmt(tuple(dict.fromkeys(plans)), root, write=not (check or show_diff)):
        show_findings(each.problems, screen)
        verdict = "refused" if each.problems else "changed" if each.is_changed else "unchanged"
        counts[verdict] += 1
        if show_diff:
            write_stdout(_diff(each, screen))
        elif each.path == "-" and not check:
            write_exactly(each.after)
        elif not screen.quiet and (verdict == "changed" or (screen.verbose and verdict == "unchanged")):
            write_stdout(f"{'would change' if check and each.is_changed else verdict}: {visible(each.path)}\n")
    if not screen.quiet and not (show_diff or "-" in plans):
        write_stdout(_summary(counts, check=check))
    if counts["refused"]:
        return Exit.REFUSED
    return Exit.NOT_AS_WISHED if check and counts["changed"] else Exit.AS_WISHED


def _summary(counts: "Counter[str]", *, check: bool) -> str:
    words = {"changed": "would change" if check else "changed", "unchanged": "unchanged", "refused": "not readable"}
    parts = [f"{counts[verdict]:,} {words[verdict]}" for verdict in words if counts[verdict] or verdict == "changed"]
    total = counts.total()
    return f"{total:,} file{'' if total == 1 else 's'}: {', '.join(parts)}\n"


def _diff(done: "Formatted", screen: Screen) -> Iterator[str]:
    """Yield what changes as `diff -u` shows it, masked; with --unmask `patch` takes it."""
    before, after = (_LINE.findall(text) for text in (done.before, done.after))
    path = visible(done.path)
    for number, line in enumerate(unified_diff(before, after)):
        if number < 2:
            yield f"{'-+'[number] * 3} {path}\n"
        else:
            kind, shown = line[0], screen.masker.text(line[1:].removesuffix("\n"))
            yield f"{kind}{visible(shown)}\n"
            yield "" if line.endswith("\n") else "\\ No newline at end of file\n"
