"""Everybody who can post the calls of a plan: the product, and others without journal, pace and report."""

import re
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from inputs import CONNECT, IN_FLIGHT, Desk, request_body
from measure import Carrier, Command, Failed, Figures

PRODUCT = Path(sys.executable).parent / "orchestrate"
PEERS = Path(__file__).parent / "peers.py"
Contender = Callable[[], Figures]


@dataclass(frozen=True)
class Contenders:
    """Who is measured at one desk. `python` is that of the peers' virtual environment."""

    desk: Desk
    python: Path

    def command(self, *words: str | Path, alone: bool = True, trusted: Path | None = None) -> Command:
        """A command at the desk. What it says goes to a file: the product's JSON logs too."""
        more = {"SSL_CERT_FILE": str(trusted)} if trusted else {}
        return Command(words, self.desk.root, self.desk.environment | more, self.desk.home / "said", alone)

    def journal(self) -> Path:
        """A new journal, as a live target wants one; the one before goes, it may be large."""
        folder = self.desk.home / "journal"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        self.command(PRODUCT, "journal", "create", "--journal", folder / "calls.db").run()
        return folder / "calls.db"

    def dial(self, plan: Path, target: Path, *more: str, alone: bool = True, trusted: Path | None = None) -> Command:
        """The command that dials a plan live, on a new journal, with JSON logs and a report."""
        live = (PRODUCT, "run", plan, "--target", target, "--journal", self.journal(), "--yes")
        told = ("--log-format", "json", "--report", self.desk.home / "report.json")
        return self.command(*live, *told, *more, alone=alone, trusted=trusted)

    def product(self, carrier: Carrier, calls: int, plan: Path, *more: str, **caps: object) -> Contender:
        """`orchestrate run` of a plan; `caps` are keys of its target. Its report must know of every call."""
        target = self.desk.target(carrier.url, plan.stem, **caps)

        def run() -> Figures:
            command = self.dial(plan, target, *more, trusted=carrier.certificate)
            figures = carrier.counted(command, calls)
            with (self.desk.home / "report.json").open(encoding="utf-8") as report:
                if not re.search(rf'"attempts": ?{calls}\b', report.read(4096)):
                    raise Failed(f"the report does not tell of {calls} attempts")
            return figures

        return run

    def others(self, carrier: Carrier, calls: int) -> dict[str, Contender]:
        """Everybody else; a system's tool that is not installed is left out."""
        people, config = self.desk.people(calls), self.desk.curl_config(calls, carrier.url, carrier.certificate)
        body = self.desk.root / "body"
        body.write_bytes(request_body("0", "+918100000000"))
        trust = [carrier.certificate] if carrier.certificate else []
        found: dict[str, Contender] = {}
        for name in ("aiohttp", "httpx"):
            loop = self.command(self.python, PEERS, name, carrier.url, people, *trust)
            found[f"{name} loop"] = partial(carrier.counted, loop, calls)
        if curl := installed("curl"):
            all_of_them = self.command(curl, "--parallel", "--parallel-max", str(IN_FLIGHT), "-K", config)
            found["curl --parallel"] = partial(carrier.counted, all_of_them, calls)
        if h2load := installed("h2load", "nghttp2-client"):
            amounts = ("-t", "1", "-c", str(min(IN_FLIGHT, calls)), "-n", str(calls))
            limit = self.command(h2load, "--h1", *amounts, "-d", body, f"{carrier.url}{CONNECT}")
            found["h2load, one body for all"] = partial(carrier.counted, limit, calls, distinct=1)
        return found


def installed(name: str, package: str | None = None) -> str | None:
    """Where a tool of the system is; None, and a word on stderr, where it is not."""
    path = shutil.which(name)
    if path is None:
        print(f"{name} is not installed and left out (Debian: apt-get install {package or name})", file=sys.stderr)
    return path
