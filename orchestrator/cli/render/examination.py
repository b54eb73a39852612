"""What `doctor` found out, for people: a line for each check, below the part of the environment that it is about."""

from collections.abc import Callable, Iterator

import click

from orchestrator.cli.render.wrapping import wrapped
from orchestrator.exotel.masking import Masker
from orchestrator.model.check import Examination, Health
from orchestrator.phone.safe_text import visible
from orchestrator.reports.examination_json import where_of

_WORDS = {
    Health.NOT_JUDGED: "not judged",
    Health.OK: "ok",
    Health.WARNING: "warning",
    Health.PROBLEM: "problem",
}
_COLOURS = {Health.OK: "green", Health.WARNING: "yellow", Health.PROBLEM: "red", Health.NOT_JUDGED: "cyan"}
_WIDTH = max(map(len, _WORDS.values()))


def examination_text(found: Examination, masker: Masker, width: int, *, colour: bool, quiet: bool) -> Iterator[str]:
    """Yield the lines; `quiet`: only warnings and problems, and no last line."""
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
