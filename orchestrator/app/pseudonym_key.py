"""The key of pseudonyms: a secret of the repository's pipelines, else one that nobody keeps."""

import secrets

from orchestrator.app.secret_setting import secret_setting
from orchestrator.model.errors import CannotProceed
from orchestrator.phone.pseudonyms import FEWEST_KEY_BYTES, Pseudonyms

NAME = "ORCHESTRATE_PSEUDONYM_KEY"
"""The variable, and the file in the folder of secrets, with the key."""


def pseudonyms(secrets_dir: str | None) -> Pseudonyms:
    """Return what gives labels.

    The key is ORCHESTRATE_PSEUDONYM_KEY, else the file of that name in the folder of secrets, else made for this
    output alone. Raises CannotProceed for a key that can be guessed, or that cannot be read.
    """
    key = secret_setting(NAME, secrets_dir)
    if not key:
        return Pseudonyms(secrets.token_bytes(32), lasting=False)
    if len(key) < FEWEST_KEY_BYTES:
        raise CannotProceed(
            f"{NAME} has fewer than {FEWEST_KEY_BYTES} characters: whoever guesses it can look numbers up",
            "make one with `openssl rand -hex 32`, and keep it where the pipeline keeps its secrets",
        )
    return Pseudonyms(key, lasting=True)
