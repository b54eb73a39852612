"""Annotations and SARIF name files relative to the repository, from whatever folder the command runs."""

import json
import os
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from orchestrator.cli.main import main
from orchestrator.cli.render.findings_for_programs import repository_path

BAD = """\
version: 1
name: bad
numbers: e164
defaults: {TimeOut: 90, From: "+918123456789", CallerId: "07410410123"}
calls:
  - {id: "a-${row.n}", rows: ../data/rows.csv, To: "${row.phone}"}
policy: {suppress: [../data/list.csv]}
"""
ROWS = "n,phone\n1,nope\n"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = tmp_path / "repository"
    for folder in (".git", "deep/plans", "deep/data", "other"):
        (root / folder).mkdir(parents=True)
    (root / "deep/plans/p q.yaml").write_text(BAD)
    (root / "deep/data/rows.csv").write_text(ROWS)
    (root / "deep/data/list.csv").write_text("+919876543210\nnobody\n")
    (root / "deep/orchestrate.toml").touch()
    return root


def places(*arguments: str, stdin: str | None = None) -> dict[str, set[str]]:
    """Run validate in both formats; return the files that each names."""
    github = CliRunner().invoke(main, ["validate", "--format", "github", *arguments], input=stdin)
    sarif = CliRunner().invoke(main, ["validate", "--format", "sarif", *arguments], input=stdin)
    assert (github.exit_code, sarif.exit_code) == (3, 3), github.output
    results = json.loads(sarif.stdout)["runs"][0]["results"]
    listed = [place for result in results for place in (*result["locations"], *result.get("relatedLocations", []))]
    assert all(len(result["locations"]) == 1 for result in results)
    assert all(re.match(r"::\w+ file=", line) for line in github.stdout.splitlines())
    return {
        "github": set(re.findall(r"^::\w+ file=([^,]*),line=\d+,col=\d+", github.stdout, re.MULTILINE)),
        "sarif": {place["physicalLocation"]["artifactLocation"]["uri"] for place in listed},
    }


WANTED = {
    "github": {"deep/plans/p q.yaml", "deep/data/rows.csv", "deep/data/list.csv"},
    "sarif": {"deep/plans/p%20q.yaml", "deep/data/rows.csv", "deep/data/list.csv"},
}


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        (".", "deep/plans/p q.yaml"),
        (".", "./deep//plans/../plans/p q.yaml"),
        ("deep", "plans/p q.yaml"),
        ("deep/plans", "p q.yaml"),
        ("deep/plans", "./p q.yaml"),
        ("other", "../deep/plans/p q.yaml"),
        ("..", "repository/deep/plans/p q.yaml"),
    ],
)
def test_places_are_the_same_from_every_folder(
    repository: Path, monkeypatch: pytest.MonkeyPatch, folder: str, name: str
) -> None:
    monkeypatch.chdir(repository / folder)
    assert places(name) == WANTED
    assert places(str(repository / "deep/plans/p q.yaml")) == WANTED


def test_links_do_not_change_where_a_file_is(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The repository, the plan's folder and the plan itself, through links: data beside the real plan is meant."""
    (repository.parent / "link").symlink_to(repository)
    (repository / "short").symlink_to("deep/plans")
    (repository / "deep/plans/same.yaml").symlink_to("p q.yaml")
    monkeypatch.chdir(repository)
    for name in ("short/p q.yaml", str(repository.parent / "link" / "short" / "p q.yaml"), "deep/plans/same.yaml"):
        assert places(name) == WANTED, name
    monkeypatch.chdir(repository.parent / "link" / "short")
    assert places("p q.yaml") == WANTED


def test_a_link_that_leads_out_of_the_repository_is_what_the_repository_has(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (repository.parent / "outside.yaml").write_text(BAD)
    (repository / "out.yaml").symlink_to("../outside.yaml")
    monkeypatch.chdir(repository)
    assert places("out.yaml") == {"github": {"out.yaml"}, "sarif": {"out.yaml"}}


def test_outside_of_any_repository_the_working_directory_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "plans").mkdir()
    (tmp_path / "plans" / "p.yaml").write_text("version: 2\n")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path)
    for name in ("plans/p.yaml", "./plans/p.yaml", "plans/../plans/p.yaml", str(tmp_path / "plans" / "p.yaml")):
        assert places(name) == {"github": {"plans/p.yaml"}, "sarif": {"plans/p.yaml"}}
    monkeypatch.chdir(tmp_path / "elsewhere")
    real = os.path.realpath(tmp_path / "plans" / "p.yaml")
    assert places("../plans/p.yaml") == {"github": {real}, "sarif": {f"file://{real}"}}


def test_standard_input_has_a_place_that_is_a_path(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(repository / "deep" / "plans")
    both = {"stdin", "deep/data/rows.csv", "deep/data/list.csv"}
    assert places("-", stdin=BAD) == {"github": both, "sarif": both}


def test_what_has_no_place_stands_at_the_beginning_of_its_file(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(repository)
    Path("many.yaml").write_text(
        "version: 1\nname: m\ncalls:\n" + "".join(f"  - {{id: c{n}, To: x}}\n" for n in range(300))
    )
    assert places("many.yaml") == {"github": {"many.yaml"}, "sarif": {"many.yaml"}}


def test_strange_names_are_escaped(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(repository)
    Path("a:b\\c#%é.yaml").write_text("version: 2\n")
    found = places("a:b\\c#%é.yaml")
    assert found["sarif"] == {"a%3Ab%5Cc%23%25%C3%A9.yaml"}
    assert repository_path("a:b\\c#%é.yaml") == "a:b\\c#%é.yaml"
