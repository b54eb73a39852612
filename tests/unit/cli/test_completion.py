"""What shells are offered where a value is typed: by the protocol of their scripts, and by the shells themselves."""

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PROGRAM = "import sys; sys.argv[0] = 'orchestrate'; from orchestrator.cli.main import main; main()"


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """A repository with a target file, a plan, and a home of its own."""
    (tmp_path / "root/.git").mkdir(parents=True)
    (tmp_path / "root/configs").mkdir()
    (tmp_path / "root/configs/staging.yaml").write_text("kind: sandbox\n")
    shutil.copy(ROOT / "tests/plans/valid/smallest.yaml", tmp_path / "root/plan.yaml")
    (tmp_path / "home").mkdir()
    (tmp_path / "bin").mkdir()
    script = tmp_path / "bin/orchestrate"
    script.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -c {shlex.quote(PROGRAM)} "$@"\n')
    script.chmod(0o755)
    return tmp_path


def environment(here: Path) -> dict[str, str]:
    path = f"{here / 'bin'}:{os.environ['PATH']}"
    return {**os.environ, "HOME": str(here / "home"), "PYTHONPATH": str(ROOT), "PATH": path}


def run(here: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(here / "bin/orchestrate"), *words],
        cwd=here / "root",
        env=environment(here) | more,
        capture_output=True,
        text=True,
        timeout=60,
    )


def offered(here: Path, line: str, **more: str) -> list[tuple[str, str]]:
    """The type and value of each word that is offered after a line, whose last word is the one that is typed."""
    words = line.split(" ")
    given = {"_ORCHESTRATE_COMPLETE": "bash_complete", "COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1)}
    done = run(here, **given, **more)
    assert (done.returncode, done.stderr) == (0, ""), done
    kinds = [line.partition(",") for line in done.stdout.splitlines() if line]
    return [(kind, value) for kind, _, value in kinds]


def words(here: Path, line: str, **more: str) -> list[str]:
    return [value for kind, value in offered(here, line, **more) if kind == "plain"]


@pytest.mark.parametrize("command", ["plan plan.yaml", "run plan.yaml", "serve", "run"])
def test_targets_are_those_built_in_and_those_of_the_repository(here: Path, command: str) -> None:
    assert words(here, f"orchestrate {command} --target ") == ["sandbox", "exotel", "staging"]
    assert words(here, f"orchestrate {command} --target st") == ["staging"]
    assert offered(here, f"orchestrate {command} --target ./sta") == [("file", "./sta")]


def test_scenarios_of_the_sandbox(here: Path) -> None:
    assert words(here, "orchestrate sandbox --scenario ") == ["everyday", "calm"]
    assert words(here, "orchestrate sandbox --scenario c") == ["calm"]


@pytest.mark.parametrize(
    ("typed", "among"),
    [("TimeO", "TimeOut"), ("bad", "bad-row"), ("win", "window"), ("guardrails.e", "guardrails.expect"), ("13", "130")],
)
def test_names_to_explain(here: Path, typed: str, among: str) -> None:
    found = words(here, f"orchestrate explain {typed}")
    assert among in found
    assert all(word.startswith(typed) for word in found)


def test_runs_by_plan_and_id_and_else_files(here: Path) -> None:
    assert run(here, "run", "plan.yaml", "--until", "placed").returncode in (0, 1)
    (run_line, _) = run(here, "runs").stdout.splitlines()
    run_id = run_line.split()[0]
    for command in ("pause", "resume", "cancel", "status", "why a --run"):
        found = words(here, f"orchestrate {command} ")
        assert run_id in found, command
        assert len(found) == 2
        assert words(here, f"orchestrate {command} {run_id[:6]}") == [run_id]
    assert offered(here, "orchestrate pause ./p") == [("file", "./p")]
    assert run_id not in words(here, "orchestrate status --journal other.db ")


@pytest.mark.parametrize("line", ["orchestrate pause ", "orchestrate status --journal . ", "orchestrate explain \x1b["])
def test_where_nothing_can_be_found_nothing_is_said(here: Path, line: str) -> None:
    (here / "root/.git").rmdir()
    assert words(here, line) == []


def test_a_broken_journal_says_nothing(here: Path) -> None:
    (here / "root/broken.db").write_text("no journal")
    assert words(here, "orchestrate status --journal broken.db ") == []
    assert not list((here / "home").rglob("*.db")), "asking makes no journal"


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("orchestrate run pl", "file"),
        ("orchestrate plan pl", "file"),
        ("orchestrate validate pl", "file"),
        ("orchestrate run plan.yaml --report r", "file"),
        ("orchestrate status --journal c", "file"),
        ("orchestrate plan plan.yaml --root c", "dir"),
        ("orchestrate plan plan.yaml --secrets-dir c", "dir"),
    ],
)
def test_where_a_file_or_folder_belongs_the_shell_looks_itself(here: Path, line: str, kind: str) -> None:
    assert [found for found, _ in offered(here, line)] == [kind]


BASH = """
eval "$(_ORCHESTRATE_COMPLETE=bash_source orchestrate)"
COMP_WORDS=(orchestrate run plan.yaml --target st); COMP_CWORD=4
_orchestrate_completion orchestrate st --target
printf '%s\\n' "${COMPREPLY[@]}"
"""
FISH = """
_ORCHESTRATE_COMPLETE=fish_source orchestrate | source
complete -C 'orchestrate run plan.yaml --target st'
"""
ZSH = """
autoload -U compinit && compinit -u -D
eval "$(_ORCHESTRATE_COMPLETE=zsh_source orchestrate)"
(( $+functions[_orchestrate_completion] )) || exit 9
typeset -a words; words=(orchestrate run plan.yaml --target st); CURRENT=5
compadd() { print -r -- "${(@)argv[-1]}" "${(@P)argv[-1]}" }
_describe() { print -r -- "${(@P)2}" }
_orchestrate_completion
"""


SCRIPTS = {"bash": BASH, "fish": FISH, "zsh": ZSH}


@pytest.mark.parametrize("shell", [shell for shell in SCRIPTS if shell == "bash" or shutil.which(shell)])
def test_a_shell_takes_the_words_by_its_own_script(here: Path, shell: str) -> None:
    """Of the shells that are on this machine; `make test` installs all three where it may."""
    done = subprocess.run(
        [shell, "-c", SCRIPTS[shell]],
        cwd=here / "root",
        env=environment(here),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "staging" in done.stdout.split(), done
