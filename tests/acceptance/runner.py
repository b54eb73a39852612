"""A runner of GitHub's jobs, as far as one can be without GitHub.

Each `run:` step is run by bash as the service's runner runs it, in order, with the GITHUB_* files, in a clone of a real
repository. Of the actions of others it does what our workflow counts on: a checkout, files that are kept.
"""

import json
import os
import re
import shutil
import subprocess
import sysconfig
import venv
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from acceptance.cli import base_environment
from acceptance.expressions import holds, inserted
from acceptance.repository import Repository

ROOT = Path(__file__).parents[2]
OURS = "./.orchestrate"


def read(path: Path) -> Any:
    """A workflow or an action, each scalar as it is written: `on` stays a word."""
    return yaml.load(path.read_text(), yaml.BaseLoader)  # noqa: S506 - texts only


@dataclass
class Job:
    """What became of a job."""

    failed: bool = False
    code: int = 0
    """The exit code of the step that failed."""
    log: str = ""
    outputs: dict[str, str] = field(default_factory=dict)
    kept: dict[str, Path] = field(default_factory=dict)
    """What was uploaded, by the name of the action that took it."""
    summary: str = ""


@dataclass
class Runner:
    """A machine with Python of its own, which sees the packages that are installed for the tests."""

    home: Path
    origin: Repository
    api: str = "http://127.0.0.1:1"
    is_installed: bool = False
    shell: subprocess.Popen[bytes] | None = None
    """The shell of the step that runs; all that it says is in `work/log`."""

    def __post_init__(self) -> None:
        venv.create(self.home / "python", symlinks=True)
        (inside,) = (self.home / "python").glob("lib/python*/site-packages")
        (inside / "tests.pth").write_text(f"{sysconfig.get_path('purelib')}\n")

    def run(
        self,
        job: str,
        event: str,
        payload: Mapping[str, Any],
        inputs: Mapping[str, str],
        needs: Mapping[str, Any] | None = None,
        secrets: Mapping[str, str] | None = None,
    ) -> Job | None:
        """Run one job of the reusable workflow, called with these inputs; None where its `if:` keeps it back.

        A secret that nobody gave is empty.
        """
        workflow = read(ROOT / ".github/workflows/orchestrate.yml")
        called = workflow["on"]["workflow_call"]["inputs"]
        assert set(inputs) <= set(called)
        known = dict.fromkeys(workflow["on"]["workflow_call"]["secrets"], "")
        assert set(secrets or {}) <= set(known)
        assert {name for name, each in called.items() if each.get("required") == "true"} <= set(inputs)
        given = {name: each.get("default", "") for name, each in called.items()} | dict(inputs)
        typed = {name: text == "true" if called[name]["type"] == "boolean" else text for name, text in given.items()}
        work = self.home / "work"
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir()
        temporary = self.home / "temp"  # kept: a job may use the action twice
        temporary.mkdir(exist_ok=True)
        (work / "event.json").write_text(json.dumps(payload))
        contexts = {
            "github": {
                "event_name": event,
                "event": payload,
                "ref": payload.get("ref", "refs/pull/5/merge"),
                "sha": payload["sha"],
                "token": "canary-job-token",
                "run_attempt": "1",
            },
            "inputs": typed,
            "job": {"workflow_repository": "acme/orchestrate", "workflow_sha": "0" * 40},
            "needs": needs or {},
            "runner": {"temp": str(temporary)},
            "secrets": {**known, **(secrets or {})},
            "vars": {},
        }
        described = workflow["jobs"][job]
        if not holds(described.get("if"), contexts | {"failed": False}):
            return None
        done = Job()
        steps = self._steps(described["steps"], contexts, done, {}, work)
        done.outputs |= {
            name: inserted(text, contexts | {"steps": steps}) for name, text in described["outputs"].items()
        }
        summary = work / "summary.md"
        done.summary = summary.read_text() if summary.exists() else ""
        return done

    def _steps(
        self,
        steps: list[dict[str, Any]],
        contexts: Mapping[str, Any],
        done: Job,
        above: Mapping[str, str],
        work: Path,
    ) -> dict[str, Any]:
        """Run steps in order; return what they put out, by their ids."""
        results: dict[str, Any] = {}
        for step in steps:
            seen = {**contexts, "steps": results, "failed": done.failed}
            if not holds(step.get("if"), seen):
                continue
            environment = {**above, **{name: inserted(text, seen) for name, text in step.get("env", {}).items()}}
            given = {name: inserted(text, seen) for name, text in step.get("with", {}).items()}
            if "run" in step:
                outputs = self._script(step, seen, done, environment, work)
            else:
                outputs = self._action(step["uses"], given, seen, done, environment, work)
            results[step.get("id", "")] = {"outputs": outputs}
        return results

    def _script(
        self, step: dict[str, Any], seen: Mapping[str, Any], done: Job, environment: Mapping[str, str], work: Path
    ) -> dict[str, str]:
        """Run a `run:` step as the service does."""
        assert step["shell"] == "bash"
        assert "${{" not in step["run"], "others' texts go into the environment, never into a script"
        if "pip install" in step["run"]:
            if self.is_installed:  # a machine of the service is new for each job; this one is kept
                return {}
            self.is_installed = True
        (work / "script.sh").write_text(step["run"])
        (work / "output").write_text("")
        with (work / "log").open("w") as log:
            self.shell = subprocess.Popen(
                ["bash", "--noprofile", "--norc", "-eo", "pipefail", work / "script.sh"],
                cwd=work / "checkout",
                env={**self._environment(work, seen), **environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
            code = self.shell.wait(120)
        done.log += (work / "log").read_text()
        if code and not done.failed:
            done.failed, done.code = True, code
        return dict(line.split("=", 1) for line in (work / "output").read_text().splitlines())

    def _environment(self, work: Path, seen: Mapping[str, Any]) -> dict[str, str]:
        return {
            **base_environment(self.home),
            "PATH": os.pathsep.join([str(self.home / "python/bin"), os.environ["PATH"]]),
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_ACTION_PATH": str(ROOT),
            "GITHUB_API_URL": self.api,
            "GITHUB_EVENT_NAME": seen["github"]["event_name"],
            "GITHUB_EVENT_PATH": str(work / "event.json"),
            "GITHUB_OUTPUT": str(work / "output"),
            "GITHUB_REPOSITORY": "acme/calls",
            "GITHUB_STEP_SUMMARY": str(work / "summary.md"),
            "GITHUB_WORKSPACE": str(work / "checkout"),
            "RUNNER_TEMP": seen["runner"]["temp"],
            "PIP_NO_INDEX": "1",  # what the product needs is there: nothing is fetched
            "PIP_NO_BUILD_ISOLATION": "0",  # pip reads it the other way round
        }

    def _action(
        self,
        uses: str,
        given: Mapping[str, str],
        seen: Mapping[str, Any],
        done: Job,
        environment: Mapping[str, str],
        work: Path,
    ) -> dict[str, str]:
        """Do what an action does."""
        name = uses.partition("@")[0]
        if uses == OURS:
            action = read(ROOT / "action.yml")
            assert set(given) <= set(action["inputs"])
            inputs = {key: inserted(each["default"], seen) for key, each in action["inputs"].items()} | dict(given)
            inside = self._steps(action["runs"]["steps"], {**seen, "inputs": inputs}, done, environment, work)
            return {key: inserted(each["value"], {**seen, "steps": inside}) for key, each in action["outputs"].items()}
        if name == "actions/checkout" and "path" in given:
            assert given["repository"] == seen["job"]["workflow_repository"]
            (work / "checkout" / given["path"]).symlink_to(ROOT)
        elif name == "actions/checkout":
            depth = [] if given.get("fetch-depth") == "0" else ["--depth", "1"]
            clone = ["git", "clone", "-q", "--no-checkout", *depth, self.origin.home.as_uri(), work / "checkout"]
            subprocess.run(clone, check=True)
            subprocess.run(["git", "checkout", "-q", seen["github"]["sha"]], cwd=work / "checkout", check=True)
        elif name in ("actions/upload-artifact", "github/codeql-action/upload-sarif"):
            path = Path(given.get("path") or given["sarif_file"])
            assert path.exists()
            assert re.fullmatch(r"[\w.-]+", given.get("name", "none")), "others are refused by the service"
            kept = self.home / f"kept-{len(list(self.home.iterdir()))}"
            (shutil.copytree if path.is_dir() else shutil.copy)(path, kept)
            done.kept[name] = kept
        else:
            assert name == "actions/setup-python", uses
        return {}
