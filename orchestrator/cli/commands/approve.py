"""`orchestrate approve`: write down that a person lets a reviewed digest run, or takes that back."""

from typing import TYPE_CHECKING

import click

from orchestrator.cli.options import Command, digest, known_journal_option, storable_text, unmask_option
from orchestrator.cli.render.names import named
from orchestrator.cli.screen import Screen, write_stderr, write_stdout
from orchestrator.phone.safe_text import visible

if TYPE_CHECKING:
    from orchestrator.app.approve import Approved
    from orchestrator.exotel.masking import Masker

LONGEST_NAME = 200
"""Characters of a name: it is shown in one line."""


def _name(ctx: click.Context, param: click.Parameter, value: str) -> str:
    """Take a name; one that shows nothing names nobody."""
    from orchestrator.policy.approval import approver

    name = " ".join((storable_text(ctx, param, value) or "").split())
    if len(name) > LONGEST_NAME:
        raise click.BadParameter(f"a name has at most {LONGEST_NAME} characters")
    if not approver(name):
        raise click.BadParameter("it is empty: write who approves, such as a name or an address of yours")
    return name


@click.command("approve", cls=Command)
@click.argument("digest", metavar="DIGEST", callback=digest)
@click.option("--by", metavar="NAME", required=True, callback=_name, help="Who approves; kept in the journal.")
@click.option("--revoke", "is_revoked", is_flag=True, help="Take NAME's approval back: no later run counts it.")
@known_journal_option
@unmask_option
@click.pass_obj
def approve_command(screen: Screen, /, digest: str, by: str, journal: str | None, *, is_revoked: bool) -> None:
    """Record in the journal that NAME lets the plan of this DIGEST run.

    DIGEST is what `orchestrate plan` printed. A target whose guardrails say `expect: approved(2)` runs only what two
    people approved, not longer ago than its `approval_for`. All spellings of one NAME are one person, whose newest
    approval counts. Who may write to the journal can write any NAME: let a pipeline take it from whom it knows.
    --revoke takes back what NAME has approved of the DIGEST so far; a run that has begun goes on, unless it is paused.
    """
    from orchestrator.app.approve import approve, revoke

    who = visible(screen.masker.text(by))
    done = revoke(journal, digest, by) if is_revoked else approve(journal, digest, by)
    if done is None:
        raise click.UsageError(f"{who} has not approved {digest}, or has revoked that already")
    write_stdout(f"{who} approves {digest}{' no longer' if is_revoked else ''}\n")
    write_stdout(f"plan    {_known(done, screen.masker)}\n")
    for approval in done.approvals:
        write_stdout(f"by      {visible(screen.masker.text(approval.by))}, at {visible(approval.at)}\n")
    if done.before is not None and not is_revoked:
        at = visible(done.before.at)
        write_stderr(f"note: the same person approved it before, at {at}, and counts once: the newest time counts")


def _known(done: "Approved", masker: "Masker") -> str:
    if done.seen is None:
        return "new to this journal: no run of this digest has begun on it"
    return f"{named(done.seen.plan, done.seen.edition, masker)}, seen last at {visible(done.seen.at)}"
