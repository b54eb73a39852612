"""`report --format proof`, and `journal verify --from` where nothing else is: commands as an auditor has them."""

import json
import re
import subprocess
from pathlib import Path

import jsonschema
import pytest
from unit.journal.proof_by_hand import prove
from unit.journal.story import tell

from acceptance import cli
from acceptance.cli import Done
from acceptance.desk import Desk, call

NUMBER = re.compile(r"\+?91(7410410123|81234\d{5})")
SCHEMA = Path(__file__).parents[2] / "schemas" / "proof-line.schema.json"


@pytest.fixture
def proof(desk: Desk) -> Path:
    """A proof in a file, and nothing of the journal beside it any more."""
    tell(desk.folder / "told.db")
    done = desk.orchestrate("report", "--journal", str(desk.folder / "told.db"), "--out", "day.proof.jsonl")
    assert (done.code, done.said) == (0, "")
    (desk.folder / "told.db").unlink()
    return desk.root / "day.proof.jsonl"


def verify(desk: Desk, *words: str) -> Done:
    return desk.orchestrate("journal", "verify", *words)


def test_a_proof_is_proved_where_the_journal_is_not(desk: Desk, proof: Path) -> None:
    assert proof.stat().st_mode & 0o777 == 0o600
    head = prove(proof.read_text().splitlines(keepends=True))
    for more in ([], ["--expect-head", head]):
        done = verify(desk, "--from", str(proof), *more)
        assert done.code == 0, done.said
        assert done.out.splitlines()[1:] == [
            "events  43",
            f"head    {head}",
            "hidden  9 texts are not shown, but proved by hashes",
            "verified",
        ]
    assert NUMBER.search(proof.read_text()) is None


def test_each_line_fits_the_schema(proof: Path) -> None:
    judge = jsonschema.Draft7Validator(json.loads(SCHEMA.read_text()))
    assert [
        error.message for line in proof.read_text().splitlines() for error in judge.iter_errors(json.loads(line))
    ] == []


def test_what_was_altered_is_told_with_its_place_and_no_number(desk: Desk, proof: Path) -> None:
    proof.write_text(proof.read_text().replace("busy", "bust"))
    done = verify(desk, "--from", str(proof))
    assert done.code == 1, done.said
    assert "the chain (event 9): this event, or the one before it, is not what it was when it was written" in done.out
    assert done.out.splitlines()[-1].startswith("ALTERED: ")
    assert "ask for a new proof" in done.out
    assert "\nverified" not in done.out


def test_another_head_is_1_and_what_is_no_proof_is_4_and_a_journal_beside_it_is_2(desk: Desk, proof: Path) -> None:
    other = verify(desk, "--from", str(proof), "--expect-head", "0" * 64)
    assert (other.code, "no event has the head" in other.out) == (1, True), other.said
    for name in ("missing", str(desk.root), str(SCHEMA)):
        done = verify(desk, "--from", name)
        assert (done.code, "hint: " in done.err, "Traceback" in done.said) == (4, True, False), done.said
    both = verify(desk, "--from", str(proof), "--journal", "told.db")
    assert (both.code, "leave --journal out" in both.err) == (2, True), both.said


def test_what_a_stranger_wrote_moves_no_cursor(desk: Desk, proof: Path) -> None:
    proof.write_text(
        proof.read_text().replace('"journal": "jr_', '"journal": "\\u001b[2J\\ud800+918123400001 of jr_', 1)
    )
    done = verify(desk, "--from", str(proof))
    assert done.code == 1, done.said
    assert done.out.startswith("journal \\x1b[2J\\ud800+9181******01 of jr_")


def test_a_proof_comes_from_stdin_and_goes_to_stdout(desk: Desk, proof: Path) -> None:
    done = subprocess.run(
        [*cli.command(), "journal", "verify", "--from", "-"],
        input=proof.read_bytes(),
        cwd=desk.root,
        env=desk.environment,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, b"verified"), done.stderr


def test_a_run_writes_one_and_stdout_has_the_same_bytes(desk: Desk) -> None:
    """Also where ids are commands to a pipeline: what is printed is what the digest was made of."""
    plan = desk.plan([call("##vso[task.complete]x")])
    done = desk.orchestrate("run", str(plan), "--report", "a.proof.jsonl")
    assert done.code in (0, 1), done.said
    written = (desk.root / "a.proof.jsonl").read_text()
    assert desk.orchestrate("report", "--format", "proof").out == written
    assert "##vso" not in written
    assert verify(desk, "--from", "a.proof.jsonl").code == 0


@pytest.mark.parametrize("words", [["--only", "*"], ["--disposition", "busy"], ["--columns", "id"]])
def test_no_part_of_a_proof_can_be_chosen(desk: Desk, words: list[str]) -> None:
    done = desk.orchestrate("report", "--format", "proof", *words)
    assert done.code == 2, done.said
