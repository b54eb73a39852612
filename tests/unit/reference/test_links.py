"""What links to the reference finds its section: the index, and the rules of SARIF."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from unit.reference.examples import told

from orchestrator.app.explain import finding_pages
from orchestrator.cli.main import main
from orchestrator.model.program import DOCUMENTATION

ROOT = Path(__file__).parents[3]
REFERENCE = ROOT / "docs/reference"
FINDINGS = finding_pages()


def sections(path: Path) -> set[str]:
    """The anchors of a Markdown file, as GitHub makes them of its headings."""
    headings = re.findall(r"^#+ (.*)$", path.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_link_of_the_index_leads_to_a_section() -> None:
    links = re.findall(r"\]\(([^)#]*)(?:#([^)]*))?\)", (REFERENCE / "README.md").read_text("utf-8"))
    assert len(links) > 200
    known = {path: sections(REFERENCE / path) for path, _ in links}
    assert [link for link in links if link[1] and link[1] not in known[link[0]]] == []


def test_every_finding_has_a_section_of_its_id() -> None:
    assert FINDINGS.keys() <= sections(REFERENCE / "findings.md")


@pytest.mark.parametrize("id_", ["wrong-separator", "unknown-key", "number-to-guess", "insecure-url", "no-effect"])
def test_a_rule_of_sarif_is_documented_and_leads_to_its_section(tmp_path: Path, id_: str) -> None:
    example = FINDINGS[id_].bad
    assert example is not None
    told(example, tmp_path / "root")
    path = str(tmp_path / "root/plans/example.yaml")
    document = json.loads(CliRunner().invoke(main, ["validate", path, "--format", "sarif"]).stdout)
    driver = document["runs"][0]["tool"]["driver"]
    (rule,) = driver["rules"]
    assert driver["informationUri"] == DOCUMENTATION
    assert rule["id"] == id_
    assert rule["shortDescription"]["text"] == FINDINGS[id_].what
    assert rule["fullDescription"]["text"].startswith(FINDINGS[id_].what)
    assert rule["help"]["text"].startswith(f"{id_}: ")
    assert f"## `{id_}`" in rule["help"]["markdown"]
    page, _, section = rule["helpUri"].removeprefix(f"{DOCUMENTATION}/").partition("#")
    assert section in sections(REFERENCE / page)


def test_a_rule_of_sarif_shows_no_number_in_full(tmp_path: Path) -> None:
    """Its examples hold numbers, and whoever looks for numbers in an output must find none."""
    plan = tmp_path / "plan.yaml"
    plan.write_text('version: 1\nname: demo\ncalls: [{id: a, To: "9900000001"}]\n')
    shown = CliRunner().invoke(main, ["validate", str(plan), "--format", "sarif"]).stdout
    assert '"id": "number-to-guess"' in shown
    assert re.search(r"[0-9]{9}", shown) is None
