"""A proof: what an auditor can prove without the journal, and without seeing a number."""

import io
import json
import re
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.journal.golden import golden_proof
from unit.journal.proof_by_hand import prove
from unit.journal.story import RUN, tell

from orchestrator.app.options import ReportOptions
from orchestrator.app.report import report_now
from orchestrator.journal.sqlite.backup import back_up
from orchestrator.journal.sqlite.journal import FileJournal
from orchestrator.journal.verify.finding import Verified
from orchestrator.journal.verify.proof import verify_proof
from orchestrator.journal.verify.whole import verify
from orchestrator.model.errors import CannotProceed
from orchestrator.model.events import EventType

AT, NUMBER = "2026-09-21", re.compile(r"9181234\d{5}|917410410123")
WITHHELD = 9
"""Events of the story that hold numbers: each attempt's start."""


def judged(text: str | bytes, expected: str | None = None) -> Verified:
    raw = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    return verify_proof(io.BytesIO(raw), "p.proof.jsonl", expected)


def is_found(raw: str | bytes) -> bool:
    """Whether anything is found wrong, or it is refused as a whole."""
    try:
        return judged(raw).count > 0
    except CannotProceed:
        return True


def written(journal: Path, folder: Path, *, unmask: bool = False) -> str:
    out = folder / "told.proof.jsonl"
    report_now(ReportOptions(journal=str(journal), out=str(out), unmask=unmask))
    return out.read_bytes().decode("ascii")


@pytest.fixture(scope="session")
def proof(told: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Of the told journal, without numbers."""
    return written(told, tmp_path_factory.mktemp("proof"))


def resealed(lines: list[str]) -> str:
    """The proof of somebody who knows that the last line tells the digest of all others."""
    text = "".join(lines[:-1])
    return f'{text}{{"sha256": "{sha256(text.encode()).hexdigest()}"}}\n'


def changed(proof: str, line: int, change: Callable[[dict[str, object]], object]) -> str:
    """The proof with one line changed by somebody who knows its format."""
    lines = proof.splitlines(keepends=True)
    told = json.loads(lines[line - 1])
    change(told)
    lines[line - 1] = json.dumps(told) + "\n"
    return resealed(lines)


def test_a_proof_is_proved_here_and_by_the_rule_in_it(told: Path, proof: str, tmp_path: Path) -> None:
    whole = verify(told)
    for text, withheld in ((proof, WITHHELD), (written(told, tmp_path, unmask=True), 0)):
        found = judged(text)
        assert (found.journal, found.events, found.head) == (whole.journal, whole.events, whole.head)
        assert (found.altered, found.count, found.withheld) == ((), 0, withheld)
        assert prove(text.splitlines(keepends=True)) == whole.head


def test_a_seal_that_tells_of_whole_blocks_too_is_proved_where_it_is_the_last_one(told: Path, tmp_path: Path) -> None:
    back_up(told, tmp_path / "long.db")
    with FileJournal(tmp_path / "long.db").committing() as tx:
        for n in range(300):
            tx.append(EventType.RUN_WAITING, str(n), RUN.id)
    text = written(tmp_path / "long.db", tmp_path)
    found, whole = judged(text), verify(tmp_path / "long.db")
    assert (found.altered, found.events, found.head) == (whole.altered, whole.events, whole.head)
    assert (found.altered, found.head) == ((), prove(text.splitlines(keepends=True)))
    assert len(json.loads(text.splitlines()[-2])["seal"]) == 96


def test_a_proof_shows_no_number_and_gives_nobody_the_means_to_find_it(told: Path, proof: str, tmp_path: Path) -> None:
    """Without the salt, the hash of a text of which one number alone is unknown is no help in finding that number."""
    assert NUMBER.search(proof) is None
    full = written(told, tmp_path, unmask=True)
    texts = [json.loads(line)["data"] for line in full.splitlines()[1:-1]]
    secret = [part for part in texts if NUMBER.search(part["text"])]
    assert len(secret) == WITHHELD
    for part in secret:
        assert part["salt"] not in proof
        assert sha256(part["text"].encode()).hexdigest() not in proof


def test_an_open_text_gives_away_no_salt_of_a_withheld_one(proof: str) -> None:
    """The call of each attempt's start is told, with its half of the salt; its data is not."""
    starts = [json.loads(line) for line in proof.splitlines() if '"attempt.started"' in line][1:]
    assert len(starts) == WITHHELD
    for start in starts:
        assert set(start["call"]) == {"text", "salt"}
        assert set(start["data"]) == {"shown", "hash"}


def test_the_same_journal_gives_the_same_proof(told: Path, proof: str, tmp_path: Path) -> None:
    assert written(told, tmp_path) == proof


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_proof_that_is_altered_at_any_byte_is_found(proof: str, data: st.DataObject) -> None:
    raw = bytearray(proof.encode())
    at = data.draw(st.integers(0, len(raw) - 1))
    raw[at] ^= data.draw(st.integers(1, 255))
    assert is_found(bytes(raw)), (at, raw[at : at + 1])


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_a_proof_that_is_cut_off_anywhere_is_found(proof: str, data: st.DataObject) -> None:
    assert is_found(proof[: data.draw(st.integers(0, len(proof) - 1))])


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_events_that_were_taken_out_doubled_or_swapped_are_found_though_the_digest_is_right(
    proof: str, data: st.DataObject
) -> None:
    lines = proof.splitlines(keepends=True)
    one, other = (data.draw(st.integers(1, len(lines) - 2)) for _ in range(2))
    without, doubled, swapped = [*lines], [*lines], [*lines]
    del without[one]
    doubled.insert(one, lines[one])
    swapped[one], swapped[other] = lines[other], lines[one]
    for each in (without, doubled, *([swapped] if one != other else [])):
        assert judged(resealed(each)).count > 0


COLUMNS = ("seq", "type", "at", "run", "attempt", "seal", "hash")


@pytest.mark.parametrize("name", [*COLUMNS, "call.text", "call.salt", "data.text", "data.salt", "data.hash"])
def test_no_column_of_an_event_can_be_altered_by_who_knows_the_format(proof: str, name: str) -> None:
    """Line 5 is `attempt.placed`; line 4 is `attempt.started`, whose data is withheld."""
    column, _, part = name.partition(".")
    line = 4 if name == "data.hash" else 5

    def change(told: dict[str, object]) -> None:
        place: dict[str, object] = told[column] if part else told  # type: ignore[assignment]
        key = part or column
        place[key] = {"seq": 99, "attempt": 7, "hash": "0" * 64}.get(key, "another")

    found = judged(changed(proof, line, change))
    assert found.count > 0
    assert any(item.seq in (line - 1, line, 99) for item in found.altered)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("journal", "jr_00000000"),
        ("events", 42),
        ("head", "sha256:" + "0" * 64),
        ("types", {}),
        ("sums", {"calls": "0" * 64}),
    ],
)
def test_what_the_first_line_says_of_the_chain_is_proved(proof: str, name: str, value: object) -> None:
    assert judged(changed(proof, 1, lambda told: told.update({name: value}))).count > 0


def test_who_writes_it_all_anew_cannot_give_it_the_head_that_was_noted(told: Path, proof: str, tmp_path: Path) -> None:
    head = verify(told).head.removeprefix("sha256:")
    earlier = json.loads(proof.splitlines()[21])["hash"]
    assert judged(proof, head).count == 0
    assert judged(proof, earlier).count == 0, "the head of an earlier run stays in the chain"
    tell(tmp_path / "another.db")
    another = written(tmp_path / "another.db", tmp_path)
    assert judged(another).count == 0
    assert [item.why for item in judged(another, head).altered] == [
        "no event has the head that was expected: events were cut off, or all written anew"
    ]


HOSTILE = {
    "nothing": b"",
    "no JSON": b"proof\n",
    "no object": b"[1]\n",
    "another document": b'{"format": 1, "run": {}, "totals": {}}\n',
    "no text": b"\xff\xfe{\x00\n",
    "a byte order mark": b'\xef\xbb\xbf{"format": 1}\n',
    "UTF-16": '{"format": 1, "proof": "orchestrate"}\n'.encode("utf-16"),
    "a database": b"SQLite format 3\x00" + b"\x00" * 5000,
    "one endless line": b"[" * 5_000_000,
}


@pytest.mark.parametrize("raw", HOSTILE.values(), ids=HOSTILE)
def test_what_is_no_proof_is_refused_with_a_reason_and_a_hint(raw: bytes) -> None:
    with pytest.raises(CannotProceed, match=r"p\.proof\.jsonl is no proof, or its first line was altered") as refused:
        judged(raw)
    assert "report --format proof" in str(refused.value.hint)


def test_a_proof_of_a_newer_format_is_refused(proof: str) -> None:
    with pytest.raises(CannotProceed, match="format that this program does not know"):
        judged(proof.replace('"format": 1', '"format": 2', 1))


LINES = {
    "no JSON": b"{seq: 1}\n",
    "a blank line": b"\n",
    "no object": b"7\n",
    "another key": b'{"seq": 4}\n',
    "a key twice": b'{"seq": 4, "seq": 4}\n',
    "not UTF-8": b'{"seq": "\xff"}\n',
    "10 kB": b'{"seq": "' + b"x" * 10_000 + b'"}\n',
    "deep nesting": b'{"seq": ' + b"[" * 100_000 + b"]" * 100_000 + b"}\n",
    "a huge number": b'{"seq": ' + b"9" * 5_000 + b"}\n",
    "a large number": b'{"seq": ' + b"9" * 4_000 + b"}\n",
    "no number": b'{"seq": NaN}\n',
    "true for 1": b'{"seq": true}\n',
    "half a character": b'{"seq": "\\ud800"}\n',
    "5 MB": b'{"seq": "' + b"x" * 5_000_000 + b'"}\n',
}


@pytest.mark.parametrize("line", LINES.values(), ids=LINES)
def test_a_line_that_is_none_is_found_with_its_place_and_the_rest_is_judged(proof: str, line: bytes) -> None:
    lines = proof.encode().splitlines(keepends=True)
    found = judged(b"".join([*lines[:3], line, *lines[4:]]))
    assert found.altered[0].what == "line 4"
    assert len([item for item in found.altered if item.what == "the chain"]) == 1, found.altered
    assert found.events == len(lines) - 3


def test_a_line_too_many_is_found_and_the_events_around_it_are_judged(proof: str) -> None:
    lines = proof.splitlines(keepends=True)
    found = judged(resealed([*lines[:3], "{}\n", *lines[3:]]))
    assert [(item.what, item.seq) for item in found.altered] == [("line 4", None)]


@pytest.mark.parametrize("other", ['{"seq": 9, "seq": 3', '{ "seq": 3', '{"seq":3', '{"s\\u0065q": 3'])
def test_a_line_that_other_programs_may_read_otherwise_is_found(proof: str, other: str) -> None:
    """Though all that it says is right, and the digest too."""
    lines = proof.splitlines(keepends=True)
    assert lines[3].startswith('{"seq": 3')
    lines[3] = other + lines[3].removeprefix('{"seq": 3')
    assert judged(resealed(lines)).altered[0].what == "line 4"


@pytest.mark.parametrize("more", ["x", "\n", "{}\n"])
def test_what_stands_behind_the_end_is_found(proof: str, more: str) -> None:
    assert judged(proof + more).altered[0].why == "something was added behind its last line"


@pytest.mark.parametrize("name", [*COLUMNS, "call", "data"])
def test_an_event_without_one_of_its_columns_is_found(proof: str, name: str) -> None:
    """Also without one that may be empty."""
    found = judged(changed(proof, 5, lambda told: told.pop(name)))
    assert found.altered[0].what == "line 5"


def test_texts_that_are_no_texts_are_found(proof: str) -> None:
    for part in (
        None,
        7,
        {},
        {"text": 7, "salt": ""},
        {"text": "x"},
        {"salt": "x"},
        {"hash": "0" * 63},
        {"hash": None},
    ):
        found = judged(changed(proof, 5, lambda told, part=part: told.update({"data": part})))  # type: ignore[misc]
        assert found.altered[0].what == "line 5"


def test_half_a_character_in_a_text_is_no_bug(proof: str) -> None:
    found = judged(changed(proof, 5, lambda told: told["data"].update({"text": "\ud800"})))  # type: ignore[attr-defined]
    assert [item.seq for item in found.altered] == [4]


def test_an_old_proof_stays_proved() -> None:
    """As the first version of this format was written, byte for byte."""
    text = golden_proof(1).read_text("ascii")
    found = judged(text)
    assert (found.altered, found.count, found.events) == ((), 0, 43)
    assert prove(text.splitlines(keepends=True)) == found.head
    assert AT in text
