"""Every command of the README and of the guides runs, in their order, and prints what they show.

`UPDATE_EXPECTED=1` writes what was printed into the document.
"""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest
from durability.carrier import Carrier

from acceptance.cli import Done, base_environment, finish, start
from acceptance.desk import Desk
from acceptance.documents import Step, documents, mentioned, steady, steps
from acceptance.repository import IDENTITY, Repository
from orchestrator.cli.main import main

ROOT = Path(__file__).parents[2]
ELSEWHERE = ("make run ", "make test ")
"""The README's first two commands: `test_fresh_clone.py` runs one, whoever reads this the other."""
PLAN = """\
version: 1
name: cod-confirmations
purpose: transactional
defaults: {From: "+918123456789", CallerId: "07410410123"}
calls:
  - id: order-${row.id}
    rows: {file: ROWS, carry: [hub]}
    To: ${row.phone}
"""
ROWS = "id,phone,hub\n1041,+447700900111,BLR-4\n"
"""One customer who answers in the sandbox; the next one does not."""
UNANSWERED = "1042,+447700900114,BLR-4\n"
HAS_RUN = "docs/how-to/reports.md"
"""Its reader has run the plan already."""
HAS_NOTHING = "docs/how-to/first-day.md"
"""Its reader begins in an empty folder."""
EXCEL = ("utf-8-sig", "\r\n")
"""How Excel writes "CSV UTF-8": with a byte order mark, and its own line ends."""


class Reader:
    """Somebody who follows a document, in a repository with a plan, a target and a pipeline of make."""

    def __init__(self, name: str, desk: Desk, carrier: Carrier) -> None:
        self._home = self._folder = desk.folder / "reader"
        self._environment = {**base_environment(self._home), **IDENTITY, "GITHUB_STEP_SUMMARY": "summary.txt"}
        self._live = {name: text for name, text in desk.environment.items() if name.startswith("EXOTEL_")}
        self._digest = "none"
        if name == HAS_NOTHING:
            self._home.mkdir()
            return
        repository = Repository.made(self._home)
        repository.write("data/orders.csv", ROWS)
        repository.write("data/more.csv", ROWS + UNANSWERED)
        repository.write("plan.yaml", PLAN.replace("ROWS", "data/more.csv"))
        repository.write("plans/confirm.yaml", PLAN.replace("ROWS", "../data/orders.csv").replace("cod-", ""))
        repository.write("Makefile", (ROOT / "configs/pipelines/Makefile").read_text())
        repository.write("configs/live.yaml", desk.target(carrier).read_text())
        repository.commit()
        if name == HAS_RUN:
            self.follow(Step(None, "orchestrate run plan.yaml"))

    def follow(self, step: Step) -> str:
        """Do what the step says; return what was printed on stdout."""
        if step.file is not None:
            encoding, end = EXCEL if step.file.endswith(".csv") else ("utf-8", "\n")
            (self._folder / step.file).write_bytes(step.text.replace("\n", end).encode(encoding))
            return ""
        # The hours in which the built-in target dials may be over; a person at a terminal answers its question.
        command = step.text.replace("--target exotel", "--target configs/live.yaml").replace("sha256:...", self._digest)
        if "--target configs/live.yaml" in command and " run " in command:
            command = command.replace(" run ", " run --yes --settle-for 1s ")
        words = shlex.split(command, comments=True)
        if words[0] == "export":
            assert {word.split("=")[0] for word in words[1:]} == set(self._live)
            self._environment |= self._live
            return ""
        if words[0] == "cd":
            self._folder = self._folder / words[1]
            return ""
        done = self._orchestrate(words[1:]) if words[0] == "orchestrate" and ">" not in words else self._shell(command)
        self._digest = (re.findall(r"sha256:[0-9a-f]{64}", done.out) or [self._digest])[-1]
        assert done.code in ((0, 1) if words[0] == "orchestrate" else (0,)), f"{command}\n{done.said}"
        return done.out.replace(str(self._home), "~").removeprefix("\ufeff")

    def _orchestrate(self, words: list[str]) -> Done:
        return finish(start(words, self._folder, self._environment), list(self._live.values())[1:], 0.0)

    def _shell(self, command: str) -> Done:
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        done = subprocess.run(
            ["bash", "-euc", command],
            cwd=self._folder,
            env={**self._environment, "PATH": path},
            capture_output=True,
            text=True,
        )
        return Done(done.returncode, done.stdout, done.stderr, 0.0)


@pytest.mark.parametrize("name", documents(ROOT))
def test_a_reader_sees_what_the_document_shows(name: str, desk: Desk, carrier: Carrier) -> None:
    file = ROOT / name
    text = file.read_text()
    reader = Reader(name, desk, carrier)
    written, at = "", 0
    for step in steps(text):
        if step.text.startswith(ELSEWHERE):
            continue
        printed = reader.follow(step)
        if step.screen is None:
            continue
        shown = "".join(f"{step.indent}{line}\n".replace(f"{step.indent}\n", "\n") for line in printed.splitlines())
        if "UPDATE_EXPECTED" not in os.environ:
            assert steady(shown) == steady(step.screen), step.text
        elif steady(shown) != steady(step.screen):
            written, at = written + text[at : step.place[0]] + shown, step.place[1]
    if written:
        file.write_text(written + text[at:])


def test_a_document_has_commands_that_are_run() -> None:
    assert [step.text for step in steps("- a\n\n  ```console\n  $ b \\\n      --c   # d\n  e\n  $ f\n  ```\n")] == [
        "b --c   # d",
        "f",
    ]
    assert sum(len(list(steps((ROOT / name).read_text()))) for name in documents(ROOT)) > 20


@pytest.mark.parametrize("name", documents(ROOT))
def test_what_a_document_says_to_containers_and_calendars_has_no_unknown_option(name: str) -> None:
    for words in mentioned((ROOT / name).read_text()):
        command = main.get_command(click.Context(main), words[0])
        assert command is not None, words
        command.make_parser(click.Context(command)).parse_args(words[1:])


def test_a_mention_is_found() -> None:
    block = "```sh\ndocker run orchestrate validate \\\n  plans/a.yaml\n```\n"
    assert list(mentioned(block)) == [["validate", "plans/a.yaml"]]
    assert any(list(mentioned((ROOT / name).read_text())) for name in documents(ROOT))
