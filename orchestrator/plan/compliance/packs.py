"""All packs: a country is a file beside this one, and a line here."""

from orchestrator.plan.compliance import india, united_states
from orchestrator.plan.rules.rule import Rule

PACKS = (india, united_states)

PACK_RULES = tuple(rule for pack in PACKS for rule in pack.RULES)

RULES: tuple[Rule, ...] = tuple(rule.rule(pack.CHECKED) for pack in PACKS for rule in pack.RULES)
