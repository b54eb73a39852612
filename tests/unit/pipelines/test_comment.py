"""One comment a plan: made once, changed afterwards, and never one that somebody else wrote."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from acceptance.forge import BOT, PERSON, Forge, forge
from click.testing import CliRunner, Result

from orchestrator.pipelines.__main__ import main
from orchestrator.pipelines.comment import mark

COMMIT = "c0ffee" + "0" * 34
HOSTILE = "plans/-->\n<script>@team ::error::%0A/close`|.yaml"


@pytest.fixture
def service() -> Iterator[Forge]:
    with forge() as service:
        yield service


@pytest.fixture
def github(service: Forge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A job of a pull request on GitHub; return the file of its event."""
    event = tmp_path / "event.json"
    head = {"sha": COMMIT, "repo": {"full_name": "acme/calls"}}
    event.write_text(json.dumps({"pull_request": {"number": 5, "head": head}}))
    for name, value in {
        "GITHUB_ACTIONS": "true",
        "GITHUB_API_URL": service.address,
        "GITHUB_EVENT_PATH": str(event),
        "GITHUB_REPOSITORY": "acme/calls",
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
        "GITHUB_TOKEN": "canary-token",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    return event


@pytest.fixture
def gitlab(service: Forge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A job of a merge request on GitLab."""
    for name, value in {
        "GITLAB_CI": "true",
        "CI_API_V4_URL": service.address,
        "CI_PROJECT_ID": "9",
        "CI_MERGE_REQUEST_IID": "5",
        "CI_COMMIT_SHA": COMMIT,
        "ORCHESTRATE_GITLAB_TOKEN": "canary-token",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)


def comment(text: str = "### 3 to dial\n", about: str = "plans/a.yaml") -> Result:
    Path("plan.md").write_text(text)
    return CliRunner().invoke(main, ["--about", about, "plan.md", "missing.md"])


@pytest.mark.usefixtures("github")
def test_github_gets_one_comment_and_it_is_changed_in_place(service: Forge) -> None:
    for number in range(5):
        service.add(f"looks good, {number}", PERSON)
    assert comment("### 3 to dial\n").exit_code == 0
    assert comment("### 4 to dial\n").exit_code == 0
    assert len(service.comments) == 6
    assert service.bodies[-1].splitlines() == [
        mark("plans/a.yaml").strip(),
        "### 4 to dial",
        "",
        f"Reviewed: commit {COMMIT}",
    ]
    assert [request.split("?")[0] for request in service.asked if not request.startswith("GET")] == [
        "POST /repos/acme/calls/issues/5/comments",
        "PATCH /repos/acme/calls/issues/comments/105",
    ]
    assert service.tokens == {"Bearer canary-token"}


@pytest.mark.usefixtures("gitlab")
def test_gitlab_gets_one_note_and_it_is_changed_in_place(service: Forge) -> None:
    service.add(f"{mark('plans/a.yaml')}mine", PERSON)
    for text in ("### 3 to dial\n", "### 4 to dial\n"):
        assert comment(text).exit_code == 0
    assert ["### 4 to dial" in body for body in service.bodies] == [False, True]
    assert [request for request in service.asked if request[:3] in ("POS", "PUT")] == [
        "POST /projects/9/merge_requests/5/notes",
        "PUT /projects/9/merge_requests/5/notes/101",
    ]
    assert service.tokens == {"canary-token"}


@pytest.mark.usefixtures("github")
def test_each_plan_has_its_own_comment(service: Forge) -> None:
    for about in ("plans/a.yaml", "plans/b.yaml", "plans/a.yaml"):
        comment(about=about)
    assert len(service.comments) == 2


@pytest.mark.usefixtures("github")
def test_a_comment_of_a_person_with_the_mark_and_a_bot_that_quotes_it_stay_theirs(service: Forge) -> None:
    service.add(f"{mark('plans/a.yaml')}### 0 to dial, all approved", PERSON)
    service.add(f"> {mark('plans/a.yaml')}", BOT)
    before = service.bodies
    comment()
    assert service.bodies[:2] == before
    assert len(service.comments) == 3


@pytest.mark.usefixtures("github")
def test_nothing_of_a_hostile_name_stands_in_the_comment(service: Forge) -> None:
    assert comment(about=HOSTILE).exit_code == 0
    comment(about=HOSTILE)
    (body,) = service.bodies
    assert "script" not in body
    assert body.count("-->") == 1


def test_a_fork_and_a_push_are_not_commented_and_no_failure(service: Forge, github: Path) -> None:
    for event in (
        {"pull_request": {"number": 5, "head": {"sha": COMMIT, "repo": {"full_name": "mallory/calls"}}}},
        {"pull_request": {"number": 5, "head": {"sha": COMMIT, "repo": None}}},
        {"before": COMMIT},
    ):
        github.write_text(json.dumps(event))
        done = comment()
        assert done.exit_code == 0
        assert done.output.startswith("no comment: ")
    assert service.asked == []
    assert Path("summary.md").read_text().count("### 3 to dial") == 3


@pytest.mark.usefixtures("github")
@pytest.mark.parametrize(("status", "code"), [(403, 0), (404, 0), (500, 4), (302, 4)])
def test_a_token_without_the_right_is_told_and_an_ill_service_fails_the_job(
    service: Forge, status: int, code: int
) -> None:
    service.refuses = status
    done = comment()
    assert done.exit_code == code
    assert str(status) in done.output
    assert "canary-token" not in done.output


def test_the_token_goes_to_no_other_server(service: Forge, github: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with forge() as other:
        monkeypatch.setattr(service, "address", f"{other.address}/x")  # where its next page is said to be
        for number in range(3):
            service.add(str(number), PERSON)
        assert comment().exit_code == 4
        assert other.asked == []


@pytest.mark.usefixtures("github")
@pytest.mark.parametrize("answer", [None, [], {}, [1], [{"user": 1}], "x"])
def test_a_strange_answer_is_no_traceback(service: Forge, monkeypatch: pytest.MonkeyPatch, answer: object) -> None:
    monkeypatch.setattr(service, "answer", lambda *_: (200, answer, {}))
    done = comment()
    assert done.exit_code == 4
    assert "could not be made" in done.output
    assert "start the job again" in done.output


@pytest.mark.usefixtures("github")
def test_a_document_that_is_too_long_leaves_out_the_last_parts_and_says_so(service: Forge) -> None:
    Path("plan.md").write_text("### plan\n" + "p" * 60_000)
    Path("diff.md").write_text("### diff\n" + "d" * 60_000)
    Path("findings.txt").write_text("```\n" + "é\n" * 60_000)
    assert CliRunner().invoke(main, ["--about", "a", "plan.md", "diff.md", "findings.txt"]).exit_code == 0
    (body,) = service.bodies
    assert len(body.encode()) <= 65_535
    assert "### plan" in body
    assert "ddd" not in body
    assert "Left out here, because it is too long: diff." in body
    assert "````\n```\né\n" in body, "a longer fence than any in the text"
    assert "more lines\n````" in body
    assert "ddd" in Path("summary.md").read_text()
