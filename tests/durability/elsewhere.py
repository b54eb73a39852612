"""The same journal by another way: moved, copied alone, linked, or its file mounted into another folder."""

import os
import random
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from acceptance.cli import command
from acceptance.desk import Desk

from durability.carrier import Carrier


def elsewhere(desk: Desk, journal: Path, *arguments: str) -> list[str]:
    """The same command on another journal."""
    return [str(journal) if word == str(desk.journal) else word for word in arguments]


class Mounted:
    """The journal's file bind-mounted into another folder, in a mount namespace of its own, as a container has it."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.path = desk.folder / "mounted" / "calls.db"
        self.path.parent.mkdir()
        self.path.touch()

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        script = 'mount --bind "$1" "$2" && shift 2 && exec "$@"'
        words = elsewhere(self.desk, self.path, *arguments)
        process = subprocess.Popen(
            ["unshare", "-m", "sh", "-c", script, "sh", str(self.desk.journal), str(self.path), *command(), *words],
            cwd=self.desk.root,
            env=self.desk.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.desk.started.append(process)
        return process

    def orchestrate(self, *arguments: str) -> tuple[int, str]:
        process = self.start(*arguments)
        out, err = process.communicate(timeout=60)
        return process.returncode, out + err


class Parting:
    """Parts the journal from its companions between two starts, in each way in turn, and holds the start to it.

    A start on what was parted is refused, or the journal is whole and may go on; nobody is dialed by that start.
    """

    def __init__(self, desk: Desk, carrier: Carrier, arguments: list[str]) -> None:
        self.desk, self.carrier = desk, carrier
        self.arguments = [*arguments, "--limit", "0", "--wait", "0", "--settle-for", "0"]
        self.mounted = Mounted(desk)
        self.refused: dict[str, int] = {}

    def part(self, chance: random.Random) -> None:
        """Do one of them, and undo it."""
        ways: list[Callable[[], int]] = [self.copied_alone, self.moved_alone, self.linked, self.bind_mounted]
        way = chance.choice(ways)
        before = len(self.carrier.connects())
        code = way()
        assert code in (0, 1, 4, 5, 6), code
        assert len(self.carrier.connects()) == before, way.__name__
        self.refused[way.__name__] = self.refused.get(way.__name__, 0) + (code == 4)

    def copied_alone(self) -> int:
        """Carry only the file to another folder, as a cache or an artifact does; one that is whole takes its place."""
        there = self.desk.folder / "carried" / "calls.db"
        there.parent.mkdir(exist_ok=True)
        shutil.copy(self.desk.journal, there)
        code = self._start(there)
        for file in there.parent.iterdir():
            file.unlink()
        return code

    def moved_alone(self) -> int:
        """Rename only the file."""
        there = self.desk.folder / "renamed.db"
        self.desk.journal.rename(there)
        code = self._start(there)
        there.rename(self.desk.journal)
        return code

    def linked(self) -> int:
        """Give the file a second name."""
        there = self.desk.folder / "linked.db"
        os.link(self.desk.journal, there)
        code = self._start(there)
        there.unlink()
        assert code == 4
        return code

    def bind_mounted(self) -> int:
        """Mount only the file into another folder."""
        return self.mounted.orchestrate(*self.arguments)[0]

    def _start(self, journal: Path) -> int:
        return self.desk.orchestrate(*elsewhere(self.desk, journal, *self.arguments)).code
