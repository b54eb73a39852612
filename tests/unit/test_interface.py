"""The names that people and pipelines rely on: they stay, whatever is renamed inside.

`interface.json` lists what a release had. A name may be added to it, and none be taken away.
"""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest

import orchestrator
from orchestrator.cli.main import main
from orchestrator.reports.formats import FORMATS
from orchestrator.reports.report_csv import COLUMNS

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
BEFORE: dict[str, list[str]] = json.loads((HERE / "interface.json").read_text())
NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)+|[a-z]+")


def commands(command: click.Command = main, words: str = "orchestrate") -> Iterator[str]:
    """Each command with each of its options and arguments."""
    yield words
    for parameter in command.params:
        yield from (f"{words} {name}" for name in (*parameter.opts, *parameter.secondary_opts))
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None
            yield from commands(inner, f"{words} {name}")


def keys(schema: Any, path: str = "") -> Iterator[str]:
    """Each key that a schema describes, with the path to it."""
    if isinstance(schema, dict):
        for name, inner in schema.get("properties", {}).items():
            yield f"{path}{name}"
            yield from keys(inner, f"{path}{name}.")
        for name, inner in schema.items():
            if name != "properties":
                yield from keys(inner, f"{name}/" if path == "" and name.startswith("$") else path)
    elif isinstance(schema, list):
        for inner in schema:
            yield from keys(inner, path)


def enumerated(schema: Any) -> Iterator[str]:
    """Each word of a closed list."""
    if isinstance(schema, dict):
        yield from (word for word in (*schema.get("enum", ()), schema.get("const")) if isinstance(word, str))
        for inner in schema.values():
            yield from enumerated(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from enumerated(inner)


def literals() -> set[str]:
    """Every name that stands in the code as a text of its own: the ids of findings are among them."""
    found: set[str] = set()
    for path in (ROOT / "orchestrator").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and NAME.fullmatch(node.value):
                found.add(node.value)
    return found


def exit_codes() -> list[str]:
    """The codes that `--help` lists."""
    assert main.epilog is not None
    return [part.strip() for part in main.epilog.removeprefix("Exit codes:").rstrip(".").split(",")]


def schema(name: str) -> Any:
    return json.loads((ROOT / "schemas" / name).read_text("utf-8"))


def now(kind: str) -> set[str]:
    """What there is of a kind today."""
    return set(
        {
            "commands": commands,
            "exit codes": exit_codes,
            "report keys": lambda: keys(schema("run-report.schema.json")),
            "report words": lambda: enumerated(schema("run-report.schema.json")),
            "report formats": lambda: [text for each in FORMATS for text in (each.name, each.suffix)],
            "report columns": lambda: COLUMNS,
            "proof keys": lambda: keys(schema("proof-line.schema.json")),
            "review keys": lambda: keys(schema("plan-review.schema.json")),
            "review words": lambda: enumerated([schema("plan-review.schema.json"), schema("plan-diff.schema.json")]),
            "diff keys": lambda: keys(schema("plan-diff.schema.json")),
            "doctor keys": lambda: keys(schema("doctor.schema.json")),
            "doctor words": lambda: enumerated(schema("doctor.schema.json")),
            "doctor checks": literals,
            "events": lambda: enumerated(schema("events.schema.json")),
            "event keys": lambda: keys(schema("events.schema.json")),
            "plan keys": lambda: keys(schema("call-plan.schema.json")),
            "target keys": lambda: keys(schema("target.schema.json")),
            "notification keys": lambda: keys(schema("notification.schema.json")),
            "python names": lambda: orchestrator.__all__,
            "finding ids": literals,
        }[kind]()
    )


@pytest.mark.parametrize("kind", BEFORE)
def test_no_name_of_the_interface_is_gone(kind: str) -> None:
    assert set(BEFORE[kind]) - now(kind) == set()


def test_each_kind_has_names() -> None:
    assert all(len(names) > 5 for names in BEFORE.values())
