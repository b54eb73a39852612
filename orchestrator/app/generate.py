"""Writes every generated file that is committed: `python -m orchestrator.app.generate` (or `make generate`).

The files of docs/reference/ and docs/glossary.md say what `explain` says.
"""

import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from orchestrator.app.explain import all_pages
from orchestrator.app.reference import schema_text
from orchestrator.exotel.reference import parameters_markdown
from orchestrator.model.page import Page, Subject
from orchestrator.phone.numbers import at_home
from orchestrator.reference.page_markdown import FINDINGS_FILE, index_markdown, pages_markdown
from orchestrator.reference.words import glossary_markdown

HOME = Path(__file__).parents[2]
"""The repository: generated files are committed beside the package."""

PLACES = {
    Subject.PARAMETER: "../../schemas/PARAMETERS.md",
    Subject.PLAN_KEY: "plan-keys.md",
    Subject.POLICY_KEY: "policy-keys.md",
    Subject.TARGET_KEY: "target-keys.md",
    Subject.FINDING: FINDINGS_FILE,
    Subject.EXIT_CODE: "exit-codes.md",
    Subject.SETTINGS: "settings.md",
    Subject.WORD: "../glossary.md",
}
"""Where the pages of each subject stand, from docs/reference/."""

_TITLES = {
    Subject.PLAN_KEY: "Keys of a plan",
    Subject.POLICY_KEY: "Keys of a policy",
    Subject.TARGET_KEY: "Keys of a target file",
    Subject.FINDING: "Findings",
    Subject.EXIT_CODE: "Exit codes",
    Subject.SETTINGS: "The settings of a repository",
}
"""Of the files that are made of pages alone."""

_HEADS = {
    Subject.PLAN_KEY: """
        A plan is one YAML file. Its lower-case keys speak to the orchestrator and never leave it; the carrier's own
        parameters begin with a capital letter, stand under `defaults` or in a call, and are documented in
        [PARAMETERS.md](../../schemas/PARAMETERS.md). A key that begins with `x-` is a place for notes and anchors.""",
    Subject.POLICY_KEY: """
        They stand under `policy` in a plan. Everything that may hold a call back is judged by one evaluator: at review
        (`plan`, also `--at TIME`), when the call is chosen, in the transaction that commits its intent, and once more
        right before its request leaves. What may not start yet is reported as `not before T because of R`.""",
    Subject.TARGET_KEY: """
        A target says where calls go. `sandbox` and `exotel` are built in; a file `configs/NAME.yaml` of the root, or
        any path, describes another. No secret stands in it.""",
    Subject.FINDING: """
        What `validate`, `plan` and `run` report, by its id: why, what to do, and how it looks. An error refuses the
        plan (exit code 3), a warning does not unless `validate --strict` is given, a note never does. In the examples
        the rest of a plan is left out.""",
    Subject.EXIT_CODE: """
        They judge the plan's calls, not the work of one process: a run with nothing to do repeats the verdict. They are
        an interface: none is ever used for something else.""",
    Subject.SETTINGS: """
        What holds for all plans of a repository stands in one file at its root.""",
}

_INDEX = """
    Every name that people meet, what it is, and where it is documented; `orchestrate explain NAME` prints the same."""


def reference_files() -> dict[str, Callable[[], str]]:
    """Return what stands in each file, by its path in the repository."""
    files = {f"docs/reference/{PLACES[subject]}": partial(_file_of, subject) for subject in _TITLES}
    return {"docs/reference/README.md": _index, **files, "docs/glossary.md": glossary_markdown}


def _documented() -> list[Page]:
    """Return the pages but those of keys that are documented with the key they stand in."""
    return [page for page in all_pages() if page.inside is None]


def _file_of(subject: Subject) -> str:
    pages = (page for page in _documented() if page.subject is subject)
    return pages_markdown(_TITLES[subject], " ".join(_HEADS[subject].split()), pages)


def _index() -> str:
    return index_markdown(" ".join(_INDEX.split()), PLACES, _documented())


GENERATED: dict[str, Callable[[], str]] = {
    "schemas/call-plan.schema.json": lambda: schema_text("call-plan"),
    "schemas/target.schema.json": lambda: schema_text("target"),
    "schemas/run-report.schema.json": lambda: schema_text("run-report"),
    "schemas/run-report-line.schema.json": lambda: schema_text("run-report-line"),
    "schemas/proof-line.schema.json": lambda: schema_text("proof-line"),
    "schemas/plan-review.schema.json": lambda: schema_text("plan-review"),
    "schemas/plan-diff.schema.json": lambda: schema_text("plan-diff"),
    "schemas/events.schema.json": lambda: schema_text("events"),
    "schemas/doctor.schema.json": lambda: schema_text("doctor"),
    "schemas/notification.schema.json": lambda: schema_text("notification"),
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
