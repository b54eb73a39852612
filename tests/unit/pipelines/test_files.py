"""The files of pipelines are what their services take, by the published schemas and by the linters of their kind."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Literal

import msgspec
import pytest
import yaml
from check_jsonschema import main as check_jsonschema
from click.testing import CliRunner
from lightkube.models.batch_v1 import CronJob
from lightkube.models.core_v1 import PersistentVolumeClaim

from orchestrator.starter.repository import Starter, repository_files, text_of

ROOT = Path(__file__).parents[3]
PIPELINES = ROOT / "configs/pipelines"
BESIDE_PYTHON = Path(sys.executable).parent


@pytest.mark.parametrize(
    ("schema", "file"),
    [
        ("vendor.github-workflows", ".github/workflows/orchestrate.yml"),
        ("vendor.github-workflows", "configs/pipelines/github.yml"),
        ("vendor.github-actions", "action.yml"),
        ("vendor.gitlab-ci", "configs/pipelines/gitlab-ci.yml"),
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


def test_the_containerfile_has_no_fault_that_hadolint_knows() -> None:
    done = subprocess.run([BESIDE_PYTHON / "hadolint", PIPELINES / "Containerfile"], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")


def test_the_cron_job_is_of_kubernetes_own_types_without_an_unknown_key() -> None:
    types = {"CronJob": CronJob, "PersistentVolumeClaim": PersistentVolumeClaim}
    for manifest in yaml.safe_load_all((PIPELINES / "cronjob.yaml").read_text()):
        read = msgspec.convert(manifest, types[manifest["kind"]])
        assert known(msgspec.to_builtins(read)) == manifest


def known(value: Any) -> Any:
    """A manifest without what it does not set: a key that its type has not was lost on the way."""
    if isinstance(value, dict):
        return {key: known(inner) for key, inner in value.items() if inner is not None}
    return [known(inner) for inner in value] if isinstance(value, list) else value


@pytest.mark.parametrize(
    ("pipeline", "example", "written"),
    [
        ("github", "github.yml", ".github/workflows/calls.yml"),
        ("gitlab", "gitlab-ci.yml", ".gitlab-ci.yml"),
    ],
)
def test_an_example_is_what_init_writes(pipeline: Literal["github", "gitlab"], example: str, written: str) -> None:
    starter = Starter(
        name="confirm",
        purpose="transactional",
        agent="+918123456789",
        caller_id="07410410123",
        columns=("order_id", "phone"),
        id_column="order_id",
        phone_column="phone",
        most_calls=100,
        pipeline=pipeline,
    )
    if "UPDATE_EXPECTED" in os.environ:
        (PIPELINES / example).write_text(repository_files(starter)[written])
    assert (PIPELINES / example).read_text() == repository_files(starter)[written]


def test_the_guide_has_the_hooks_that_init_writes() -> None:
    hooks = text_of("pre-commit-config.yaml").split("\n", 1)[1]
    assert f"```yaml\n{hooks}```" in (ROOT / "docs/how-to/pre-commit.md").read_text()


def test_the_hooks_are_what_pre_commit_takes() -> None:
    validate = [sys.executable, "-m", "pre_commit", "validate-manifest", ROOT / ".pre-commit-hooks.yaml"]
    done = subprocess.run(validate, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
