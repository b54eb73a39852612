"""`make bench` at tiny sizes: every row runs, counts what came, and stands in the tables. No time is judged."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

COMPARED = {
    "run": {"orchestrate run", "aiohttp loop", "httpx loop", "curl --parallel", "h2load, one body for all"},
    "tls": {"orchestrate run", "aiohttp loop", "curl --parallel", "h2load, one body for all"},
    "policy": {"no key", "every key"},
    "stages": {"no key", "every key"},
    "growth": {"1 call", "2 calls", "4 calls"},
    "first": {"orchestrate run --limit 10"},
    "checking": {"validate", "plan", "plan, all known", "diff"},
    "report": {".json", ".jsonl", ".csv", ".sheet.csv", ".xml", ".md", ".html", "verify"},
    "literal": {"validate", "check-jsonschema"},
    "days": {"engine in virtual time"},
    "start": {"python -c pass", "--help", "validate"},
}
TOOLS = {"curl --parallel": "curl", "h2load, one body for all": "h2load"}
LEFT_OUT = {name for name, tool in TOOLS.items() if shutil.which(tool) is None}


def test_every_row_runs_and_stands_in_the_tables(tmp_path: Path) -> None:
    words = [sys.executable, ROOT / "benchmarks" / "bench.py", "--small", "--out", tmp_path]
    done = subprocess.run(words, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    rows = {row["name"]: row for row in json.loads((tmp_path / "bench.json").read_text())}
    assert {name: set(row["taken"]) for name, row in rows.items()} == {
        name: compared - LEFT_OUT for name, compared in COMPARED.items()
    }
    document = (tmp_path / "bench.md").read_text()
    for row in rows.values():
        assert f"\n## {row['title']}\n" in document
        for name, rounds in row["taken"].items():
            assert len(rounds) == 1
            assert {"wall", "cpu", "peak"} <= rounds[0].keys()
            assert f"\n| {name} | " in document
        assert row["headlines"]
        for line in row["headlines"]:
            assert f"\n| {line['what']} | {line['figure']} | " in document
    assert "</svg>" in (tmp_path / "bench.svg").read_text()


def test_the_tables_are_those_of_what_was_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    from results import Store

    derived = Store(ROOT / "benchmarks", ROOT / "README.md").derived()
    assert {path.name for path in derived} == {"bench.md", "bench.svg", "README.md"}
    for path, text in derived.items():
        assert path.read_text() == text


@pytest.mark.parametrize("orders", [["1", "1", "2"], ["1", "2"], ["1", "2", "3", "4"]])
def test_a_row_fails_where_a_call_comes_twice_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, orders: list[str]
) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    from bench import peers_python
    from contenders import PEERS
    from measure import Command, Failed, carrier

    people = tmp_path / "people.csv"
    people.write_text("order,phone\n" + "".join(f"{order},+918100000000\n" for order in orders))
    python = peers_python()
    with carrier(python) as running:
        loop = Command([python, PEERS, "aiohttp", running.url, people], tmp_path, os.environ, tmp_path / "said")
        with pytest.raises(Failed, match="the carrier received"):
            running.counted(loop, 3)
        people.write_text("order,phone\n1,+918100000000\n2,+918100000000\n3,+918100000000\n")
        assert running.counted(loop, 3)["wall"] > 0
