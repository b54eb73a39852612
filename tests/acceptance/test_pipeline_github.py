"""The reusable workflow, step by step: a request is reviewed in one comment, and what was reviewed is what runs."""

import json
import re
import signal
import threading
import time
from collections.abc import Iterator

import pytest

from acceptance.cli import base_environment, finish, start
from acceptance.forge import Forge, forge
from acceptance.github import Page
from acceptance.notified import SECRET, receiving
from acceptance.repository import PLAN, SECOND, Repository
from acceptance.runner import Job, Runner, read

HOSTILE = """plans/$(touch pwned) @team 'a' "#1" -->.yaml"""
ROWS = """\
  - id: order-${row.id}
    rows: {file: ../data/orders.csv, columns: [id, phone], sample: ../data/orders.sample.csv}
    To: ${row.phone}
policy: {limits: {calls: 10}}
"""
RELIABLE = "kind: sandbox\nscenario: calm\n"


@pytest.fixture(scope="module")
def service() -> Iterator[Forge]:
    with forge() as service:
        yield service


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory, service: Forge) -> Runner:
    home = tmp_path_factory.mktemp("runner")
    return Runner(home, Repository.made(home / "origin"), service.address)


def requested(runner: Runner, base: str) -> Job:
    """Push what was committed as a request: the service merges it with its base, and reviews that."""
    head = runner.origin.git("rev-parse", "HEAD").strip()
    runner.origin.git("checkout", "-q", "-B", "merge", base)
    runner.origin.git("merge", "-q", "--no-ff", "-m", "merge", head)
    merged = runner.origin.git("rev-parse", "HEAD").strip()
    runner.origin.git("checkout", "-q", "-B", "change", head)
    request = {"number": 5, "base": {"sha": base}, "head": {"sha": head, "repo": {"full_name": "acme/calls"}}}
    inputs = {"plan": HOSTILE, "target": "sandbox", "journal": str(runner.home / "none.db")}
    job = runner.run("plan", "pull_request", {"sha": merged, "pull_request": request}, inputs)
    assert job is not None
    assert runner.run("run", "pull_request", {"sha": merged, "pull_request": request}, inputs) is None
    assert not (runner.home / "work/checkout/pwned").exists()
    return job


def test_a_request_has_one_comment_which_each_push_changes(runner: Runner, service: Forge) -> None:
    origin = runner.origin
    origin.write(HOSTILE, PLAN)
    base = origin.commit()
    origin.git("checkout", "-q", "-b", "change")
    origin.write(HOSTILE, PLAN + SECOND)
    head = origin.commit()

    reviewed = requested(runner, base)

    (comment,) = service.bodies
    assert not reviewed.failed, reviewed.log
    assert "`confirm`: 2 to dial" in comment
    assert "`confirm`: 1 call added, 0 removed, 0 changed, 1 unchanged" in comment
    assert len(set(re.findall(r"`c2` \| .*? \| (`person \w+`)", comment))) == 1, "a label means the same in both parts"
    assert comment.endswith(f"Reviewed: commit {head}\n")
    assert reviewed.outputs["digest"] in comment
    assert "9000" not in comment + reviewed.summary, "no number, not even in part"
    page = Page("\n".join(comment.splitlines()[1:-1]))  # without the hidden mark and the commit that GitHub links
    assert not [text for text in page.plain if "@team" in text]
    assert "2 to dial" in reviewed.summary
    assert json.loads(reviewed.kept["github/codeql-action/upload-sarif"].read_text())["runs"]
    kept = {file.name for file in reviewed.kept["actions/upload-artifact"].iterdir()}
    assert {"plan.md", "plan.json", "diff.md", "findings.sarif"} <= kept

    origin.write(HOSTILE, PLAN + SECOND.replace("c2", "c1"))
    origin.commit()

    refused = requested(runner, base)

    (comment,) = service.bodies
    assert (refused.failed, refused.code) == (True, 3)
    assert "### This plan may not run" in comment
    assert "error[duplicate-id]" in comment
    assert "to dial" not in comment
    assert refused.outputs["digest"] == ""
    assert "\n::error file=" in f"\n{refused.log}"
    assert "duplicate-id" in refused.summary
    assert json.loads(refused.kept["github/codeql-action/upload-sarif"].read_text())["runs"][0]["results"]


def digest_of(runner: Runner, plan: str) -> str:
    """What a review of this plan says."""
    reviewed = start(["plan", plan, "--format", "json"], runner.origin.home, base_environment(runner.home))
    return str(json.loads(finish(reviewed, (), time.monotonic()).out)["digest"])


def test_what_was_reviewed_runs_and_nothing_else_does(runner: Runner) -> None:
    """The rows are not in Git: the review sees made-up ones, and the run gets those of a folder of its machine."""
    origin = runner.origin
    origin.git("checkout", "-q", "-B", "main")
    origin.write("plans/confirm.yaml", PLAN)
    origin.write("configs/reliable.yaml", RELIABLE)
    before = origin.commit()
    origin.write("plans/confirm.yaml", PLAN + ROWS)
    origin.write("data/orders.sample.csv", "id,phone\nexample,+447700900200\n")
    sha = origin.commit()
    kept = runner.home / "kept for runs/data"
    kept.mkdir(parents=True)
    (kept / "orders.csv").write_text("id,phone\n1,+447700900102\n2,+447700900103\n")
    journal = runner.home / "calls.db"
    inputs = {
        "plan": "plans/confirm.yaml",
        "target": "reliable",
        "journal": str(journal),
        "run": "true",
        "data": str(kept.parent),
    }
    push = {"sha": sha, "before": before, "ref": "refs/heads/main", "repository": {"default_branch": "main"}}

    review = runner.run("plan", "push", push, inputs)
    assert review is not None
    assert not review.failed, review.log
    assert "1 call added" in review.summary
    digest = review.outputs["digest"]

    other = runner.run("run", "push", push, inputs, {"plan": {"outputs": {"digest": "sha256:" + "0" * 64}}})
    assert other is not None
    assert (other.code, journal.exists()) == (4, False), other.log
    assert "cannot proceed" in other.summary.lower()

    with receiving() as open_one, receiving() as hidden:
        notified = {**inputs, "notify": f"{open_one.url}?a\n  {open_one.url}?*"}
        secrets = {"ORCHESTRATE_NOTIFY": f"{hidden.url}?key=canary", "ORCHESTRATE_NOTIFY_SECRET": SECRET}
        needs = {"plan": {"outputs": {"digest": digest}}}
        done = runner.run("run", "push", push, notified, needs, secrets)
    assert done is not None
    assert not done.failed, done.log
    assert hidden.told()["totals"]["attempts"] == 3
    assert sorted(path for path, _, _ in open_one.taken) == ["/runs?*", "/runs?a"]
    assert not [secret for secret in ("canary", SECRET) if secret in done.log + done.summary]
    assert "calls   3, 3 attempts" in done.summary
    assert done.summary.startswith("### "), "the report, then what the command said"
    report = json.loads((done.kept["actions/upload-artifact"] / "report.json").read_text())
    assert report["run"]["head"] == done.outputs["head"] != ""

    older = runner.run(
        "run", "push", push, {**inputs, "expect-head": "sha256:" + "0" * 64}, {"plan": {"outputs": {"digest": digest}}}
    )
    assert older is not None
    assert older.code == 4, "the journal does not hold the event that the last run ended with"


def test_a_review_above_its_budget_fails_and_says_so(runner: Runner) -> None:
    origin = runner.origin
    origin.git("checkout", "-q", "-B", "main")
    origin.write("plans/dear.yaml", PLAN.replace("confirm", "dear"))
    inputs = {"plan": "plans/dear.yaml", "target": "sandbox", "journal": "none.db", "max-cost": "0.10 INR"}
    push = {"sha": origin.commit(), "ref": "refs/heads/main", "repository": {"default_branch": "main"}}
    review = runner.run("plan", "push", push, inputs)
    assert review is not None
    assert review.code == 1
    assert review.outputs["digest"] == "", "what failed its review has no digest to run"
    assert "and --max-cost allows 0.10 INR" in review.summary
    assert "1 to dial" in review.summary


def test_what_init_writes_is_reviewed_at_once_and_dials_nobody(runner: Runner, service: Forge) -> None:
    """With inputs as the workflow that `init` wrote gives them, and without the rows, which Git does not take."""
    origin = runner.origin
    origin.git("checkout", "-q", "--orphan", "spreadsheet")
    origin.git("rm", "-rfq", ".")
    (runner.home / "orders.csv").write_text("Order No;Mobile\r\nA-1;+44 7700 900111\r\n")
    init = ["init", "--from", "../orders.csv", "--agent", "+918123456789", "--caller-id", "07410410123"]
    made = finish(start(init, origin.home, base_environment(runner.home)), (), time.monotonic())
    assert made.code == 0, made.err
    origin.git("add", ".")
    origin.git("commit", "-qm", "calls")
    sha = origin.git("rev-parse", "HEAD").strip()
    assert "data/orders.csv" not in origin.git("ls-files")
    given = read(origin.home / ".github/workflows/calls.yml")["jobs"]["calls"]["with"]
    request = {"number": 5, "base": {"sha": sha}, "head": {"sha": sha, "repo": {"full_name": "acme/calls"}}}

    reviewed = runner.run("plan", "pull_request", {"sha": sha, "pull_request": request}, given)
    assert reviewed is not None
    assert not reviewed.failed, reviewed.log
    assert "`orders`: 3 to dial" in service.bodies[-1], "the sample's rows"
    push = {"sha": sha, "ref": "refs/heads/main", "repository": {"default_branch": "main"}}
    assert runner.run("run", "push", push, given) is None, "the run is switched on by hand"


def test_exit_code_1_is_a_warning_where_it_is_wished(runner: Runner) -> None:
    origin = runner.origin
    origin.git("checkout", "-q", "-B", "main")
    origin.write("plans/strict.yaml", PLAN.replace("confirm", "strict") + "policy: {success: {busy: 100%}}\n")
    origin.write("configs/reliable.yaml", RELIABLE)
    sha = origin.commit()
    inputs = {
        "plan": "plans/strict.yaml",
        "target": "reliable",
        "journal": str(runner.home / "strict.db"),
        "run": "true",
    }
    push = {"sha": sha, "ref": "refs/heads/main", "repository": {"default_branch": "main"}}
    needs = {"plan": {"outputs": {"digest": digest_of(runner, "plans/strict.yaml")}}}

    warned = runner.run("run", "push", push, {**inputs, "not-as-wished": "warn"}, needs)
    assert warned is not None
    assert not warned.failed, warned.log
    assert "::warning title=Not as wished::" in warned.log

    failed = runner.run("run", "push", push, inputs, needs)
    assert failed is not None
    assert failed.code == 1
    assert "are not as wished" in failed.summary


def test_a_job_that_is_cancelled_ends_its_run_whole(runner: Runner) -> None:
    origin = runner.origin
    origin.git("checkout", "-q", "-B", "main")
    origin.write("plans/slow.yaml", PLAN.replace("confirm", "slow") + SECOND + "policy: {pace: 1/minute}\n")
    origin.write("configs/reliable.yaml", RELIABLE)
    sha = origin.commit()
    inputs = {"plan": "plans/slow.yaml", "target": "reliable", "journal": str(runner.home / "slow.db"), "run": "true"}
    push = {"sha": sha, "ref": "refs/heads/main", "repository": {"default_branch": "main"}}
    needs = {"plan": {"outputs": {"digest": digest_of(runner, "plans/slow.yaml")}}}

    def cancel() -> None:
        """Tell the shell of the step, and it alone, as the service does; by then the first call has ended."""
        log = runner.home / "work/log"
        deadline = time.monotonic() + 60
        while not (log.exists() and '"call.ended"' in log.read_text()) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert runner.shell is not None
        runner.shell.send_signal(signal.SIGINT)

    cancelling = threading.Thread(target=cancel)
    cancelling.start()
    cancelled = runner.run("run", "push", push, inputs, needs)
    cancelling.join()
    assert cancelled is not None
    assert cancelled.code == 143, cancelled.log
    assert "the journal is whole" in cancelled.summary
    report = json.loads((cancelled.kept["actions/upload-artifact"] / "report.json").read_text())
    assert report["totals"]["attempts"] == 1
    assert report["run"]["head"] == cancelled.outputs["head"]
