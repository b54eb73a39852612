"""Files of a commit: the rules of a folder hold, and nothing of the working tree is read."""

import shutil
from pathlib import Path

import pytest
from acceptance.repository import Repository

from orchestrator.model.errors import CannotProceed, WrongUsage
from orchestrator.plan.commit import CommittedFiles, open_commit
from orchestrator.plan.committed import moved_from, plan_at, target_at
from orchestrator.plan.parameters import NOTHING_MORE
from orchestrator.plan.paths import FileRefusal

PLAN = """\
version: 1
name: {name}
defaults: {{From: "+918069171234", CallerId: "08047112233"}}
calls:
  - id: order-${{row.id}}
    rows: {rows}
    To: ${{row.phone}}
"""
ROWS = "id,phone\n1,+919876500001\n"
POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize 12345\n".format("0" * 64)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository.made(tmp_path / "repo")


def files(repository: Repository, folder: str = "plans", root: str = "", ref: str = "HEAD") -> CommittedFiles:
    commit = open_commit(repository.home, ref)
    return CommittedFiles(commit, *(tuple(filter(None, each.split("/"))) for each in (root, folder)))


def read(opened: object) -> str:
    assert not isinstance(opened, FileRefusal), opened
    with opened:
        return opened.read().decode()


@pytest.mark.parametrize(
    "name",
    [
        "rows.csv",
        "sub folder/rows.csv",
        "-rows.csv",
        "réseau-कॉल.csv",
        "a\nb.csv",
        'q"uote.csv',
        ":(top)x",
        "rows*.csv",
        "HEAD",
    ],
)
def test_a_file_is_what_the_commit_has_and_not_what_the_folder_has(repository: Repository, name: str) -> None:
    repository.write(f"plans/{name}", "committed")
    repository.commit()
    repository.write(f"plans/{name}", "changed since")
    assert read(files(repository).open(name)) == "committed"
    assert read(files(repository, "plans/deep").open(f"../{name}")) == "committed"
    assert files(repository).name(name) == f"HEAD:plans/{name}"


def test_a_large_file_streams_and_may_be_left_half_read(repository: Repository) -> None:
    repository.write("plans/rows.csv", "x" * 5_000_000)
    repository.commit()
    opened = files(repository).open("rows.csv")
    assert not isinstance(opened, FileRefusal)
    with opened:
        assert opened.read(3) == b"xxx"
    assert len(read(files(repository).open("rows.csv"))) == 5_000_000


def test_links_are_followed_inside_the_root_and_nowhere_else(repository: Repository) -> None:
    repository.write("data/rows.csv", "rows")
    repository.link("plans/file.csv", "../data/rows.csv")
    repository.link("plans/folder", "../data")
    repository.link("plans/again.csv", "folder/../plans/file.csv")
    repository.link("plans/out.csv", "../../outside.csv")
    repository.link("plans/absolute.csv", "/etc/passwd")
    repository.link("plans/circle.csv", "circle.csv")
    repository.link("plans/nowhere.csv", "not-there.csv")
    repository.link("plans/env.csv", "../.env")
    repository.write(".env", "SECRET=1")
    repository.commit()
    found = files(repository)
    for name in ("file.csv", "folder/rows.csv", "again.csv"):
        assert read(found.open(name)) == "rows"
    told = {name: found.open(f"{name}.csv") for name in ("out", "absolute", "circle", "nowhere", "env")}
    assert {name: refusal.id for name, refusal in told.items() if isinstance(refusal, FileRefusal)} == {
        "out": "file-outside-root",
        "absolute": "file-outside-root",
        "circle": "file-outside-root",
        "nowhere": "no-such-file",
        "env": "hidden-file",
    }
    narrow = files(repository, root="plans").open("file.csv")
    assert isinstance(narrow, FileRefusal)
    assert narrow.id == "file-outside-root"


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("", "file-outside-root"),
        ("/etc/passwd", "file-outside-root"),
        ("~/rows.csv", "file-outside-root"),
        ("../../rows.csv", "file-outside-root"),
        ("a\0b", "file-outside-root"),
        (".", "file-outside-root"),
        ("deep", "file-outside-root"),
        ("rows.csv/x", "no-such-file"),
        ("none.csv", "no-such-file"),
        ("../.hidden/rows.csv", "hidden-file"),
        ("../secrets/rows.csv", "credentials-file"),
        ("../api-key.csv", "credentials-file"),
    ],
)
def test_what_no_plan_reads_in_a_folder_none_reads_in_a_commit(repository: Repository, name: str, problem: str) -> None:
    for path in ("plans/rows.csv", "plans/deep/x", ".hidden/rows.csv", "secrets/rows.csv", "api-key.csv"):
        repository.write(path, "x")
    repository.commit()
    refused = files(repository).open(name)
    assert isinstance(refused, FileRefusal)
    assert (refused.id, refused.missing) == (problem, problem == "no-such-file")


def test_a_file_of_the_secrets_folder_is_refused_under_whatever_name(repository: Repository) -> None:
    repository.write("plans/vault/rows.csv", "x")
    repository.commit()
    commit = open_commit(repository.home, "HEAD")
    secret = (str(repository.home / "plans/vault"),)
    refused = CommittedFiles(commit, (), ("plans",), secret_paths=secret).open("vault/rows.csv")
    assert isinstance(refused, FileRefusal)
    assert refused.id == "credentials-file"


def test_what_a_submodule_or_git_lfs_keeps_is_missing_so_that_a_sample_may_stand_for_it(
    repository: Repository, tmp_path: Path
) -> None:
    other = Repository.made(tmp_path / "other")
    other.write("rows.csv", "rows")
    other.commit()
    repository.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(other.home), "vendor")
    repository.write("plans/large.csv", POINTER)
    repository.commit()
    told = [files(repository).open(name) for name in ("../vendor/rows.csv", "../vendor", "large.csv")]
    assert all(isinstance(each, FileRefusal) and each.missing for each in told)
    assert "submodule" in told[0].message
    assert "Git LFS" in told[2].message


def test_names_of_commits_that_are_none_are_wrong_usage(repository: Repository) -> None:
    first = repository.commit()
    repository.git("tag", "v1")
    for ref in ("HEAD", "main", "v1", first, first[:8], "HEAD^{commit}"):
        assert open_commit(repository.home, ref).id == first
    for ref in ("none", "HEAD~9", "main..HEAD", "HEAD^{tree}", "@{u}"):
        with pytest.raises(WrongUsage, match="has no commit"):
            open_commit(repository.home, ref)
    for ref in ("", "-x", "--all", "a\nb", "v1\0"):
        with pytest.raises(WrongUsage, match="is no name of a commit"):
            open_commit(repository.home, ref)


def test_outside_of_a_repository_there_is_nothing_to_compare_with(tmp_path: Path) -> None:
    with pytest.raises(WrongUsage, match="in no Git repository"):
        open_commit(tmp_path, "HEAD")


def test_without_git_or_with_a_broken_repository_nothing_can_proceed(
    repository: Repository, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    repository.write("plans/rows.csv", "rows" * 1000)
    repository.commit()
    found = files(repository)
    blob = repository.git("rev-parse", "HEAD:plans/rows.csv").strip()
    object_file = repository.home / ".git/objects" / blob[:2] / blob[2:]
    object_file.chmod(0o644)
    object_file.write_bytes(object_file.read_bytes()[:30])
    with pytest.raises(CannotProceed, match="Git cannot read"):
        read(found.open("rows.csv"))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CannotProceed, match="not installed"):
        open_commit(repository.home, "HEAD")


def test_the_repository_is_the_one_around_the_plan_also_inside_a_hook_of_another(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Repository.made(tmp_path / "other")
    other.commit()
    repository.write("plans/rows.csv", "mine")
    repository.commit()
    monkeypatch.setenv("GIT_DIR", str(other.home / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other.home))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other.home / ".git/index"))
    assert read(files(repository).open("rows.csv")) == "mine"


def test_a_filter_of_the_repository_is_not_run(repository: Repository, tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    repository.write("plans/rows.csv", "rows")
    repository.write(".gitattributes", "*.csv filter=evil diff=evil\n")
    repository.commit()
    repository.git("config", "filter.evil.smudge", f"touch {marker}; cat")
    repository.git("config", "diff.evil.textconv", f"touch {marker}; cat")
    commit = open_commit(repository.home, "HEAD")
    assert read(files(repository).open("rows.csv")) == "rows"
    assert commit.files_with("rows", (".csv",)) == [("plans", "rows.csv")]
    assert not marker.exists()


def test_a_plan_is_read_with_its_rows_and_named_as_git_names_it(repository: Repository) -> None:
    repository.write("plans/a.yaml", PLAN.format(name="one", rows="../data/rows.csv"))
    repository.write("data/rows.csv", ROWS)
    repository.commit()
    shutil.rmtree(repository.home / "data")
    loaded = plan_at(open_commit(repository.home, "main"), ("plans", "a.yaml"), None, NOTHING_MORE)
    assert loaded is not None
    assert (loaded.path, loaded.plan and loaded.plan.name) == ("main:plans/a.yaml", "one")
    [call] = loaded.calls()
    assert (call.id, call.span.file, call.span.line) == ("order-1", "main:data/rows.csv", 2)


def test_the_root_is_the_nearest_folder_of_the_commit_with_its_mark(repository: Repository) -> None:
    repository.write("teams/one/orchestrate.toml", "")
    repository.write("teams/one/plans/a.yaml", PLAN.format(name="one", rows="../../rows.csv"))
    repository.write("teams/rows.csv", ROWS)
    repository.commit()
    commit, parts = open_commit(repository.home, "main"), ("teams", "one", "plans", "a.yaml")
    inside = plan_at(commit, parts, None, NOTHING_MORE)
    assert inside is not None
    assert [each.id for each in inside.calls()] == ["file-outside-root"]
    wider = plan_at(commit, parts, str(repository.home), NOTHING_MORE)
    assert wider is not None
    assert [each.id for each in wider.calls()] == ["order-1"]


def test_a_plan_that_is_none_is_told_and_a_missing_one_is_none(repository: Repository) -> None:
    repository.write("plans/secret-token.yaml", PLAN.format(name="one", rows="x.csv"))
    repository.write("plans/folder.yaml/x", "")
    repository.link("plans/out.yaml", "/etc/hostname")
    repository.write("plans/latin.yaml", b"name: caf\xe9\n")
    repository.commit()
    commit = open_commit(repository.home, "main")
    assert plan_at(commit, ("plans", "none.yaml"), None, NOTHING_MORE) is None
    for name, problem in {
        "secret-token.yaml": "credentials-file",
        "folder.yaml": "file-outside-root",
        "out.yaml": "file-outside-root",
        "latin.yaml": "not-utf-8",
    }.items():
        loaded = plan_at(commit, ("plans", name), None, NOTHING_MORE)
        assert loaded is not None
        assert [each.id for each in loaded.diagnostics] == [problem]


def test_a_plan_that_was_moved_is_found_by_its_name(repository: Repository) -> None:
    for setting in ("submodule.recurse=true", "grep.lineNumber=true", "grep.column=true", "grep.patternType=perl"):
        repository.git("config", *setting.split("="))
    repository.write("old/a.yaml", PLAN.format(name="one", rows="x.csv"))
    repository.write("old/b.yaml", PLAN.format(name="one-more", rows="x.csv") + "description: one\n")
    repository.write("old/notes.txt", "name: one\n")
    repository.commit()
    commit = open_commit(repository.home, "main")
    assert moved_from(commit, "one") is None  # it still stands there: another plan has its name
    (repository.home / "old/a.yaml").unlink()
    (repository.home / "old/b.yaml").unlink()
    assert moved_from(commit, "one") == ("old", "a.yaml")
    assert moved_from(commit, "on") is None
    repository.write("old/c.yaml", PLAN.format(name="one", rows="x.csv"))
    repository.write("old/a.yaml", PLAN.format(name="one", rows="x.csv"))
    repository.commit()
    for name in ("a.yaml", "c.yaml"):
        (repository.home / "old" / name).unlink()
    assert moved_from(open_commit(repository.home, "main"), "one") is None  # which of the two is not known


def test_a_target_is_read_from_the_commit_and_none_where_it_is_not_in_it(repository: Repository) -> None:
    file = repository.write("configs/live.yaml", "kind: exotel\naccount: before\n")
    repository.commit()
    repository.write("configs/live.yaml", "kind: exotel\naccount: now\n")
    repository.write("configs/bad.yaml", "kind: exotel\n")
    commit = open_commit(repository.home, "main")
    target, found = target_at(commit, file, "live")
    assert (target and target.account, found) == ("before", ())
    assert target_at(commit, repository.home / "configs/bad.yaml", "bad") == (None, ())
    assert target_at(commit, repository.home.parent / "elsewhere.yaml", "elsewhere") == (None, ())
