"""The one way in: a plan's file, stdin, root and what becomes of them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from unit.plan.desk import HEAD, plan, read

from orchestrator.model.diagnostic import Severity, Span
from orchestrator.model.policy import Rate
from orchestrator.plan.load import Plan, load_plan

CALL = 'calls:\n  - {id: a, To: "+919900000001"}\n'


def test_a_plan_says_what_it_is(tmp_path: Path) -> None:
    text = (
        'edition: "2026-11-22"\ndescription: Confirm orders\npurpose: transactional\nnumbers: e164\n'
        f"policy: {{pace: 150/minute, concurrency: 3}}\n{CALL}"
    )
    loaded = plan(tmp_path, text).loaded
    assert loaded.plan is not None
    assert loaded.plan == Plan(
        path=str(tmp_path / "plan.yaml"),
        name="demo",
        policy=loaded.plan.policy,
        edition="2026-11-22",
        description="Confirm orders",
        purpose="transactional",
        numbers="e164",
    )
    assert (loaded.plan.policy.pace, loaded.plan.policy.concurrency) == (Rate(150, 60.0), 3)
    assert loaded.lines[:2] == ("version: 1", "name: demo")
    assert loaded.diagnostics == ()


def test_calls_can_be_streamed_again_and_read_their_files_anew(tmp_path: Path) -> None:
    data = tmp_path / "d.csv"
    data.write_text("n\n1\n")
    loaded = plan(tmp_path, 'calls:\n  - {id: "${row.n}", rows: d.csv, To: "+91990000000${row.n}"}\n').loaded
    assert len(list(loaded.calls())) == 1
    assert len(list(loaded.calls())) == 1, "an id of the first reading is not a duplicate in the second"
    data.write_text("n\n1\n2\n")
    assert len(list(loaded.calls())) == 2


def test_stdin_is_relative_to_the_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("d.csv").write_text("n\n1\n")
    text = "\ufeff" + HEAD + 'calls:\n  - {id: "${row.n}", rows: d.csv, To: "+919900000001"}\n'
    loaded = load_plan("-", stdin=text)
    assert loaded.plan is not None
    assert [item.span for item in loaded.calls()] == [Span("d.csv", 2)]  # type: ignore[union-attr]


def test_data_files_are_named_as_the_user_would_name_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "orchestrate.toml").touch()
    for name in ("plans", "data"):
        (tmp_path / name).mkdir()
    (tmp_path / "data" / "d.csv").write_text("n\n1\n")
    (tmp_path / "plans" / "p.yaml").write_text(
        HEAD + 'calls:\n  - {id: "${row.n}", rows: ../data/d.csv, To: "+919900000001"}\n'
    )
    monkeypatch.chdir(tmp_path)
    assert [call.span for call in read(Path("plans/p.yaml")).calls] == [Span("data/d.csv", 2)]


def test_root_is_found_and_overridden(tmp_path: Path) -> None:
    (tmp_path / "plans").mkdir()
    (tmp_path / "d.csv").write_text("n\n1\n")
    text = 'calls:\n  - {id: "${row.n}", rows: ../d.csv, To: "+919900000001"}\n'
    assert [item.id for item in plan(tmp_path / "plans", text).errors] == ["file-outside-root"]
    assert not plan(tmp_path / "plans", text, root=str(tmp_path)).errors
    (tmp_path / ".git").mkdir()
    assert not plan(tmp_path / "plans", text).errors


def test_a_root_that_is_no_folder_is_told(tmp_path: Path) -> None:
    found = plan(tmp_path, CALL, root=str(tmp_path / "nowhere"))
    assert [item.id for item in found.errors] == ["no-such-root"]
    assert found.loaded.plan is None


@pytest.mark.parametrize(
    "text", ["", "- 1\n", "a: [", "a: 1\na: 2\n", "version: 1\n", "\x00", "version: 2\nname: X\ncalls: 3\n"]
)
def test_bad_input_is_told_and_never_raises(tmp_path: Path, text: str) -> None:
    path = tmp_path / "plan.yaml"
    path.write_text(text)
    found = read(path)
    assert found.errors
    assert all(item.hint for item in found.errors)
    assert found.loaded.plan is None
    assert not found.calls


def test_files_that_are_no_plans_are_told(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    (tmp_path / "latin.yaml").write_bytes(b"name: caf\xe9\n")
    for name, problem in {
        "nowhere.yaml": "no-such-file",
        ".": "unreadable-file",
        "latin.yaml": "not-utf-8",
        "pipe.yaml": "not-a-file",
    }.items():
        found = read(tmp_path / name)
        assert [item.id for item in found.told] == [problem], name


def test_a_plan_that_links_out_of_its_root_shows_nothing_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("canary: [")
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "plan.yaml").symlink_to(tmp_path / "secret")
    found = read(tmp_path / "root" / "plan.yaml")
    assert [item.id for item in found.told] == ["file-outside-root"]
    assert found.loaded.lines == ()
    assert "canary" not in repr(found)


def test_a_waiver_of_no_rule_is_refused(tmp_path: Path) -> None:
    found = plan(tmp_path, f"{CALL}policy: {{waive: [{{rule: a, owner: b, reason: c, until: 2027-03-31}}]}}\n")
    assert [item.id for item in found.errors] == ["unknown-rule"]


def test_findings_of_the_text_come_in_its_order(tmp_path: Path) -> None:
    found = plan(tmp_path, f"vars: {{a: $}}\n{CALL}policy: {{concurrency: many}}\nnumbers: x\n").loaded.diagnostics
    assert [item.spans[0].line for item in found if item.severity is Severity.ERROR] == [6, 9, 10]


def test_reading_a_plan_imports_nothing_that_speaks_to_networks(tmp_path: Path) -> None:
    """`validate` runs in editors and hooks: it must start fast."""
    (tmp_path / "plan.yaml").write_text(HEAD + CALL)
    code = (
        "import sys; from orchestrator.plan.load import load_plan; list(load_plan(sys.argv[1]).calls());"
        "print(sorted({'httpx2', 'starlette', 'uvicorn', 'structlog', 'pydantic', 'sqlite3'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path / "plan.yaml")], capture_output=True, text=True)
    assert done.stdout == "[]\n", done.stderr
