"""When a list was scrubbed, and against what: `# scrubbed: 2026-11-20 ncpr` above its first line."""

import re
from collections.abc import Sequence
from datetime import date

from orchestrator.model.diagnostic import Diagnostic, Span, warning
from orchestrator.model.frozen import frozen
from orchestrator.plan.findings import line_excerpt
from orchestrator.plan.lists.numbers import may_hold_numbers
from orchestrator.plan.text_formats import ParseError, read_date

_MARK = re.compile(r"#\s*scrubbed\s*:(.*)\Z", re.IGNORECASE | re.DOTALL)
_MOST_COMMENTS = 100
"""Lines; what begins so a thousand times is no heading."""
LONGEST_SOURCE = 40
"""Characters of what a list was compared with."""


@frozen
class ScrubMark:
    """What a list says of itself. `day` None: it does not say when it was scrubbed. `span` is where it says so.

    `is_unreadable`: it names a day that is none, which is told of the list itself.
    """

    name: str
    day: date | None
    source: str
    span: Span | None
    is_unreadable: bool = False


class Comments:
    """The lines above a list that begin with `#`. Of several marks the oldest counts, since one part is as old."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._count = 0
        self.day: date | None = None
        self.source = ""
        self.span: Span | None = None
        self.found: list[Diagnostic] = []

    def take(self, line: int, cells: Sequence[str]) -> bool:
        """Take a line; False where it is no comment, or may hold a number, which must not be passed over."""
        text = ",".join(cells).strip()
        if not text.startswith("#") or self._count == _MOST_COMMENTS:
            return False
        mark = _MARK.match(text)
        if mark is None:
            if may_hold_numbers(text):
                return False
        else:
            self._mark(mark[1], Span(self._file, line))
        self._count += 1
        return True

    def _mark(self, text: str, span: Span) -> None:
        words = text.split(None, 1)
        written = words[0] if words else ""
        day = read_date(written)
        if isinstance(day, ParseError):
            message = f"the list says that it was scrubbed on `{line_excerpt(written)}`, which {day.reason}"
            hint = "for example `# scrubbed: 2026-11-20 ncpr`: the day, and what the list was compared with"
            self.found.append(warning("scrub-date", message, span, hint=hint))
        elif self.day is None or day < self.day:
            source = words[1].strip() if len(words) > 1 else ""
            self.day, self.span = day, span
            self.source = source if len(source) <= LONGEST_SOURCE and source.isprintable() else ""
