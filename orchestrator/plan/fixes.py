"""Mends a file by the edits that its findings carry, and changes nothing else in it."""

from bisect import bisect_right
from collections.abc import Iterable

from orchestrator.model.diagnostic import Edit
from orchestrator.model.frozen import frozen
from orchestrator.plan.yaml.document import read_document
from orchestrator.plan.yaml.meaning import aliased_places, mean_the_same
from orchestrator.plan.yaml.nodes import ScalarNode
from orchestrator.plan.yaml.text import line_starts

Fix = tuple[Edit, ...]


def rewritten(node: ScalarNode, text: str) -> Fix:
    """Return the edits that make `text` of a key or value, inside its quotes.

    There are none where the file does not have it on one line and as it reads: in quotes with escapes. Where `text` is
    a part of what stands there, the edits take away the rest.
    """
    span = node.span
    end = span.end_column or 0
    quote = 1 if node.quoted else 0
    start, end = span.column + quote, end - quote
    if end - start != len(node.text):
        return ()
    kept = node.text.find(text) if text else -1
    if kept < 0:
        return (Edit(span._replace(column=start, end_column=end), text),)
    cuts = ((start, start + kept), (start + kept + len(text), end))
    return tuple(Edit(span._replace(column=one, end_column=other), "") for one, other in cuts if one < other)


@frozen
class Mended:
    """A text after fixes, and how many of them were made."""

    text: str
    fixed: int


def mended(text: str, file: str, fixes: Iterable[Fix]) -> Mended:
    """Apply fixes to the text of a file that they were found in; those of other files are left out.

    A fix that touches another, or a value that aliases repeat elsewhere, is left out: there it could mean something
    else. A text that cannot be read as YAML stays as it is.
    """
    if any(problem.is_error for problem in read_document(text, file)[1]):
        return Mended(text, 0)
    chosen = _apart(fix for fix in dict.fromkeys(fixes) if fix and all(edit.span.file == file for edit in fix))
    repeated = aliased_places(text)
    chosen = [fix for fix in chosen if _only_quotes(fix) or not any(map(repeated, map(_place, fix)))]
    edits = sorted((edit for fix in chosen for edit in fix), key=_place)
    made = _edited(text, edits)
    if not mean_the_same(text, made, map(_place, edits)):
        raise AssertionError("a fix changes more than the values that it is for")
    if any(problem.is_error for problem in read_document(made, file)[1]):
        return Mended(text, 0)
    return Mended(made, len(chosen))


def _edited(text: str, edits: Iterable[Edit]) -> str:
    """Return the text with these edits, which are in its order."""
    starts = line_starts(text)
    parts: list[str] = []
    done = 0
    for span, instead in edits:
        before = starts[span.line - 1] - 1
        parts += (text[done : before + span.column], instead)
        done = before + (span.end_column or span.column)
    return "".join([*parts, text[done:]])


def _place(edit: Edit) -> tuple[int, int]:
    return edit.span.line - 1, edit.span.column - 1


def _only_quotes(fix: Fix) -> bool:
    """Whether a fix leaves the value as it is."""
    return all(edit.text == '"' and edit.span.end_column == edit.span.column for edit in fix)


def _apart(fixes: Iterable[Fix]) -> list[Fix]:
    """Return the fixes that touch none of those before them."""
    taken: dict[int, list[tuple[int, int]]] = {}
    chosen: list[Fix] = []
    for fix in fixes:
        first, last = fix[0].span, fix[-1].span
        reach = (first.column, last.end_column or last.column)
        line = taken.setdefault(first.line, [])
        at = bisect_right(line, reach)
        if (at and line[at - 1][1] >= reach[0]) or (at < len(line) and line[at][0] <= reach[1]):
            continue
        line.insert(at, reach)
        chosen.append(fix)
    return chosen
