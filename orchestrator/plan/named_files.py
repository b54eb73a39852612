"""Which files a plan names."""

from collections.abc import Iterator

from orchestrator.plan.lists.holidays import holidays_file
from orchestrator.plan.load import LoadedPlan
from orchestrator.plan.rows.source import RowsSpec, read_rows_spec
from orchestrator.plan.yaml.nodes import MappingNode, SequenceNode


def data_files(loaded: LoadedPlan) -> Iterator[str]:
    """Yield the files beside its lists that decide what is dialed, as the plan has their names: dates and rows."""
    holidays = None if loaded.document is None else holidays_file(loaded.document)
    if holidays is not None:
        yield holidays.text
    yield from (spec.file.text for spec in _rows(loaded) if spec.file is not None)


def named_files(loaded: LoadedPlan) -> Iterator[str]:
    """Yield all files that a plan names, lists and samples too, as the user would write them."""
    lists = () if loaded.plan is None else loaded.plan.policy.suppress
    samples = (spec.sample.text for spec in _rows(loaded) if spec.sample is not None)
    for name in (*lists, *data_files(loaded), *samples):
        yield loaded.files.name(name)


def _rows(loaded: LoadedPlan) -> Iterator[RowsSpec]:
    calls = None if loaded.document is None else loaded.document.get("calls")
    for entry in calls.items if isinstance(calls, SequenceNode) else ():
        rows = entry.get("rows") if isinstance(entry, MappingNode) else None
        spec = None if rows is None else read_rows_spec(rows, loaded.context.variables)[0]
        if spec is not None:
            yield spec
