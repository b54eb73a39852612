"""The documents for contributors and users say what is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PATH = re.compile(
    r"`((?:orchestrator|tests|configs|schemas|cli|app|plan|engine|carrier|journal|policy|exotel|phone|model|reports|progress|receiver|serving|sandbox|docs)/[\w./-]*)`"
)


CITED = re.compile(r"(?<![\w/.-])([\w./-]*\w\.(?:md|py))\b")
WRITTEN = {
    *("plan.md", "diff.md", "verdict.md", "summary.md", "missing.md"),
    *("nightly.py", "broken.py", "watched.py", "wrong.py"),
}
"""What the steps of a pipeline write for each other, and a reader of a guide."""
ABSENT = re.compile(r"(?<![\w/.])(?:source/0|reference/[a-z]|design/[a-z])|\bproduct section \d", re.IGNORECASE)


@pytest.mark.parametrize(
    "document",
    [
        "README.md",
        "ARCHITECTURE.md",
        "CONTRIBUTING.md",
        *(str(each.relative_to(ROOT)) for each in ROOT.glob("docs/**/*.md")),
    ],
)
def test_every_path_that_a_document_names_exists(document: str) -> None:
    named = {path for path in PATH.findall((ROOT / document).read_text()) if "NAME" not in path}
    found = {path for path in named if (ROOT / path).exists() or (ROOT / "orchestrator" / path).exists()}
    assert named - found == set()


def test_the_dependency_table_names_every_dependency_and_no_other() -> None:
    wanted = set(re.findall(r'^  "([A-Za-z0-9-]+)[><=]', (ROOT / "pyproject.toml").read_text(), re.MULTILINE))
    table = (ROOT / "ARCHITECTURE.md").read_text().split("## Dependencies")[1].split("##")[0]
    rows = {
        name.strip()
        for line in table.splitlines()[4:]
        if line.startswith("|")
        for name in line.split("|")[1].split(",")
    }
    assert rows == wanted


def test_the_exit_codes_of_the_readme_are_those_that_the_program_knows() -> None:
    from orchestrator.model.exit_codes import Exit

    table = (ROOT / "README.md").read_text().split("## Exit codes")[1].split("## ")[0]
    codes = {int(code) for row in re.findall(r"^\| ([0-9, ]+) \|", table, re.MULTILINE) for code in row.split(",")}
    assert codes == {int(code) for code in Exit}


def test_no_file_cites_a_document_or_a_module_that_is_not_in_the_repository() -> None:
    kinds = {".py", ".md", ".toml", ".yaml", ".yml", ".sql"}
    folders = ("orchestrator", "tests", "docs", "configs", "benchmarks", "schemas", ".github")
    texts = [*ROOT.glob("*.*"), ROOT / "Makefile", *(path for name in folders for path in (ROOT / name).rglob("*"))]
    files = [path for path in texts if path.name == "Makefile" or path.suffix in kinds]
    documents = {path.name for path in files if path.suffix in (".md", ".py")}
    wrong = []
    for path in files:
        text = path.read_text(encoding="utf-8", errors="replace")
        cited = [name for name in CITED.findall(text) if Path(name).name not in documents | WRITTEN]
        if path != Path(__file__):
            cited += ABSENT.findall(text)
        wrong += [f"{path.relative_to(ROOT)}: {name}" for name in cited]
    assert wrong == []


def test_the_readme_lists_the_commands_that_are_there_and_promises_no_other() -> None:
    from orchestrator.cli.main import COMMANDS

    readme = (ROOT / "README.md").read_text()
    cells = re.findall(r"^\| (`orchestrate .*?) \|", readme.split("## Commands")[1].split("##")[0], re.MULTILINE)
    listed = {name for cell in cells for name in re.findall(r"`(?:orchestrate )?([a-z]+)", cell)}
    absent = re.findall(r"`([a-z]+)`", readme.split("planned, and not there:")[1].split(".")[0])
    assert listed == set(COMMANDS)
    assert absent
    assert not set(absent) & set(COMMANDS)


def test_the_guide_to_reports_has_every_format_and_every_column() -> None:
    from orchestrator.reports.formats import FORMATS
    from orchestrator.reports.report_csv import COLUMNS

    guide = (ROOT / "docs" / "how-to" / "reports.md").read_text()
    assert [each.name for each in FORMATS if f"| `{each.name}` | `{each.suffix}` |" not in guide] == []
    columns = {name.replace("leg2_", "leg1_") for name in COLUMNS}
    assert {name for name in columns if f"`{name}`" not in guide.split("## The columns")[1]} == set()


def test_the_glossary_has_each_word_that_a_report_uses_of_a_call() -> None:
    from orchestrator.model.outcome import Disposition, Ending, Evidence, Placement

    glossary = (ROOT / "docs" / "glossary.md").read_text()
    words = {word.value for kind in (Placement, Evidence, Ending, Disposition) for word in kind}
    assert {word for word in words if f"`{word}`" not in glossary} == set()
