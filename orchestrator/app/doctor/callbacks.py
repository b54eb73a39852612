"""Checks of the address that callbacks are sent to: whether the carrier can reach it, as far as that shows here."""

import ssl
import time
from collections.abc import Callable
from urllib.parse import urlsplit

from orchestrator.carrier.certificates import certificate_ends
from orchestrator.carrier.download import addresses_of, download, is_public
from orchestrator.model.check import Area, Check, Health
from orchestrator.model.target import Target, is_loopback
from orchestrator.receiver.identity import IDENTITY_PATH, LONGEST_IDENTITY, identity_of

PATIENCE = 10.0
"""Seconds for a server to show its certificate."""
DAYS_LEFT = 14
"""Days before a certificate's end from which on that is told."""
DAY = 86_400.0


async def check_callbacks(target: Target, is_outside: Callable[[str], bool] = is_public) -> list[Check]:
    """Check `callbacks.public_url` of a target; `is_outside` says whether the carrier could reach an IP address."""
    if target.callbacks is None:
        what = "the target receives no callbacks: look-ups find out how calls end"
        if target.lookups is None:
            hint = "set `callbacks`, or leave `lookups: off` out"
            what = "the target receives no callbacks and makes no look-ups: no call's ending is ever known"
            return [_check("public-url", Health.WARNING, what, None, hint)]
        return [_check("public-url", Health.OK, what)]
    url = target.callbacks.public_url
    parts = urlsplit(url)
    host = parts.hostname or ""
    if is_loopback(host):
        if not target.is_live or is_loopback(urlsplit(target.base_url or "").hostname or ""):
            return [_check("public-url", Health.OK, "the carrier is simulated on this machine, as the address is", url)]
        what = "only this machine can reach it, and the carrier is another"
        return [_check("public-url", Health.PROBLEM, what, url, "name an address that the internet can reach")]
    port = parts.port or 443
    try:
        addresses = await addresses_of(host, port)
    except OSError as problem:
        what = f"its host has no address: {problem.strerror or problem}"
        return [_check("public-url", Health.PROBLEM, what, url, "check the name, and its DNS record")]
    if not any(map(is_outside, addresses)):
        what = f"its host has the address {addresses[0]}, which is one of a private network here"
        hint = "the carrier resolves the name on the internet: see that it leads to you from there"
        return [_check("public-url", Health.WARNING, what, url, hint)]
    resolved = _check("public-url", Health.OK, "its host has an address of the internet", url)
    certificate = await _tls(host, port, url)
    if certificate.health in (Health.PROBLEM, Health.NOT_JUDGED):
        return [resolved, certificate]
    return [resolved, certificate, await _receiver(url, is_outside)]


def _check(id_: str, health: Health, what: str, where: str | None = None, hint: str | None = None) -> Check:
    return Check(Area.CALLBACKS, id_, health, what, where, hint)


async def _tls(host: str, port: int, url: str) -> Check:
    try:
        left = (await certificate_ends(host, port, PATIENCE) - time.time()) / DAY
    except ssl.SSLCertVerificationError as problem:
        what = f"its certificate is not trusted: {problem.verify_message}"
        return _check("callback-certificate", Health.PROBLEM, what, url, "the carrier will not call back: renew it")
    except (OSError, KeyError, ValueError) as problem:
        what = f"it cannot be reached from here: {getattr(problem, 'strerror', None) or type(problem).__name__}"
        hint = "perhaps it can from outside: open its /healthz from another network while `orchestrate serve` is on"
        return _check("callback-certificate", Health.NOT_JUDGED, what, url, hint)
    if left < DAYS_LEFT:
        what = f"its certificate ends in {max(0, left):.0f} days"
        return _check("callback-certificate", Health.WARNING, what, url, "renew it")
    return _check("callback-certificate", Health.OK, f"its certificate is good for {left:,.0f} days", url)


async def _receiver(url: str, is_outside: Callable[[str], bool]) -> Check:
    """Ask who listens behind the address: a run or `serve`, where one is on."""
    came = await download(f"{url}{IDENTITY_PATH}", LONGEST_IDENTITY, PATIENCE, is_outside)
    identity = None if came.body is None else identity_of(came.body)
    if identity is not None:
        what = f"it leads to the receiver of the journal {identity.journal}"
        return _check("callback-receiver", Health.OK, what, url)
    what = f"no receiver answers behind it now: {came.problem or 'what answers is something else'}"
    hint = "start `orchestrate serve`, and ask again: until then nothing tells whether its path leads to the receiver"
    return _check("callback-receiver", Health.NOT_JUDGED, what, url, hint)
