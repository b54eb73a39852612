"""The same journal gives the same bytes: what `report` makes, in every format, of the journal that golden/ keeps.

`golden/report.*` is renewed by `UPDATE_EXPECTED=1 pytest tests/unit/journal/test_golden_reports.py`, and looked at.
So it is where that journal itself is made anew: reports tell its id and its head.
"""

import os
from pathlib import Path

import pytest
from click.testing import CliRunner
from unit.journal import golden
from unit.journal.story import RUN

from orchestrator.cli.main import main
from orchestrator.reports.formats import FORMATS, Format

GOLDEN = Path(golden.__file__).parent


def told(journal: Path, *arguments: str) -> bytes:
    """What `report` of the story's first run prints, which has a call of nearly every disposition."""
    result = CliRunner().invoke(main, ["report", RUN.id, "--journal", str(journal), *arguments])
    assert (result.exit_code, result.stderr) == (0, "")
    return result.stdout_bytes


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return golden.restored_today(tmp_path_factory.mktemp("golden") / "told.db")


@pytest.mark.parametrize("each", FORMATS, ids=lambda each: each.name)
def test_a_fixed_journal_has_a_fixed_report(journal: Path, each: Format, tmp_path: Path) -> None:
    out, expected = tmp_path / f"report{each.suffix}", GOLDEN / f"report{each.suffix}"
    assert told(journal, "--out", str(out)) == b""
    if os.environ.get("UPDATE_EXPECTED") == "1":
        expected.write_bytes(out.read_bytes())
    assert out.read_bytes() == expected.read_bytes()
    assert told(journal, "--format", each.name) == expected.read_bytes()


def test_every_golden_report_is_of_a_format_that_there_is() -> None:
    assert {path.name for path in GOLDEN.glob("report*")} == {f"report{each.suffix}" for each in FORMATS}
