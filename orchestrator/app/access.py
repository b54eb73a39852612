"""Where and as whom a run's requests are sent, and which journal is its own: `run` asks it, `plan` foresees it."""

import contextlib
from dataclasses import dataclass, field
from pathlib import Path

from orchestrator.model.errors import CannotProceed
from orchestrator.model.target import Target


@dataclass(frozen=True, slots=True)
class Access:
    """Where and as whom requests are sent. `base_url` None: the embedded sandbox's own."""

    account: str
    key: str = field(repr=False)
    token: str = field(repr=False)
    base_url: str | None


def access_to(target: Target, secrets_dir: str | None) -> Access:
    """Return where and as whom requests are sent. The sandbox has an account of its own, and no secrets.

    Raises CannotProceed where credentials are missing, or are another account's.
    """
    if not target.is_live:
        return Access(target.account or "sandbox", "sandbox", "sandbox", None)
    from orchestrator.settings import base_url, load_credentials

    credentials = load_credentials(secrets_dir)
    if target.account is not None and target.account != credentials.account:
        raise CannotProceed(
            f"target {target.name} is for account {target.account}, and EXOTEL_ACCOUNT_SID names another",
            "use that account's credentials, or another target",
        )
    return Access(credentials.account, credentials.key, credentials.token, base_url(credentials, target))


def account_known(target: Target, secrets_dir: str | None = None) -> str | None:
    """Return the account that a run would dial on, as far as that can be told without trouble; else None."""
    if target.account is not None or not target.is_live:
        return target.account or "sandbox"
    with contextlib.suppress(CannotProceed):
        return access_to(target, secrets_dir).account
    return None


def check_pinned(found: str, journal: Path, target: Target) -> None:
    """Raise CannotProceed where a target wants another journal than this one, whose id was `found`."""
    if target.journal is not None and target.journal != found:
        raise CannotProceed(
            f"target {target.name} wants the journal {target.journal}, and {journal} is {found}",
            "another journal does not know who was rung: name the right one with --journal",
        )
