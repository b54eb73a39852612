from pathlib import Path

import pytest

from orchestrator.journal.sqlite.file import create


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    path = tmp_path / "journal.db"
    create(path)
    return path
