"""Fills in the files of a new repository of call plans."""

import re
from collections.abc import Collection, Mapping, Sequence
from importlib.resources import files
from typing import Literal

import yaml

from orchestrator.model.frozen import frozen
from orchestrator.model.program import REPOSITORY, VERSION

Pipeline = Literal["github", "gitlab", "none"]

EXAMPLE = "example.csv"
"""The file of `files/` whose rows stand for an export where there is none; their numbers belong to nobody."""

SAMPLE_NUMBERS = ("+447700900200", "+447700900201", "+447700900202")
"""Of a range that is kept free for films: they never ring anybody."""

_PLACES: Mapping[str, str] = {
    "plan.yaml": "plans/@name@.yaml",
    "target.yaml": "configs/live.yaml",
    "gitignore": ".gitignore",
    "orchestrate.toml": "orchestrate.toml",
    "pre-commit-config.yaml": ".pre-commit-config.yaml",
    "README.md": "README.md",
}
"""Where the file of each text goes."""
_PIPELINES: Mapping[Pipeline, Mapping[str, str]] = {
    "github": {"github.yml": ".github/workflows/calls.yml"},
    "gitlab": {"gitlab-ci.yml": ".gitlab-ci.yml"},
    "none": {},
}
_HOLE = re.compile(r"@([a-z_]+)@")
_SPECIAL_IN_GIT = re.compile(r"([\\*?\[\]!# ])")
_ONE_LINE = 1 << 30


@frozen
class Starter:
    """What is known of a new repository.

    `columns` are those of the data, `id_column` and `phone_column` are two of them; `most_calls` is the plan's limit.
    `export` is the path below the repository of a file that Git must not take; None where there is none.
    """

    name: str
    purpose: str
    agent: str
    caller_id: str
    columns: tuple[str, ...]
    id_column: str
    phone_column: str
    most_calls: int
    pipeline: Pipeline
    export: str | None = None

    @property
    def plan(self) -> str:
        """The plan's path below the repository."""
        return plan_of(self.name)

    @property
    def data(self) -> str:
        """The path of the data file."""
        return f"data/{self.name}.csv"

    @property
    def sample(self) -> str:
        """The path of the sample."""
        return f"data/{self.name}.sample.csv"


def plan_of(name: str) -> str:
    """Return the path of the plan of this name."""
    return f"plans/{name}.yaml"


def pipeline_files(pipeline: Pipeline) -> Collection[str]:
    """Return the paths of a pipeline's files."""
    return _PIPELINES[pipeline].values()


def repository_files(starter: Starter) -> dict[str, str]:
    """Return the text of each file by its path below the repository; data and sample are not among them."""
    holes = {
        "name": starter.name,
        "version": VERSION,
        "workflow": f"{REPOSITORY}/.github/workflows/orchestrate.yml@v{VERSION}",
        "purpose": starter.purpose,
        "agent": _quoted(starter.agent),
        "caller_id": _quoted(starter.caller_id),
        "id": _quoted(f"{starter.name}-${{row.{starter.id_column}}}"),
        "to": _quoted(f"${{row.{starter.phone_column}}}"),
        "columns": _listed(dict.fromkeys((starter.id_column, starter.phone_column))),
        "data": _quoted(f"../{starter.data}"),
        "sample": _quoted(f"../{starter.sample}"),
        "most_calls": str(starter.most_calls),
        "export": "" if starter.export is None else _SPECIAL_IN_GIT.sub(r"\\\1", f"/{starter.export}") + "\n",
    }
    places = {**_PLACES, **_PIPELINES[starter.pipeline]}
    return {_filled(place, holes): _filled(text_of(name), holes) for name, place in places.items()}


def sample_rows(starter: Starter) -> list[list[str]]:
    """Return made-up rows with the columns of the data."""
    made_up = {starter.phone_column: SAMPLE_NUMBERS}
    return [
        [made_up[name][index] if name in made_up else f"example {index + 1}" for name in starter.columns]
        for index in range(len(SAMPLE_NUMBERS))
    ]


def text_of(name: str) -> str:
    """Return the text of a file of `files/`."""
    return files("orchestrator.starter").joinpath("files", name).read_text("utf-8")


def _filled(text: str, holes: Mapping[str, str]) -> str:
    return _HOLE.sub(lambda hole: holes[hole[1]], text)


def _quoted(text: str) -> str:
    """Return a text as YAML in double quotes, which say the same in every dialect of YAML."""
    return yaml.safe_dump(text, default_style='"', allow_unicode=True, width=_ONE_LINE).strip()


def _listed(texts: Sequence[str] | Mapping[str, None]) -> str:
    return f"[{', '.join(map(_quoted, texts))}]"
