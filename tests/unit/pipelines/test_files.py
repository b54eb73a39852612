"""The files of pipelines are what their services take, by the published schemas and by the linters of their kind."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import msgspec
import pytest
import yaml
from acceptance.expressions import holds
from check_jsonschema import main as check_jsonschema
from click.testing import CliRunner
from lightkube.models.batch_v1 import CronJob, Job
from lightkube.models.core_v1 import PersistentVolumeClaim

from orchestrator.model.program import REPOSITORY, VERSION
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


def test_the_jobs_are_of_kubernetes_own_types_without_an_unknown_key() -> None:
    types = {"CronJob": CronJob, "Job": Job, "PersistentVolumeClaim": PersistentVolumeClaim}
    files = ("cronjob.yaml", "journal-job.yaml")
    for manifest in (each for file in files for each in yaml.safe_load_all((PIPELINES / file).read_text())):
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


def called(block: str) -> tuple[str, set[str]]:
    """What a block of a workflow calls, and the inputs that it gives."""
    (found,) = [each for each in walk(yaml.safe_load(block)) if "acme/orchestrate" in str(each.get("uses", ""))]
    return found["uses"], set(found["with"])


def walk(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from walk(inner)


def test_what_calls_the_action_and_the_workflow_gives_inputs_that_they_have() -> None:
    action = yaml.safe_load((ROOT / "action.yml").read_text())["inputs"]
    workflow = yaml.load((ROOT / ".github/workflows/orchestrate.yml").read_text(), yaml.BaseLoader)  # noqa: S506
    inputs = workflow["on"]["workflow_call"]["inputs"]
    uses, given = called((PIPELINES / "github.yml").read_text())
    assert uses == f"{REPOSITORY}/.github/workflows/orchestrate.yml@v{VERSION}"
    assert {name for name, each in inputs.items() if each.get("required")} <= given <= set(inputs)
    guide = (ROOT / "docs/how-to/github.md").read_text()
    uses, given = called(guide.split("```yaml\n")[1].split("```")[0])
    assert uses == f"{REPOSITORY}@v{VERSION}"
    assert given <= set(action)


def test_the_job_that_dials_waits_for_a_reviewer_and_for_others_and_has_few_rights() -> None:
    workflow = yaml.load((ROOT / ".github/workflows/orchestrate.yml").read_text(), yaml.BaseLoader)  # noqa: S506
    run = workflow["jobs"]["run"]
    assert workflow["permissions"] == {}
    assert run["permissions"] == {"contents": "read"}
    assert (run["needs"], run["environment"]) == ("plan", "${{ inputs.environment }}")
    assert run["concurrency"]["cancel-in-progress"] == "false"
    assert "inputs.journal" in run["concurrency"]["group"]
    with_secrets = {
        step.get("name") for job in workflow["jobs"].values() for step in job["steps"] if "EXOTEL_" in str(step)
    }
    assert with_secrets == {"Dial"}


@pytest.mark.parametrize(
    ("event", "branch", "dials"),
    [
        ("push", "main", True),
        ("push", "try", False),
        ("workflow_dispatch", "main", True),
        ("workflow_dispatch", "try", False),
        ("schedule", "main", True),
        ("pull_request", "main", False),
        ("pull_request_target", "main", False),
        ("issue_comment", "main", False),
        ("merge_group", "main", False),
    ],
)
def test_only_what_happens_on_the_default_branch_dials(event: str, branch: str, dials: bool) -> None:
    workflow = yaml.load((ROOT / ".github/workflows/orchestrate.yml").read_text(), yaml.BaseLoader)  # noqa: S506
    repository = {} if event == "schedule" else {"repository": {"default_branch": "main"}}  # a schedule may tell none
    github = {"event_name": event, "ref": f"refs/heads/{branch}", "event": repository}
    for wanted in (True, False):
        contexts = {"github": github, "inputs": {"run": wanted}, "failed": False}
        assert holds(workflow["jobs"]["run"]["if"], contexts) is (dials and wanted)


def test_the_guide_has_the_hooks_that_init_writes() -> None:
    hooks = text_of("pre-commit-config.yaml").split("\n", 1)[1]
    assert f"```yaml\n{hooks}```" in (ROOT / "docs/how-to/pre-commit.md").read_text()


@pytest.mark.parametrize(
    ("command", "file"),
    [
        ("validate-manifest", ".pre-commit-hooks.yaml"),
        ("validate-config", "orchestrator/starter/files/pre-commit-config.yaml"),
    ],
)
def test_the_hooks_are_what_pre_commit_takes(command: str, file: str) -> None:
    validate = [sys.executable, "-m", "pre_commit", command, ROOT / file]
    done = subprocess.run(validate, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
