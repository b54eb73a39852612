from collections.abc import Iterator
from pathlib import Path

import pytest
from contract.journal.kinds import KINDS, SHARED_KINDS, Kind

from orchestrator.journal.port import Journal


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest, tmp_path: Path) -> Kind:
    """An empty journal of each kind."""
    return KINDS[request.param](tmp_path)


@pytest.fixture(params=SHARED_KINDS)
def shared(request: pytest.FixtureRequest, tmp_path: Path) -> Kind:
    """An empty journal of each kind that processes can share."""
    return SHARED_KINDS[request.param](tmp_path)


@pytest.fixture
def journal(kind: Kind) -> Iterator[Journal]:
    """Its first user."""
    return kind.open()
