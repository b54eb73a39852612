"""`orchestrate journal`: make the journal that a live target needs, and prove that nothing in it was altered."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import click

from orchestrator.cli.complete import files
from orchestrator.cli.options import Command, because_option, expect_head_option, journal_option
from orchestrator.cli.screen import Screen, is_attended, wants_colour, write_stdout
from orchestrator.model.exit_codes import Exit

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from orchestrator.journal.verify.finding import IntegrityFinding

SHORT = 0.5
"""Seconds in which most looks are over: before, nothing is shown."""


@click.group("journal", no_args_is_help=True)
def journal_command() -> None:
    """Make or verify the durable record that everything else derives from."""


@journal_command.command("create", cls=Command, short_help="Make a journal and print its id.")
@journal_option
def create(journal: str | None) -> None:
    """Make the journal that --journal or ORCHESTRATE_JOURNAL names, and print its id; an existing one is fine."""
    from orchestrator.app.journal import create_journal

    write_stdout(f"{create_journal(journal)}\n")


@journal_command.command("backup", cls=Command, short_help="Make a whole copy of a journal, also of one in use.")
@click.argument("copy", metavar="FILE")
@journal_option
def backup(copy: str, journal: str | None) -> None:
    """Copy the journal, as it stands at one moment, to FILE, which must not exist.

    The copy is one file that needs no other beside it; a running dialer is not disturbed. Copying the files by other
    means while a run goes on, or after a kill, may leave out what was committed last. An older copy does not know who
    was rung since: give `run --expect-head` the newest head that you know.
    """
    from orchestrator.app.journal import back_up_journal

    copied = back_up_journal(journal, copy)
    write_stdout(f"journal {copied.journal}\nevents  {copied.events:,}\nhead    sha256:{copied.head}\ncopy    {copy}\n")


@journal_command.command(
    "accept-loss", cls=Command, short_help="Go on with a journal whose newest part is lost for ever."
)
@journal_option
@because_option("Why nothing can be brought back; kept in the journal.")
@click.pass_obj
def accept_loss(screen: Screen, /, journal: str | None, because: str | None) -> None:
    """Go on with a journal that was parted from its companion files, where those are lost for ever.

    Nobody is dialed by this: every call that may have been dialed since the journal's use began becomes `unknown`, and
    is dialed again only once a person says `orchestrate settle CALL --as not-placed`. What `pause`, `cancel`,
    `suppress` and `settle` said since then may be lost too: say it again.
    """
    from orchestrator.app.journal import accept_loss_of_journal

    lost = accept_loss_of_journal(journal, because or "")
    if not lost.missing:
        write_stdout("nothing is missing: the journal has all that was committed\n")
        return
    plans = ", ".join(f"{item.plan}{f' (edition {item.edition})' if item.edition else ''}" for item in lost.dialers)
    write_stdout(f"accepted: what was committed since {lost.since} is lost\n")
    write_stdout(f"plans   {screen.masker.shown(plans) if plans else 'none was dialed'}\n")
    write_stdout(f"unknown {lost.calls:,} call(s) now, and those that the next run of such a plan finds new\n")
    if lost.aside is not None:
        write_stdout(f"aside   {lost.aside}\n")


@journal_command.command("verify", cls=Command, short_help="Prove that nothing in a journal was altered.")
@journal_option
@click.option(
    "--from",
    "proof",
    metavar="PROOF",
    shell_complete=files,
    help="A file that `report --format proof` wrote, - for stdin: prove this, where the journal is not.",
)
@expect_head_option
@click.pass_context
def verify(ctx: click.Context, /, journal: str | None, proof: str | None, expect_head: str | None) -> int:
    """Read the whole journal and say whether it is still what was written.

    Judged are the chain of its events, what they report of calls, attempts, runs and holds, and every column of every
    row of every table, by the sums that the chain holds. Nothing is changed, and a running dialer is not disturbed.

    Of a proof (--from) the chain of its events is judged, and no journal is read.

    Only --expect-head can tell that the newest events were cut off together with what they did to the tables - an older
    copy -, or that somebody wrote the whole chain anew, or a row together with its sum and the last event. In a journal
    of more than 200,000 events rows are compared with what events report only where the chain, a sum or --expect-head
    shows that something is amiss.

    Exit codes: 0 verified, 1 something was altered (each place is listed), 2 wrong usage, 4 it cannot be read.
    """
    from orchestrator.app.journal import verify_journal, verify_proof_of_journal

    if proof is not None and ctx.get_parameter_source("journal") is click.core.ParameterSource.COMMANDLINE:
        raise click.UsageError("--from proves a proof without its journal: leave --journal out")
    with showing_how_far(ctx.obj) as tell:
        if proof is None:
            found = verify_journal(journal, expect_head, tell)
        else:
            found = verify_proof_of_journal(proof, expect_head, tell)
    journal_id = ctx.obj.masker.shown(found.journal)  # a proof may have been written by anybody
    write_stdout(f"journal {journal_id}\nevents  {found.events:,}\nhead    {found.head}\n")
    if found.withheld:
        texts = "text is" if found.withheld == 1 else "texts are"
        write_stdout(f"hidden  {found.withheld:,} {texts} not shown, but proved by hashes\n")
    if not found.count:
        write_stdout("verified\n")
        return Exit.AS_WISHED
    write_stdout(f"{_line(item, ctx.obj)}\n" for item in found.altered)
    if found.count > len(found.altered):
        write_stdout(f"... and {found.count - len(found.altered):,} more\n")
    what = "restore the journal from a copy" if proof is None else "ask for a new proof of the journal"
    write_stdout(f"ALTERED: {found.count:,} finding{'' if found.count == 1 else 's'}; {what}\n")
    return Exit.NOT_AS_WISHED


def _line(item: "IntegrityFinding", screen: Screen) -> str:
    where = "" if item.seq is None else f" (event {item.seq})"
    return screen.masker.shown(f"{item.what}{where}: {item.why}")


@contextmanager
def showing_how_far(screen: Screen) -> Iterator[Callable[[str, float | None], None]]:
    """Give what shows which part of the work is under way and how much of it is done, None where nobody knows."""
    if screen.quiet or not is_attended(sys.stderr):
        yield lambda _what, _part: None
        return
    with ExitStack() as stack:
        yield _Line(stack).show


class _Line:
    """The line; it stands on the terminal until the stack is closed."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack, self._began = stack, time.monotonic()
        self._drawn: tuple[Progress, TaskID] | None = None

    def show(self, what: str, part: float | None) -> None:
        if self._drawn is None and time.monotonic() - self._began >= SHORT:
            progress = self._progress()
            self._drawn = progress, progress.add_task(what)
            self._stack.enter_context(progress)
        if self._drawn is not None:
            progress, task = self._drawn
            progress.update(task, description=what, total=None if part is None else 1.0, completed=part or 0.0)

    def _progress(self) -> "Progress":
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        console = Console(file=sys.stderr, no_color=not wants_colour(sys.stderr), highlight=False)
        columns = (TextColumn("{task.description}", markup=False), BarColumn(), TimeElapsedColumn())
        return Progress(*columns, console=console, transient=True, redirect_stdout=False)
