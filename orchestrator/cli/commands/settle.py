"""`orchestrate settle`: a person's verdict on unknown attempts."""

from typing import TYPE_CHECKING, NamedTuple

import click

from orchestrator.cli.options import (
    Command,
    because_option,
    known_journal_option,
    run_option,
    storable_text,
    unmask_option,
)
from orchestrator.cli.render.held import superseded
from orchestrator.cli.render.names import named
from orchestrator.cli.screen import Screen, write_stderr, write_stdout

if TYPE_CHECKING:
    from orchestrator.app.settle import Prospect, Settled


class AsOption(NamedTuple):
    """What `--as` says of an attempt: whether it was placed, and the Sid of its call where that is known."""

    placed: bool
    sid: str | None = None


def _read_as(_ctx: click.Context, _param: click.Parameter, value: str | None) -> AsOption | None:
    if value is None:
        return None
    word, equals, sid = value.partition("=")
    if word == "placed" and equals:
        from orchestrator.exotel.content import looks_like_sid

        if not looks_like_sid(sid):
            raise click.BadParameter("what follows `placed=` is no call Sid: 32 letters and digits, as in call details")
        return AsOption(True, sid)
    if value in ("placed", "not-placed"):
        return AsOption(value == "placed")
    raise click.BadParameter("write placed=SID, placed or not-placed")


@click.command("settle", cls=Command)
@click.argument("call", metavar="[CALL]", required=False, callback=storable_text)
@click.option(
    "--as",
    "verdict",
    metavar="VERDICT",
    callback=_read_as,
    help="placed=SID (the next run follows it), placed (no Sid is known), or not-placed (the next run dials it).",
)
@click.option(
    "--all-not-found",
    is_flag=True,
    help="Judge not-placed what look-ups asked about and did not find, once it cannot be live; of the latest run's "
    "plan edition, or of --run's.",
)
@because_option("The reason; kept in the journal.")
@run_option
@known_journal_option
@unmask_option
@click.pass_obj
def settle_command(
    screen: Screen,
    /,
    call: str | None,
    verdict: AsOption | None,
    all_not_found: bool,
    because: str | None,
    run: str | None,
    journal: str | None,
) -> None:
    """Judge the unknown attempt of CALL: compare the carrier's call details with `orchestrate why CALL` first.

    It may be done beside a run. What a callback or a look-up says later outranks the verdict.
    """
    if all_not_found:
        if call is not None or verdict is not None:
            raise click.UsageError("--all-not-found takes no CALL and no --as")
        _settle_all(screen, journal, run, because)
        return
    if call is None or verdict is None:
        raise click.UsageError("name a CALL and --as what it is to be settled, or --all-not-found")
    from orchestrator.app.settle import settle

    _report(settle(journal, call, run, placed=verdict.placed, sid=verdict.sid, because=because), screen)


def _report(settled: "Settled", screen: Screen) -> None:
    from orchestrator.phone.safe_text import visible

    of = named(settled.plan, settled.edition, screen.masker)
    name = f"{screen.masker.text(settled.call)}#{settled.n} (plan {of})"
    before = "was settled so before; nothing was changed" if settled.already else f"settled as {settled.words}"
    if settled.prospect is not None:
        after = _what_follows(settled.prospect, screen)
    elif settled.follows:
        after = "the next run follows it to its ending"
    else:
        after = "nobody can be asked how it ended, so its ending stays unseen"
    write_stdout(visible(f"{name}: {before}{'' if settled.already else f'; {after}'}") + "\n")
    if settled.safe_from is not None and not settled.already:
        write_stderr(f"warning: by the plan's time limits the lost call could be live until {settled.safe_from}")


def _what_follows(prospect: "Prospect", screen: Screen) -> str:
    """Say whether a call that was judged not placed is dialed, and when."""
    if prospect.superseded_by is not None:
        return superseded(prospect.superseded_by, screen.masker)
    if prospect.removed:
        return "the plan, as it was run last, does not hold it, so nothing dials it"
    if prospect.suppressed is not None:
        return f"nothing dials it: {screen.masker.text(prospect.suppressed)}"
    return f"{_next_run(prospect)} dials it"


def _next_run(prospect: "Prospect") -> str:
    return (
        f"after {prospect.resume_commands} the next run of the plan"
        if prospect.resume_commands
        else "the next run of the plan"
    )


def _settle_all(screen: Screen, journal: str | None, run: str | None, because: str | None) -> None:
    from orchestrator.app.settle import settle_not_found
    from orchestrator.phone.safe_text import visible

    count, dialed, follows = 0, 0, ""
    for call, prospect in settle_not_found(journal, run, because):
        count += 1
        dialed += prospect.is_dialed
        follows = _next_run(prospect)
        but = "" if prospect.is_dialed else f": {_what_follows(prospect, screen)}"
        write_stdout(f"  {visible(screen.masker.text(call) + but)}\n")
    what = "no attempt was" if count == 0 else "1 attempt was" if count == 1 else f"{count:,} attempts were"
    which = "it" if count == 1 else "them" if dialed == count else f"{dialed:,} of them"
    after = f"; {follows} dials {which}" if dialed else ""
    write_stdout(f"{what} settled as not-placed{visible(after)}\n")
    if not count:
        only = "an attempt is settled so only where a look-up did not find it after its call had to be over"
        write_stderr(f"note: {only}; the next run asks again")
