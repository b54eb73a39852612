"""The key of pseudonyms: a secret of the repository's pipelines, else one that nobody keeps."""

import os
import secrets
from pathlib import Path

from orchestrator.model.errors import CannotProceed
from orchestrator.phone.pseudonyms import FEWEST_KEY_BYTES, Pseudonyms

NAME = "ORCHESTRATE_PSEUDONYM_KEY"
"""The variable, and the file in the folder of secrets, with the key."""

_LONGEST = 4096


def pseudonyms(secrets_dir: str | None) -> Pseudonyms:
    """Return what gives labels.

    The key is ORCHESTRATE_PSEUDONYM_KEY, else the file of that name in the folder of secrets, else made for this
    output alone. Raises CannotProceed for a key that can be guessed, or that cannot be read.
    """
    key = os.environb.get(NAME.encode(), b"").strip() or _from_folder(secrets_dir)
    if not key:
        return Pseudonyms(secrets.token_bytes(32), lasting=False)
    if len(key) < FEWEST_KEY_BYTES:
        raise CannotProceed(
            f"{NAME} has fewer than {FEWEST_KEY_BYTES} characters: whoever guesses it can look numbers up",
            "make one with `openssl rand -hex 32`, and keep it where the pipeline keeps its secrets",
        )
    return Pseudonyms(key, lasting=True)


def _from_folder(secrets_dir: str | None) -> bytes:
    if secrets_dir is None:
        return b""
    try:
        named = [file for file in Path(secrets_dir).iterdir() if file.name.upper() == NAME]
        with (named[0] if named else Path(os.devnull)).open("rb") as file:
            return file.read(_LONGEST).strip()
    except OSError as problem:
        raise CannotProceed(
            f"the secrets folder {secrets_dir} cannot be read: {problem.strerror}", "check --secrets-dir"
        ) from None
