"""What forks the commands of the tests says what is wrong, where it cannot."""

import os
from pathlib import Path

import pytest

from acceptance.forked import Command


def test_a_program_that_cannot_be_imported_is_told_with_what_to_do(tmp_path: Path) -> None:
    for _ in range(2):  # while it ends, and once it has
        with pytest.raises(
            RuntimeError, match=r"acceptance.nothing, .* has ended with 1: .* run `make .venv/installed`"
        ):
            Command([], tmp_path, os.environ, program="acceptance.nothing")
