"""The plans in `valid/` have no error; what `validate` prints of those in `invalid/` is what `.expected.txt` has.

A new case is a new file. `UPDATE_EXPECTED=1 pytest tests/plans` writes the expected screens anew: read the difference
before committing it. The plans are read from a copy, beside links out of their root that no repository should hold.
"""

import contextlib
import os
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from orchestrator.cli.main import main
from orchestrator.model.diagnostic import Diagnostic, Severity
from orchestrator.plan.load import load_plan

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


@pytest.fixture(scope="module")
def screens(copied: Path) -> dict[str, Result]:
    """What `validate` prints of each plan, and its exit code."""
    with contextlib.chdir(copied / "invalid"):
        names = sorted(path.name for path in Path().glob("*.yaml"))
        return {name: CliRunner().invoke(main, ["validate", name]) for name in names}


def findings(path: Path) -> list[Diagnostic]:
    """Everything that is told of a plan."""
    loaded = load_plan(str(path))
    return [*loaded.diagnostics, *(item for item in loaded.calls() if isinstance(item, Diagnostic))]


@pytest.mark.parametrize("name", sorted(path.name for path in (HERE / "valid").glob("*.yaml")))
def test_a_valid_plan_has_no_error_and_some_calls(copied: Path, name: str) -> None:
    path = copied / "valid" / name
    assert [item for item in findings(path) if item.severity is Severity.ERROR] == []
    assert load_plan(str(path)).plan is not None
    assert any(not isinstance(item, Diagnostic) for item in load_plan(str(path)).calls())


@pytest.mark.parametrize("name", sorted(path.name for path in (HERE / "invalid").glob("*.yaml")))
def test_the_screen_of_an_invalid_plan(screens: dict[str, Result], name: str) -> None:
    done = screens[name]
    assert (done.exit_code, done.stderr) == (3, "")
    expected = (HERE / "invalid" / name).with_suffix(".expected.txt")
    if UPDATE:
        expected.write_text(done.stdout, "utf-8")
    assert done.stdout == expected.read_text("utf-8")


def test_every_finding_says_what_to_do(screens: dict[str, Result]) -> None:
    for done in screens.values():
        *blocks, _ = done.stdout.split("\n\n")
        assert all(" = hint: " in block for block in blocks if "... and " not in block), done.stdout


def test_no_screen_is_wider_than_its_words_nor_moves_a_terminal(screens: dict[str, Result]) -> None:
    """Source lines are cut to 80 columns; what no terminal prints is written out, and no pipeline takes a command."""
    for done in screens.values():
        assert done.stdout.replace("\n", "").isprintable(), done.stdout
        for line in done.stdout.split("\n"):
            assert not line.lstrip().startswith("::"), line
            assert "##vso[" not in line
            assert "##[" not in line
            assert " | " not in line[:8] or len(line) <= 90, line


def test_there_are_many_kinds_of_mistakes(screens: dict[str, Result]) -> None:
    assert len(screens) >= 80


def test_nothing_of_a_file_outside_the_root_is_told(screens: dict[str, Result]) -> None:
    for name, done in screens.items():
        assert CANARY not in done.stdout, name
