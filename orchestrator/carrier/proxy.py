"""Which proxy stands between this machine and an address, by the variables that other tools obey."""

import ipaddress
from urllib.parse import urlsplit
from urllib.request import getproxies_environment, proxy_bypass

from orchestrator.model.errors import CannotProceed


def proxy_for(base_url: str) -> str | None:
    """Return the proxy's address from HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY; None for a direct way.

    Loopback is always direct: a proxy would have to reach its own loopback, not ours. Raises CannotProceed for
    a proxy that we cannot speak to; its address is not shown, it may hold a password.
    """
    parts = urlsplit(base_url)
    proxies = getproxies_environment()
    host = parts.hostname or ""
    if is_loopback(host) or proxy_bypass(parts.netloc):
        return None
    address = proxies.get(parts.scheme) or proxies.get("all")
    if not address:
        return None
    address = address if "://" in address else f"http://{address}"
    if not address.lower().startswith(("http://", "https://")):
        raise CannotProceed(
            f"the environment names a proxy for {parts.scheme}:// that is neither http:// nor https://",
            hint="set HTTPS_PROXY to an HTTP proxy, or name the carrier's host in NO_PROXY",
        )
    return address


def is_loopback(host: str) -> bool:
    """Whether the host is this machine by its address or by the name `localhost`."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() in ("localhost", "localhost.") or host.lower().endswith(".localhost")
