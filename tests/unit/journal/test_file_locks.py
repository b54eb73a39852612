"""Locks on bytes of a file, where the system does not give them."""

import os
from pathlib import Path

import pytest

from orchestrator.journal.sqlite.file_locks import IN_USE, is_locked, try_lock
from orchestrator.model.errors import CannotProceed


def test_a_file_that_cannot_be_locked_is_refused_and_counts_as_neither_free_nor_held(tmp_path: Path) -> None:
    """As where a network file system has no lock service: the system says so with an error of its own."""
    file = tmp_path / "file"
    file.touch()
    handle = os.open(file, os.O_PATH)
    try:
        with pytest.raises(CannotProceed, match="does not lock"):
            try_lock(handle, IN_USE)
        with pytest.raises(CannotProceed, match="does not lock"):
            is_locked(handle, IN_USE)
    finally:
        os.close(handle)
