"""The plans in `valid/` have no error; those in `invalid/` are told exactly as their `.expected.txt` says.

A new case is a new file. `UPDATE_EXPECTED=1 pytest tests/plans` writes the expected findings anew: read the
difference before committing it. Each line is `file:line:column severity id message`; further places are indented.
The plans are read from a copy, beside links out of their root that no repository should hold.
"""

import os
import shutil
from pathlib import Path

import pytest

from orchestrator.model.diagnostic import Diagnostic, Severity
from orchestrator.plan import load_plan

HERE = Path(__file__).parent
UPDATE = os.environ.get("UPDATE_EXPECTED") == "1"
CANARY = "canary-of-the-machine"


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the plans as a root of its own, with secrets beside it and links that lead to them."""
    top = tmp_path_factory.mktemp("machine")
    (top / "outside").mkdir()
    (top / "outside" / "secret.csv").write_text(f"{CANARY},phone\n{CANARY},+919900000001\n")
    root = top / "root"
    for name in ("valid", "invalid"):
        shutil.copytree(HERE / name, root / name)
    (root / "orchestrate.toml").touch()
    (root / "invalid" / "link.csv").symlink_to("../../outside/secret.csv")
    (root / "invalid" / "linked-folder").symlink_to(top / "outside")
    os.mkfifo(root / "invalid" / "pipe.csv")
    return root


def findings(path: Path) -> list[Diagnostic]:
    """Everything that is told of a plan."""
    loaded = load_plan(str(path))
    return [*loaded.diagnostics, *(item for item in loaded.calls() if isinstance(item, Diagnostic))]


def told(path: Path) -> str:
    """The findings as the expected files hold them; files are named relative to the plan's folder."""
    lines: list[str] = []
    for item in findings(path):
        places = [f"{os.path.relpath(span.file, path.parent)}:{span.line}:{span.column}" for span in item.spans]
        lines.append(f"{places[0] if places else '-'} {item.severity} {item.id} {item.message}")
        lines += [f"    {place}" for place in places[1:]]
    return "".join(f"{line}\n" for line in lines)


@pytest.mark.parametrize("name", sorted(path.name for path in (HERE / "valid").glob("*.yaml")))
def test_a_valid_plan_has_no_error_and_some_calls(copied: Path, name: str) -> None:
    path = copied / "valid" / name
    assert [item for item in findings(path) if item.severity is Severity.ERROR] == []
    assert load_plan(str(path)).plan is not None
    assert any(not isinstance(item, Diagnostic) for item in load_plan(str(path)).calls())


@pytest.mark.parametrize("name", sorted(path.name for path in (HERE / "invalid").glob("*.yaml")))
def test_an_invalid_plan_is_told_exactly(copied: Path, name: str) -> None:
    path = copied / "invalid" / name
    expected = (HERE / "invalid" / name).with_suffix(".expected.txt")
    said = told(path)
    if UPDATE:
        expected.write_text(said, "utf-8")
    assert any(item.severity is Severity.ERROR for item in findings(path))
    assert all(item.hint for item in findings(path)), "a finding says what to do"
    assert said == expected.read_text("utf-8")


def test_nothing_of_a_file_outside_the_root_is_told(copied: Path) -> None:
    for path in sorted((copied / "invalid").glob("*.yaml")):
        assert CANARY not in repr(findings(path)), path.name
