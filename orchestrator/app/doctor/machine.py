"""Checks of this machine: certificate authorities, clock and time zones."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from orchestrator.carrier.certificates import trust_store
from orchestrator.model.check import Area, Check, Health
from orchestrator.model.errors import CannotProceed
from orchestrator.model.target import Target

SYNCHRONIZED = Path("/run/systemd/timesync/synchronized")
"""Is there once systemd's own client has set the clock by a time server."""
EARLIEST = datetime(2026, 1, 1, tzinfo=UTC)
"""No clock that is right is before this program."""
INDIA, INDIA_AHEAD = "Asia/Kolkata", timedelta(hours=5, minutes=30)


def check_certificates(target: Target) -> Check:
    """Check that there are certificate authorities to trust: slim images have none."""
    try:
        store = trust_store()
    except CannotProceed as problem:
        return Check(Area.CERTIFICATES, "certificates", Health.PROBLEM, problem.message, None, problem.hint)
    if store.authorities == 0:
        what = "no certificate authority is known here: no https:// address can be trusted"
        hint = "install the system's package of certificates (ca-certificates), or set SSL_CERT_FILE"
        health = Health.PROBLEM if target.is_live else Health.WARNING
        return Check(Area.CERTIFICATES, "certificates", health, what, store.where, hint)
    count = "looked up when needed" if store.authorities is None else f"{store.authorities:,}"
    return Check(Area.CERTIFICATES, "certificates", Health.OK, f"certificate authorities: {count}", store.where)


def check_clock(synchronized: Path = SYNCHRONIZED) -> Iterator[Check]:
    """Check what can be told of the clock without anybody else's."""
    now = datetime.now(UTC)
    if now < EARLIEST:
        what = f"this machine believes that it is {now:%Y-%m-%d}"
        yield Check(Area.CLOCK, "clock", Health.PROBLEM, what, None, "set the clock: windows are kept by it")
    elif synchronized.exists():
        yield Check(Area.CLOCK, "clock", Health.OK, "a time server sets the clock", str(synchronized))
    else:
        what = "the system does not tell whether a time server sets the clock"
        yield Check(Area.CLOCK, "clock", Health.NOT_JUDGED, what)
    if not time.get_clock_info("monotonic").monotonic:
        what = "this machine has no clock that runs evenly: paces cannot be kept"
        yield Check(Area.CLOCK, "steady-clock", Health.PROBLEM, what, None, "run it on another system")


def check_zones(target: Target) -> Check:
    """Check that time zones are known and right: those of plan and target, were they not, would be findings."""
    try:
        ahead = datetime.now(ZoneInfo(INDIA)).utcoffset()
        ZoneInfo(target.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as problem:
        hint = "install the Python package tzdata, or the system's"
        return Check(Area.CLOCK, "time-zones", Health.PROBLEM, f"a time zone is not known: {problem}", None, hint)
    if ahead != INDIA_AHEAD:
        what = f"the time zones are wrong: {INDIA} is {ahead} ahead of UTC here"
        return Check(Area.CLOCK, "time-zones", Health.PROBLEM, what, None, "install the Python package tzdata")
    try:
        data = f"tzdata {version('tzdata')}"
    except PackageNotFoundError:
        data = "the system's"
    return Check(Area.CLOCK, "time-zones", Health.OK, f"{len(available_timezones()):,} time zones are known ({data})")
