"""The pages of the reference as Markdown: one file a subject in docs/reference/, and an index of all names."""

from collections.abc import Iterable, Iterator
from textwrap import fill

from orchestrator.model.page import FINDING, Example, Page, Subject, examples, shown_lines

FINDINGS_FILE = "findings.md"
GENERATED = "<!-- Written by `make generate`: change what it is made from. -->"


def pages_markdown(title: str, head: str, pages: Iterable[Page]) -> str:
    """Return a file with a section for each page."""
    return "\n".join([f"# {title}\n", f"{GENERATED}\n", f"{_filled(head)}\n", *map(section_markdown, pages)])


def index_markdown(head: str, places: dict[Subject, str], pages: Iterable[Page]) -> str:
    """Return the table of all names, each with what it is and a link; `places` are files by subject."""
    rows = sorted(pages, key=lambda page: (page.name.lower(), page.subject))
    lines = ["# Reference\n", f"{GENERATED}\n", f"{_filled(head)}\n", "| name | is | says |\n| --- | --- | --- |"]
    lines += [
        f"| [`{page.name}`]({places[page.subject]}{anchor(page)}) | {page.subject} | {escaped(page.what)} |"
        for page in rows
    ]
    return "\n".join(lines) + "\n"


def anchor(page: Page) -> str:
    """Return where a page stands in its file, as GitHub names the section by its heading; words have no sections."""
    if page.subject is Subject.WORD:
        return ""
    return "#" + "".join(letter for letter in page.name.lower() if letter.isalnum() or letter in "-_")


def section_markdown(page: Page) -> str:
    """Return the section of a page, with its heading."""
    return "\n".join([f"## `{page.name}`\n", *_body(page)])


def _body(page: Page) -> Iterator[str]:
    severity = f"{page.standing.removeprefix(FINDING).capitalize()}. " if page.subject is Subject.FINDING else ""
    yield f"{_filled(f'{severity}{page.what} {page.why}'.rstrip())}\n"
    for label, text in page.facts:
        yield f"- {label}: {escaped(text)}"
    for title, items in page.lists:
        yield from (f"- {title}:", *(f"  - {escaped(item)}" for item in items))
    if page.facts or page.lists:
        yield ""
    yield from (_quoted(title, example) for title, example in examples(page))


def _quoted(title: str, example: Example) -> str:
    language = "toml" if example.is_settings else "yaml"
    files = (f"\n`{name}`:\n\n{_fenced('text', shown_lines(text))}" for name, text in example.files.items())
    return "\n".join([f"{title}\n", _fenced(language, example.text.rstrip().splitlines()), *files]) + "\n"


def _fenced(language: str, lines: Iterable[str]) -> str:
    return "\n".join([f"```{language}", *lines, "```"])


def _filled(text: str) -> str:
    return fill(escaped(text), 120, break_long_words=False, break_on_hyphens=False)


def escaped(text: str) -> str:
    """Keep a text from being read as Markdown's HTML or table."""
    return text.replace("<", "&lt;").replace("|", "\\|")
