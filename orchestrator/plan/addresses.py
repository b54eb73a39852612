"""What is seen of an address without asking anybody: how it is sent to, who can reach it, and secrets in it."""

import ipaddress
import re
from enum import Enum
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import parse_qsl, urlsplit


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
    def kind(self) -> tuple[str, Reach, bool]:
        """What rules go by: of all addresses there are few kinds."""
        return self.scheme, self.reach, self.secret is not None

    @property
    def is_encrypted(self) -> bool:
        """Whether what is sent there is encrypted on its way."""
        return self.scheme in ("https", "wss")


_NOTHING = Traits("https", Reach.ANYWHERE, None)
"""Of what is no address, which is told elsewhere."""

_SECRET = re.compile(
    r"(?:.*[._-])?(?:tokens?|secrets?|passwords?|passwd|pwd|passphrase|credentials?|auth|authorization|signature"
    r"|(?:api|access|auth|private|secret)[._-]?(?:keys?|tokens?))",
    re.IGNORECASE,
)
_NUMERIC = re.compile(r"(?:0x[0-9a-f]+|[0-9]+)(?:[.](?:0x[0-9a-f]+|[0-9]+)){0,3}")
"""Spellings of an IPv4 address that resolvers know: `127.1`, `2130706433`, `0x7f.0.0.1`."""
_LOCAL_NAMES = (".local", ".localdomain", ".internal", ".intranet", ".lan", ".home.arpa", ".corp", ".private")


@lru_cache(maxsize=1024)
def traits(address: str) -> Traits:
    """Return what is seen of an address; nothing of one that is none."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return _NOTHING
    if not parts.scheme or not parts.hostname:
        return _NOTHING
    query = parse_qsl(parts.query)
    secret = next((name for name, value in query if value and _SECRET.fullmatch(name)), None)
    return Traits(parts.scheme, _reach(parts.hostname.removesuffix(".")), secret)


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
