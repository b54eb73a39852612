"""Who is told how a run ended: which addresses, where they may stand, and the secret that signs what they get."""

import base64
import binascii
from collections.abc import Iterator
from dataclasses import field

from orchestrator.app.options import WEB, shown_address
from orchestrator.app.secret_setting import secret_setting
from orchestrator.model.diagnostic import Diagnostic, warning
from orchestrator.model.errors import CannotProceed, WrongUsage
from orchestrator.model.frozen import frozen
from orchestrator.model.target import Target
from orchestrator.plan.addresses import Reach, traits
from orchestrator.plan.text_formats import ParseError, read_webhook

ADDRESSES = "ORCHESTRATE_NOTIFY"
"""The variable, or the file in the folder of secrets, with addresses that hold a secret; blanks stand between them."""

SECRET = "ORCHESTRATE_NOTIFY_SECRET"  # noqa: S105 - its name
"""The same with the secret that signs, in base64, as Standard Webhooks writes it."""

FEWEST_SECRET_BYTES = 24


@frozen
class Recipients:
    """Who is told: addresses of webhooks, and of services; `key` signs, None where there is no secret."""

    webhooks: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    key: bytes | None = field(default=None, repr=False)

    def findings(self) -> Iterator[Diagnostic]:
        """Warn of what a receiver cannot trust, and of what travels in the open."""
        if self.webhooks and self.key is None:
            yield warning(
                "notify-unsigned",
                f"the message at the end of the run is not signed, because {SECRET} is not set",
                hint="make a secret with `openssl rand -base64 32`, and give it to the receiver too",
            )
        for url in self.webhooks:
            seen = traits(url)
            if not seen.is_encrypted and seen.reach is not Reach.MACHINE:
                message = f"the message to {shown_address(url)} is not encrypted: totals travel in the open"
                yield warning("notify-unencrypted", message, hint="write https://")


def recipients(given: tuple[str, ...], target: Target, secrets_dir: str | None) -> Recipients:
    """Return who is told: the addresses that were given, the target's, and those that the environment names.

    Raises WrongUsage for an address that was given and cannot be used, CannotProceed for the environment's, for a
    secret that is none, and for a service where the library that knows it is not installed.
    """
    in_the_open = [_given(url) for url in (*given, *target.notify)]
    kept = [_kept(url) for url in _addresses(secrets_dir)]
    webhooks = tuple(dict.fromkeys(url for url in (*in_the_open, *kept) if _is_web(url)))
    services = tuple(dict.fromkeys(url for url in kept if not _is_web(url)))
    return Recipients(webhooks, services, _key(secrets_dir) if webhooks else None)


def _is_web(url: str) -> bool:
    return "://" not in url or url.partition("://")[0].lower() in WEB


def _given(url: str) -> str:
    """Check an address that was given in the open, where none may hold a secret."""
    if not _is_web(url):
        _check_library(url)
        raise WrongUsage(
            f"{shown_address(url)}: the address of a service holds a secret, and is given by {ADDRESSES} only, or by a"
            " file of that name in --secrets-dir"
        )
    found = read_webhook(url)
    if isinstance(found, ParseError):
        raise WrongUsage(f"the address {shown_address(url)} to notify {found.reason}; {found.hint}")
    return found


def _addresses(secrets_dir: str | None) -> list[str]:
    try:
        return secret_setting(ADDRESSES, secrets_dir).decode().split()
    except UnicodeDecodeError:
        raise CannotProceed(f"{ADDRESSES} is not text in UTF-8") from None


def _kept(url: str) -> str:
    """Check an address from where secrets are kept."""
    if _is_web(url):
        found = read_webhook(url, may_hold_secret=True)
        if isinstance(found, ParseError):
            raise CannotProceed(f"{ADDRESSES}: {shown_address(url)} {found.reason}", found.hint)
        return found
    _check_library(url)
    from orchestrator.carrier.services import is_service

    if not is_service(url):
        message = f"{ADDRESSES}: {shown_address(url)} is no address of a service that the library apprise knows"
        raise CannotProceed(message, "write it as apprise's own documentation of the service does")
    return url


def _check_library(url: str) -> None:
    from orchestrator.carrier.services import INSTALL, has_services

    if not has_services():
        message = f"{shown_address(url)} is of a service, and the library that knows it is not installed"
        raise CannotProceed(message, INSTALL)


def _key(secrets_dir: str | None) -> bytes | None:
    text = secret_setting(SECRET, secrets_dir).removeprefix(b"whsec_")
    if not text:
        return None
    hint = "make one with `openssl rand -base64 32`, and keep it where the pipeline keeps its secrets"
    try:
        key = base64.b64decode(text, validate=True)
    except binascii.Error:
        raise CannotProceed(f"{SECRET} is not base64", hint) from None
    if len(key) < FEWEST_SECRET_BYTES:
        raise CannotProceed(f"{SECRET} has fewer than {FEWEST_SECRET_BYTES} bytes: it can be guessed", hint)
    return key
