"""Who approved a digest, and how many people must have done so where a target asks for it."""

from orchestrator.model.frozen import frozen


@frozen
class Approval:
    """One person's approval: the name as it was given, and when (RFC 3339 in UTC)."""

    by: str
    at: str


@frozen
class ApprovalRule:
    """So many different `people` must have approved a digest, each at most `within` seconds ago."""

    people: int
    within: float


@frozen
class SeenDigest:
    """What the journal knows a digest from: the plan and edition of a review or a run, and when that was."""

    plan: str
    edition: str
    at: str
