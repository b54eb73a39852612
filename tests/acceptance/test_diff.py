"""`orchestrate diff` as a reviewer and a pipeline use it: on two files, and on a repository with a branch."""

import json
import stat
import time
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from acceptance import cli
from acceptance.forked import Command
from acceptance.repository import Repository

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "schemas/plan-diff.schema.json").read_text("utf-8"))
PLAN = """\
version: 1
name: cod
defaults: {From: "+918069171234", CallerId: "08047112233", TimeLimit: 600}
calls:
  - id: order-${row.id}
    rows: {file: rows.csv, columns: [id, phone], sample: sample.csv}
    To: ${row.phone}
"""
ROWS = "id,phone\n1,+919876500001\n2,+919876500002\n"


def orchestrate(folder: Path, *arguments: str, stdin: str = "", **environment: str) -> cli.Done:
    """Run a command in a folder that is its home too."""
    typed = folder / ".typed"
    typed.write_text(stdin)
    process = Command(arguments, folder, {**cli.base_environment(folder), **environment}, typed)
    return cli.finish(process, (), time.monotonic())


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    repository = Repository.made(tmp_path / "repo")
    repository.write("plans/cod.yaml", PLAN)
    repository.write("plans/rows.csv", ROWS)
    repository.commit()
    return repository


def diff(repository: Repository, *arguments: str, **more: Any) -> cli.Done:
    return orchestrate(repository.home, "diff", *arguments, **more)


def told(done: cli.Done) -> dict[str, Any]:
    assert done.code in (0, 1), done.said
    found: dict[str, Any] = json.loads(done.out)
    jsonschema.validate(found, SCHEMA)
    return found


def test_rows_in_another_order_are_another_plan_and_it_says_why(repository: Repository) -> None:
    """Only the two digests differed, and no word told the reviewer what did."""
    head, first, second = ROWS.splitlines(keepends=True)
    repository.write("plans/rows.csv", head + second + first)
    text = diff(repository, "plans/cod.yaml", "--against", "HEAD", "--exit-code")
    assert text.code == 1
    assert "! the calls come in another order: who is rung first is another\n" in text.out
    found = told(diff(repository, "plans/cod.yaml", "--against", "HEAD", "--format", "json"))
    assert found["totals"]["unchanged"] == 2
    assert found["consequences"] == ["the calls come in another order: who is rung first is another"]


def test_nothing_differs_from_the_last_commit(repository: Repository) -> None:
    for more in ((), ("--exit-code",)):
        done = diff(repository, "plans/cod.yaml", "--against", "HEAD", *more)
        assert done.code == 0
        assert "Nothing differs" in done.out
    assert told(diff(repository, "plans/cod.yaml", "--against", "HEAD", "--format", "json"))["calls"] == []


def test_a_branch_is_compared_with_its_files_though_the_folder_has_others(repository: Repository) -> None:
    repository.git("checkout", "-q", "-b", "change")
    repository.write("plans/rows.csv", ROWS.replace("2,", "3,") + "4,+919876500004\n")
    repository.write("plans/cod.yaml", PLAN.replace("600", "900"))
    repository.commit()
    repository.write("plans/rows.csv", ROWS)
    found = told(diff(repository, "plans/cod.yaml", "--against", "main", "--format", "json"))
    assert [(each["id"], each["change"]) for each in found["calls"]] == [("order-1", "changed"), ("order-2", "changed")]
    assert found["written"] == [{"name": "defaults.TimeLimit", "before": "600", "after": "900", "calls": 2}]
    found = told(diff(repository, "plans/cod.yaml", "--against", "change", "--format", "json"))
    assert {each["id"]: each["change"] for each in found["calls"]} == {
        "order-2": "added",
        "order-3": "removed",
        "order-4": "removed",
    }


def test_two_files_and_standard_input(repository: Repository) -> None:
    repository.write("plans/other.yaml", PLAN.replace("order-", "o-"))
    done = diff(repository, "plans/cod.yaml", "plans/other.yaml", "--exit-code")
    assert done.code == 1
    assert "2 calls added, 2 removed, 0 changed, 0 unchanged" in done.out
    done = orchestrate(repository.home / "plans", "diff", "-", "cod.yaml", "--exit-code", stdin=PLAN)
    assert (done.code, "Nothing differs" in done.out) == (0, True)
    done = orchestrate(
        repository.home / "plans", "diff", "cod.yaml", "-", "--exit-code", stdin=PLAN.replace("600", "60")
    )
    assert (done.code, "TimeLimit: 600 -> 60, in 2 calls" in done.out) == (1, True)


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("plans/cod.yaml",),
        ("a", "b", "c"),
        ("-", "-"),
        ("-", "--against", "HEAD"),
        ("plans/cod.yaml", "plans/cod.yaml", "--against", "HEAD"),
        ("plans/cod.yaml", "--against", "no-such-branch"),
        ("plans/cod.yaml", "--against=--help"),
        ("plans/cod.yaml", "--against", ""),
        ("plans/cod.yaml", "--against", "HEAD:plans"),
        ("plans/cod.yaml", "plans/cod.yaml", "--format", "html"),
    ],
)
def test_what_cannot_be_meant_is_wrong_usage(repository: Repository, arguments: tuple[str, ...]) -> None:
    done = diff(repository, *arguments)
    assert (done.code, done.out) == (2, ""), done.said


def test_outside_of_a_repository_is_wrong_usage_and_without_git_nothing_can_proceed(
    repository: Repository, tmp_path: Path
) -> None:
    (tmp_path / "alone").mkdir()
    (tmp_path / "alone/cod.yaml").write_text(PLAN)
    done = orchestrate(tmp_path / "alone", "diff", "cod.yaml", "--against", "HEAD")
    assert (done.code, "in no Git repository" in done.err) == (2, True)
    done = diff(repository, "plans/cod.yaml", "--against", "HEAD", PATH=str(tmp_path / "alone"))
    assert (done.code, "not installed" in done.err) == (4, True)


def test_what_is_wrong_with_either_plan_is_told_at_once_and_by_its_place(repository: Repository) -> None:
    repository.write("plans/cod.yaml", PLAN.replace("TimeLimit: 600", "TimeLimit: never"))
    repository.write("plans/rows.csv", ROWS + "3,nobody\n")
    repository.commit()
    repository.write("plans/cod.yaml", PLAN.replace("version: 1", "version: 2"))
    done = diff(repository, "plans/cod.yaml", "--against", "HEAD")
    assert (done.code, done.out) == (3, "")
    for place in ("HEAD:plans/cod.yaml:3:", "HEAD:plans/rows.csv:4", "plans/cod.yaml:1:"):
        assert place in done.err
    assert diff(repository, "none.yaml", "plans/cod.yaml").code == 3
    assert diff(repository, "none.yaml", "--against", "HEAD").code == 3


def test_a_plan_that_is_new_was_removed_or_moved(repository: Repository) -> None:
    repository.write("plans/new.yaml", PLAN.replace("name: cod", "name: new"))
    found = told(diff(repository, "plans/new.yaml", "--against", "main", "--format", "json", "--exit-code"))
    assert (found["old"], found["totals"]["added"]) == ({"file": "main:plans/new.yaml", "exists": False}, 2)
    (repository.home / "plans/cod.yaml").rename(repository.home / "plans/moved.yaml")
    found = told(diff(repository, "plans/moved.yaml", "--against", "main", "--format", "json"))
    assert (found["moved"], found["old"]["file"], found["calls"]) == (True, "main:plans/cod.yaml", [])
    assert [each["name"] for each in found["identity"]] == ["file"]
    found = told(diff(repository, "plans/cod.yaml", "--against", "main", "--format", "json"))
    assert (found["new"], found["totals"]["removed"]) == ({"file": "plans/cod.yaml", "exists": False}, 2)


def test_where_one_side_has_only_a_sample_both_are_read_by_theirs(repository: Repository) -> None:
    repository.write("plans/sample.csv", "id,phone\nsample,+919876500009\n")
    repository.commit()
    repository.git("rm", "-q", "--cached", "plans/rows.csv")
    repository.write(".gitignore", "rows.csv\n")
    repository.git("add", ".gitignore")
    repository.git("commit", "-q", "-m", "customer data is not for Git")
    repository.write("plans/cod.yaml", PLAN.replace("600", "900"))
    done = diff(repository, "plans/cod.yaml", "--against", "HEAD", "--format", "json")
    found = told(done)
    assert [each["id"] for each in found["calls"]] == ["order-sample"]
    assert [each["id"] for each in found["findings"]] == ["sample-used", "sample-used"]
    assert done.err.count("sample-used") == 2
    assert "the other plan has no file `" in done.err
    (repository.home / "plans/rows.csv").unlink()  # and the other way round
    found = told(diff(repository, "plans/cod.yaml", "--against", "HEAD~1", "--format", "json"))
    assert (found["old"]["calls"], found["new"]["calls"]) == (1, 1)


def test_a_target_is_read_from_the_commit_too(repository: Repository) -> None:
    target = "kind: exotel\naccount: {}\nguardrails: {{caller_ids: [{}]}}\n"
    repository.write("configs/live.yaml", target.format("acme1", "'08047112233'"))
    repository.commit()
    repository.write("configs/live.yaml", target.format("acme2", "'08047112233', '08047112234'"))
    found = told(diff(repository, "plans/cod.yaml", "--against", "HEAD", "--target", "live", "--format", "json"))
    assert [(each["name"], each["before"], each["after"]) for each in found["identity"]] == [
        ("account", "acme1", "acme2")
    ]
    assert [each["name"] for each in found["policy"]] == ["target.caller_ids"]
    repository.write("configs/new.yaml", target.format("acme1", "'08047112233'"))
    found = told(diff(repository, "plans/cod.yaml", "--against", "HEAD", "--target", "new", "--format", "json"))
    assert [each["id"] for each in found["findings"]] == ["target-as-it-is"]
    refused = diff(repository, "plans/cod.yaml", "--against", "HEAD", "--target", "none")
    assert (refused.code, "unknown-target" in refused.err) == (3, True)


def test_it_is_written_to_a_file_that_only_its_owner_reads(repository: Repository, tmp_path: Path) -> None:
    out = tmp_path / "diff.json"
    done = diff(repository, "plans/cod.yaml", "--against", "HEAD", "--format", "json", "--out", str(out))
    assert (done.code, done.out) == (0, "")
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    jsonschema.validate(json.loads(out.read_text()), SCHEMA)


def test_equal_numbers_have_equal_labels_and_a_key_makes_them_last(repository: Repository, tmp_path: Path) -> None:
    repository.write("plans/rows.csv", "id,phone\n1,09876500002\n2,+91 98765 00002\n")
    arguments = ("plans/cod.yaml", "--against", "HEAD", "--format", "json")

    def labels(**environment: str) -> tuple[str, set[str]]:
        found = told(diff(repository, *arguments, **environment))
        fields = [field for call in found["calls"] for field in call["fields"]]
        return found["pseudonyms"], {field["pseudonyms"][1] for field in fields}

    first, second = labels(), labels()
    assert (first[0], len(first[1]), len(second[1])) == ("of-this-output", 1, 1)
    assert first[1] != second[1]
    key = {"ORCHESTRATE_PSEUDONYM_KEY": "a" * 32}
    assert labels(**key) == labels(**key)
    assert labels(**key)[0] == "lasting"
    folder = tmp_path / "secrets"
    folder.mkdir()
    (folder / "ORCHESTRATE_PSEUDONYM_KEY").write_text("a" * 32 + "\n")
    assert labels(ORCHESTRATE_SECRETS_DIR=str(folder)) == labels(**key)
    weak = diff(repository, *arguments, ORCHESTRATE_PSEUDONYM_KEY="secret")
    assert (weak.code, "look numbers up" in weak.err, "secret" in weak.err.replace("secrets", "")) == (4, True, False)
