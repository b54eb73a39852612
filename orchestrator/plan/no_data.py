"""Files that are no data, whatever a plan says: hidden ones, and those that are credentials or look like them."""

import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

Identity = tuple[int, int]
"""Device and inode: what a file is under all its names."""

_WORDS = (
    r"secrets?|credentials?|passwords?|passwd|passphrases?|(?:api|access|auth|private|secret)[._ -]?(?:keys?|tokens?)"
    r"|service[._ -]?accounts?|rootkey"
)
_CREDENTIALS = re.compile(
    rf"(?:.*[._ -])?(?:{_WORDS})(?:[._ -].*)?"
    r"|id_(?:rsa|dsa|ecdsa|ed25519)(?:_sk)?(?:[._-].*)?"
    r"|exotel_(?:account_sid|api_key|api_token)(?:[._-].*)?"
    r"|env|.*\.env|\.env\..*|[._]netrc|\.?pgpass(?:\.conf)?|\.?htpasswd|\.?git-credentials|\.npmrc|\.pypirc|\.dockercfg"
    r"|kubeconfig|.*\.(?:pem|key|p8|p12|pfx|jks|keystore|kdbx?|ppk|gpg|tfvars|tfstate(?:\.backup)?)",
    re.DOTALL,
)
"""The names, in small letters, under which tools and people keep keys, tokens and passwords."""
_CREDENTIALS_FOLDER = re.compile(r"\.?secrets?|\.?credentials?")
_SETTING = re.compile(r"exotel_.*", re.DOTALL)


def is_hidden(parts: Sequence[str]) -> bool:
    """Whether a path below the root is hidden, or goes through a hidden folder."""
    return any(part.startswith(".") and part not in (".", "..") for part in parts)


def looks_like_credentials(parts: Sequence[str]) -> bool:
    """Whether a path's name, or a folder on its way, is one that credentials are kept under, in whatever case."""
    names = [part.casefold() for part in parts]
    folders = any(_CREDENTIALS_FOLDER.fullmatch(name) for name in names[:-1])
    return folders or (bool(names) and _CREDENTIALS.fullmatch(names[-1]) is not None)


def closed_files(closed: Iterable[str], root: str) -> frozenset[Identity]:
    """Return what must not be read under any name: what is in `closed`, and the files in its folders.

    Of a folder that is the root, or that it stands in, only the files that are named like a setting.
    """
    found: set[Identity] = set()
    for path in closed:
        real = os.path.realpath(path)
        around = root == real or root.startswith(real.rstrip(os.sep) + os.sep)
        try:
            entries = list(os.scandir(real)) if Path(real).is_dir() else []
        except OSError:
            entries = []
        chosen = [entry.path for entry in entries if not around or _SETTING.fullmatch(entry.name.casefold())]
        found.update(identity for each in (*chosen, *(() if around else (real,))) if (identity := identity_of(each)))
    return frozenset(found)


def identity_of(path: str) -> Identity | None:
    """Return what stands at a path, links followed; None where nothing does or it may not be asked."""
    try:
        status = Path(path).stat()
    except (OSError, ValueError):
        return None
    return status.st_dev, status.st_ino
