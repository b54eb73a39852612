"""What a command was asked for."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What `run` was asked for. Durations are in seconds, None takes the default.

    `reports` are paths, `expect_head` is the hash of an event in hexadecimal digits.
    """

    plan: str
    target: str = "sandbox"
    journal: str | None = None
    reports: tuple[str, ...] = ()
    expect: str | None = None
    expect_head: str | None = None
    edition: str | None = None
    yes: bool = False
    root: str | None = None
    secrets_dir: str | None = None
    settle_for: float | None = None
    wait: float | None = None
    until_placed: bool = False
    only: str | None = None
    limit: int | None = None
    new_ids: bool = False
    moved: bool = False
    retry_rejected: bool = False
    unmask: bool = False


@dataclass(frozen=True, slots=True)
class PlanOptions:
    """What `plan` was asked for; `at` is the moment of the review in epoch seconds, None for now."""

    plan: str
    target: str = "sandbox"
    journal: str | None = None
    root: str | None = None
    edition: str | None = None
    unmask: bool = False
    at: float | None = None
    secrets_dir: str | None = None
    moved: bool = False
