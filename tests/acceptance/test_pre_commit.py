"""pre-commit installs our hooks from a clone and runs them on what a commit changes."""

import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from acceptance.cli import base_environment
from acceptance.repository import IDENTITY, Repository

ROOT = Path(__file__).parents[2]
GOOD = """\
version: 1
name: good
purpose: transactional
defaults: {From: "+918123456789", CallerId: "07410410123"}
calls:
  - {id: c1, To: "+447700900101"}
"""


@pytest.fixture
def hooks(tmp_path: Path) -> Repository:
    """A clone of this repository as it is now, committed or not."""
    clone = Repository.made(tmp_path / "orchestrate")
    for name in ("pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml"):
        shutil.copy(ROOT / name, clone.home)
    for name in ("orchestrator", "share"):
        shutil.copytree(ROOT / name, clone.home / name, ignore=shutil.ignore_patterns("__pycache__"))
    return clone


def test_a_commit_with_a_bad_plan_is_refused_and_one_with_good_plans_is_not(tmp_path: Path, hooks: Repository) -> None:
    user = Repository.made(tmp_path / "user")
    user.write(
        ".pre-commit-config.yaml",
        f"repos: [{{repo: {hooks.home}, rev: {hooks.commit()}, hooks: ["
        "{id: orchestrate-validate}, {id: orchestrate-fmt}]}]\n",
    )
    user.write("plans/good.yaml", GOOD)
    user.write("other/notes.yaml", "- no plan")
    user.commit()
    environment = {
        **base_environment(tmp_path),
        **IDENTITY,
        "PRE_COMMIT_HOME": str(tmp_path / "environments"),
        # Nothing is fetched: what the product needs, and what builds it, is what the tests have.
        "PIP_NO_INDEX": "1",
        "PIP_NO_BUILD_ISOLATION": "0",
        "PYTHONPATH": sysconfig.get_path("purelib"),
    }

    def commit(files: str) -> subprocess.CompletedProcess[str]:
        user.git("add", files)
        return subprocess.run(
            ["git", "commit", "-m", "calls"], cwd=user.home, env=environment, capture_output=True, text=True
        )

    install = [sys.executable, "-m", "pre_commit", "install"]
    subprocess.run(install, cwd=user.home, env=environment, check=True, capture_output=True)

    user.write("plans/more.yaml", GOOD.replace("good", "more"))
    user.write("other/notes.yaml", "- still none")
    passed = commit(".")
    assert passed.returncode == 0, passed.stderr
    assert list((tmp_path / "environments").glob("*/py_env-*/bin/orchestrate")), "the hook brings its own program"

    user.write("plans/wide.yaml", GOOD.replace("name: good", "name:   wide"))
    formatted = commit(".")
    assert formatted.returncode == 1
    assert "files were modified by this hook" in formatted.stderr
    assert "name: wide" in (user.home / "plans/wide.yaml").read_text()

    user.write("plans/more.yaml", GOOD.replace("+447700900101", "12"))
    refused = commit(".")
    assert refused.returncode == 1
    assert "plans/more.yaml:6:" in refused.stderr
    assert "Traceback" not in refused.stderr
