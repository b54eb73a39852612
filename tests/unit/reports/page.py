"""A report in HTML as a reader of HTML finds it: its tables by their captions, and whatever could be alive in it."""

import base64
import hashlib
from html.parser import HTMLParser

VOID = {"meta", "input", "link", "br", "img", "hr", "base"}
"""Elements without an end."""


class Page(HTMLParser):
    """Reads a page. `tables` has the rows of each by its caption, `texts` what each element of a kind says."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: dict[str, list[list[str]]] = {}
        self.texts: dict[str, list[str]] = {}
        self.attributes: list[tuple[str, str, str]] = []
        self._open: list[str] = []
        self._rows: list[list[str]] = []
        self._caption = ""
        self.feed(text)
        self.close()
        assert not self._open, f"never closed: {self._open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        self.texts.setdefault(tag, []).append("")
        if tag not in VOID:
            self._open.append(tag)
        if tag == "table":
            self._rows, self._caption = [], ""
        elif tag == "tr":
            self._rows.append([])
        elif tag in ("td", "th"):
            self._rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag, f"{tag} ends where another is open"
        if tag == "table":
            self.tables[self._caption] = self._rows

    def handle_data(self, data: str) -> None:
        for tag in {*self._open}:
            self.texts[tag][-1] += data
        if "caption" in self._open:
            self._caption += data
        if {"td", "th"} & {*self._open}:
            self._rows[-1][-1] += data

    @property
    def calls(self) -> list[list[str]]:
        """The rows of the table of calls: those that are laid out, and those that wait for the script."""
        rows = [row for rows in self.tables.values() if rows for row in rows if len(row) == 9]
        return [row for row in rows if row[:2] != ["Call", "Disposition"]]

    def figures(self, title: str) -> dict[str, list[str]]:
        """The table beside a chart: each row by its first cell."""
        return {row[0]: row[1:] for row in self.tables[title][1:]}

    def check(self) -> None:
        """Nothing is fetched, nothing is alive but what the policy names by its hash, and ids are unique."""
        policy = next(value for tag, name, value in self.attributes if (tag, name) == ("meta", "content"))
        assert policy.startswith("default-src 'none'; script-src 'sha256-")
        for tag in ("script", "style"):
            (text,) = self.texts[tag]
            hashed = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
            assert f"{tag}-src 'sha256-{hashed}'" in policy
        for tag, name, value in self.attributes:
            assert not name.startswith("on"), (tag, name, value)
            assert name not in ("src", "srcset", "style", "action", "formaction", "data", "xlink:href"), (
                tag,
                name,
                value,
            )
            if name == "href":
                assert (tag, value[0]) == ("a", "#")
        ids = [value for _, name, value in self.attributes if name == "id"]
        assert len(ids) == len(set(ids))
