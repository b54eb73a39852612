"""The commands that a document shows, with what it says that they print."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FENCE = re.compile(
    r"^(?P<indent> *)```(?P<kind>\w+)(?: (?P<file>\S+))?\n(?P<text>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL
)
VOLATILE = (
    (re.compile(r"\d{8}T\d{6}m\d{3}-\w{4}"), "RUN"),
    (re.compile(r"\bjr_[0-9a-f]{8}\b"), "JOURNAL"),
    (re.compile(r"sha256:[0-9a-f]{64}"), "HASH"),
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?Z( to (\d{4}-\d\d-\d\dT)?\d\d:\d\dZ)?"), "TIME"),
    (re.compile(r"(\w{3} )?(\d{1,2} \w{3} )?\d\d:\d\d( to (\w{3} )?(\d{1,2} \w{3} )?\d\d:\d\d)? IST"), "TIME"),
    (re.compile(r"in \d+(\.\d+)? (s|min)\b( to \d+(\.\d+)? (s|min)\b)?"), "SOON"),
    (re.compile(r"[ \t]+$", re.MULTILINE), ""),
    (re.compile("\ufeff"), ""),
)
"""What is another at each start."""


@dataclass(frozen=True)
class Step:
    """A file to write, or a command to run; `screen` is what the document shows of it, None where it shows nothing."""

    file: str | None
    text: str
    screen: str | None = None
    place: tuple[int, int] = (0, 0)
    """Where the screen stands in the document."""
    indent: str = ""


def steps(document: str) -> Iterator[Step]:
    """Yield what a reader does who follows the document: each named block is a file, each line after `$ ` a command."""
    for block in FENCE.finditer(document):
        if block["file"]:
            yield Step(block["file"], block["text"])
        elif block["kind"] == "console":
            yield from _commands(block)


def _commands(block: re.Match[str]) -> Iterator[Step]:
    indent = block["indent"]
    starts = [found.start() for found in re.finditer(rf"^{indent}\$ ", block["text"], re.MULTILINE)]
    for start, end in zip(starts, [*starts[1:], len(block["text"])], strict=True):
        line, _, shown = block["text"][start:end].partition("\n")
        while line.endswith("\\"):
            more, _, shown = shown.partition("\n")
            line = f"{line[:-1]}{more.strip()}"
        begin = block.start("text") + end - len(shown)
        yield Step(None, line.removeprefix(f"{indent}$ "), shown or None, (begin, begin + len(shown)), indent)


def mentioned(document: str) -> Iterator[list[str]]:
    """Yield the arguments of `orchestrate` in blocks that no test can run, such as those of docker and cron."""
    for block in FENCE.finditer(document):
        if block["kind"] in ("sh", "crontab", "yaml"):
            for line in re.sub(r"\\\n\s*", "", block["text"]).splitlines():
                found = re.search(r"\borchestrate ((?:[a-z]+ )+.*)", line)
                if found:
                    yield shlex.split(found[1], comments=True)


def steady(text: str) -> str:
    """The text without what is another at each start."""
    for pattern, word in VOLATILE:
        text = pattern.sub(word, text)
    return text


def documents(root: Path) -> list[str]:
    """The documents whose commands a reader follows."""
    return [
        "README.md",
        "docs/library.md",
        *sorted(str(path.relative_to(root)) for path in root.glob("docs/how-to/*.md")),
    ]
