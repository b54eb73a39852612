"""Credentials of a live account: from the environment, or from files with one secret each."""

import contextlib
import os
import re
from collections.abc import Iterator
from dataclasses import field
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from orchestrator.model.errors import CannotProceed
from orchestrator.model.frozen import frozen
from orchestrator.model.target import Target, is_loopback

HOSTS = {"singapore": "https://api.exotel.com", "mumbai": "https://api.in.exotel.com"}
"""The carrier's two regions (docs/carrier.md, requests); an account belongs to one of them."""

REQUIRED_SECRETS = ("account_sid", "api_key", "api_token")
ENVIRONMENT_PREFIX = "EXOTEL_"
BUILT_IN = "exotel"

_ACCOUNT = re.compile(r"[A-Za-z0-9_.-]{1,64}\Z")
_UNSENDABLE = re.compile(r"[^\x20-\x7e]")


class Credentials(BaseSettings):
    """An account and how to reach it. Secrets hide themselves in every repr, dump and log.

    Every field is text or None: constraints on secrets would put them into error messages.
    """

    model_config = SettingsConfigDict(
        env_prefix=ENVIRONMENT_PREFIX, env_ignore_empty=True, extra="ignore", hide_input_in_errors=True, frozen=True
    )

    account_sid: str | None = None
    api_key: SecretStr | None = None
    api_token: SecretStr | None = None
    base_url: str | None = None
    region: Literal["singapore", "mumbai"] | None = None

    @property
    def account(self) -> str:
        """The account Sid; `load_credentials` made sure that it is there."""
        return self.account_sid or ""

    @property
    def key(self) -> str:
        """The API key in clear, for the Authorization header only."""
        return self.api_key.get_secret_value() if self.api_key else ""

    @property
    def token(self) -> str:
        """The API token in clear, for the Authorization header only."""
        return self.api_token.get_secret_value() if self.api_token else ""


@frozen
class SettingFound:
    """A setting and where it came from; its value is for looking at, and never shown where it `is_secret`.

    `file` None: the environment. `value` None: it is not set.
    """

    name: str
    is_secret: bool
    value: str | None = field(default=None, repr=False)
    file: Path | None = None


def settings_found(secrets_dir: str | None = None) -> Iterator[SettingFound]:
    """Yield every setting of a live account as `load_credentials` finds it: the environment comes before files."""
    variables = {name.upper(): value for name, value in os.environ.items() if value}
    files: dict[str, Path] = {}
    with contextlib.suppress(OSError, ValueError):
        files = {file.name.upper(): file for file in Path(secrets_dir).iterdir()} if secrets_dir else {}
    for key, about in Credentials.model_fields.items():
        name = f"{ENVIRONMENT_PREFIX}{key.upper()}"
        is_secret = about.annotation == SecretStr | None
        file = None if name in variables else files.get(name)
        value = variables.get(name)
        if file is not None:
            with contextlib.suppress(OSError, ValueError):
                value = file.read_text("utf-8").strip() or None
        yield SettingFound(name, is_secret, value, file if value is not None else None)


def load_credentials(secrets_dir: str | None = None) -> Credentials:
    """Read the EXOTEL_* variables, and for what they lack the files of these names in `secrets_dir`.

    Raises CannotProceed naming everything that is missing or unusable; never with a value.
    """
    if secrets_dir is not None:
        _check_folder(secrets_dir)
    try:
        credentials = Credentials(_secrets_dir=secrets_dir)  # type: ignore[call-arg] # pydantic-settings' own keyword
    except ValidationError as problem:
        raise CannotProceed(*_wrong_setting(problem)) from None
    except (OSError, SettingsError, ValueError):
        raise CannotProceed(
            f"a file in the secrets folder {secrets_dir} cannot be read", "check its permissions; it must be UTF-8 text"
        ) from None
    missing = [f"{ENVIRONMENT_PREFIX}{name.upper()}" for name in REQUIRED_SECRETS if not _text(credentials, name)]
    if missing:
        raise CannotProceed(
            f"a live target needs credentials, and {_and(missing)} {'is' if len(missing) == 1 else 'are'} missing",
            "set them in the environment, or put a file of each name into a folder and name it with --secrets-dir;"
            " the carrier's dashboard shows them under API settings",
        )
    _check(credentials)
    return credentials


def _check_folder(path: str) -> None:
    """Raise CannotProceed where the secrets folder cannot be read, or holds something else under a secret's name."""
    try:
        found = [
            (file.name, file.is_file())
            for file in Path(path).iterdir()
            if file.name.upper().startswith(ENVIRONMENT_PREFIX)
        ]
    except FileNotFoundError:
        raise CannotProceed(f"the secrets folder {path} does not exist", "check --secrets-dir") from None
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or "no folder can have such a name"
        raise CannotProceed(f"the secrets folder {path} cannot be read: {reason}", "check --secrets-dir") from None
    for name, is_file in found:
        if not is_file:
            raise CannotProceed(f"{name} in the secrets folder {path} is no file", "each secret is a file of its own")


def base_url(credentials: Credentials, target: Target) -> str:
    """Return the address that requests of a live target go to, without a final slash.

    The target file's own; for the built-in `exotel` EXOTEL_BASE_URL, else the host of EXOTEL_REGION; else
    Singapore's, as in the source. Raises CannotProceed for an address that could leak the credentials.
    """
    if target.base_url is not None:
        return _safe(target.base_url, f"base_url of target {target.name}")
    if target.name != BUILT_IN:
        return HOSTS["singapore"]
    if credentials.base_url is not None:
        return _safe(credentials.base_url, f"{ENVIRONMENT_PREFIX}BASE_URL")
    return HOSTS[credentials.region or "singapore"]


def _safe(url: str, name: str) -> str:
    try:
        parts = urlsplit(url.strip())
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise CannotProceed(f"{name} is not an address") from None
    if not host or parts.scheme not in ("https", "http"):
        raise CannotProceed(f"{name} is not an https:// address", f"for example {HOSTS['singapore']}")
    if "@" in parts.netloc:
        raise CannotProceed(
            f"{name} holds a user name or password",
            f"put them into {ENVIRONMENT_PREFIX}API_KEY and {ENVIRONMENT_PREFIX}API_TOKEN",
        )
    if parts.query or parts.fragment:
        raise CannotProceed(f"{name} has a query or a fragment", f"for example {HOSTS['singapore']}")
    if parts.scheme == "http" and not is_loopback(host):
        raise CannotProceed(f"{name} begins with http://, which would send the credentials in clear", "write https://")
    return parts.geturl().rstrip("/")


def _check(credentials: Credentials) -> None:
    """Refuse what cannot stand in a path or a header, without repeating it."""
    if not _ACCOUNT.match(credentials.account):
        raise CannotProceed(
            f"{ENVIRONMENT_PREFIX}ACCOUNT_SID is not an account Sid: letters, digits, dots, dashes and underscores"
            " only",
            "copy it again from the carrier's dashboard",
        )
    for name in ("api_key", "api_token"):
        if _UNSENDABLE.search(_text(credentials, name)):
            raise CannotProceed(
                f"{ENVIRONMENT_PREFIX}{name.upper()} holds a character that no key has, such as a line break",
                "copy it again from the carrier's dashboard",
            )


def _text(credentials: Credentials, name: str) -> str:
    value = getattr(credentials, name)
    return value.get_secret_value() if isinstance(value, SecretStr) else value or ""


def _wrong_setting(problem: ValidationError) -> tuple[str, str]:
    """Name the settings that do not fit. Only EXOTEL_REGION has a closed list of values."""
    names = sorted(
        {f"{ENVIRONMENT_PREFIX}{error['loc'][0]!s}".upper() for error in problem.errors(include_input=False)}
    )
    return f"{_and(names)} cannot be used", f"{ENVIRONMENT_PREFIX}REGION is singapore or mumbai"


def _and(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
