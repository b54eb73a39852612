from pathlib import Path

import pytest
from unit.journal.golden import restored_today

from orchestrator.journal.sqlite.file import create


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    path = tmp_path / "journal.db"
    create(path)
    return path


@pytest.fixture(scope="session")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The newest golden journal, not to be changed: its events keep their numbers when the engine says more."""
    return restored_today(tmp_path_factory.mktemp("told") / "journal.db")
