"""One parameter's documentation, found under any spelling."""

import difflib

from orchestrator.exotel.masking import excerpt
from orchestrator.exotel.parameters import BY_SPELLING
from orchestrator.exotel.reference import explanation
from orchestrator.model.errors import WrongUsage

LONGEST = 64
"""Characters of a name that are compared and repeated; a parameter's has 30 at most."""


def explain(name: str) -> str:
    """Return the documentation of the parameter that `name` spells, in any case, indexed or not.

    Raises WrongUsage for an unknown name, with the nearest ones.
    """
    by_lower = {spelling.lower(): row for spelling, row in BY_SPELLING.items()}
    name = name if len(name) <= LONGEST else name[: LONGEST - 3] + "..."
    wanted = name.strip().lower().partition("[")[0]
    row = by_lower.get(wanted)
    if row is not None:
        return explanation(row)
    near = difflib.get_close_matches(wanted[:LONGEST], by_lower, n=3, cutoff=0.6)
    asked = excerpt(name, LONGEST)
    names = list(dict.fromkeys(by_lower[spelling].name for spelling in near))
    if names:
        raise WrongUsage(f"no parameter is called '{asked}'; did you mean {' or '.join(names)}?")
    known = ", ".join(dict.fromkeys(row.name for row in BY_SPELLING.values()))
    raise WrongUsage(f"no parameter is called '{asked}'; these exist: {known}")
