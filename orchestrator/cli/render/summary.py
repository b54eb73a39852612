"""The summary at the end of a run: what it came to in a few figures, and how they look."""

from collections.abc import Iterator, Mapping, Sequence
from typing import IO

from rich.console import Console
from rich.text import Text

from orchestrator.cli.render.names import what_ran
from orchestrator.exotel.masking import Masker
from orchestrator.model.exit_codes import MEANINGS, Exit
from orchestrator.model.frozen import frozen
from orchestrator.model.outcome import Disposition
from orchestrator.model.record import RunRecord
from orchestrator.phone.safe_text import visible
from orchestrator.progress.times import duration_in_words

BAR_COLOURS = {
    "completed": "green",
    "busy": "yellow",
    "no-answer": "yellow",
    "agent-no-answer": "yellow",
    "failed": "red",
    "rejected": "red",
    "unknown": "bold red",
    "suppressed": "cyan",
    "waiting": "cyan",
}
UNKNOWN_SHOWN = 20
BAR = 24
"""Columns of the longest bar."""
NO_PHONE_RANG = "SANDBOX: no phone rang; the carrier was simulated. Only a live target dials."


@frozen
class Summary:
    """What a run came to. `dispositions` are those that occur; `seconds` is None while the run goes on.

    `own` is how many of the attempts it made itself, None for all.
    """

    run: RunRecord
    dispositions: tuple[tuple[str, int], ...]
    calls: int
    attempts: int
    seconds: float | None
    unknown: tuple[str, ...]
    own: int | None = None


def summary(run: RunRecord, totals: Mapping[str, int], unknown: Sequence[str] = (), own: int | None = None) -> Summary:
    """Return the figures. `unknown` are the ids of the calls whose attempt may have rung without our knowing.

    `own` is how many of the attempts the run made itself; None for all.
    """
    counted = tuple((word.value, totals[word.value]) for word in Disposition if totals.get(word.value))
    return Summary(run, counted, totals.get("calls", 0), totals.get("attempts", 0), run.seconds, tuple(unknown), own)


def print_summary(
    summary: Summary,
    *,
    journal: str,
    exit_code: int,
    meant: str,
    sandbox: bool,
    masker: Masker,
    stream: IO[str],
    colour: bool,
) -> None:
    """Print the dispositions, the figures, what is left unknown, and - last, where it is so - that no phone rang.

    `meant` is what the exit code means for this run, see `meaning`.
    """
    console = Console(file=stream, force_terminal=colour, no_color=not colour, highlight=False, soft_wrap=True)
    run = summary.run
    name = masker.shown(run.plan)
    console.print(Text.assemble((name, "bold"), what_ran(run, masker).removeprefix(name)))
    for row in _rows(summary):
        console.print(row)
    for label, text in _figures(summary, journal, f"{exit_code}: {meant}"):
        console.print(Text(f"{label:<8}{visible(text)}"))
    for line in _unknown(summary, masker):
        console.print(Text(line, style="bold red"))
    if sandbox:
        console.print(Text(NO_PHONE_RANG, style="bold"))


def _rows(summary: Summary) -> Iterator[Text]:
    """Yield one line a disposition: its word, its calls, and a bar in proportion."""
    words = max((len(word) for word, _ in summary.dispositions), default=0)
    digits = max((len(f"{count:,}") for _, count in summary.dispositions), default=0)
    most = max((count for _, count in summary.dispositions), default=1)
    for word, count in summary.dispositions:
        bar = "#" * max(1, round(BAR * count / most))
        yield Text(f"{word:<{words}}  {count:>{digits},}  {bar}", style=BAR_COLOURS.get(word, ""))


def _figures(summary: Summary, journal: str, ended: str) -> Iterator[tuple[str, str]]:
    took = "" if summary.seconds is None else f" in {duration_in_words(summary.seconds)}"
    made, own = summary.attempts, summary.own
    apart = "" if own in (None, made) else f" ({own:,} now, {made - own:,} before)"
    yield "calls", f"{summary.calls:,}, {made:,} attempt{'' if made == 1 else 's'}{apart}{took}"
    yield "run", summary.run.id
    yield "digest", summary.run.digest
    yield "journal", journal
    if summary.run.head:
        yield "head", summary.run.head
    yield "exit", ended


def meaning(code: int, waiting: int = 0, *, only: bool = False, until_placed: bool = False) -> str:
    """Say what the code judges: all calls of the plan, unless the run was asked to dial or to wait for less.

    `waiting` is how many of the plan's calls have no disposition yet: with 0 and 1 that is so only by the user's wish.
    Where none waits, `--only` chose nothing apart: the verdict is on the whole plan.
    """
    if code not in (Exit.AS_WISHED, Exit.NOT_AS_WISHED) or not (waiting or until_placed):
        return MEANINGS.get(code, "unlisted")
    good, chosen = code == Exit.AS_WISHED, " that --only chose" if only and waiting else ""
    if until_placed:
        judged = f"no call{chosen} was rejected" if good else f"calls{chosen} were rejected"
    else:
        judged = f"the calls{chosen} are {'' if good else 'not '}as wished"
        if good and waiting:
            judged = "what was asked for is done"
    return f"{judged}; {waiting:,} of the plan wait{'s' if waiting == 1 else ''}" if waiting else judged


def _unknown(summary: Summary, masker: Masker) -> Iterator[str]:
    if not summary.unknown:
        return
    yield "perhaps these rang, and nothing dials them again by itself:"
    for call in summary.unknown[:UNKNOWN_SHOWN]:
        yield f"  {masker.shown(call)}"
    if len(summary.unknown) > UNKNOWN_SHOWN:
        yield f"  ... and {len(summary.unknown) - UNKNOWN_SHOWN:,} more"
    yield "`orchestrate why CALL` tells more, `orchestrate settle CALL` takes your verdict"
