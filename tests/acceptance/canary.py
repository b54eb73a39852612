"""What every command of the whole suite is held to: it shows no full number that it was given, and no secret.

The numbers are those of the files that lie where the command ran, of its stdin and its arguments; they are looked for
in what it printed and in the reports that it wrote. A command shows them only where it was asked to.
"""

import base64
import contextlib
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

RUN = re.compile(r"(?<![\w.-])\+?[0-9](?:[ ()./-]{0,2}[0-9]){8,}(?![\w-])")
"""Nine digits or more, however they are parted: what may be a phone number. A part of a word is none."""
NO_NUMBER = re.compile(
    r"(?<=sha256:)[0-9a-f]+|(?<=\"(?:salt|seal|hash)\": \")[0-9a-f]+|\b[0-9]{1,3}(?:\.[0-9]{1,3}){3}\b"
)
"""Hashes, salts, and addresses of machines."""
SUBSCRIBER = 9
"""Last digits of a number that all its spellings have in common."""
GIVEN = {".yaml", ".yml", ".csv", ".tsv", ".jsonl", ".json", ".txt", ".stdin", ".md"}
WRITES = ("--report", "--out")
LOOKED_INTO = 1 << 20
"""Bytes of a file that are looked into at its beginning, and as many at its end: what leaks in a row leaks in each."""
SECRET = re.compile(r"EXOTEL_API_(?:KEY|TOKEN)|PGPASSWORD|ORCHESTRATE_\w*KEY")
"""Environment variables that are shown nowhere."""
SHORTEST_SECRET = 8


def check(
    arguments: Sequence[str], folder: Path, environment: Mapping[str, str], stdin: Path, began: float, said: str
) -> None:
    """Hold a command to it that began at an epoch second, and has ended."""
    written = [path for path in _reports(arguments, folder) if path.stat().st_mtime >= began]
    for name, text in [("it printed", said), *((path.name, _text(path)) for path in written)]:
        for secret in _secrets(environment):
            assert secret not in text, f"a secret stands in what {name}: {arguments}"
        if "--unmask" in arguments or not (shown := _numbers([text])):
            continue
        given = _given(arguments, folder, stdin, written)
        assert not (leaked := shown & given), f"numbers that end in {leaked} stand in what {name}: {arguments}\n{text}"


def _numbers(texts: Iterable[str]) -> set[str]:
    """Return how the numbers in texts end."""
    found = (re.sub(r"\D", "", run.group()) for text in texts for run in RUN.finditer(NO_NUMBER.sub("", text)))
    return {digits[-SUBSCRIBER:] for digits in found}


def _given(arguments: Sequence[str], folder: Path, stdin: Path, but: Sequence[Path]) -> set[str]:
    """Return the numbers of all that a command could read."""
    found = _numbers([*arguments, _text(stdin)])
    for path in folder.rglob("*"):
        if path.suffix in GIVEN and path.is_file() and path not in but and ".git" not in path.parts:
            seen = path.stat()
            found |= _in_file(path, seen.st_size, seen.st_mtime_ns)
    return found


@lru_cache(1024)
def _in_file(path: Path, _size: int, _changed: int) -> set[str]:
    """Return the numbers of a file that did not change: most commands of a test find the files of the last one."""
    return _numbers([_text(path)])


def _reports(arguments: Sequence[str], folder: Path) -> Iterator[Path]:
    """Yield the files that a command was to write, where there are such."""
    for option, value in pairwise(arguments):
        with contextlib.suppress(OSError):  # there can be no file of this name
            if option in WRITES and (folder / value).is_file():
                yield folder / value


def _text(path: Path) -> str:
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        raw = file.read(LOOKED_INTO)
        if (left := path.stat().st_size - len(raw)) > 0:
            file.seek(-min(left, LOOKED_INTO), os.SEEK_END)
            raw += b"\n" + file.read()
    return raw.decode("utf-8", errors="replace")


def _secrets(environment: Mapping[str, str]) -> Iterator[str]:
    """Yield the secrets of an environment, as they are and in base64."""
    for name, value in environment.items():
        if SECRET.fullmatch(name) and len(value) >= SHORTEST_SECRET:
            yield value
            yield base64.b64encode(value.encode()).decode().rstrip("=")
