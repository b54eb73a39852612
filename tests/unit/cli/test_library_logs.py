"""What libraries log is one line, masked, once a minute; never a traceback."""

import json
import logging
import os
from collections.abc import Iterator

import pytest

from orchestrator.cli.library_logs import MOST_KINDS, OneLine
from orchestrator.cli.screen import Screen


@pytest.fixture
def logger() -> Iterator[logging.Logger]:
    found = logging.getLogger("a.library")
    found.propagate = False
    yield found
    found.handlers.clear()


def failing(logger: logging.Logger) -> None:
    try:
        os.close(-1)
    except OSError:
        logger.exception("socket.accept() out of system resource\nsocket: <8>")


def test_a_flood_of_failures_is_one_line(logger: logging.Logger, capsys: pytest.CaptureFixture[str]) -> None:
    logger.addHandler(OneLine(Screen()))
    for _ in range(1000):
        failing(logger)
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert err == "error: socket.accept() out of system resource: OSError: [Errno 9] Bad file descriptor\n"


def test_for_programs_it_is_one_object_and_masked(logger: logging.Logger, capsys: pytest.CaptureFixture[str]) -> None:
    said = OneLine(Screen(json_lines=True))
    logger.addHandler(said)
    logger.warning("no way for %s", "+919900000001")
    logger.info("not told")
    slip = logging.LogRecord("a.library", logging.WARNING, __file__, 1, "slip %d", ("no number",), None)
    said.handle(slip)
    told = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [(line["event"], line["level"]) for line in told] == [("message", "warning")] * 2
    assert told[0]["text"] == "no way for +9199******01"


def test_texts_that_others_vary_do_not_grow_without_end(
    logger: logging.Logger, capsys: pytest.CaptureFixture[str]
) -> None:
    logger.addHandler(OneLine(Screen()))
    for number in range(2 * MOST_KINDS):
        logger.warning(f"kind {number}")
    assert capsys.readouterr().err.count("\n") == MOST_KINDS
