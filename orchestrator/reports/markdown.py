"""Markdown for a pull request, from texts of others: the one place where they are disarmed and kept short.

Whatever others wrote stands in a code span, where GitHub makes no link, mention, issue, picture or HTML of it; the two
characters that could end a span or a table's cell are written out. All else is our own words.
"""

from collections.abc import Iterable, Sequence
from itertools import islice

from orchestrator.phone.safe_text import visible, written_out

LONGEST = 65_535
"""Characters of a comment on GitHub at most; here also bytes, which are never fewer."""
MOST_ROWS = 50
"""Rows of one table; the others are counted."""
LONGEST_CODE = 160
"""Characters of others in one place. What is longer is cut: it is masked already."""


def code(text: str, longest: int = LONGEST_CODE) -> str:
    """Return a text of others, masked already, as a code span on one line."""
    shown = visible(text[:longest])  # before the cut it is longer than ever shown
    shown = shown if len(shown) <= longest and len(text) <= longest else f"{shown[: longest - 3]}..."
    return f"`{''.join(written_out(each) if each in '`|' else each for each in shown) or ' '}`"


class Page:
    """A document that stays short enough: what does not fit is left out, and counted.

    `ending` is its end, for which there is always room.
    """

    def __init__(self, ending: str, most: int = LONGEST) -> None:
        self._parts: list[str] = []
        self._ending = ending
        self._left = most - size(ending)

    def add(self, text: str) -> bool:
        """Take a text whole, if it fits; return whether it does."""
        fits = size(text) <= self._left
        if fits:
            self._parts.append(text)
            self._left -= size(text)
        return fits

    def table(
        self, title: str, head: Sequence[str], rows: Iterable[Sequence[str]], count: int, *, unfolded: bool = False
    ) -> None:
        """Take a table of `count` rows that a reader folds out, or in, as many of them as are wanted and fit.

        `title` and `head` are our own words.
        """
        details = "<details open>" if unfolded else "<details>"
        beginning = f"{details}<summary>{title}</summary>\n\n{_row(head)}{_row(['---'] * len(head))}"
        closing = "\n</details>\n\n"
        more = f"\n... and {count:,} more\n"
        if not self.add(beginning):
            return
        shown = 0
        for row in islice(rows, MOST_ROWS):
            line = _row(row)
            if size(line) + size(more) + size(closing) > self._left or not self.add(line):
                break
            shown += 1
        self._parts.append(f"\n... and {count - shown:,} more\n{closing}" if shown < count else closing)
        self._left -= size(self._parts[-1])

    def text(self) -> str:
        """Return the document."""
        return "".join([*self._parts, self._ending])


def size(text: str) -> int:
    """Return the bytes of a text."""
    return len(text.encode("utf-8", "surrogatepass"))


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |\n"
