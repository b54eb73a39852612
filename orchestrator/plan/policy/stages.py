"""`stages` and `halt`: a canary, then a ramp, and which bad endings stop it."""

from collections.abc import Iterator

from orchestrator.model.diagnostic import Diagnostic, Span, error, warning
from orchestrator.model.outcome import Ending
from orchestrator.model.policy import HaltRule, Stage
from orchestrator.plan.policy.key import PolicyKey, all_read, share_of, shares_of, text_of, whole_number_of
from orchestrator.plan.schema import build
from orchestrator.plan.yaml.nodes import Entry, MappingNode, Node, SequenceNode

ALL = 1.0
_OF = "of"


def _stages_schema() -> build.Schema:
    step = {
        "description": "A number of calls, or a share of them.",
        "anyOf": [
            build.whole("Calls.", 1, build.LARGEST_COUNT, 1),
            build.share("A share of the calls to be dialed, rounded up.", "5%"),
        ],
    }
    return build.listing("A canary, then a ramp: cumulative over the calls to be dialed.", step)


def _read_stages(node: Node) -> tuple[Stage, ...] | None:
    """Read `[1, 5%, 100%]`; None where a stage is neither a number of calls nor a share."""
    return all_read(_stage(item) for item in node.items) if isinstance(node, SequenceNode) else None


def _stage(node: Node) -> Stage | None:
    share = share_of(node)
    if share is not None:
        return Stage(share=share)
    calls = whole_number_of(node)
    return None if calls is None else Stage(calls=calls)


def _stages_problems(entry: Entry, stages: tuple[Stage, ...], _plan: MappingNode) -> Iterator[Diagnostic]:
    """Report stages that are no ramp, and calls that no stage admits."""
    nodes = entry.value.items if isinstance(entry.value, SequenceNode) else ()
    most: dict[bool, tuple[float, str]] = {True: (0, "0%"), False: (0, "0")}  # by whether it is a share
    for node, stage in zip(nodes, stages, strict=True):
        is_share = stage.share is not None
        admits = stage.share if stage.share is not None else float(stage.calls or 0)
        above, written = (ALL, "100%") if most[True][0] >= ALL else most[is_share]
        if admits <= above or most[True][0] >= ALL:
            yield _not_ascending(text_of(node), written, node.span)
        most[is_share] = max(most[is_share], (admits, text_of(node)))
    if most[True][0] < ALL:
        yield _ends_early(stages[-1], text_of(nodes[-1]), nodes[-1].span)


def _not_ascending(written: str, before: str, span: Span) -> Diagnostic:
    message = f"the stage {written} admits no more calls than {before}: stages are cumulative"
    return error("stages-not-ascending", message, span, hint="write them in ascending order, such as `[1, 5%, 100%]`")


def _ends_early(last: Stage, written: str, span: Span) -> Diagnostic:
    beyond = f"all but the first {written}" if last.share is None else f"{round(100 * (1 - last.share), 2):g}% of all"
    message = f"the calls beyond the last stage are not dialed: {beyond}"
    return warning("stages-end-early", message, span, hint="end with 100%")


STAGES = PolicyKey(
    name="stages",
    field="stages",
    example="[1, 5%, 100%]",
    bad="[10, 5, 100%]",
    finding="stages-not-ascending",
    schema=_stages_schema(),
    read=_read_stages,
    problems=_stages_problems,
    documentation="""
    A stage is over when its calls are, with their redials. An unknown attempt, or nothing but rejections, at the
    end of a stage halts the edition until somebody says `resume --because TEXT`.
    """,
)


def _halt_schema() -> build.Schema:
    shares: build.Schema = {
        ending.value: build.share("Stop starting calls from this share on.", "20%")
        for ending in Ending
        if ending is not Ending.COMPLETED
    }
    of = build.whole("How many finished calls, the last ones, are looked at.", 1, build.LARGEST_COUNT, 50)
    rule = build.closed("One reason to stop starting calls.", {**shares, _OF: of}, (_OF,), minProperties=2)
    return build.listing("When to stop starting calls, judged at the end of each stage too.", rule)


def _read_halt(node: Node) -> tuple[HaltRule, ...] | None:
    """Read `[{failed: 20%, of: 50}]`."""
    return all_read(_halt_rule(item) for item in node.items) if isinstance(node, SequenceNode) else None


def _halt_rule(node: Node) -> HaltRule | None:
    if not isinstance(node, MappingNode):
        return None
    of, shares = whole_number_of(node.get(_OF)), shares_of(node, but=_OF)
    return None if of is None or shares is None else HaltRule(shares, of)


def _halt_problems(entry: Entry, rules: tuple[HaltRule, ...], _plan: MappingNode) -> Iterator[Diagnostic]:
    """Refuse shares of 0%, which every plan has reached before it begins."""
    nodes = entry.value.items if isinstance(entry.value, SequenceNode) else ()
    for node, rule in zip(nodes, rules, strict=True):
        for ending, share in rule.shares:
            written = node.get(ending) if isinstance(node, MappingNode) else None
            if share == 0 and written is not None:
                message = f"`policy.halt` stops at 0% {ending}, which is always reached"
                yield error("halt-always", message, written.span, hint="write the share from which on to stop")


HALT = PolicyKey(
    name="halt",
    field="halt",
    example="[{failed: 20%, of: 50}]",
    bad="[{failed: 20%}]",
    finding="missing-key",
    schema=_halt_schema(),
    read=_read_halt,
    problems=_halt_problems,
    documentation="""
    A rule looks at the last `of` calls that are finished. A halt stands for the whole edition, until somebody says
    `resume --because TEXT`.
    """,
)
