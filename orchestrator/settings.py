"""Credentials of a live account: from the environment, or from files with one secret each."""

import contextlib
import os
import re
from collections.abc import Iterator
from dataclasses import field
from pathlib import Path
from urllib.parse import urlsplit

from orchestrator.model.errors import CannotProceed
from orchestrator.model.frozen import frozen
from orchestrator.model.target import Target, is_loopback

HOSTS = {"singapore": "https://api.exotel.com", "mumbai": "https://api.in.exotel.com"}
"""The carrier's two regions (docs/carrier.md, requests); an account belongs to one of them."""

ENVIRONMENT_PREFIX = "EXOTEL_"
ACCOUNT_SID, API_KEY, API_TOKEN, BASE_URL, REGION = (
    f"{ENVIRONMENT_PREFIX}{name}" for name in ("ACCOUNT_SID", "API_KEY", "API_TOKEN", "BASE_URL", "REGION")
)
SETTINGS = (ACCOUNT_SID, API_KEY, API_TOKEN, BASE_URL, REGION)
"""Every setting, by its variable, which is the name of its file as well."""
REQUIRED = (ACCOUNT_SID, API_KEY, API_TOKEN)
SECRET = (API_KEY, API_TOKEN)
BUILT_IN = "exotel"

_ACCOUNT = re.compile(r"[A-Za-z0-9_.-]{1,64}\Z")
_UNSENDABLE = re.compile(r"[^\x20-\x7e]")


@frozen
class Credentials:
    """An account and how to reach it. Key and token are for the Authorization header only, and no `repr` shows them."""

    account: str
    key: str = field(repr=False)
    token: str = field(repr=False)
    base_url: str | None = None
    region: str = "singapore"


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
    """Yield every setting of a live account: the environment comes before files. What cannot be read is not set."""
    variables = _variables()
    files: dict[str, Path] = {}
    with contextlib.suppress(OSError, ValueError):
        files = _files(secrets_dir)
    for name in SETTINGS:
        file = None if name in variables else files.get(name)
        value = variables.get(name)
        if file is not None:
            with contextlib.suppress(OSError, ValueError):
                value = _text(file) or None
        yield SettingFound(name, name in SECRET, value, file if value is not None else None)


def load_credentials(secrets_dir: str | None = None) -> Credentials:
    """Read the EXOTEL_* variables, and for what they lack the files of these names in `secrets_dir`.

    Raises CannotProceed naming everything that is missing or unusable; never with a value.
    """
    if secrets_dir is not None:
        _check_folder(secrets_dir)
    try:
        found = {name: _text(file) for name, file in _files(secrets_dir).items() if name in SETTINGS} | _variables()
    except (OSError, ValueError):
        raise CannotProceed(
            f"a file in the secrets folder {secrets_dir} cannot be read", "check its permissions; it must be UTF-8 text"
        ) from None
    region = found.get(REGION, "singapore")
    if region not in HOSTS:
        raise CannotProceed(f"{REGION} cannot be used", f"{REGION} is {' or '.join(HOSTS)}")
    missing = [name for name in REQUIRED if not found.get(name)]
    if missing:
        raise CannotProceed(
            f"a live target needs credentials, and {_and(missing)} {'is' if len(missing) == 1 else 'are'} missing",
            "set them in the environment, or put a file of each name into a folder and name it with --secrets-dir;"
            " the carrier's dashboard shows them under API settings",
        )
    credentials = Credentials(found[ACCOUNT_SID], found[API_KEY], found[API_TOKEN], found.get(BASE_URL), region)
    _check(credentials)
    return credentials


def _variables() -> dict[str, str]:
    """Return the environment's variables that are not empty, in capitals."""
    return {name.upper(): value for name, value in os.environ.items() if value}


def _files(secrets_dir: str | None) -> dict[str, Path]:
    """Return the files of the secrets folder, by their names in capitals; of what cannot be read an OSError."""
    return {file.name.upper(): file for file in Path(secrets_dir).iterdir()} if secrets_dir else {}


def _text(file: Path) -> str:
    return file.read_text("utf-8").strip()


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
        return _safe(credentials.base_url, BASE_URL)
    return HOSTS[credentials.region]


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
            f"put them into {API_KEY} and {API_TOKEN}",
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
            f"{ACCOUNT_SID} is not an account Sid: letters, digits, dots, dashes and underscores only",
            "copy it again from the carrier's dashboard",
        )
    for name, secret in ((API_KEY, credentials.key), (API_TOKEN, credentials.token)):
        if _UNSENDABLE.search(secret):
            raise CannotProceed(
                f"{name} holds a character that no key has, such as a line break",
                "copy it again from the carrier's dashboard",
            )


def _and(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
