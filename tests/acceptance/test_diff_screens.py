"""What `diff` shows of each kind of change: whole screens of 60, 80 and 140 columns, as a reviewer has them.

They stand in `diff_screens/`. After a change that is meant they are written anew by these tests with UPDATE_EXPECTED=1,
and somebody looks at each of them.
"""

import os
import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from acceptance import cli
from acceptance.repository import Repository
from acceptance.terminal import on_terminal
from orchestrator.app.diff import compared
from orchestrator.app.options import DiffOptions
from orchestrator.cli.render.diff import DiffText
from orchestrator.exotel.masking import Masker
from orchestrator.phone.pseudonyms import Pseudonyms
from orchestrator.phone.safe_text import cells

SCREENS = Path(__file__).parent / "diff_screens"
KEY = "k" * 32

PLAN = """\
version: 1
name: cod-confirmations
edition: "2026-11-22"
vars: {hub: BLR-4}
defaults:
  From: "+918069171234"
  CallerId: "08047112233"
  TimeLimit: 600
calls:
  - id: vip-1
    To: "+919900000001"
  - id: order-${row.id}
    rows: ../data/orders.csv
    To: ${row.phone}
    CustomField: ${var.hub}/${row.id}
policy:
  pace: 150/minute
  window:
    - {days: mon-sat, hours: "09:00-21:00", timezone: Asia/Kolkata}
  suppress: [../data/do-not-call.csv]
"""
ROWS = ["id,phone", *(f"{n},+9198765{n:05}" for n in range(1, 41))]
TARGET = """\
kind: exotel
account: acme1
guardrails:
  window: [{days: mon-sun, hours: "09:00-21:00", timezone: Asia/Kolkata}]
"""


@dataclass
class Change:
    """What is done to the repository between the commit and the look at it."""

    plan: dict[str, str] = field(default_factory=dict)
    rows: list[str] | None = None
    list_: str | None = None
    target: str | None = None
    options: tuple[str, ...] = ()
    moved_to: str = "plans/cod.yaml"
    remove: bool = False
    before: bool = True


KINDS = {
    "nothing": Change(),
    "added": Change(rows=[*ROWS, "41,+919876500041", "42,+919876500001"]),
    "removed": Change(rows=ROWS[:-2]),
    "many-added": Change(rows=[*ROWS, *(f"n{n},+9198766{n:05}" for n in range(200))]),
    "numbers": Change(rows=[*ROWS[:7], "7,+919800000077", "8,098765 00008", *ROWS[9:]]),
    "ids": Change(rows=[*ROWS[:-1], f"x{ROWS[-1]}"]),
    "default": Change(plan={"TimeLimit: 600": "TimeLimit: 900\n  Record: true"}),
    "variable": Change(plan={"BLR-4": "BLR-5"}),
    "policy": Change(
        plan={
            "150/minute": "300/minute",
            "21:00": "23:00",
            "  suppress": "  redial: {busy: {attempts: 3, after: 15m}}\n  stages: [1, 5%, 100%]\n"
            "  limits: {calls: 5000, minutes: 20000}\n  suppress",
        },
        options=("--target", "live"),
    ),
    "identity": Change(plan={"2026-11-22": "2026-11-29", "cod-confirmations": "cod-reminders"}),
    "list": Change(list_="number\n+919876500003\n+919876500009\n"),
    "target": Change(target=TARGET.replace("acme1", "acme2").replace("21:00", "20:00"), options=("--target", "live")),
    "moved": Change(moved_to="calls/cod.yaml"),
    "new": Change(before=False, rows=ROWS[:4]),
    "gone": Change(remove=True),
    "hostile": Change(
        rows=[
            "id,phone",
            "##[x]::error::x [a](javascript:1) `y`|<!--,+919876500001",
            "客户很多很多很多很多很多很多很多,+919876500002",
        ]
    ),
}
"""The repository has a row and a list of each kind before, but where `before` is False."""


def changed(folder: Path, change: Change) -> Repository:
    """Make a repository in which the change was made since its only commit."""
    repository = Repository.made(folder)
    repository.write("data/orders.csv", "\n".join(ROWS))
    repository.write("data/do-not-call.csv", "number\n+919876500003\n")
    repository.write("configs/live.yaml", TARGET)
    if change.before:
        repository.write("plans/cod.yaml", PLAN)
    repository.commit()
    plan = PLAN
    for old, new in change.plan.items():
        assert old in plan
        plan = plan.replace(old, new)
    (repository.home / "plans/cod.yaml").unlink(missing_ok=True)
    if not change.remove:
        repository.write(change.moved_to, plan)
    if change.rows is not None:
        repository.write("data/orders.csv", "\n".join(change.rows))
    if change.list_ is not None:
        repository.write("data/do-not-call.csv", change.list_)
    if change.target is not None:
        repository.write("configs/live.yaml", change.target)
    return repository


def on_a_terminal(repository: Repository, change: Change, width: int, *options: str, colour: bool = False) -> str:
    """What the command shows on a terminal."""
    environment = {**cli.base_environment(repository.home), "TERM": "xterm", "ORCHESTRATE_PSEUDONYM_KEY": KEY}
    environment |= {} if colour else {"NO_COLOR": "1"}
    arguments = ["diff", change.moved_to, "--against", "main", *change.options, *options]
    code, text = on_terminal(arguments, repository.home, width, environment)
    assert code == 0, text
    return text


def of_width(change: Change, width: int) -> str:
    """What a terminal of this width would be shown, without the second that it takes to start a process."""
    options = DiffOptions(change.moved_to, against="main", target=change.options[-1] if change.options else "sandbox")
    with compared(options) as diff:
        labels = Pseudonyms(KEY.encode(), lasting=True)
        return "".join(DiffText(Masker(), labels, width=width).render(diff))


def golden(name: str, text: str) -> None:
    path = SCREENS / name
    if os.environ.get("UPDATE_EXPECTED") == "1":
        SCREENS.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
    assert text == path.read_text("utf-8")


@pytest.mark.parametrize("kind", KINDS)
def test_a_change_has_its_screen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    change = KINDS[kind]
    repository = changed(tmp_path / "repo", change)
    monkeypatch.chdir(repository.home)
    shown = {80: on_a_terminal(repository, change, 80)} | {width: of_width(change, width) for width in (60, 140)}
    for width, text in shown.items():
        assert "\x1b" not in text
        lines = [line for line in text.split("\n") if "digest sha256:" not in line]
        assert max(map(cells, lines)) <= width
        golden(f"{kind}.{width}.txt", text)
    words = {" ".join(text.split()) for text in shown.values()}
    assert len(words) == 1, "only the line ends differ"


def test_colours_change_nothing_but_the_colour(tmp_path: Path) -> None:
    change = KINDS["policy"]
    coloured = on_a_terminal(changed(tmp_path / "repo", change), change, 80, colour=True)
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == (SCREENS / "policy.80.txt").read_text("utf-8")


def test_all_calls_are_listed_on_request(tmp_path: Path) -> None:
    change = KINDS["many-added"]
    shown = on_a_terminal(changed(tmp_path / "repo", change), change, 140, "--all")
    assert shown.count("\n+ ") == 200
    assert "more (--all" not in shown
