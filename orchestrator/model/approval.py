"""Who approved a digest, and how many people must have done so where a target asks for it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Approval:
    """One person's approval: the name as it was given, and when (RFC 3339 in UTC)."""

    by: str
    at: str


@dataclass(frozen=True, slots=True)
class ApprovalRule:
    """So many different `people` must have approved a digest, each at most `within` seconds ago."""

    people: int
    within: float


@dataclass(frozen=True, slots=True)
class SeenDigest:
    """What the journal knows a digest from: the plan and edition of a review or a run, and when that was."""

    plan: str
    edition: str
    at: str
