"""`orchestrate doctor`: what is wrong with the environment of a run, without dialing; a line for each check."""

import shutil
import sys
from collections.abc import Callable, Iterator

import click

from orchestrator.cli.complete import files
from orchestrator.cli.options import (
    Command,
    format_option,
    known_journal_option,
    root_option,
    secrets_option,
    target_option,
    unmask_option,
)
from orchestrator.cli.render.wrapping import wrapped
from orchestrator.cli.screen import Screen, wants_colour, write_stdout
from orchestrator.exotel.masking import Masker
from orchestrator.model.check import Examination, Health
from orchestrator.model.exit_codes import Exit
from orchestrator.phone.safe_text import visible


@click.command("doctor", cls=Command)
@click.argument("plan", required=False, shell_complete=files)
@target_option("Where the plan would be dialed; a target file, exotel or sandbox.")
@known_journal_option
@click.option("--audio", is_flag=True, help="Fetch each audio file that the plan names, and check it.")
@format_option
@root_option
@secrets_option("Folder with a file for each secret.")
@unmask_option
@click.option("-q", "--quiet", is_flag=True, help="Warnings and problems only, and no last line.")
@click.pass_obj
def doctor_command(
    screen: Screen,
    /,
    plan: str | None,
    target: str,
    journal: str | None,
    audio: bool,
    format_: str,
    root: str | None,
    secrets_dir: str | None,
    quiet: bool,
) -> int:
    """Look at all that a run of PLAN needs around it: settings, carrier, callbacks, journal, clock. Nothing is dialed.

    Of a live target the carrier is asked for the account's ExoPhones. With --audio the files that the plan names by
    address are fetched too, unless they lie inside a network, and a file that is another than before is told. Exits 4
    where `run` could not go on, 3 where it would refuse the plan.
    """
    from orchestrator.app.doctor.examination import DoctorOptions, examine

    if audio and plan is None:
        raise click.UsageError("--audio needs a PLAN: its audio is checked")
    screen.sources = tuple(each for each in (plan, target) if each)
    found = examine(DoctorOptions(plan, target, journal, root, secrets_dir, audio))
    code = Exit.REFUSED if found.refused else Exit.CANNOT_PROCEED if found.is_stopped else Exit.AS_WISHED
    if format_ == "json":
        from orchestrator.reports.examination_json import examination_json

        write_stdout(examination_json(found, code, screen.masker))
        return code
    width, colour = shutil.get_terminal_size().columns, wants_colour(sys.stdout)
    write_stdout(_lines(found, screen.masker, width, colour=colour, quiet=quiet))
    return code


_WORDS = {
    Health.NOT_JUDGED: "not judged",
    Health.OK: "ok",
    Health.WARNING: "warning",
    Health.PROBLEM: "problem",
}
_COLOURS = {Health.OK: "green", Health.WARNING: "yellow", Health.PROBLEM: "red", Health.NOT_JUDGED: "cyan"}
_WIDTH = max(map(len, _WORDS.values()))


def _lines(found: Examination, masker: Masker, width: int, *, colour: bool, quiet: bool) -> Iterator[str]:
    """Yield the lines; `quiet`: only warnings and problems, and no last line."""
    from orchestrator.reports.examination_json import where_of

    shown = [check for check in found.checks if not quiet or check.health in (Health.WARNING, Health.PROBLEM)]
    style: Callable[..., str] = click.style if colour else lambda text, **_: text
    area = None
    for check in shown:
        if check.area is not area:
            area = check.area
            yield f"{style(area.value, bold=True)}\n"
        word = f"{_WORDS[check.health]:<{_WIDTH}}"
        indent = " " * (len(word) + 4)
        where = where_of(check, masker)
        what = visible(masker.text(check.what))
        text = what if where is None else f"{visible(where)}: {what}"
        first, *more = wrapped(f"{indent}{text}", width, indent)
        yield f"  {style(word, fg=_COLOURS[check.health])}  {first.removeprefix(indent)}\n"
        hint = () if check.hint is None else wrapped(f"{indent}hint: {visible(masker.text(check.hint))}", width, indent)
        yield from (f"{line}\n" for line in (*more, *hint))
    if not quiet:
        yield f"{_counted(found)}\n"


def _counted(found: Examination) -> str:
    counts = ", ".join(_counted_as(health, count) for health in reversed(_WORDS) if (count := found.count(health)))
    if found.refused:
        return f"{counts}: `run` would refuse the plan"
    if found.is_stopped:
        return f"{counts}: `run` could not go on"
    return f"{counts}: nothing keeps a run from beginning"


def _counted_as(health: Health, count: int) -> str:
    is_noun = health in (Health.WARNING, Health.PROBLEM)
    return f"{count:,} {_WORDS[health]}{'s' if is_noun and count > 1 else ''}"
