"""`success` and `waive`: what makes a run one as wished, and which rules do not count for the plan."""

from collections.abc import Iterator

from orchestrator.model.diagnostic import Diagnostic, Waiver, error, warning
from orchestrator.model.outcome import Disposition
from orchestrator.plan.policy.key import PolicyKey, all_read, share_of, shares_of, text_of
from orchestrator.plan.schema import build
from orchestrator.plan.text_formats import DATE, ParseError, read_date
from orchestrator.plan.yaml.nodes import Entry, MappingNode, Node, SequenceNode

Shares = tuple[tuple[str, float], ...]


def _success_schema() -> build.Schema:
    words = {
        word.value: build.share(f"The least share of the dialed calls that is {word.value}.", "60%")
        for word in Disposition
        if word is not Disposition.WAITING
    }
    return build.closed(
        "What `as wished` means for exit code 0; without it every dialed call completes.", words, minProperties=1
    )


def _read_success(node: Node) -> Shares | None:
    """Read `{completed: 60%}` to the least share by disposition."""
    return shares_of(node) if isinstance(node, MappingNode) else None


def _success_problems(entry: Entry, shares: Shares, _plan: MappingNode) -> Iterator[Diagnostic]:
    """Report what no run can reach, and what every run does."""
    if sum(least for _, least in shares) > 1 + 1e-9:
        message = "`policy.success` asks for more than 100% in all, which no run can reach"
        yield error("success-impossible", message, entry.key.span, hint="each share is the least one; lower them")
    for each in entry.value if isinstance(entry.value, MappingNode) else ():
        if share_of(each.value) == 0:
            message = f"`policy.success.{each.key.text}` asks for at least 0%, which every run reaches"
            hint = "shares are the least ones: raise it, or remove it; for `no failures` write `completed: 100%`"
            yield warning("success-always-met", message, each.value.span, hint=hint)


SUCCESS = PolicyKey(
    name="success",
    field="success",
    example="{completed: 60%}",
    bad="{completed: 60}",
    finding="wrong-form",
    schema=_success_schema(),
    read=_read_success,
    problems=_success_problems,
    documentation="Each share is the least one, of the calls that were dialed.",
)


def _waive_schema() -> build.Schema:
    properties = {
        "rule": build.text("The id of the rule.", "recording-not-received", "record-without-notice", minLength=1),
        "owner": build.text("Who answers for it.", "ops@acme.example", minLength=1),
        "reason": build.text("Why it does not count here.", "the CRM fetches them", minLength=1),
        "until": build.text("The last day on which it is waived.", "2099-12-31", pattern=DATE, format="date"),
    }
    required = ("rule", "owner", "reason", "until")
    one = build.closed("One rule that is waived, by whom, why, until when.", properties, required)
    return build.listing("Rules that do not count for this plan.", one)


def _read_waive(node: Node) -> tuple[Waiver, ...] | None:
    """Read the list of waivers."""
    return all_read(_waiver(item) for item in node.items) if isinstance(node, SequenceNode) else None


def _waiver(node: Node) -> Waiver | None:
    if not isinstance(node, MappingNode):
        return None
    rule, owner, reason, until = (text_of(node.get(key)) for key in ("rule", "owner", "reason", "until"))
    is_whole = all((rule, owner, reason)) and not isinstance(read_date(until), ParseError)
    return Waiver(rule, owner, reason, until) if is_whole else None


_EXAMPLE = "{rule: recording-not-received, owner: ops@acme.example, reason: the CRM fetches them, until: 2099-12-31}"

WAIVE = PolicyKey(
    name="waive",
    field="waive",
    example=f"[{_EXAMPLE}]",
    bad="[{rule: recording-not-received, owner: ops@acme.example, reason: the CRM fetches them}]",
    finding="missing-key",
    schema=_waive_schema(),
    read=_read_waive,
    documentation="""
    What a waived rule tells is shown all the same, with owner, reason and day, and counts neither for `--strict` nor
    for exit codes. After the day, which is meant in the time zone of the plan's window (without one in UTC), the waiver
    itself is an error. An error that protects a promise cannot be waived.
    """,
)
