"""Writes plans and data files, and reads them as the commands do."""

from dataclasses import dataclass
from pathlib import Path

from orchestrator.model.call import ResolvedCall, text_of
from orchestrator.model.diagnostic import Diagnostic, Severity
from orchestrator.plan.load import LoadedPlan, load_plan

AGENT = "+918069171234"
EXOPHONE = "08047112233"
HEAD = f'version: 1\nname: demo\ndefaults:\n  From: "{AGENT}"\n  CallerId: "{EXOPHONE}"\n'


@dataclass(frozen=True, slots=True)
class Read:
    """What came of a plan: its calls, and everything that was told, in the order it came."""

    loaded: LoadedPlan
    calls: list[ResolvedCall]
    told: list[Diagnostic]

    @property
    def ids(self) -> list[str]:
        """The ids of what was told."""
        return [item.id for item in self.told]

    @property
    def errors(self) -> list[Diagnostic]:
        """What stops a run."""
        return [item for item in self.told if item.severity is Severity.ERROR]

    def fields(self, position: int = 0) -> dict[str, str | tuple[str, ...]]:
        """The parameters of one call, in their order."""
        return {item.name: item.value for item in self.calls[position].fields}

    def values(self, name: str) -> list[str | None]:
        """One parameter of every call."""
        return [text_of(call.fields, name) for call in self.calls]


def read(path: Path, **options: object) -> Read:
    """Load the plan of a path and all of its calls."""
    loaded = load_plan(str(path), **options)  # type: ignore[arg-type]
    items = list(loaded.calls())
    calls = [item for item in items if isinstance(item, ResolvedCall)]
    told = [item for item in items if isinstance(item, Diagnostic)]
    return Read(loaded, calls, [*loaded.diagnostics, *told])


def plan(folder: Path, text: str, **options: object) -> Read:
    """Write a plan and read it; a text without `version:` is put below a head with From and CallerId."""
    path = folder / "plan.yaml"
    path.write_text(text if "version:" in text else HEAD + text, "utf-8")
    return read(path, **options)
