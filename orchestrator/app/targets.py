"""Which target is meant, where and as whom its requests are sent, and which files hold secrets."""

import contextlib
from dataclasses import field
from pathlib import Path

from orchestrator.model.diagnostic import error
from orchestrator.model.errors import CannotProceed, Refused
from orchestrator.model.frozen import frozen
from orchestrator.model.target import Target
from orchestrator.plan.paths import check_length, find_root, how_to_open, open_regular, shown_name
from orchestrator.plan.targets import BUILT_IN_TARGETS, load_target


def resolve_target(name: str, plan_path: str, root: str | None) -> Target:
    """Return the target `name`: `sandbox`, `exotel`, a path, or NAME for `configs/NAME.yaml` of the plan's root.

    Raises Refused with every problem of the file, or where there is none; CannotProceed where what is there cannot be
    read.
    """
    path = target_file(name, plan_path, root)
    if path is None:
        return BUILT_IN_TARGETS[name]
    try:
        check_length(path)
        open_regular(str(path)).close()
    except (FileNotFoundError, NotADirectoryError):
        known = ", ".join(sorted(BUILT_IN_TARGETS))
        message = f"there is no target `{name}`: {path} does not exist"
        raise Refused((error("unknown-target", message, hint=f"built in are {known}; or name a file"),)) from None
    except OSError as problem:
        reason = problem.strerror or type(problem).__name__
        raise CannotProceed(
            f"the target file {shown_name(str(path))} cannot be read: {reason}", how_to_open(problem)
        ) from None
    target, found = load_target(str(path), path.stem)
    if target is None or any(item.is_error for item in found):
        raise Refused(found)
    return target


def target_names(plan_path: str, root: str | None) -> list[str]:
    """Return the names that a target has here: those built in, and the files of the root's `configs` folder."""
    folder = Path(find_root(plan_path, root)) / "configs"
    files = sorted(path.stem for path in folder.glob("*.yaml") if path.is_file())
    return [*BUILT_IN_TARGETS, *(name for name in files if name not in BUILT_IN_TARGETS)]


def target_file(name: str, plan_path: str, root: str | None) -> Path | None:
    """Return the file that describes a target; None where it is built in."""
    if name in BUILT_IN_TARGETS:
        return None
    if "/" in name or name.endswith((".yaml", ".yml")):
        return Path(name)
    return Path(find_root(plan_path, root)) / "configs" / f"{name}.yaml"


@frozen
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
    """Return the account that a run would dial on, as far as that is known; else None."""
    if target.account is not None or not target.is_live:
        return target.account or "sandbox"
    with contextlib.suppress(CannotProceed):
        return access_to(target, secrets_dir).account
    return None


def check_pinned(found: str, journal: str, target: Target) -> None:
    """Raise CannotProceed where a target wants another journal than this one, whose id was `found`."""
    if target.journal is not None and target.journal != found:
        raise CannotProceed(
            f"target {target.name} wants the journal {target.journal}, and {journal} is {found}",
            "another journal does not know who was rung: name the right one with --journal",
        )
