"""Whatever the bytes of a file are, a command passes or says what is wrong with it: never a traceback, in bounds.

Each file that a plan reads is broken in turn, by chance, by the tokens that its format is made of, and node by node.
"""

import json
import random
import resource
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestrator.cli.main import main

PLAN = """\
version: 1
name: any
edition: "2026-11-22"
purpose: service
vars: {hub: BLR-4}
x-agent: &agent {From: "+918069171234", CallerId: "08047112233"}
defaults: {TimeOut: 30, Record: true, StatusCallbackEvents: [terminal, answered], CustomField: "${var.hub}"}
calls:
  - {id: vip-1, <<: *agent, To: "+919900000001", priority: 10, not_before: "2026-11-22T09:30:00+05:30"}
  - id: csv-${row.n}
    <<: *agent
    rows: {file: rows.csv, columns: [n, phone], where: {kind: [a, b]}, carry: [kind], bad: skip}
    To: ${row.phone}
  - {id: "json-${row.n}", <<: *agent, rows: rows.jsonl, To: "${row.phone}"}
  - {id: "inline-${row.n}", <<: *agent, rows: [{n: "1", phone: "+919900000009"}], To: "${row.phone}"}
policy:
  pace: 150/minute
  concurrency: 20
  per_agent: 4
  per_person: {attempts: 3, within: 24h}
  window:
    - {days: mon-fri, hours: "09:00-21:00", timezone: Asia/Kolkata}
    - {days: sat, hours: "09:00-21:00", timezone: callee}
  holidays: holidays.csv
  redial: {busy: {attempts: 3, after: 15m}}
  suppress: [list.csv]
  dnd: ignore
  stages: [1, 5%, 100%]
  halt: [{failed: 20%, of: 50}]
  limits: {calls: 5000, minutes: 20000, cost: 15000 INR, until: "2026-11-22T20:30:00+05:30"}
  success: {completed: 60%}
  waive: [{rule: time-limit-unset, owner: ops@acme.example, reason: "calls are short", until: "2099-03-31"}]
"""
TARGET = """\
kind: sandbox
account: sandbox
pace: 200/minute
legs: 100
accept: {StatusCallbackEvents: [ringing], NewParam: text}
lookups: {after: 30s, every: 30s, settle: 5m}
rates: {currency: INR, per_minute: "0.60", pulse: 60s}
guardrails:
  caller_ids: ["08047112233"]
  window: [{days: mon-sat, hours: "09:00-21:00", timezone: Asia/Kolkata}]
  suppress: [list.csv]
"""
FILES = {
    "plan.yaml": PLAN,
    "target.yaml": TARGET,
    "rows.csv": 'n,phone,kind\n1,+919900000002,a\n2,"+91 99000 00003",b\n3,9900000004,c\n',
    "rows.jsonl": '{"n": 1, "phone": "+919900000005"}\n{"n": "2", "phone": 919900000006, "kind": null}\n',
    "list.csv": "# scrubbed: 2026-11-20 ncpr\nphone\n+919900000007\nsha256:" + "0a" * 32 + "\n",
    "holidays.csv": "date\n2026-01-26\n2026-08-15\n",
    "orchestrate.toml": '[rules]\nignore = ["advised"]\n',
}
TOKENS = [
    *("\0", "\x1b[2J", "\u202e", "\ufeff", "\u2028", "\x85", "\r", "\r\n", "\n\n", "\t", "\x00\x01", "\U0010ffff"),
    *("- ", ": ", "? ", "| ", ">\n", "&a ", "*a", "<<: *agent", "!!x ", "# ", "---\n", "...\n", "%YAML 9\n"),
    *("{", "}", "[", "]", '"', "'", ",", ";", "\\", "\\ud800", "${", "${row.", "${var.x}", "$", "$$", "{{ x }}"),
    *("~", "null", "NaN", "1e999", "9" * 400, "a" * 5000, "+91" * 50, "9.19E+11", "::error::x", "##vso[x]", "%0A"),
    *("| <b> |", "../", "/dev/zero", "plan.yaml"),
    *("2026-02-30", "24:00-00:00", "0%", "-1", "1e9999999", "Infinity", "[" * 300, "{" * 300, "=cmd()", "sha256:"),
]  # fmt: skip
RAW = [b"\xff\xfe", b"\xfe\xff", b"\xed\xa0\x80", b"\xc0\x80", b"\xf4\x90\x80\x80", b"\x80", b"PK\x03\x04", b"\x1f\x8b"]
SECONDS = 20
"""Of processor time, for one file: what is not bounded takes minutes."""
MEGABYTES = 600

NO_FUSS = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@st.composite
def broken(draw: st.DrawFn, whole: bytes) -> bytes:
    """A file's bytes with pieces lost, doubled, exchanged, or put in; or any bytes at all."""
    if draw(st.integers(0, 9)) == 0:
        return draw(st.one_of(st.binary(max_size=300), st.text(max_size=200).map(lambda text: text.encode("utf-16"))))
    made = whole
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(made)))
        end = min(len(made), start + draw(st.sampled_from([0, 0, 0, 1, 2, 7, 30])))
        token = st.one_of(st.sampled_from(TOKENS).map(str.encode), st.sampled_from(RAW))
        piece = draw(st.one_of(token, token, st.just(made[start:end] * 2), st.just(b"")))
        made = made[:start] + piece + made[end:]
    return made


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A repository whose files are all good."""
    folder = tmp_path_factory.mktemp("any")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("XDG_STATE_HOME", str(folder / "state"))
        patch.setenv("HOME", str(folder))
        for name, text in FILES.items():
            (folder / name).write_text(text)
        yield folder


def commanded(*arguments: str) -> None:
    """Run a command as the product does; a bug of ours is exit 70."""
    done = CliRunner().invoke(main, list(arguments))
    assert done.exit_code in (0, 1, 3, 4), (arguments, done.exit_code, done.output, done.exception)
    assert "\x1b" not in done.output


READING = [
    ("validate", "plan.yaml", "target.yaml"),
    ("validate", "plan.yaml", "target.yaml", "--format", "sarif"),
    ("plan", "plan.yaml", "--target", "target.yaml", "--at", "2026-11-20T12:00:00+05:30"),
]
WRITING = [("fmt", "FILE", "--diff"), ("validate", "FILE", "--fix", "--format", "github")]


def tried(folder: Path, name: str, raw: bytes, commands: list[tuple[str, ...]]) -> None:
    """Put bytes in the place of one file, and give commands that read it."""
    begun = time.process_time()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    (folder / name).write_bytes(raw)
    try:
        for command in commands:
            commanded(*(name if word == "FILE" else word for word in command))
    finally:
        (folder / name).write_text(FILES[name])
    assert time.process_time() - begun < SECONDS
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MEGABYTES * 1024


def test_the_files_are_good(folder: Path) -> None:
    done = CliRunner().invoke(main, ["validate", "plan.yaml", "target.yaml"])
    assert done.exit_code == 0, done.output


@pytest.mark.parametrize("name", FILES)
def test_any_bytes_pass_or_are_told(folder: Path, name: str) -> None:
    @NO_FUSS
    @given(broken(FILES[name].encode()))
    def holds(raw: bytes) -> None:
        tried(folder, name, raw, READING + WRITING if name.endswith(".yaml") else READING)

    holds()


VALUES: list[Any] = [
    *(None, "", " ", 0, -1, 1.5, 10**30, True, [], {}, [[]], {"": ""}, [None], {"x": None}, ["a", "a"]),
    *({"a": {"a": 1}}, "~", "${row.n}", "${var.hub}", "a" * 300, "\x00", "\u202e", "*", "+919900000001"),
    *(919900000001, "2026-11-22", "09:00-21:00", "5%"),
]  # fmt: skip


def places(node: Any) -> Iterator[tuple[Any, Any]]:
    """Each place of a document: what holds it, and its key or index."""
    for key in list(node) if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ():
        yield node, key
        yield from places(node[key])


def dropped(holder: Any, key: Any, _: random.Random) -> None:
    del holder[key]


def emptied(holder: Any, key: Any, chance: random.Random) -> None:
    holder[key] = chance.choice(VALUES)


def moved(holder: Any, key: Any, chance: random.Random) -> None:
    value = holder[key]
    if isinstance(holder, dict):
        holder[chance.choice(["From", "To", "id", "rows", "calls", "policy", "window", "of", "x-a", "Zz", ""])] = value
    else:
        holder.append(value)


def wrapped(holder: Any, key: Any, _: random.Random) -> None:
    holder[key] = [holder[key]] if not isinstance(holder[key], list) else {"a": holder[key]}


CHANGES: list[Callable[[Any, Any, random.Random], None]] = [dropped, emptied, emptied, moved, wrapped]


@pytest.mark.parametrize("name", ["plan.yaml", "target.yaml"])
def test_any_shape_passes_or_is_told(folder: Path, name: str) -> None:
    @NO_FUSS
    @given(st.randoms(use_true_random=False), st.integers(1, 4))
    def holds(chance: random.Random, changes: int) -> None:
        document = yaml.safe_load(FILES[name].replace("<<: *agent, ", "").replace("    <<: *agent\n", ""))
        for _ in range(changes):
            holder, key = chance.choice(list(places(document)) or [(document, "version")])
            chance.choice(CHANGES)(holder, key, chance)
        tried(folder, name, json.dumps(document).encode(), READING + WRITING)

    holds()


HUGE = {
    "brackets": b"[" * 3_000_000,
    "mappings": b"{a: " * 800_000,
    "dashes": b"- " * 1_500_000,
    "items": b"calls: [" + b"0," * 100_000,
    "keys": b"".join(b"k%d: 1\n" % number for number in range(10_000)),
    "aliases": b"a: &a [x]\n" + b"".join(b"b%d: [*a, *a]\n" % number for number in range(4_000)),
    "quotes": b"a: '" + b"''" * 1_500_000,
    "a long line": b"name: " + b"a " * 1_500_000,
    "comments": b"# x\n" * 700_000,
    "tabs": b"\t" * 3_000_000,
    "nothing": b"\0" * 3_000_000,
}


@pytest.mark.parametrize("kind", HUGE)
def test_much_of_anything_is_told_in_bounded_time_and_memory(folder: Path, kind: str) -> None:
    tried(folder, "plan.yaml", HUGE[kind], [("validate", "plan.yaml"), ("fmt", "plan.yaml", "--check")])
