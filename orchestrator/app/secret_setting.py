"""A secret of our own: a variable of the environment, else a file of that name in the folder of secrets."""

import os
from pathlib import Path

from orchestrator.model.errors import CannotProceed

_LONGEST = 4096


def secret_setting(name: str, secrets_dir: str | None) -> bytes:
    """Return a secret, without blanks around it; nothing where there is none. Raises CannotProceed."""
    return os.environb.get(name.encode(), b"").strip() or _from_folder(name, secrets_dir)


def _from_folder(name: str, secrets_dir: str | None) -> bytes:
    if secrets_dir is None:
        return b""
    try:
        named = [file for file in Path(secrets_dir).iterdir() if file.name.upper() == name]
        with (named[0] if named else Path(os.devnull)).open("rb") as file:
            return file.read(_LONGEST).strip()
    except OSError as problem:
        raise CannotProceed(
            f"the secrets folder {secrets_dir} cannot be read: {problem.strerror}", "check --secrets-dir"
        ) from None
