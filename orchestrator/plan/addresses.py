"""What is seen of an address without asking anybody: how it is sent to, who can reach it, and secrets in it."""

import ipaddress
import re
from enum import Enum
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote_plus, urlsplit


class Reach(Enum):
    """From where a host can be reached."""

    ANYWHERE = "anywhere"
    NETWORK = "its own network"
    MACHINE = "its own machine"


class Traits(NamedTuple):
    """What is seen of an address. `secret`: the name of a query parameter that is called like a secret, else None."""

    scheme: str
    reach: Reach
    secret: str | None

    @property
    def is_encrypted(self) -> bool:
        """Whether what is sent there is encrypted on its way."""
        return self.scheme in ("https", "wss")


_NOTHING = Traits("https", Reach.ANYWHERE, None)
"""Of what is no address, which is told elsewhere."""

_CREDENTIAL = (
    r"(?:.*[._-])?(?:tokens?|secrets?|passwords?|passwd|pwd|passphrase|credentials?|auth|authorization|signature"
    r"|(?:api|access|auth|private|secret)[._-]?(?:keys?|tokens?))"
)
_NUMERIC = re.compile(r"(?:0x[0-9a-f]+|[0-9]+)(?:[.](?:0x[0-9a-f]+|[0-9]+)){0,3}")
"""Spellings of an IPv4 address that resolvers know: `127.1`, `2130706433`, `0x7f.0.0.1`."""
_LOCAL_NAMES = (".local", ".localdomain", ".internal", ".intranet", ".lan", ".home.arpa", ".corp", ".private")


_NAMES = re.compile(r"[?&]([^=&#]+)=[^&#]")
"""The names in a query that have a value."""
_SHORTEST = len("https://")
"""Characters before the slash that ends a host; where a scheme is shorter, more of the address does no harm."""


def traits(address: str) -> Traits:
    """Return what is seen of an address; nothing of one that is none."""
    return Traits(*_of_origin(_origin(address)), next(filter(_is_secret, _names(address)), None))


Kind = tuple[tuple[str, Reach], bool]


def kind(address: str) -> Kind:
    """Return what rules go by: of a million addresses there are few kinds, since they mostly are on one host."""
    return _of_origin(_origin(address)), "?" in address and any(map(_is_secret, _names(address)))


def _names(address: str) -> list[str]:
    return _NAMES.findall(address.partition("#")[0] if "#" in address else address)


def _origin(address: str) -> str:
    """Return the beginning of an address, with its scheme and its host."""
    end = address.find("/", _SHORTEST)
    return address if end < 0 else address[:end]


@lru_cache(maxsize=1024)
def _of_origin(origin: str) -> tuple[str, Reach]:
    try:
        parts = urlsplit(origin)
    except ValueError:
        return _NOTHING[:2]
    is_one = parts.scheme and parts.hostname
    return (parts.scheme, _reach((parts.hostname or "").removesuffix("."))) if is_one else _NOTHING[:2]


@lru_cache(maxsize=1024)
def _is_secret(name: str) -> bool:
    return re.fullmatch(_CREDENTIAL, unquote_plus(name), re.IGNORECASE) is not None


def _reach(host: str) -> Reach:
    address = _ip_address(host)
    if address is not None:
        if address.is_loopback or address.is_unspecified:
            return Reach.MACHINE
        return Reach.ANYWHERE if address.is_global else Reach.NETWORK
    if host == "localhost" or host.endswith(".localhost"):
        return Reach.MACHINE
    return Reach.NETWORK if "." not in host or host.endswith(_LOCAL_NAMES) else Reach.ANYWHERE


def _ip_address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    if _NUMERIC.fullmatch(host):
        import socket

        try:
            return ipaddress.IPv4Address(socket.inet_aton(host))
        except OSError:
            return None
    try:
        found = ipaddress.ip_address(host)
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return mapped or found
