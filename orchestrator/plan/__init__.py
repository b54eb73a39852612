"""Turns YAML text and data files into a plan, its resolved calls, and everything that is wrong with them.

`load.py` is the way in: `yaml/` reads the text, `schema/` checks its shape, `policy/` reads each key of the policy,
`rows/` and `lists/` stream the data files, and `resolve.py` makes the calls. `targets.py` reads target files.
"""

from orchestrator.plan.load import LoadedPlan, Plan, load_plan
from orchestrator.plan.paths import find_root, plan_source
from orchestrator.plan.schema.plan import plan_schema
from orchestrator.plan.schema.target import target_schema
from orchestrator.plan.targets import load_target

__all__ = [
    "LoadedPlan",
    "Plan",
    "find_root",
    "load_plan",
    "load_target",
    "plan_schema",
    "plan_source",
    "target_schema",
]
