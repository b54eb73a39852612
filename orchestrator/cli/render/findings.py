"""Findings for people: `file:line:column: error[id]: message`, the source line with a caret, the hint."""

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import click

from orchestrator.cli.render.snippet import lines_of_file, snippet
from orchestrator.cli.screen import Screen, wants_colour, write_message, write_stderr
from orchestrator.model.diagnostic import Diagnostic, Severity, Span
from orchestrator.phone.safe_text import visible

if TYPE_CHECKING:
    from orchestrator.exotel.masking import Masker
    from orchestrator.logs import Level


def waiver_of(finding: Diagnostic, masker: "Masker") -> str | None:
    """Return who has waived it, until when and why, masked; None where nobody has."""
    waiver = finding.waiver
    if waiver is None:
        return None
    from orchestrator.cli.render import policy_words

    return masker.text(f"waived {policy_words.waiver(waiver)}")


SEVERITY_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTE: "cyan"}


def render_text(
    findings: Iterable[Diagnostic], lines: Mapping[str, Sequence[str]], masker: "Masker", colour: bool
) -> Iterator[str]:
    """Yield one block of lines a finding. `lines` are the sources that may be shown, by the spans' file."""
    for finding in findings:
        yield "\n".join(_block(finding, lines, masker, colour))


def _block(finding: Diagnostic, lines: Mapping[str, Sequence[str]], masker: "Masker", colour: bool) -> Iterator[str]:
    def paint(text: str, **style: str | bool) -> str:
        return click.style(text, **style) if colour else text  # type: ignore[arg-type] # click's own keywords

    tint = SEVERITY_COLOURS[finding.severity]
    primary, *others = finding.spans or (None,)
    head = paint(f"{finding.standing}[{visible(finding.id)}]", fg=tint, bold=True)
    message = visible(masker.message(finding))
    yield f"{place(primary)}: {head}: {message}" if primary else f"{head}: {message}"
    shown = primary if not finding.conceals_source else None
    picture = snippet(shown, lines.get(shown.file, ()), masker) if shown else None
    gutter = ""
    if picture:
        gutter = " " * len(picture.number)
        yield f" {picture.number} | {picture.text}"
        yield f" {gutter} | {paint(picture.underline, fg=tint, bold=True)}"
    for other in others:
        if other is not None:
            yield f" {gutter} = see also {place(other)}"
    hint = masker.hint(finding)
    if hint:
        yield f" {gutter} = hint: {visible(hint)}"
    waiver = waiver_of(finding, masker)
    if waiver:
        yield f" {gutter} = {visible(waiver)}"


def place(span: Span) -> str:
    """Return `file:line:column`. Paths are not masked: editors and CI services must find the file."""
    return f"{visible(span.file)}:{span.line}:{span.column}"


def count_line(counts: Mapping[Severity, int], waived: int = 0) -> str:
    """Return `2 errors, 1 warning`, and the notes and what is waived where there is any."""
    words = ((counts.get(severity, 0), severity) for severity in Severity)
    counted = (
        f"{count:,} {severity.value}{'' if count == 1 else 's'}"
        for count, severity in words
        if count or severity is not Severity.NOTE
    )
    return ", ".join((*counted, *([f"{waived:,} waived"] if waived else [])))


LEVELS: dict[Severity, "Level"] = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "info"}


BESIDE_ERRORS = 10
"""Warnings, and notes, that are shown where there are errors: a hundred would push the errors off the screen."""


def errors_first(findings: Iterable[Diagnostic]) -> tuple[list[Diagnostic], list[str]]:
    """Put errors first, and beside them only the first few warnings and notes; then lines that count the others.

    Where there is no error, everything stays as it is.
    """
    found = list(findings)
    if not any(finding.is_error for finding in found):
        return found, []
    shown = [finding for finding in found if finding.is_error]
    lines: list[str] = []
    for severity in (Severity.WARNING, Severity.NOTE):
        others = [finding for finding in found if finding.severity is severity]
        shown += others[:BESIDE_ERRORS]
        more = sum(finding.count for finding in others[BESIDE_ERRORS:])
        if more:
            noun = f"{severity.value}{'' if more == 1 else 's'}"
            lines.append(f"... and {more:,} more {noun}, not shown beside errors (`--format json` of `validate` does)")
    return shown, lines


def counts_of(findings: Iterable[Diagnostic]) -> Counter[Severity]:
    """Count findings by their severity, those that one finding stands for too."""
    counts: Counter[Severity] = Counter()
    for finding in findings:
        counts[finding.severity] += finding.count if finding.waiver is None else 0
    return counts


def show_findings(findings: Iterable[Diagnostic], screen: Screen) -> None:
    """Print each finding with its place and its caret, or as a line for programs."""
    found = tuple(finding for finding in findings if finding.is_error or not screen.quiet)
    if not found:
        return
    show = _as_lines if screen.json_lines else _as_pictures
    show(found, screen)


def _as_lines(found: tuple[Diagnostic, ...], screen: Screen) -> None:
    for finding in found:
        write_message(
            screen.masker.message(finding),
            LEVELS[finding.severity] if finding.waiver is None else "info",
            id=finding.id,
            place=place(finding.spans[0]) if finding.spans else None,
            hint=screen.masker.hint(finding),
            waived=waiver_of(finding, screen.masker),
        )


def _as_pictures(found: tuple[Diagnostic, ...], screen: Screen) -> None:
    lines = {path: lines_of_file(path) for path in screen.sources}
    for block in render_text(found, lines, screen.masker, wants_colour(sys.stderr)):
        write_stderr(block)
