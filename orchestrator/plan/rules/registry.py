"""All rules, in the order in which they are documented: a new one is a file beside this one, and a line here."""

from orchestrator.plan.rules import (
    advised,
    custom_field_lost,
    no_effect,
    number_in_id,
    on_demand_feature,
    stage_outlasts_window,
)
from orchestrator.plan.rules.rule import Rule

RULES: tuple[Rule, ...] = (
    no_effect.RULE,
    advised.RULE,
    on_demand_feature.RULE,
    custom_field_lost.RULE,
    number_in_id.RULE,
    stage_outlasts_window.RULE,
)
