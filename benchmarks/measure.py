"""Runs commands and says what they took: wall and CPU seconds, and their peak of memory.

The client has a core of its own, and so has the carrier: two that share one would measure each other. Those who are
compared run in turn, round by round, since a machine's speed drifts within minutes; a ratio is the median of the
rounds' ratios.
"""

import http.client
import json
import os
import ssl
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

Figures = dict[str, float]
"""What one run took: `wall` and `cpu` in seconds, `peak` in MB, and what else a row measures.

No peak is told that is below this process's own, since the kernel hands that down: it reads no large file.
"""

CORES = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []


class Failed(Exception):  # noqa: N818 - what happened
    """A command did not do what it was measured for."""


@contextmanager
def on_cores(chosen: Sequence[int]) -> Iterator[None]:
    """Start processes on these cores; on any where the system cannot say."""
    if CORES:
        os.sched_setaffinity(0, chosen)
    try:
        yield
    finally:
        if CORES:
            os.sched_setaffinity(0, CORES)


@dataclass(frozen=True)
class Command:
    """A command, where it runs, and the file that takes what it says.

    `alone` gives it a core of its own; without it the command may use all that there are.
    """

    words: Sequence[str | Path]
    folder: Path
    environment: Mapping[str, str]
    said: Path
    alone: bool = True

    def start(self) -> subprocess.Popen[bytes]:
        """Start it; its standard streams go to the file."""
        with self.said.open("wb") as said, on_cores(CORES[-1:] if self.alone else CORES):
            return subprocess.Popen(
                list(map(str, self.words)),
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
            )

    def end(self, process: subprocess.Popen[bytes], began: float) -> Figures:
        """Wait for its end. Raises Failed where it does not exit 0."""
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            told = self.said.read_bytes()[-2000:].decode(errors="replace")
            raise Failed(f"{' '.join(map(str, self.words))}\nexits {process.returncode}:\n{told}")
        return {"wall": wall, "cpu": used.ru_utime + used.ru_stime, "peak": used.ru_maxrss / 1024}

    def run(self) -> Figures:
        """Run it to its end."""
        began = time.perf_counter()
        process = self.start()
        try:
            return self.end(process, began)
        except BaseException:
            process.kill()
            raise


def in_turn(contenders: Mapping[str, Callable[[], Figures]], rounds: int) -> dict[str, list[Figures]]:
    """Run each once a round; return what they took, round by round."""
    taken: dict[str, list[Figures]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, measured in contenders.items():
            taken[name].append({key: round(value, 4) for key, value in measured().items()})
            print(f"  {name:40}", "  ".join(f"{key} {value:.2f}" for key, value in taken[name][-1].items()), flush=True)
    return taken


def median(rounds: Sequence[Figures], key: str = "wall") -> float:
    """The median of one figure over the rounds."""
    return statistics.median(figures[key] for figures in rounds)


def ratio(rounds: Sequence[Figures], other: Sequence[Figures], key: str = "wall") -> float:
    """The median of the rounds' ratios."""
    return statistics.median(mine[key] / theirs[key] for mine, theirs in zip(rounds, other, strict=True))


@dataclass(frozen=True)
class Carrier:
    """The running carrier of server.py."""

    url: str
    certificate: Path | None = None

    def ask(self, method: str, path: str) -> dict[str, float]:
        """What it has counted: `requests`, `calls`, and when the `first` came, in epoch seconds."""
        host = urlsplit(self.url).netloc
        if self.certificate is None:
            connection = http.client.HTTPConnection(host)
        else:
            connection = http.client.HTTPSConnection(host, context=ssl.create_default_context(cafile=self.certificate))
        connection.request(method, path)
        told: dict[str, float] = json.loads(connection.getresponse().read())
        connection.close()
        return told

    def counted(self, command: Command, calls: int, distinct: int | None = None) -> Figures:
        """Run a client. Raises Failed unless so many requests came, each for a call of its own."""
        self.ask("POST", "/_reset")
        figures = command.run()
        told = self.ask("GET", "/_count")
        if (told["requests"], told["calls"]) != (calls, distinct or calls):
            raise Failed(f"the carrier received {told}, and should have {calls} requests")
        return figures


@contextmanager
def carrier(python: Path, tls: tuple[Path, Path] | None = None) -> Iterator[Carrier]:
    """Start the carrier on its core, and end it."""
    words = [python, Path(__file__).parent / "server.py", *(["--tls", *tls] if tls else [])]
    with on_cores(CORES[:1]):
        process = subprocess.Popen(list(map(str, words)), stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield Carrier(process.stdout.readline().strip(), tls[0] if tls else None)
    finally:
        process.kill()
        process.communicate()
