"""No command writes its output over a file that it reads: a plan, its data and its journal are nobody's to lose."""

import json
from pathlib import Path

import pytest

from acceptance import cli
from acceptance.repository import Repository
from acceptance.test_diff import orchestrate

PLAN = """\
version: 1
name: kept
defaults: {From: "+918069171234", CallerId: "08047112233"}
calls:
  - id: r-${row.id}
    rows: {file: data/rows.csv, columns: [id, phone], sample: data/sample.csv}
    To: ${row.phone}
policy:
  suppress: [data/list.csv]
  holidays: data/dates.csv
"""
TARGET = "kind: sandbox\nspeed: 600\nguardrails: {suppress: [company.csv]}\n"
FILES = {
    "plan.yaml": PLAN,
    "data/rows.csv": "id,phone\n1,+919876500001\n2,+919876500002\n",
    "data/sample.csv": "id,phone\n1,+919876500001\n",
    "data/list.csv": "phone\n+919876500009\n",
    "data/dates.csv": "date\n2026-12-25\n",
    "sand.yaml": TARGET,
    "company.csv": "phone\n+919876500008\n",
    "calls.db": None,
}


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository.made(tmp_path / "repo")
    for name, text in FILES.items():
        if text is not None:
            made.write(name, text)
    made.commit()
    assert orchestrate(made.home, "journal", "create", "--journal", "calls.db").code == 0
    (made.home / "linked").hardlink_to(made.home / "plan.yaml")
    (made.home / "link").symlink_to("data/rows.csv")
    return made


def commands(out: str) -> list[tuple[str, ...]]:
    plan = ("plan", "plan.yaml", "--target", "sand.yaml", "--journal", "calls.db", "--out", out)
    diff = ("diff", "plan.yaml", "--against", "HEAD", "--target", "sand.yaml", "--out", out)
    return [plan] if out == "calls.db" else [plan, diff]


@pytest.mark.parametrize("out", [*FILES, "linked", "link", "./data/../plan.yaml"])
def test_what_a_review_reads_is_never_written_over(repository: Repository, out: str) -> None:
    """`plan calls.yaml --out calls.yaml` left a report in the place of the plan; of a journal, nothing."""
    before = (repository.home / out).read_bytes()
    for command in commands(out):
        done = orchestrate(repository.home, *command)
        assert done.code == 4, done.said
        assert f"the report {out} cannot be written: it would take the place of a file" in done.said
        assert (repository.home / out).read_bytes() == before


def test_an_earlier_output_is_written_over(repository: Repository) -> None:
    for command in commands("review.txt") * 2:
        assert orchestrate(repository.home, *command).code == 0
        assert "kept" in (repository.home / "review.txt").read_text()


def test_a_run_dials_nobody_whose_report_would_take_the_place_of_its_plan(repository: Repository) -> None:
    plan = {
        "version": 1,
        "name": "in-json",
        "calls": [{"id": "a", "From": "+918069171234", "To": "+919876500001", "CallerId": "08047112233"}],
    }
    repository.write("plan.json", json.dumps(plan))
    done: cli.Done = orchestrate(
        repository.home, "run", "plan.json", "--journal", "calls.db", "--report", "plan.json", "--target", "sand.yaml"
    )
    assert done.code == 4, done.said
    assert "it would take the place of a file that this command reads" in done.said
    assert json.loads((repository.home / "plan.json").read_text()) == plan
    assert "no run" in orchestrate(repository.home, "runs", "--journal", "calls.db").said
