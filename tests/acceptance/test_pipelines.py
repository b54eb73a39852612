"""The examples for GitLab, make, containers and Kubernetes do what they say: their own lines are run."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from acceptance.cli import base_environment
from acceptance.desk import Desk
from acceptance.forge import Forge, forge
from acceptance.notified import SECRET, receiving
from acceptance.repository import IDENTITY, PLAN, SECOND, Repository

ROOT = Path(__file__).parents[2]
PIPELINES = ROOT / "configs/pipelines"
CALM = "kind: sandbox\nscenario: calm\n"


@pytest.fixture
def user(tmp_path: Path) -> Repository:
    """A user's repository: a plan on main, one more call on the branch that is checked out."""
    repository = Repository.made(tmp_path / "user")
    repository.write("configs/calm.yaml", CALM)
    repository.write("plans/confirm.yaml", PLAN)
    repository.commit()
    repository.git("checkout", "-q", "-b", "change")
    repository.write("plans/confirm.yaml", PLAN + SECOND)
    repository.commit()
    return repository


def shell(script: str, user: Repository, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a script as a pipeline does, with the commands that are installed beside the tests."""
    return subprocess.run(
        ["bash", "-eo", "pipefail", "-c", script],
        cwd=user.home,
        env={
            **base_environment(user.home.parent),
            **IDENTITY,
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
            "PIP_NO_INDEX": "1",  # the package is there: nothing is fetched
            **environment,
        },
        capture_output=True,
        text=True,
        timeout=120,
    )


def digest_in(text: str) -> str:
    return re.findall(r"sha256:[0-9a-f]{64}", text)[-1]


class GitLab:
    """GitLab's runner: the variables, then the lines of a job and those after it."""

    def __init__(self, user: Repository, service: Forge) -> None:
        self._file: dict[str, Any] = yaml.safe_load((PIPELINES / "gitlab-ci.yml").read_text())
        self._user = user
        self._is_installed = False
        self._given = {
            "GITLAB_CI": "true",
            "CI_API_V4_URL": service.address,
            "CI_PROJECT_ID": "9",
            "CI_MERGE_REQUEST_IID": "5",
            "CI_MERGE_REQUEST_DIFF_BASE_SHA": user.git("rev-parse", "main").strip(),
            "ORCHESTRATE_GITLAB_TOKEN": "canary-token",
        }

    def run(self, name: str, **variables: str) -> subprocess.CompletedProcess[str]:
        job = {**self._file[".calls"], **self._file[name]}
        environment = {**self._file["variables"], **self._given, "CALLS_DATA": "", **variables}
        before = [] if self._is_installed else job["before_script"]  # a machine of the service is new for each job
        self._is_installed = True
        done = shell("\n".join([*before, *job["script"]]), self._user, environment)
        status = {"CI_JOB_STATUS": "failed" if done.returncode else "success"}
        after = shell("\n".join(job.get("after_script", [])), self._user, {**environment, **status})
        assert after.returncode == 0, after.stderr
        return done


@pytest.fixture
def service() -> Iterator[Forge]:
    with forge() as service:
        yield service


def test_gitlab_reviews_a_request_in_one_note_and_runs_what_was_reviewed(user: Repository, service: Forge) -> None:
    gitlab = GitLab(user, service)
    journal = user.home.parent / "calls.db"

    reviewed = gitlab.run("calls:review", CALLS_TARGET="calm", CALLS_JOURNAL=str(journal))
    assert reviewed.returncode == 0, reviewed.stderr
    (note,) = service.bodies
    assert "`confirm`: 2 to dial" in note
    assert "1 call added" in note
    assert len(set(re.findall(r"`c2` \| .*? \| (`person \w+`)", note))) == 1, "a label means the same in both parts"
    name, digest = (user.home / "review/digest.env").read_text().strip().split("=")
    assert name == "DIGEST"
    assert digest in note

    variables = {"CALLS_TARGET": "calm", "CALLS_JOURNAL": str(journal)}
    with receiving() as receiver:
        signed = {"CALLS_NOTIFY": receiver.url, "ORCHESTRATE_NOTIFY_SECRET": SECRET}
        done = gitlab.run("calls:run", **variables, **signed, DIGEST=digest)
    assert done.returncode == 0, done.stderr
    assert receiver.told()["run"]["digest"] == digest
    assert json.loads((user.home / "reports/report.json").read_text())["run"]["digest"] == digest
    assert 'tests="2"' in (user.home / "reports/report.xml").read_text()

    user.write("plans/confirm.yaml", PLAN + SECOND.replace("c2", "c1"))
    refused = gitlab.run("calls:review", CALLS_TARGET="calm", CALLS_JOURNAL=str(journal))
    (note,) = service.bodies
    assert refused.returncode == 3
    assert "### This plan may not run" in note
    assert "error[duplicate-id]" in note


def test_make_alone_is_a_pipeline(user: Repository) -> None:
    user.write("Makefile", (PIPELINES / "Makefile").read_text())
    variables = {"AGAINST": "main", "TARGET": "calm"}

    reviewed = shell("make review", user, variables)
    assert reviewed.returncode == 0, reviewed.stderr
    assert "1 call added" in reviewed.stdout
    nothing = shell("make run", user, variables)
    assert "say what was reviewed" in nothing.stdout
    other = shell(f"make run DIGEST=sha256:{'0' * 64}", user, variables)
    assert "Error 4" in other.stderr
    with receiving() as receiver:
        signed = {**variables, "NOTIFY": receiver.url, "ORCHESTRATE_NOTIFY_SECRET": SECRET}
        done = shell(f"make run DIGEST={digest_in(reviewed.stdout)}", user, signed)
    assert done.returncode == 0, done.stderr
    assert receiver.told()["totals"]["completed"] == 2
    assert json.loads((user.home / "reports/report.json").read_text())["totals"]["completed"] == 2


def test_each_day_of_the_cron_job_rings_its_people_once(user: Repository, tmp_path: Path) -> None:
    """In an image with what the guide copies into it, on a journal that the other job has made."""
    user.write("orchestrate.toml", "")
    image = tmp_path / "image"
    image.mkdir()
    (copies,) = re.findall(r"```dockerfile\n(.*?)```", (ROOT / "docs/how-to/container.md").read_text(), re.DOTALL)
    for source, place in re.findall(r"^COPY (\S+) /calls/(\S*)$", copies, re.MULTILINE):
        (shutil.copytree if (user.home / source).is_dir() else shutil.copy)(user.home / source, image / place)
    _, cron_job = yaml.safe_load_all((PIPELINES / "cronjob.yaml").read_text())
    (container,) = cron_job["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"]
    volume = tmp_path / "journal"
    volume.mkdir()
    job = yaml.safe_load((PIPELINES / "journal-job.yaml").read_text())
    (maker,) = job["spec"]["template"]["spec"]["containers"]
    made = shell(shlex.join(["orchestrate", *maker["args"]]).replace("/journal/", f"{volume}/"), Repository(image), {})
    assert made.stdout.startswith("jr_"), made.stderr
    environment = {each["name"]: each["value"].replace("/journal", str(volume)) for each in container["env"]}
    (script,) = container["args"]
    script = script.replace("/journal", str(volume)).replace("--target live", "--target calm")
    assert "/secrets" in environment.pop("ORCHESTRATE_SECRETS_DIR")

    def day(name: str) -> tuple[str, dict[str, int]]:
        command = [*container["command"], script.replace("date +%F", f"date -d {name} +%F")]
        done = shell(shlex.join(command), Repository(image), environment)
        assert done.returncode == 0, done.stderr
        edition = done.stdout.splitlines()[0]
        report = json.loads(max(volume.glob("*.json"), key=lambda file: file.stat().st_mtime_ns).read_text())
        return edition, report["totals"]

    today, first = day("today")
    again, second = day("today")
    tomorrow, third = day("tomorrow")
    assert (today, first["attempts"]) == (again, second["attempts"])
    assert tomorrow != today
    assert third["completed"] == 2
    assert len(list(volume.glob("*.json"))) == 2


def instructions(stage: int) -> list[str]:
    """The instructions of one stage of the Containerfile, each on one line."""
    text = re.sub(r"\\\n\s*", "", (PIPELINES / "Containerfile").read_text())
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    begins = [place for place, line in enumerate(lines) if line.startswith("FROM ")]
    return lines[begins[stage] : [*begins, len(lines)][stage + 1]]


def test_the_image_is_built_of_what_it_copies_and_runs_as_nobody_with_rights(tmp_path: Path) -> None:
    source, built = tmp_path / "src", tmp_path / "built"
    source.mkdir()
    for line in instructions(0):
        word, *paths = line.split()
        if word == "COPY":
            for path in paths[:-1]:
                place = source / paths[-1] if (ROOT / path).is_dir() else source / paths[-1] / path
                (shutil.copytree if (ROOT / path).is_dir() else shutil.copy)(ROOT / path, place)
        elif word == "RUN":
            inside = line.removeprefix("RUN ").replace("/opt/orchestrate", str(built))
            # what the product needs, and what builds it, is what the tests have
            needed = {"PYTHONPATH": str(Path(yaml.__file__).parents[1]), "PIP_NO_BUILD_ISOLATION": "0"}
            done = shell(inside, Repository(source), needed)
            assert done.returncode == 0, done.stderr
    assert (built / "bin/orchestrate").exists()
    assert not list(built.rglob("pip")), "the environment can install nothing"

    last = instructions(1)
    assert [line for line in last if line.startswith("USER")] == ["USER 10001:10001"]
    assert not [line for line in last if re.search(r"\bpip\b|apt", line)]
    assert last[-2:] == ['ENTRYPOINT ["orchestrate"]', 'CMD ["--help"]']


def test_the_health_check_tells_a_receiver_that_answers_from_one_that_does_not(desk: Desk) -> None:
    (line,) = [line for line in instructions(1) if line.startswith("HEALTHCHECK")]
    check = json.loads(line.partition("CMD ")[2])
    desk.create_journal()
    serving = desk.start("serve", "--listen", "127.0.0.1:0", "--journal", str(desk.journal), "--quiet")
    assert serving.stdout is not None
    address = serving.stdout.readline().strip()

    def is_healthy() -> bool:
        command = [part.replace("http://127.0.0.1:8090", address) for part in check]
        return subprocess.run([sys.executable, *command[1:]], capture_output=True).returncode == 0

    assert is_healthy()
    serving.terminate()
    serving.communicate(timeout=20)
    assert not is_healthy()
