"""A user's desk: a repository, a home, a journal, a target file, and commands run there."""

import json
import shutil
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from durability.carrier import ACCOUNT, KEY, TOKEN, Carrier

from acceptance import cli

ALWAYS = [{"days": "mon-sun", "hours": "00:00-24:00", "timezone": "Asia/Kolkata"}]
AGENT, EXOPHONE = "+917410410123", "1800123456"  # phonenumbers' example numbers for India


def customer(index: int) -> str:
    """The To number of the `index`-th call; nothing here ever leaves loopback."""
    return f"+9181234{index:05d}"


def call(key: str, index: int = 0, **more: Any) -> dict[str, Any]:
    """One call of a plan, its id also its CustomField, so that the carrier's record can tell it."""
    return {"id": key, "From": AGENT, "To": customer(index), "CallerId": EXOPHONE, "CustomField": key, **more}


def calls(*keys: str, **more: Any) -> list[dict[str, Any]]:
    """Calls of different customers by these ids."""
    return [call(key, index, **more) for index, key in enumerate(keys)]


@dataclass(frozen=True)
class Desk:
    """Commands run in `root`, a folder with `.git`, beside which nothing of the machine is seen."""

    folder: Path
    secrets: tuple[str, str] = (KEY, TOKEN)
    environment: dict[str, str] = field(default_factory=dict)
    blank: Path | None = None
    started: list[cli.Process] = field(default_factory=list, repr=False)

    @staticmethod
    def laid_out(folder: Path, secrets: tuple[str, str] = (KEY, TOKEN), blank: Path | None = None) -> "Desk":
        """Make the folders, and an environment with the credentials of the counting carrier.

        `blank` is a journal that `orchestrate journal create` made and nobody used: copied, it saves a command.
        """
        for name in ("root/.git", "home"):
            (folder / name).mkdir(parents=True)
        environment = cli.base_environment(folder / "home")
        environment |= {"EXOTEL_ACCOUNT_SID": ACCOUNT}
        environment |= {"EXOTEL_API_KEY": secrets[0], "EXOTEL_API_TOKEN": secrets[1]}
        return Desk(folder, secrets, environment, blank)

    @property
    def root(self) -> Path:
        """The repository, in which commands run."""
        return self.folder / "root"

    @property
    def journal(self) -> Path:
        """The live target's journal; `create_journal` makes it."""
        return self.folder / "journal.sqlite"

    def write(self, name: str, text: str | bytes) -> Path:
        """Write a file of the repository."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    def plan(self, listed: list[dict[str, Any]], name: str = "judged", **more: Any) -> Path:
        """Write a plan, as JSON, which YAML contains; returns its path."""
        policy = {"pace": "500/second", **more.pop("policy", {})}
        plan = {
            "version": 1,
            "name": name,
            "purpose": "transactional",
            "calls": listed,
            "policy": policy,
            **more,
        }
        return self.write(f"{name}.yaml", json.dumps(plan, indent=1))

    def target(self, carrier: Carrier | str, name: str = "live", **more: Any) -> Path:
        """Write a live target file for a carrier that rings nobody, open at every hour, quick to look up."""
        target = {
            "kind": "exotel",
            "account": ACCOUNT,
            "base_url": carrier if isinstance(carrier, str) else carrier.url,
            "pace": "500/second",
            "timeout": "2s",
            "lookups": {"after": "200ms", "every": "200ms", "settle": "1s"},
            "circuit": 1000,
            "guardrails": {"window": ALWAYS},
            **more,
        }
        return self.write(f"{name}.target.yaml", json.dumps(target, indent=1))

    def create_journal(self) -> None:
        """Make the live journal."""
        if self.blank is None:
            self.print_journal_id()
        else:
            shutil.copy(self.blank, self.journal)

    def print_journal_id(self) -> str:
        """Run `journal create`; returns the id that it printed."""
        done = self.orchestrate("journal", "create", "--journal", str(self.journal))
        assert done.code == 0, done.said
        return done.out.strip()

    def run_arguments(self, plan: Path, target: Path, *more: str) -> list[str]:
        """The arguments of a live run with short waits and a JSON report in `report.json`."""
        words = ["run", str(plan), "--target", str(target), "--journal", str(self.journal), "--yes"]
        return [
            *words,
            "--settle-for",
            "1s",
            "--wait",
            "5s",
            "--report",
            str(self.folder / "report.json"),
            *more,
        ]

    def run(self, plan: Path, target: Path, *more: str, patience: float = 60) -> cli.Done:
        """Run a plan against a live target."""
        return self.orchestrate(*self.run_arguments(plan, target, *more), patience=patience)

    def orchestrate(self, *arguments: str, patience: float = 60, **extra: str) -> cli.Done:
        """Run one command to its end; `extra` are environment variables, an empty one is removed."""
        began = time.monotonic()
        process = self.start(*arguments, **extra)
        return cli.finish(process, cli.forms_of(self.secrets), began, patience)

    def start(self, *arguments: str, **extra: str) -> cli.Process:
        """Start one command; `end` ends it if the test does not."""
        environment = {name: value for name, value in (self.environment | extra).items() if value}
        process = cli.start(arguments, self.root, environment)
        self.started.append(process)
        return process

    def end(self) -> None:
        """End the commands that a failed test left behind."""
        for process in self.started:
            if process.poll() is None:
                process.kill()
                process.communicate()

    def report(self) -> dict[str, Any]:
        """The JSON report of the last run."""
        read: dict[str, Any] = json.loads((self.folder / "report.json").read_text())
        return read

    def told(self) -> dict[str, dict[str, Any]]:
        """The calls of the last report by their ids."""
        listed = self.report()["calls"]
        told = {item["id"]: item for item in listed}
        assert len(told) == len(listed), "a call stands in the report twice"
        return told
