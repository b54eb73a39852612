"""`orchestrate plan`: what `run` would do now."""

import shutil
import sys
from collections.abc import Iterable
from typing import Any

import click

from orchestrator.cli.options import (
    Command,
    edition_option,
    format_option,
    journal_option,
    loudness_options,
    moment,
    root_option,
    secrets_option,
    unmask_option,
)
from orchestrator.cli.render.findings import show_findings
from orchestrator.cli.screen import Screen, wants_colour, write_stdout


@click.command("plan", cls=Command)
@click.argument("plan", metavar="PLAN")
@click.option("--requests", is_flag=True, help="Show each connect request, field by field, without credentials.")
@click.option("--all", "every", is_flag=True, help="List every call, finished ones too, however many.")
@click.option("--origin", is_flag=True, help="Show which part of the plan decided each field; implies --requests.")
@format_option
@click.option("--at", metavar="TIME", callback=moment, help="Review as of this date and time, with its offset.")
@click.option("--out", metavar="FILE", help="Write to a file (mode 0600) instead of stdout.")
@click.option(
    "--target", default="sandbox", show_default=True, metavar="NAME", help="sandbox, exotel, or a target file."
)
@journal_option
@edition_option
@click.option("--moved", is_flag=True, help="Review as `run --moved` would: the plan's file was moved or renamed.")
@root_option
@secrets_option("Folder of secrets, as for `run`: no file of it is read, also where the plan names one.")
@unmask_option
@loudness_options("No findings on stderr.", "As --all.")
@click.pass_obj
def plan_command(
    screen: Screen, /, requests: bool, origin: bool, every: bool, format_: str, out: str | None, **chosen: Any
) -> None:
    """Show what `run` would do now: the calls, who is rung first, what changed since the last run, and the digest.

    Needs no credentials and dials nothing. PLAN may be - for stdin.
    """
    from orchestrator.app.options import PlanOptions
    from orchestrator.app.plan import plan_now
    from orchestrator.cli.render.plan import UNBOUNDED, PlanText
    from orchestrator.cli.render.plan_json import render_plan_json

    screen.sources = (chosen["plan"], chosen["target"])
    view = plan_now(PlanOptions(**chosen, unmask=screen.unmask))
    if format_ == "json":
        text: Iterable[str] = render_plan_json(view, screen.masker)
    else:
        on_terminal = out is None and sys.stdout.isatty()
        width = shutil.get_terminal_size().columns if on_terminal else UNBOUNDED
        colour = on_terminal and wants_colour(sys.stdout)
        every = every or screen.verbose
        text = PlanText(screen.masker, colour, requests or origin, origin, every, width).render(view)
    if out is None:
        write_stdout(text)
    else:
        from orchestrator.reports.report_file import check_destination, write_report

        check_destination(out)
        write_report(out, text)
    show_findings(view.findings, screen)
