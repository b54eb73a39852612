"""Findings for people: `file:line:column: error[id]: message`, the source line with a caret, the hint."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import click

from orchestrator.cli.finding_text import hint_of, message_of
from orchestrator.cli.snippet import snippet
from orchestrator.exotel.masking import Masker
from orchestrator.model.diagnostic import Diagnostic, Severity, Span
from orchestrator.phone.visible import visible

COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTE: "cyan"}


def render_text(
    findings: Iterable[Diagnostic], lines: Mapping[str, Sequence[str]], masker: Masker, colour: bool
) -> Iterator[str]:
    """Yield one block of lines a finding. `lines` are the sources that may be shown, by the spans' file."""
    for finding in findings:
        yield "\n".join(_block(finding, lines, masker, colour))


def _block(finding: Diagnostic, lines: Mapping[str, Sequence[str]], masker: Masker, colour: bool) -> Iterator[str]:
    def paint(text: str, **style: str | bool) -> str:
        return click.style(text, **style) if colour else text  # type: ignore[arg-type] # click's own keywords

    tint = COLOURS[finding.severity]
    primary, *others = finding.spans or (None,)
    head = paint(f"{finding.severity.value}[{visible(finding.id)}]", fg=tint, bold=True)
    message = visible(message_of(finding, masker))
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
    hint = hint_of(finding, masker)
    if hint:
        yield f" {gutter} = hint: {visible(hint)}"


def place(span: Span) -> str:
    """Return `file:line:column`. Paths are not masked: editors and CI services must find the file."""
    return f"{visible(span.file)}:{span.line}:{span.column}"


def count_line(counts: Mapping[Severity, int]) -> str:
    """Return `2 errors, 1 warning`, and the notes where there are any."""
    words = ((counts.get(severity, 0), severity) for severity in Severity)
    return ", ".join(
        f"{count:,} {severity.value}{'' if count == 1 else 's'}"
        for count, severity in words
        if count or severity is not Severity.NOTE
    )
