"""Which certificate authorities this machine trusts, and what certificate a server shows."""

import asyncio
import contextlib
import os
import ssl
from pathlib import Path

from orchestrator.carrier.connections import tls_trust
from orchestrator.model.frozen import frozen


@frozen
class TrustStore:
    """`authorities` were loaded from `where`; None where they are looked up one by one, as they are needed."""

    where: str
    authorities: int | None


def trust_store() -> TrustStore:
    """Return what is trusted here. Raises CannotProceed where it cannot be read."""
    loaded = len(tls_trust("https://").get_ca_certs())
    paths = ssl.get_default_verify_paths()
    where = os.environ.get("SSL_CERT_FILE") or os.environ.get("SSL_CERT_DIR") or paths.cafile or paths.capath
    folder = os.environ.get("SSL_CERT_DIR") or paths.capath
    with contextlib.suppress(OSError):
        if not loaded and folder and any(Path(folder).iterdir()):
            return TrustStore(folder, None)
    return TrustStore(where or "the system's trust store", loaded)


async def certificate_ends(host: str, port: int, within: float) -> float:
    """Return until when the certificate of a server is valid, in epoch seconds, once it has been verified.

    Raises OSError, of which ssl.SSLError and TimeoutError are some, where it cannot be reached or is not trusted.
    """
    async with asyncio.timeout(within):
        _, writer = await asyncio.open_connection(host, port, ssl=tls_trust("https://"), server_hostname=host)
    try:
        shown = writer.get_extra_info("peercert") or {}
        return ssl.cert_time_to_seconds(shown["notAfter"])
    finally:
        writer.transport.abort()
