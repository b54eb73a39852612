"""The canonical form of a plan or a target file: laid out in one way, and quoted where other tools misread a value.

It means the same as before, to the last comment: that is proved each time, before anybody gets it. Indentation, blanks
and empty lines are laid out anew: what stands between two tokens is written anew, and nothing else. No line is joined
or broken, no quote exchanged.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from yaml.tokens import (
    AliasToken,
    AnchorToken,
    BlockEndToken,
    BlockEntryToken,
    BlockMappingStartToken,
    BlockSequenceStartToken,
    FlowEntryToken,
    FlowMappingEndToken,
    FlowMappingStartToken,
    FlowSequenceEndToken,
    FlowSequenceStartToken,
    KeyToken,
    ScalarToken,
    ValueToken,
)

from orchestrator.model.diagnostic import Diagnostic
from orchestrator.plan.schema.check import unquoted_text
from orchestrator.plan.schema.plan import plan_schema
from orchestrator.plan.schema.target import target_schema
from orchestrator.plan.yaml.document import read_document
from orchestrator.plan.yaml.meaning import mean_the_same
from orchestrator.plan.yaml.parser import Parser


def canonical(text: str, file: str) -> str | tuple[Diagnostic, ...]:
    """Return a text in its canonical form; what is wrong with it where it cannot be read as YAML.

    A plan with other mistakes has a canonical form too. `file` is the name that findings carry.
    """
    document, problems = read_document(text, file)
    if document is None or any(problem.is_error for problem in problems):
        return problems
    schema = plan_schema() if document.get("kind") is None else target_schema()
    edits = [edit for remark in unquoted_text(document, schema) for edit in remark.fix]
    made = laid_out(text, frozenset((edit.span.line - 1, edit.span.column - 1) for edit in edits))
    if not mean_the_same(text, made) or laid_out(made) != made:
        raise AssertionError("the canonical form means something else, or has another canonical form")
    return made


STEP = 2
"""Columns by which each level is indented, the dashes of a list too."""
BEFORE_COMMENT = 2
"""Blanks that are kept before a comment behind a value which has become longer, where there were as many."""

Place = tuple[int, int]
"""Line and column, counted from 0 as the scanner does."""

_OPENING = (FlowSequenceStartToken, FlowMappingStartToken)
_CLOSING = (FlowSequenceEndToken, FlowMappingEndToken)
_ANY_BREAK = re.compile(r"\r\n|\r")


def line_end(text: str) -> str:
    """Return how the first line of a text ends; a text of one line ends as most do."""
    first = re.search(r"\r\n|\r|\n", text)
    return "\n" if first is None else first.group()


def laid_out(text: str, to_quote: frozenset[Place] = frozenset()) -> str:
    """Return the text in its canonical layout; the plain values at `to_quote` in double quotes.

    The text must be one that can be read. All lines end as the first does.
    """
    end = line_end(text)
    made = _Layout(_ANY_BREAK.sub("\n", text), to_quote).text()
    return made if end == "\n" else made.replace("\n", end)


@dataclass(slots=True)
class _Block:
    """A mapping or list in block style: the column where it stood, and where it stands now."""

    column: int
    target: int
    kind: str
    """`mapping`, `list`, or `bare list`: its dashes stand in the column of the key, and the scanner tells neither its
    beginning nor its end."""


@dataclass(slots=True)
class _Layout:
    """Goes through the tokens once, and writes each behind what now stands between it and the one before."""

    source: str
    to_quote: frozenset[Place]
    _parts: list[str] = field(default_factory=list)
    _column: int = 0
    """Where the next character will stand."""
    _shift: int = 0
    """By how much the block that is being written has moved to the right."""
    _blocks: list[_Block] = field(default_factory=list)
    _around: list[_Block] = field(default_factory=list)
    """The blocks in which the token before stands: `_blocks` may have lost some since."""
    _brackets: int = 0
    _before: Any = None
    """The token that was written last."""
    _end: int = 0
    """Where the source of that token ends."""

    def text(self) -> str:
        """Write all tokens, then what stands behind the last."""
        is_key = False
        scanner: Any = Parser(self.source)
        try:
            while scanner.check_token():
                token = scanner.get_token()
                if token.start_mark.index == token.end_mark.index:
                    self._structure(token)
                    is_key = isinstance(token, KeyToken)
                else:
                    self._write(token, is_key)
                    is_key = False
        finally:
            scanner.dispose()
        self._ending()
        return "".join(self._parts)

    def _structure(self, token: Any) -> None:
        """Note where blocks begin and end."""
        if isinstance(token, BlockMappingStartToken):
            self._open(token.start_mark.column, "mapping")
        elif isinstance(token, BlockSequenceStartToken):
            self._open(token.start_mark.column, "list")
        elif isinstance(token, BlockEndToken):
            self._close_bare_list()
            self._blocks.pop()
        elif isinstance(token, KeyToken) and not self._brackets:
            self._close_bare_list()

    def _open(self, column: int, kind: str) -> None:
        self._blocks.append(_Block(column, self._blocks[-1].target + STEP if self._blocks else 0, kind))

    def _close_bare_list(self) -> None:
        if self._blocks and self._blocks[-1].kind == "bare list":
            self._blocks.pop()

    def _write(self, token: Any, is_key: bool) -> None:
        column = token.start_mark.column
        gap = self.source[self._end : token.start_mark.index]
        is_first = "\n" in gap or self._before is None
        is_item = self._is_item(token, is_key, is_first)
        if is_first:
            self._lines(gap, self._indented(column, is_item))
        else:
            self._put(" " * self._blanks(token))
        if is_item or (is_first and not self._brackets):
            self._shift = self._column - column
        self._token(token)
        self._around = list(self._blocks)

    def _indented(self, column: int, is_item: bool) -> int:
        """Return the column of a token that begins a line: an item of its block, its value, or a part of brackets."""
        if self._brackets:
            return self._moved(column)
        inner = self._blocks[-1].target if self._blocks else -STEP
        return inner if is_item else inner + STEP

    def _is_item(self, token: Any, is_key: bool, is_first: bool) -> bool:
        """Whether a key, or an item of a list, begins here that stands in the column of its block."""
        if self._brackets:
            return False
        if isinstance(token, BlockEntryToken):
            if self._blocks[-1].kind == "mapping":
                self._open(token.start_mark.column, "bare list")
            return True
        if isinstance(token, KeyToken) or (isinstance(token, ValueToken) and is_first):
            self._close_bare_list()
            return True
        return is_key

    def _moved(self, column: int) -> int:
        """Move a column with its block; what did not stand at the margin stays off it, where markers begin."""
        return max(min(column, 1), column + self._shift)

    def _blanks(self, token: Any) -> int:
        """Return how many blanks stand between the token before and this one, on one line."""
        before = self._before
        if isinstance(before, _OPENING):
            return 0
        if isinstance(token, (FlowEntryToken, *_CLOSING)):
            return 1 if isinstance(before, ValueToken | AnchorToken) else 0
        if isinstance(token, ValueToken):
            return 1 if isinstance(before, AliasToken | AnchorToken) else 0
        return 1

    def _lines(self, gap: str, column: int) -> None:
        """Write the comments and empty lines before a token that begins a line, and its indentation."""
        first, *others = gap.split("\n")
        if self._before is None:
            others = [first, *others]
        else:
            self._comment_behind(first)
        for line in _without_many_empty(others[:-1], at_start=not self._parts):
            self._new_line()
            if line:
                indented = len(line) - len(line.lstrip(" \t"))
                self._put(" " * self._comment_column(indented, column) + line.strip(" \t"))
        self._new_line()
        self._put(" " * column)

    def _comment_column(self, column: int, following: int) -> int:
        """Return where a comment on a line of its own stands: with the block whose column it had."""
        if self._brackets:
            return self._moved(column)
        if self._blocks and self._blocks[-1].column == column:
            return self._blocks[-1].target
        return next((block.target for block in self._around if block.column == column), following)

    def _comment_behind(self, text: str) -> None:
        """Write the comment behind a token: in the column where it stood, if the line leaves room for that."""
        comment = text.strip(" \t")
        if comment:
            gap = len(text) - len(text.lstrip(" \t"))
            line_start = self.source.rfind("\n", 0, self._end) + 1
            stood = self._end - line_start + gap + self._shift
            self._put(" " * max(1, min(gap, BEFORE_COMMENT), stood - self._column) + comment)

    def _token(self, token: Any) -> None:
        start, end = token.start_mark, token.end_mark
        self._brackets += isinstance(token, _OPENING) - isinstance(token, _CLOSING)
        text = self.source[start.index : end.index]
        self._end = end.index
        if isinstance(token, ScalarToken) and token.style in ("|", ">"):
            text = self._block_scalar(text)
            self._end = start.index + len(text)
        if (start.line, start.column) in self.to_quote and isinstance(token, ScalarToken):
            text = f'"{text}"'
        first, *others = text.split("\n")
        self._put(first.rstrip(" \t") if others else first)
        for line in others:
            self._new_line()
            indented = len(line) - len(line.lstrip(" "))
            self._put(" " * self._moved(indented) + line[indented:] if line else "")
        self._before = token

    @staticmethod
    def _block_scalar(text: str) -> str:
        """Return a block of text without its last line end, and without those behind it that do not count."""
        header = text.partition("\n")[0].partition("#")[0]
        return text.removesuffix("\n") if "+" in header else text.rstrip("\n")

    def _ending(self) -> None:
        """Write what stands behind the last token; the text ends with one line end."""
        rest = self.source[self._end :]
        first, *others = rest.rstrip(" \t\n").split("\n")
        self._comment_behind(first)
        for line in _without_many_empty(others, at_start=not self._parts):
            self._new_line()
            if line:
                indented = len(line) - len(line.lstrip(" \t"))
                self._put(" " * self._comment_column(indented, 0) + line.strip(" \t"))
        is_unended_block = isinstance(self._before, ScalarToken) and self._before.style in ("|", ">") and not rest
        if not is_unended_block:  # a line end more would be one more in the value
            self._parts.append("\n")

    def _new_line(self) -> None:
        if self._parts:
            self._parts.append("\n")
        self._column = 0

    def _put(self, text: str) -> None:
        self._parts.append(text)
        self._column += len(text)


def _without_many_empty(lines: list[str], *, at_start: bool) -> Iterator[str]:
    """Yield lines, one empty one where several follow each other, and none at the start of the text."""
    empty = at_start
    for line in lines:
        is_empty = not line.strip(" \t")
        if not (is_empty and empty):
            yield "" if is_empty else line
        empty = is_empty
