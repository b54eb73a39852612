"""Markdown as GitHub reads it: by its own parser, then what its page would make of the text."""

import re
from html.parser import HTMLParser

from cmarkgfm import github_flavored_markdown_to_html
from cmarkgfm.cmark import Options

OURS = {
    *("h3", "p", "ul", "li", "table", "thead", "tbody", "tr", "th", "td"),
    *("code", "details", "summary", "br", "strong"),
}
"""All that our documents are made of."""
ALIVE = re.compile(r"@\w|#\d|\bGH-\d|https?:|www\.|\b[0-9a-f]{7,40}\b|:\w+:|\]\(|<!--", re.IGNORECASE)
"""What GitHub makes a mention, a link, a reference or an emoji of, where it stands in plain text."""


class Page(HTMLParser):
    """A parsed document: its tags, its tables' rows, and the texts inside and outside of code."""

    def __init__(self, markdown: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.open: list[str] = []
        self.plain: list[str] = []
        self.code: list[str] = []
        self.tables: list[list[int]] = []
        self.attributes: set[str] = set()
        html = github_flavored_markdown_to_html(markdown, options=Options.CMARK_OPT_UNSAFE)
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes.update(name for name, _ in attrs)
        if tag != "br":
            self.open.append(tag)
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append(0)
        elif tag in ("td", "th"):
            self.tables[-1][-1] += 1
        elif tag == "code":
            self.code.append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> ends nothing"
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "code" in self.open:
            self.code[-1] += data
        else:
            self.plain.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")

    def check(self) -> None:
        """Hold the document to be ours alone: no link, no mention, no HTML of others, no broken table."""
        assert self.open == []
        assert set(self.tags) <= OURS
        assert self.attributes <= {"open"}
        assert not (alive := ALIVE.findall("\n".join(self.plain))), alive
        for rows in self.tables:
            assert len(set(rows)) == 1, rows
