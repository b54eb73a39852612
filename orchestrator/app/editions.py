"""Whether a plan's edition is still dialed: a newer one closes the older for good."""

import sqlite3

from orchestrator.journal.run import newest_edition


def superseded_by(db: sqlite3.Connection, plan: int, edition: str) -> str | None:
    """Return, in words, the newer edition that closed this one of the plan; None where this is the newest."""
    newest = newest_edition(db, plan)
    return None if newest == edition else in_words(newest)


def in_words(edition: str) -> str:
    """Return `edition 2`, or what stands for an edition without a name."""
    return f"edition {edition}" if edition else "the plan without an edition"
