"""Addresses of target files: where requests go, and where the callback receiver listens."""

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from orchestrator.plan.misform import Misform

_PLAIN = re.compile(r"[!-~]+\Z")
_LISTEN = re.compile(r"(?:(?P<name>[A-Za-z0-9._-]{1,253})|\[(?P<six>[0-9A-Fa-f:.]{2,45})\]):(?P<port>[0-9]{1,5})\Z")


@dataclass(frozen=True, slots=True)
class Listen:
    """Where a server listens; port 0 picks a free one."""

    host: str
    port: int


def address(text: str) -> str | Misform:
    """Check an https address (http on loopback only); returned without its final slash."""
    example = "for example `https://hooks.acme.example`"
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return Misform("is not an address", example)
    if parts.username is not None or parts.password is not None:
        return Misform(
            "holds a user name or password",
            "remove it: credentials come from EXOTEL_API_KEY and EXOTEL_API_TOKEN, or from files in --secrets-dir",
            "secret-in-url",
        )
    if parts.scheme not in ("https", "http") or not host or not _PLAIN.match(text):
        return Misform("is not an address that begins with https://", example)
    if parts.query or parts.fragment or "?" in text or "#" in text:
        return Misform("may not hold a `?` or `#`", "end it with the path")
    if parts.scheme == "http" and not is_loopback(host):
        return Misform("is not encrypted: http:// is for loopback only", "write https://", "insecure-url")
    return text.rstrip("/")


def listen(text: str) -> Listen | Misform:
    """Read `127.0.0.1:8090` or `[::1]:8090`."""
    match = _LISTEN.match(text)
    if match is None or int(match["port"]) > 65535:
        return Misform("is not a host and a port", "for example `127.0.0.1:8090`")
    return Listen(match["name"] or match["six"], int(match["port"]))


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
