"""A command line that is wrong is repeated masked, on one line, and as no command of a pipeline's."""

import pytest
from click.testing import CliRunner, Result

from orchestrator.cli.main import main

DRESSED = ("+91 98765 43210", "(98765)  43210", "98765\u00a043210", "98765\u201343210", "\u200b".join("9876543210"))


def orchestrate(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


@pytest.mark.parametrize("number", DRESSED, ids=ascii)
@pytest.mark.parametrize(
    "arguments",
    [
        ("suppress", "1", "NUMBER", "--because", "x"),
        ("NUMBER",),
        ("NUMBER", "--because", "x"),
        ("run", "p.yaml", "--NUMBER"),
        ("run", "p.yaml", "--limit", "NUMBER"),
        ("run", "p.yaml", "--until", "NUMBER"),
        ("run", "p.yaml", "--wait", "NUMBER"),
        ("run", "p.yaml", "--report", "NUMBER"),
        ("run", "p.yaml", "--edition", "NUMBER"),
        ("plan", "p.yaml", "--at", "NUMBER"),
        ("validate", "p.yaml", "--format", "NUMBER"),
        ("schema", "NUMBER"),
        ("explain", "NUMBER"),
        ("journal", "NUMBER"),
        ("journal", "verify", "--expect-head", "NUMBER"),
        ("settle", "c", "--as", "NUMBER"),
        ("sandbox", "--port", "NUMBER"),
        ("sandbox", "--speed", "NUMBER"),
    ],
    ids=" ".join,
)
def test_a_number_that_is_repeated_is_masked(arguments: tuple[str, ...], number: str) -> None:
    typed = [word.replace("NUMBER", number) for word in arguments]
    done = orchestrate(*typed)
    assert (done.exit_code, done.stdout) == (2, "")
    shown = "".join(filter(str.isdecimal, done.stderr.partition("\nError: ")[2]))
    assert "987654" not in shown
    assert "543210" not in shown


@pytest.mark.parametrize("text", ["\x1b[2J", "\r", "\n", "\x07", "\u202e", "\u2028", "\x9b"], ids=ascii)
def test_control_characters_are_written_out(text: str) -> None:
    for arguments in (["suppress", "1", f"a{text}b", "--because", "x"], [f"a{text}b"], ["run", "p", f"--a{text}b"]):
        done = orchestrate(*arguments)
        assert done.exit_code == 2
        assert text not in done.stderr.partition("Error: ")[2].removesuffix("\n")


def test_the_usage_is_shown_as_ever() -> None:
    assert orchestrate("run", "--nonsense").stderr == (
        "Usage: main run [OPTIONS] PLAN\nTry 'main run -h' for help.\n\nError: No such option '--nonsense'.\n"
    )


def test_what_is_typed_at_length_is_cut() -> None:
    for arguments in (["explain", "a" * 100_000], ["a" * 100_000], ["run", "p", "--" + "a" * 100_000]):
        done = orchestrate(*arguments)
        assert done.exit_code == 2
        assert len(done.stderr) < 1500


@pytest.mark.parametrize(("option", "what"), [("--requests", "requests"), ("--origin", "requests"), ("--all", "call")])
def test_what_markdown_has_no_room_for_is_refused_and_not_passed_over(option: str, what: str) -> None:
    done = orchestrate("plan", "no-such-plan.yaml", "--format", "markdown", option)
    assert (done.exit_code, done.stdout) == (2, "")
    assert f"{option} shows" in done.stderr
    assert what in done.stderr
    assert orchestrate("plan", "no-such-plan.yaml", "--format", "json", option).exit_code == 3
