"""`stages`: a canary, then a ramp."""

from collections.abc import Iterator

from orchestrator.model.diagnostic import Diagnostic, Span, error, warning
from orchestrator.model.policy import Stage
from orchestrator.plan.node_values import share_of, text, whole
from orchestrator.plan.yaml.nodes import Entry, Node, SequenceNode

ALL = 1.0


def read_stages(node: Node) -> tuple[Stage, ...] | None:
    """Read `[1, 5%, 100%]`; None where a stage is neither a number of calls nor a share."""
    if not isinstance(node, SequenceNode):
        return None
    stages = [_stage(item) for item in node.items]
    good = tuple(stage for stage in stages if stage is not None)
    return good if good and len(good) == len(stages) else None


def _stage(node: Node) -> Stage | None:
    share = share_of(node)
    if share is not None:
        return Stage(share=share)
    calls = whole(node)
    return None if calls is None else Stage(calls=calls)


def stages_problems(entry: Entry, stages: tuple[Stage, ...]) -> Iterator[Diagnostic]:
    """Tell stages that are no ramp, and calls that no stage admits."""
    nodes = entry.value.items if isinstance(entry.value, SequenceNode) else ()
    most: dict[bool, tuple[float, str]] = {True: (0, "0%"), False: (0, "0")}  # by whether it is a share
    for node, stage in zip(nodes, stages, strict=True):
        is_share = stage.share is not None
        admits = stage.share if stage.share is not None else float(stage.calls or 0)
        above, written = (ALL, "100%") if most[True][0] >= ALL else most[is_share]
        if admits <= above or most[True][0] >= ALL:
            yield _not_ascending(text(node), written, node.span)
        most[is_share] = max(most[is_share], (admits, text(node)))
    if most[True][0] < ALL:
        yield _ends_early(stages[-1], text(nodes[-1]), nodes[-1].span)


def _not_ascending(written: str, before: str, span: Span) -> Diagnostic:
    message = f"the stage {written} admits no more calls than {before}: stages are cumulative"
    return error("stages-not-ascending", message, span, hint="write them in ascending order, such as `[1, 5%, 100%]`")


def _ends_early(last: Stage, written: str, span: Span) -> Diagnostic:
    beyond = f"all but the first {written}" if last.share is None else f"{round(100 * (1 - last.share), 2):g}% of all"
    message = f"the calls beyond the last stage are not dialed: {beyond}"
    return warning("stages-end-early", message, span, hint="end with 100%")
