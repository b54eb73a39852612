"""`orchestrate plan`: what `run` would do now."""

import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias

import click

from orchestrator.cli.complete import files
from orchestrator.cli.options import (
    Command,
    edition_option,
    format_of,
    journal_option,
    loudness_options,
    moment,
    root_option,
    secrets_option,
    target_option,
    unmask_option,
)
from orchestrator.cli.render.findings import show_findings
from orchestrator.cli.screen import Screen, wants_colour, write_output
from orchestrator.model.exit_codes import Exit

if TYPE_CHECKING:
    from orchestrator.model.review import PlanView


Money: TypeAlias = tuple[Decimal, str]
"""An amount, and its currency."""


def _assumptions(_ctx: click.Context, _param: click.Parameter, value: str) -> Mapping[str, float]:
    """Read `answer=45%,talk=60s`."""
    from orchestrator.policy.assumptions import NoAssumption, read_assumptions

    try:
        return read_assumptions(value)
    except NoAssumption as problem:
        raise click.BadParameter(str(problem)) from None


def _money(_ctx: click.Context, _param: click.Parameter, value: str | None) -> Money | None:
    """Read `15000 INR`, as `limits.cost` does."""
    if value is None:
        return None
    from orchestrator.plan.text_formats import MONEY, format_problem

    problem = format_problem(MONEY, value)
    if problem is not None:
        raise click.BadParameter(f"'{value}' {problem.reason}; write it as '15000 INR'")
    amount, currency = value.split()
    return Decimal(amount), currency


def _minutes(_ctx: click.Context, _param: click.Parameter, value: str | None) -> float | None:
    """Read a number of minutes; there is no such number as `nan`."""
    if value is None:
        return None
    from orchestrator.plan.text_formats import DECIMAL, format_problem

    if format_problem(DECIMAL, value) is not None:
        raise click.BadParameter(f"'{value}' is not a number of minutes; write 90 or 2.5")
    return float(value)


@click.command("plan", cls=Command)
@click.argument("plan", metavar="PLAN", shell_complete=files)
@click.option("--requests", is_flag=True, help="Show each connect request, field by field, without credentials.")
@click.option("--all", "every", is_flag=True, help="List every call, finished ones too, however many.")
@click.option("--origin", is_flag=True, help="Show which part of the plan decided each field; implies --requests.")
@format_of("text", "json", "markdown")
@click.option("--at", metavar="TIME", callback=moment, help="Review as of this date and time, with its offset.")
@click.option("--out", metavar="FILE", help="Write to a file (mode 0600) instead of stdout.")
@target_option("sandbox, exotel, or a target file.")
@journal_option
@edition_option
@click.option(
    "--assume",
    metavar="NAME=VALUE,...",
    default="",
    callback=_assumptions,
    help="What the estimate assumes, such as answer=45%,talk=60s,ring=8s; also busy=10% and other endings.",
)
@click.option(
    "--max-cost", metavar="'AMOUNT CUR'", callback=_money, help="Exit 1 where the estimate is above, as '15000 INR'."
)
@click.option("--max-minutes", metavar="N", callback=_minutes, help="Exit 1 where the estimate is above.")
@click.option("--moved", is_flag=True, help="Review as `run --moved` would: the plan's file was moved or renamed.")
@root_option
@secrets_option("Folder of secrets, as for `run`: no file of it is read, also where the plan names one.")
@unmask_option
@loudness_options("No findings on stderr.", "As --all.")
@click.pass_obj
def plan_command(
    screen: Screen, /, format_: str, out: str | None, max_cost: Money | None, max_minutes: float | None, **chosen: Any
) -> Exit:
    """Show what `run` would do now: the calls, who is rung first, what changed since the last run, and the digest.

    And when it would be over, and what it would cost. Needs no credentials and dials nothing. PLAN may be - for stdin.
    """
    from orchestrator.app.budget import beyond_budget
    from orchestrator.app.options import PlanOptions
    from orchestrator.app.plan import plan_now
    from orchestrator.reports.plan_json import render_plan_json

    shown = {name: chosen.pop(name) for name in ("requests", "origin", "every")}
    _check_shown(format_, **shown)
    screen.sources = (chosen["plan"], chosen["target"])
    view = plan_now(PlanOptions(**chosen, unmask=screen.unmask))
    beyond = [] if view.estimate is None else list(beyond_budget(view.estimate, max_cost, max_minutes))
    is_terminal = out is None and sys.stdout.isatty()
    if format_ == "json":
        text: Iterable[str] = render_plan_json(view, screen.masker)
    elif format_ == "markdown":
        text = _markdown(view, screen, chosen["secrets_dir"])
    else:
        text = _text(view, screen, is_terminal, **shown)
    write_output(out, text, view.read)
    show_findings(view.findings, screen)
    for words in beyond:
        screen.say(words, "error")
    return Exit.NOT_AS_WISHED if beyond else Exit.AS_WISHED


def _check_shown(format_: str, *, requests: bool, origin: bool, every: bool) -> None:
    """Refuse what Markdown does not show: a page that fits into a comment has neither all calls nor their requests.

    JSON has all of it in any case.
    """
    asked = [name for name, is_asked in (("--requests", requests), ("--origin", origin), ("--all", every)) if is_asked]
    if format_ == "markdown" and asked:
        what = "every call" if asked == ["--all"] else "the requests"
        raise click.UsageError(f"{asked[0]} shows {what}, which Markdown has no room for: use --format text or json")


def _markdown(view: "PlanView", screen: Screen, secrets_dir: str | None) -> Iterator[str]:
    from orchestrator.app.pseudonym_key import pseudonyms
    from orchestrator.cli.render.markdown import PlanMarkdown
    from orchestrator.cli.render.people import People

    yield PlanMarkdown(People(pseudonyms(secrets_dir), unmask=screen.unmask)).render(view)


def _text(
    view: "PlanView", screen: Screen, is_terminal: bool, *, requests: bool, origin: bool, every: bool
) -> Iterator[str]:
    from orchestrator.cli.render.plan import UNBOUNDED, PlanText

    width = shutil.get_terminal_size().columns if is_terminal else UNBOUNDED
    colour = is_terminal and wants_colour(sys.stdout)
    every = every or screen.verbose
    return PlanText(screen.masker, colour, requests or origin, origin, every, width).render(view)
