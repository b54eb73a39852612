"""What a system finds beside the program is committed, fresh, and what man and the shells can read."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from unit.test_interface import commands

from orchestrator.app.generate import generate
from orchestrator.cli.shared_data import FILES, SHARE, man_page

ROOT = Path(__file__).parents[3]


def test_writing_writes_what_changed_and_nothing_twice(tmp_path: Path) -> None:
    assert generate(tmp_path, FILES) == list(FILES)
    assert generate(tmp_path, FILES) == []


def test_the_page_names_every_command_and_option() -> None:
    page = man_page().replace("\\-", "-")
    for words in commands():
        assert words.split()[-1] in page or words.split()[-1].islower(), words
    assert ".SS orchestrate journal verify " in page
    assert "--expect-head" in page


@pytest.mark.skipif(shutil.which("groff") is None, reason="groff is not installed")
def test_roff_reads_the_page_without_a_warning() -> None:
    done = subprocess.run(["groff", "-man", "-ww", "-Tutf8"], input=man_page(), capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert "129/130/143 interrupted" in done.stdout


@pytest.mark.parametrize(
    ("shell", "name"),
    [
        ("bash", "bash-completion/completions/orchestrate"),
        ("zsh", "zsh/site-functions/_orchestrate"),
        ("fish", "fish/vendor_completions.d/orchestrate.fish"),
    ],
)
def test_a_shell_reads_its_script(shell: str, name: str) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    done = subprocess.run([shell, "-n", str(SHARE / name)], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_module_is_the_program(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "orchestrator", "explain", "nothing-of-this-name"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 2
    assert "orchestrate explain" in done.stderr
