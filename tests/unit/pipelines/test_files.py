"""The files of pipelines are what their services take, by the published schemas and by the linters of their kind."""

import subprocess
import sys
from pathlib import Path

import pytest
from check_jsonschema import main as check_jsonschema
from click.testing import CliRunner

ROOT = Path(__file__).parents[3]
BESIDE_PYTHON = Path(sys.executable).parent


@pytest.mark.parametrize(
    ("schema", "file"),
    [
        ("vendor.github-workflows", ".github/workflows/orchestrate.yml"),
        ("vendor.github-actions", "action.yml"),
    ],
)
def test_a_file_is_what_its_service_takes(schema: str, file: str) -> None:
    done = CliRunner().invoke(check_jsonschema, ["--builtin-schema", schema, str(ROOT / file)])
    assert done.exit_code == 0, done.output


def test_workflow_and_action_have_no_weakness_that_zizmor_knows() -> None:
    files = [ROOT / "action.yml", ROOT / ".github/workflows/orchestrate.yml"]
    zizmor = [BESIDE_PYTHON / "zizmor", "--offline", "--persona", "auditor", "--quiet", *files]
    done = subprocess.run(zizmor, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_the_hooks_are_what_pre_commit_takes() -> None:
    validate = [sys.executable, "-m", "pre_commit", "validate-manifest", ROOT / ".pre-commit-hooks.yaml"]
    done = subprocess.run(validate, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
