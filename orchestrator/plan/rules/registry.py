"""All rules, in the order in which they are documented: a new one is a file beside this one, and a line here.

So are countries, each a pack of rules in a file of `plan/compliance/`.
"""

from orchestrator.model.diagnostic import Diagnostic, Span, error
from orchestrator.plan.compliance import india, united_states
from orchestrator.plan.findings import line_excerpt
from orchestrator.plan.rules import (
    advised,
    custom_field_lost,
    events_without_callback,
    max_retries_unset,
    no_effect,
    number_in_id,
    on_demand_feature,
    one_agent_for_many,
    private_address,
    purpose_missing,
    recording_not_received,
    redial_another_day,
    redial_too_late,
    secret_in_query,
    stage_outlasts_window,
    time_limit_unset,
    unencrypted_callback,
)
from orchestrator.plan.rules.rule import Rule
from orchestrator.plan.suggestions import closest_word

PACKS = (india, united_states)

RULES: tuple[Rule, ...] = (
    no_effect.RULE,
    advised.RULE,
    on_demand_feature.RULE,
    events_without_callback.RULE,
    recording_not_received.RULE,
    custom_field_lost.RULE,
    unencrypted_callback.RULE,
    private_address.RULE,
    secret_in_query.RULE,
    time_limit_unset.RULE,
    max_retries_unset.RULE,
    number_in_id.RULE,
    purpose_missing.RULE,
    one_agent_for_many.RULE,
    stage_outlasts_window.RULE,
    redial_too_late.RULE,
    redial_another_day.RULE,
    *(rule.rule(pack.CHECKED) for pack in PACKS for rule in pack.RULES),
)

OF_SEVERAL_PLANS = frozenset({"name-twice"})
"""What only plans that are checked together show."""

_TOLD_BY_READERS = frozenset(
    {
        *(
            "beyond-unconfirmed-limit",
            "other-suffix",
            "quote-the-number",
            "number-to-guess",
            "number-not-valid",
            "no-std-code",
        ),
        *("number-destroyed", "same-person", "redial-never", "stages-end-early", "success-always-met"),
        *("window-too-short", "blank-rows", "no-rows", "no-numbers", "short-number", "numbers-elsewhere"),
        *OF_SEVERAL_PLANS,
    }
)
"""Warnings and notes of what reads values, rows, lists and keys: matters of judgement, as rules are.

Where one of these ids is an error it protects a promise, and stays one.
"""

SWITCHED: frozenset[str] = frozenset(rule.id for rule in RULES) | _TOLD_BY_READERS
"""The ids that a plan may waive, and a repository may ignore or give another severity."""


def not_switched(rule: str, *spans: Span) -> Diagnostic:
    """Refuse an id that nobody may switch, at the place that names it."""
    from orchestrator.reference.findings import FINDINGS

    if rule in FINDINGS:
        message = f"`{rule}` is no rule: it protects a promise, or tells what a command has done, and is never left out"
        return error("not-a-rule", message, *spans, hint="remove it; `orchestrate explain` tells what to do about it")
    near = closest_word(rule, SWITCHED)
    hint = f"did you mean `{near}`?" if near else "`orchestrate explain` lists the rules"
    return error("unknown-rule", f"there is no rule `{line_excerpt(rule)}`", *spans, hint=hint)
