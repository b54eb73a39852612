"""`orchestrate compare`: two runs side by side, a column each, and the difference of what can be counted."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from orchestrator.cli.complete import runs_and_plans
from orchestrator.cli.options import Command, format_option, known_journal_option, storable_text, unmask_option
from orchestrator.cli.screen import Screen, write_stdout
from orchestrator.model.outcome import Disposition
from orchestrator.phone.safe_text import cells, visible

if TYPE_CHECKING:
    from orchestrator.app.compare import ComparedRun
    from orchestrator.exotel.masking import Masker

Row = tuple[str, str, str, str]
"""A label, both runs' texts, and the difference; a label alone is a heading."""


@click.command("compare", cls=Command)
@click.argument("first", metavar="RUN", callback=storable_text, shell_complete=runs_and_plans)
@click.argument("second", metavar="RUN", callback=storable_text, shell_complete=runs_and_plans)
@format_option
@known_journal_option
@unmask_option
@click.pass_obj
def compare_command(screen: Screen, /, first: str, second: str, format_: str, journal: str | None) -> None:
    """Show two runs side by side: how long each took, what came of its own attempts, and how its edition's calls stand.

    A run is named by its id or a unique beginning of it; a plan's name or file means its latest run.
    """
    from orchestrator.app.compare import compare

    screen.sources = (first, second)
    one, other = compare(journal, first, second)
    if format_ == "json":
        from orchestrator.reports.compare_json import compare_json, compared_facts

        masker = screen.masker
        write_stdout(compare_json(*(compared_facts(each.run, each.totals, each.own, masker) for each in (one, other))))
    else:
        write_stdout(_table(one, other, screen.masker))


def _table(first: "ComparedRun", second: "ComparedRun", masker: "Masker") -> Iterator[str]:
    """Yield the table, in columns as wide as they must be."""
    rows = [*_heads(first, second, masker), *_own(first, second), *_edition(first, second)]
    widths = [max(cells(row[column]) for row in rows if row[1]) for column in range(3)]
    for label, *texts in rows:
        padded = [text + " " * (width - cells(text)) for text, width in zip((label, *texts[:2]), widths, strict=True)]
        yield "  ".join([*padded, texts[2]]).rstrip() + "\n"


def _heads(first: "ComparedRun", second: "ComparedRun", masker: "Masker") -> Iterator[Row]:
    from orchestrator.cli.render.names import what_ran

    yield "run", visible(first.run.id), visible(second.run.id), ""
    yield "of", what_ran(first.run, masker), what_ran(second.run, masker), ""
    yield "digest", *_digests(first, second), ""
    yield "began", first.run.started_at, second.run.started_at, ""
    yield "took", _took(first), _took(second), ""
    yield "exit", _exit(first), _exit(second), ""


def _digests(first: "ComparedRun", second: "ComparedRun") -> tuple[str, str]:
    """Return the beginning of both digests: they are compared, not copied."""
    if first.run.digest == second.run.digest:
        return f"{first.run.digest[:19]}...", "the same"
    return f"{first.run.digest[:19]}...", f"{second.run.digest[:19]}..."


def _own(first: "ComparedRun", second: "ComparedRun") -> Iterator[Row]:
    from orchestrator.progress.times import duration_in_words

    one, other = first.own, second.own
    yield "its own attempts", "", "", ""
    yield _counted("all", one.attempts, other.attempts)
    for word in dict.fromkeys((*one.outcomes, *other.outcomes)):
        yield _shared(word, (one.outcomes.get(word, 0), one.attempts), (other.outcomes.get(word, 0), other.attempts))
    yield "  duration", duration_in_words(one.seconds), duration_in_words(other.seconds), ""
    yield "  cost", _cost(first), _cost(second), ""


def _edition(first: "ComparedRun", second: "ComparedRun") -> Iterator[Row]:
    yield "calls of its edition", "", "", ""
    one, other = first.totals, second.totals
    yield _counted("all", one["calls"], other["calls"])
    for word in (each.value for each in Disposition):
        if one[word] or other[word]:
            yield _shared(word, (one[word], one["calls"]), (other[word], other["calls"]))


def _counted(label: str, one: int, other: int) -> Row:
    return f"  {label}", f"{one:,}", f"{other:,}", _difference(one, other)


def _shared(label: str, one: tuple[int, int], other: tuple[int, int]) -> Row:
    return f"  {label}", _share(*one), _share(*other), _difference(one[0], other[0])


def _share(count: int, of: int) -> str:
    return f"{count:,} ({count / of:.1%})" if of else f"{count:,}"


def _difference(one: int, other: int) -> str:
    return f"{other - one:+,}" if one != other else ""


def _took(compared: "ComparedRun") -> str:
    from orchestrator.progress.times import duration_in_words

    return "not ended" if compared.run.seconds is None else duration_in_words(compared.run.seconds)


def _exit(compared: "ComparedRun") -> str:
    return "" if compared.run.exit_code is None else str(compared.run.exit_code)


def _cost(compared: "ComparedRun") -> str:
    told = (visible(f"{amount:f} {currency}".rstrip()) for currency, amount in sorted(compared.own.cost.items()))
    return " and ".join(told) or "not told"
