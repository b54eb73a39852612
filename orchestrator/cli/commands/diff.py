"""`orchestrate diff`: what changes from one plan to another."""

import shutil
import sys
from collections.abc import Iterable

import click

from orchestrator.cli.complete import files
from orchestrator.cli.options import (
    Command,
    format_of,
    loudness_options,
    root_option,
    secrets_option,
    target_option,
    unmask_option,
)
from orchestrator.cli.screen import Screen, wants_colour, write_output
from orchestrator.model.exit_codes import Exit


@click.command("diff", cls=Command)
@click.argument("plans", nargs=-1, metavar="[OLD] NEW", shell_complete=files)
@click.option("--against", metavar="GIT-REF", help="Compare NEW with itself in this commit; its files too, from Git.")
@format_of("text", "json", "markdown")
@click.option("--exit-code", is_flag=True, help="Exit 1 where they differ.")
@click.option("--all", "every", is_flag=True, help="List every call, however many.")
@click.option("--out", metavar="FILE", help="Write to a file (mode 0600) instead of stdout.")
@target_option("sandbox, exotel, or a target file.")
@root_option
@secrets_option("Folder of secrets: no file of it is read as data; ORCHESTRATE_PSEUDONYM_KEY may be in it.")
@unmask_option
@loudness_options("No findings on stderr.", "As --all.")
@click.pass_obj
def diff_command(
    screen: Screen,
    plans: tuple[str, ...],
    against: str | None,
    format_: str,
    exit_code: bool,
    every: bool,
    out: str | None,
    target: str,
    root: str | None,
    secrets_dir: str | None,
) -> int:
    """Show what changes from one plan to another: who is rung again, policy, calls added, removed and changed.

    Two plans, or one with --against: then both sides are that plan, as it is and as it was in the commit. Needs no
    credentials and dials nothing. One plan may be - for stdin.
    """
    from orchestrator.app.diff import compared
    from orchestrator.app.options import DiffOptions
    from orchestrator.app.pseudonym_key import pseudonyms
    from orchestrator.cli.render.changed_settings import differs
    from orchestrator.cli.render.diff import DiffText
    from orchestrator.cli.render.diff_json import render_diff_json
    from orchestrator.cli.render.findings import show_findings
    from orchestrator.cli.render.markdown import DiffMarkdown
    from orchestrator.cli.render.people import People
    from orchestrator.cli.render.plan import UNBOUNDED

    old, new = _named(plans, against)
    screen.sources = (*plans, target)
    labels = pseudonyms(secrets_dir)
    with compared(DiffOptions(new, old, against, target, root, secrets_dir)) as diff:
        if format_ == "json":
            text: Iterable[str] = render_diff_json(diff, screen.masker, labels)
        elif format_ == "markdown":
            text = (DiffMarkdown(People(labels, unmask=screen.unmask)).render(diff),)
        else:
            on_terminal = out is None and sys.stdout.isatty()
            width = shutil.get_terminal_size().columns if on_terminal else UNBOUNDED
            colour = on_terminal and wants_colour(sys.stdout)
            text = DiffText(screen.masker, labels, colour, every or screen.verbose, width).render(diff)
        write_output(out, text, diff.read)
        show_findings(diff.findings, screen)
        return Exit.NOT_AS_WISHED if exit_code and differs(diff) else Exit.AS_WISHED


def _named(plans: tuple[str, ...], against: str | None) -> tuple[str | None, str]:
    """Return the old plan and the new one, None for the old one where it is in a commit."""
    if against is None and len(plans) == 2:
        if plans == ("-", "-"):
            raise click.UsageError("only one of the two plans can be read from stdin")
        return plans[0], plans[1]
    if against is not None and len(plans) == 1:
        if plans[0] == "-":
            raise click.UsageError("--against needs a plan's file: a plan from stdin is in no commit")
        return None, plans[0]
    wanted = "one plan beside --against" if against is not None else "two plans, or one with --against GIT-REF"
    raise click.UsageError(f"diff takes {wanted}, and got {len(plans)}")
