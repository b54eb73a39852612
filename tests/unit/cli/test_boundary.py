"""Whatever a command raises becomes a text for people and an exit code; never a traceback."""

import signal

import click
import pytest

from orchestrator.app.interruption import Interrupted
from orchestrator.cli.boundary import guarded
from orchestrator.cli.screen import Screen
from orchestrator.model.diagnostic import Span, error
from orchestrator.model.errors import CannotProceed, JournalBroken, Refused, WrongUsage
from orchestrator.model.exit_codes import MEANINGS, Exit


def raising(problem: BaseException):
    def command():
        raise problem

    return command


@pytest.mark.parametrize(
    ("problem", "code"),
    [
        (Refused((error("x", "m"),)), 3),
        (CannotProceed("m"), 4),
        (JournalBroken("m"), 5),
        (WrongUsage("m"), 2),
        (click.UsageError("m"), 2),
        (click.BadParameter("m"), 2),
        (click.Abort(), 130),
        (KeyboardInterrupt(), 130),
        (RuntimeError("m"), 70),
        (RecursionError("m"), 70),
        (MemoryError(), 70),
        (OSError("m"), 70),
        (AssertionError("m"), 70),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else str(value),
)
def test_each_way_to_fail_has_its_code_and_a_text_on_stderr_only(problem, code, capsys):
    assert guarded(raising(problem), Screen()) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert err
    assert "Traceback" not in err


def test_a_command_that_returns_a_code_has_that_code():
    assert [guarded(lambda code=code: code, Screen()) for code in (0, 1, 5, None)] == [0, 1, 5, 0]


def test_every_code_has_a_meaning():
    assert set(MEANINGS) == set(Exit)


def test_an_obstacle_is_told_with_its_hint_masked_and_on_one_line_each(capsys):
    guarded(raising(CannotProceed("no \x1b[2Jway for +919900000001\nforged", "try 08012345678")), Screen())
    assert capsys.readouterr().err == (
        "cannot proceed: no \\x1b[2Jway for +9199******01\\nforged\n  hint: try 08*******78\n"
    )


def test_unmask_shows_numbers_in_errors(capsys):
    guarded(raising(CannotProceed("no +919900000001")), Screen(unmask=True))
    assert "+919900000001" in capsys.readouterr().err


def test_a_refusal_shows_every_finding_with_the_lines_of_named_files_only(tmp_path, capsys):
    named, other = tmp_path / "plan.yaml", tmp_path / "secret.txt"
    named.write_text("version: 1\nTo: +919900000001\n")
    other.write_text("canary-secret\n")
    findings = (
        error("one", "first", Span(str(named), 2, 5, 18)),
        error("two", "second", Span(str(other), 1)),
    )
    assert guarded(raising(Refused(findings)), Screen(sources=(str(named),))) == 3
    err = capsys.readouterr().err
    assert " 2 | To: +9199******01\n   |     ^^^^^^^^^^^^^" in err
    assert "error[two]: second" in err
    assert "canary-secret" not in err
    assert err.endswith("refused: 2 errors, 0 warnings; nothing was dialed\n")


def test_a_bug_is_told_shortly_and_masked(capsys):
    guarded(raising(ValueError("broke on +919900000001 at https://key:secret@x.example\n" + "x" * 5000)), Screen())
    err = capsys.readouterr().err
    assert err.startswith("this is a bug of ours: ValueError: broke on +9199******01 at https://***@x.example\\nxxx")
    assert len(err) < 800


def test_a_signal_that_python_made_another_error_of_ends_the_command_as_a_signal_does(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What is raised while a class is made, as at an import, arrives as a RuntimeError (before Python 3.12)."""

    class Signalled:
        def __set_name__(self, _owner: type, _name: str) -> None:
            raise Interrupted(signal.SIGTERM)

    def command() -> None:
        try:
            type("Made", (), {"part": Signalled()})
        except Interrupted as found:  # Python 3.12 and later leave it as it is
            raise RuntimeError from found

    assert guarded(command, Screen()) == 143
    assert "SIGTERM ended the command" in capsys.readouterr().err
