"""Writes every generated file that is committed: `python -m orchestrator.app.generate` (or `make generate`)."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from orchestrator.app.reference import schema_text
from orchestrator.app.reference_files import reference_files
from orchestrator.exotel.reference import parameters_markdown
from orchestrator.phone.numbers import at_home

HOME = Path(__file__).parents[2]
"""The repository: generated files are committed beside the package."""

GENERATED: dict[str, Callable[[], str]] = {
    "schemas/call-plan.schema.json": lambda: schema_text("call-plan"),
    "schemas/target.schema.json": lambda: schema_text("target"),
    "schemas/run-report.schema.json": lambda: schema_text("run-report"),
    "schemas/run-report-line.schema.json": lambda: schema_text("run-report-line"),
    "schemas/plan-review.schema.json": lambda: schema_text("plan-review"),
    "schemas/plan-diff.schema.json": lambda: schema_text("plan-diff"),
    "schemas/events.schema.json": lambda: schema_text("events"),
    "schemas/doctor.schema.json": lambda: schema_text("doctor"),
    "schemas/PARAMETERS.md": parameters_markdown,
    **reference_files(),
    "orchestrator/phone/at_home.regex": lambda: f"{at_home()}\n",
}
"""What stands in each file. A test proves that the committed ones are fresh."""


def generate(home: Path = HOME, files: Mapping[str, Callable[[], str]] = GENERATED) -> list[str]:
    """Write every file whose text has changed; return their names."""
    changed = []
    for name, text in files.items():
        path, fresh = home / name, text()
        if not path.is_file() or path.read_text("utf-8") != fresh:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(fresh, "utf-8")
            changed.append(name)
    return changed


if __name__ == "__main__":
    for changed_name in generate():
        sys.stdout.write(f"{changed_name}\n")
