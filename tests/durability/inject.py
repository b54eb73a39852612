"""Putting a test's own code into the process under test, from outside: the product has no hook for it."""

VARIABLE = "TEST_IN_CHILD"


def in_child(module: str, **words: str) -> dict[str, str]:
    """The environment of a command that calls `module.install()` before anything else (acceptance/forked.py)."""
    return {VARIABLE: module, **words}
