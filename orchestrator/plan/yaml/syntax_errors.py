"""What the YAML parser complains about, in plain words with a place and a hint."""

import re
from itertools import pairwise

import yaml

from orchestrator.model.diagnostic import Diagnostic, Span, error
from orchestrator.plan.yaml.text import source_lines

_HINTS: tuple[tuple[str, str], ...] = (
    ("mapping values are not allowed", "quote a value that holds `: `, or check the indentation of this line"),
    ("expected ':'", "a key is followed by `: ` and its value; check the line above too"),
    ("expected alphabetic or numeric", "quote a value that begins with `*`, `&` or `!`"),
    ("cannot start any token", "quote the value: YAML keeps this character for itself"),
    ("expected key", "keys of one mapping begin in one column, and nothing may follow a closing quote or bracket"),
    ("expected <block end>", "lines of one block begin in one column, and nothing follows a closing quote or bracket"),
    ("expected '-'", "items of one list begin in one column, each with `- `"),
    ("block sequence entries are not allowed", "a list begins on the line below its key"),
    ("unknown escape character", "use single quotes, or write the backslash twice"),
    ("escape sequence", "use single quotes, or write the backslash twice"),
    ("Unicode", "use single quotes, or write the character itself"),
    ("directive", "quote a value that begins with `%`"),
    ("document start", "a file is one mapping: check the indentation of this line"),
    ("expected ',' or", "separate items with commas, and close the bracket"),
    ("node content", "a value is missing here; remove the comma or the bracket that is too many"),
)
_ANY_HINT = "look at this line and the one above: indentation, colons, quotes and brackets make YAML's structure"
_AT_THE_END = ("end of stream", "stream end", "document separator")


def syntax_error(problem: yaml.YAMLError, text: str, file: str) -> Diagnostic:
    """Report the parser's complaint; its primary place is where the reader should look first."""
    mark = getattr(problem, "problem_mark", None)
    context = getattr(problem, "context_mark", None)
    words = " ".join(str(getattr(problem, "problem", None) or "not YAML").split())
    lines = source_lines(text)
    if context is not None and mark is not None and _never_closed(words, mark, lines):
        opened = "quote" if "quoted" in str(getattr(problem, "context", "")) else "bracket"
        hint = f"close the {opened}" + _about_templates(lines, context)
        return error("yaml-syntax", f"this {opened} is never closed", _point(file, context), hint=hint)
    place = mark or context
    spans = () if place is None else (_point(file, place),)
    return error("yaml-syntax", f"YAML cannot be read here: {words}", *spans, hint=_hint(words, lines, place))


def _never_closed(words: str, mark: yaml.Mark, lines: tuple[str, ...]) -> bool:
    if any(part in words for part in _AT_THE_END):
        return True
    at_the_end = mark.line >= len(lines) or (mark.line == len(lines) - 1 and mark.column >= len(lines[-1]))
    return "expected ',' or" in words and at_the_end


def _hint(words: str, lines: tuple[str, ...], mark: yaml.Mark | None) -> str:
    if mark is not None:
        line = _line(lines, mark)
        if line[mark.column : mark.column + 1] == "\t" or re.match(r" *\t", line):
            return "indent with spaces: YAML forbids tabs there"
    hint = next((hint for part, hint in _HINTS if part in words), _ANY_HINT)
    return hint + _about_templates(lines, mark)


def _about_templates(lines: tuple[str, ...], mark: yaml.Mark | None) -> str:
    if mark is None:
        return ""
    line = _line(lines, mark)
    if line[: mark.column + 1].endswith("${") or _is_template_in_brackets(line):
        return "; inside [ ] and { } a value that holds ${...} must be quoted"
    return ""


def _is_template_in_brackets(line: str) -> bool:
    """Whether a bracket stands before a `${` of the line: looked for once, however many brackets there are."""
    parts = line.split("$")
    return any(after.startswith("{") and ("[" in before or "{" in before) for before, after in pairwise(parts))


def _line(lines: tuple[str, ...], mark: yaml.Mark) -> str:
    return lines[mark.line] if mark.line < len(lines) else ""


def _point(file: str, mark: yaml.Mark) -> Span:
    return Span(file, mark.line + 1, mark.column + 1)
