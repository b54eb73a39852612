"""What each command imports: the dear libraries only where it uses them, because everybody waits for every start."""

import os
import shutil
import subprocess
import sys
from collections.abc import Container
from pathlib import Path

import pytest
from click.testing import CliRunner

from orchestrator.cli.main import COMMANDS, main

ROOT = Path(__file__).parents[3]
LIBRARIES = {
    *("click", "httpx2", "jinja2", "jsonschema", "phonenumbers", "platformdirs", "pydantic", "pydantic_settings"),
    *("python_multipart", "rich", "starlette", "structlog", "tzdata", "uvicorn", "yaml"),
    *("asyncio", "email", "hashlib", "http", "importlib.resources", "json", "sqlite3", "ssl", "tempfile", "zoneinfo"),
}
"""Every library that the product depends on, and what is dear of the standard library."""

HELP = {"click"}
READING = HELP | {"yaml"}
JOURNAL = READING | {"asyncio", "hashlib", "importlib.resources", "json", "platformdirs", "sqlite3", "ssl", "tempfile"}
JOURNAL |= {"zoneinfo"}
DIALING = LIBRARIES - {"pydantic", "pydantic_settings"}

TELLING = """
import os, sys
end = os._exit
def tell(code):
    with open(os.environ["IMPORTED"], "w") as imported:
        imported.write(" ".join(sys.modules))
    end(code)
os._exit = tell
from orchestrator.cli.main import main
main()
"""
"""A command ends its process at once: what it has imported is written down right before."""


def modules_after(folder: Path, *arguments: str, codes: Container[int] = (0, 2), **more: str) -> set[str]:
    """Run a command and return the names of all modules that it has imported."""
    told = folder / "imported"
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "HOME": str(folder), "IMPORTED": str(told), **more}
    command = [sys.executable, "-c", TELLING, *arguments]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode in codes, done.stderr
    modules = set(told.read_text().split())
    assert "orchestrator.cli.main" in modules
    return modules


def imported(folder: Path, *arguments: str, **more: str) -> set[str]:
    """Run a command and return which of the libraries it has imported."""
    return LIBRARIES & modules_after(folder, *arguments, **more)


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A user's home in which the smallest plan has been run in the sandbox."""
    folder = tmp_path_factory.mktemp("used")
    shutil.copy(ROOT / "tests/plans/valid/smallest.yaml", folder)
    assert imported(folder, "run", "smallest.yaml", "--until", "placed") <= DIALING
    return folder


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["nonsense"]], ids=" ".join)
def test_the_first_page_loads_no_command_and_no_library_but_one(tmp_path, arguments):
    assert imported(tmp_path, *arguments) == HELP


def test_the_help_page_has_the_lines_that_it_would_have_if_it_loaded_the_commands(tmp_path):
    assert "orchestrator.cli.commands" not in modules_after(tmp_path, "--help")
    page = CliRunner().invoke(main, ["--help"]).stdout
    for name in COMMANDS:
        loaded = main.get_command(None, name)
        assert f"  {name.ljust(max(map(len, COMMANDS)))}  {loaded.get_short_help_str()}\n" in page


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_a_command_loads_no_library_but_one(tmp_path, command):
    assert imported(tmp_path, command, "--help") == HELP


def test_completion_loads_no_library_but_one(tmp_path):
    words = {"_ORCHESTRATE_COMPLETE": "bash_complete", "COMP_WORDS": "orchestrate sch", "COMP_CWORD": "1"}
    assert imported(tmp_path, **words) == HELP


@pytest.mark.parametrize(
    ("arguments", "allowed"),
    [
        ("explain From", HELP),
        ("explain bad-row", HELP),
        ("explain 5", HELP),
        ("schema", READING | {"importlib.resources", "json", "tempfile", "tzdata", "zoneinfo"}),
        ("validate smallest.yaml", READING),
        ("fmt smallest.yaml", READING | {"tempfile"}),
        ("plan smallest.yaml", JOURNAL | {"email"}),
        ("diff smallest.yaml smallest.yaml", JOURNAL),
        ("run smallest.yaml --until placed", DIALING),
        ("status", JOURNAL),
        ("runs", JOURNAL),
        ("compare smallest smallest", JOURNAL),
        ("report --format json", JOURNAL),
        ("report --format sheet-csv", JOURNAL),
        ("why a", JOURNAL),
        ("pause smallest.yaml --because lunch", JOURNAL),
        ("resume smallest.yaml --because lunch", JOURNAL),
        ("cancel smallest.yaml --because enough", JOURNAL),
        ("suppress +919876543210 --because asked", JOURNAL),
        ("settle a --as not-placed --because seen", JOURNAL),
        ("journal create --journal j.db", JOURNAL),
        ("init new", READING | {"importlib.resources", "json", "phonenumbers", "tempfile", "tzdata", "zoneinfo"}),
        ("doctor smallest.yaml", LIBRARIES),
        ("journal verify", JOURNAL),
    ],
)
def test_a_command_loads_only_the_libraries_that_it_uses(used, arguments, allowed):
    assert imported(used, *arguments.split()) - allowed == set()


@pytest.mark.parametrize(
    ("right", "other", "library"),
    [("name: smallest", "nam: smallest", "jsonschema"), ("+918069171234", "+4915123456789", "phonenumbers")],
)
def test_what_is_not_plainly_right_is_left_to_the_library(tmp_path, right, other, library):
    text = (ROOT / "tests/plans/valid/smallest.yaml").read_text()
    assert right in text
    (tmp_path / "other.yaml").write_text(text.replace(right, other))
    arguments = ("validate", "other.yaml")
    assert library in modules_after(tmp_path, *arguments, codes=(0, 3))


def test_a_right_plan_loads_nothing_that_only_explains_what_is_wrong_or_reads_what_is_not_named(tmp_path):
    """A toll-free number too is plainly right: its caller id is what many plans have, and the library is dear."""
    text = (ROOT / "tests/plans/valid/smallest.yaml").read_text()
    (tmp_path / "plan.yaml").write_text(text.replace("08047112233", "1800123456"))
    modules = modules_after(tmp_path, "validate", "plan.yaml", codes=(0,))
    assert LIBRARIES & modules == READING
    wrong = {"exotel.masking", "model.page", "plan.schema.explain", "plan.schema.messages", "plan.yaml.syntax"}
    unnamed = {"plan.rows.jsonl", "plan.targets", "plan.schema.target", "reference"}
    assert {"decimal", *(f"orchestrator.{name}" for name in wrong | unnamed)} & modules == set()
