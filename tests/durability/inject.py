"""Putting a test's own code into the process under test, from outside: the product has no hook for it."""

import os
from pathlib import Path

TESTS = Path(__file__).parent.parent


def in_child(module: str, **words: str) -> dict[str, str]:
    """The environment in which a Python process calls `module.install()` before anything else."""
    before = [str(TESTS / "durability" / "in_child"), str(TESTS)]
    after = [os.environ["PYTHONPATH"]] if "PYTHONPATH" in os.environ else []
    return {
        "PYTHONPATH": os.pathsep.join([*before, *after]),
        "TEST_IN_CHILD": module,
        **words,
    }
