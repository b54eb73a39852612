"""Says in plain words what the YAML parser complains of: where to look first, what that means, and what to do."""

import contextlib
import re
from itertools import pairwise

import yaml
from yaml.tokens import FlowMappingEndToken, FlowMappingStartToken, FlowSequenceEndToken, FlowSequenceStartToken

from orchestrator.model.diagnostic import Diagnostic, Span, error
from orchestrator.model.frozen import frozen
from orchestrator.plan.yaml.parser import Parser
from orchestrator.plan.yaml.text import source_lines


@frozen
class _Complaint:
    """What the parser says, as words that it has in it; what that means, and what to do."""

    words: str
    meaning: str
    hint: str


_COLUMNS = "nothing may follow a closing quote or bracket"
_COMPLAINTS = (
    _Complaint(
        "mapping values are not allowed",
        "a key with its `:` cannot stand here",
        "quote a value that holds `: `, or check the indentation of this line",
    ),
    _Complaint(
        "expected ':'",
        "a key without `:` and a value",
        "a key is followed by `: ` and its value; check the line above too",
    ),
    _Complaint(
        "expected alphabetic or numeric",
        "a name is missing behind `*`, `&` or `!`",
        "quote a value that begins with `*`, `&` or `!`",
    ),
    _Complaint(
        "cannot start any token",
        "no value begins with this character",
        "quote the value: YAML keeps this character for itself",
    ),
    _Complaint(
        "expected key",
        "this does not continue the mapping above",
        f"keys of one mapping begin in one column, and {_COLUMNS}",
    ),
    _Complaint(
        "expected <block end>",
        "this does not continue the block above",
        f"lines of one block begin in one column, and {_COLUMNS}",
    ),
    _Complaint(
        "expected '-'",
        "this does not continue the list above",
        "items of one list begin in one column, each with `- `",
    ),
    _Complaint(
        "block sequence entries are not allowed", "a list cannot begin here", "a list begins on the line below its key"
    ),
    _Complaint(
        "unknown escape character",
        "there is no such escape",
        "use single quotes, or write the backslash twice",
    ),
    _Complaint("escape sequence", "this escape is not whole", "use single quotes, or write the backslash twice"),
    _Complaint("Unicode", "this escape names no character", "use single quotes, or write the character itself"),
    _Complaint("directive", "`%` at the beginning of a line is for YAML itself", "quote a value that begins with `%`"),
    _Complaint(
        "document start",
        "the file goes on behind its end",
        "a file is one mapping: check the indentation of this line",
    ),
    _Complaint(
        "expected ',' or",
        "a comma is missing before this, or a closing bracket",
        "separate items with commas, and close the bracket",
    ),
    _Complaint(
        "node content",
        "a value is missing",
        "a value is missing here; remove the comma or the bracket that is too many",
    ),
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
        is_quote = "quoted" in str(getattr(problem, "context", ""))
        opened = context if is_quote else _open_bracket(text) or context
        what = "quote" if is_quote else "bracket"
        hint = f"close the {what}" + _about_templates(lines, opened)
        return error("yaml-syntax", f"this {what} is never closed", _point(file, opened), hint=hint)
    place = mark or context
    spans = [] if place is None else [_point(file, place)]
    if context is not None and "expected ',' or" in words:
        spans.append(_point(file, context))
    complaint = next((each for each in _COMPLAINTS if each.words in words), None)
    meaning, hint = (words, _ANY_HINT) if complaint is None else (complaint.meaning, complaint.hint)
    if _is_after_a_tab(lines, mark):
        meaning, hint = "a tab indents this line", "indent with spaces: YAML forbids tabs there"
    hint += _about_templates(lines, mark)
    return error("yaml-syntax", f"YAML cannot be read here: {meaning}", *spans, hint=hint)


def _never_closed(words: str, mark: yaml.Mark, lines: tuple[str, ...]) -> bool:
    if any(part in words for part in _AT_THE_END):
        return True
    at_the_end = mark.line >= len(lines) or not any(
        line.strip() for line in (lines[mark.line][mark.column :], *lines[mark.line + 1 :])
    )
    return at_the_end and ("expected ',' or" in words or "node content" in words)


def _open_bracket(text: str) -> yaml.Mark | None:
    """Return where the innermost bracket begins that the text leaves open."""
    opened: list[yaml.Mark] = []
    with contextlib.suppress(yaml.YAMLError):
        for token in yaml.scan(text, Loader=Parser):
            if isinstance(token, FlowSequenceStartToken | FlowMappingStartToken):
                opened.append(token.start_mark)
            elif isinstance(token, FlowSequenceEndToken | FlowMappingEndToken) and opened:
                opened.pop()
    return opened[-1] if opened else None


def _is_after_a_tab(lines: tuple[str, ...], mark: yaml.Mark | None) -> bool:
    if mark is None:
        return False
    line = _line(lines, mark)
    return line[mark.column : mark.column + 1] == "\t" or re.match(r" *\t", line) is not None


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
