from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from temporary import disk

from durability.stalls import Stalls


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """A folder on a disk, where a sync takes its time: what a power failure or a kill leaves is the subject here."""
    with TemporaryDirectory(dir=disk(), ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@pytest.fixture
def stalls() -> Iterator[Stalls]:
    """What the machine holds up during this test."""
    watching = Stalls()
    yield watching
    watching.end()
