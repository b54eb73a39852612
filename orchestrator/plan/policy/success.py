"""`success` and `waive`: what makes a run one as wished, and which compliance rules do not apply to the plan."""

from collections.abc import Iterator

from orchestrator.model.diagnostic import Diagnostic, error, warning
from orchestrator.model.outcome import Disposition
from orchestrator.plan.policy.key import PolicyKey, share_of, shares_of
from orchestrator.plan.schema import build
from orchestrator.plan.text_formats import DATE
from orchestrator.plan.yaml.nodes import Entry, MappingNode, Node

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
        "rule": build.text("The id of the rule.", "record-without-notice", minLength=1),
        "owner": build.text("Who answers for it.", "legal@acme.example", minLength=1),
        "reason": build.text("Why it does not apply.", "notice is in the IVR", minLength=1),
        "until": build.text("The last day on which it is waived.", "2027-03-31", pattern=DATE, format="date"),
    }
    required = ("rule", "owner", "reason", "until")
    one = build.closed("One rule that is waived, by whom, why, until when.", properties, required)
    return build.listing("Compliance rules that do not apply to this plan.", one)


WAIVE = PolicyKey(
    name="waive",
    field="",
    example="[{rule: record-without-notice, owner: legal@acme.example, reason: IVR says it, until: 2027-03-31}]",
    bad="[{rule: record-without-notice, owner: legal@acme.example, reason: IVR says it, until: 2027-03-31}]",
    finding="policy-not-obeyed",
    schema=_waive_schema(),
    documentation="This version does not obey it yet, and refuses a plan that has it: it never ignores a guard.",
    obeyed=False,
)
