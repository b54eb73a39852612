"""Checks of this machine: certificate authorities, clock and time zones."""

import ctypes
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from importlib.metadata import PackageNotFoundError, version
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from orchestrator.carrier.certificates import trust_store
from orchestrator.model.check import Area, Check, Health
from orchestrator.model.errors import CannotProceed
from orchestrator.model.target import Target

UNSYNCHRONIZED = 5
"""What adjtimex(2) returns where nothing keeps the kernel's clock right: TIME_ERROR."""
_ROOM = 1024
"""Bytes for its answer, which takes 208: what it is asked with, all noughts, changes nothing."""
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


def clock_is_set() -> bool | None:
    """Return whether the kernel knows of a time server that sets its clock; None where no kernel tells (not Linux)."""
    ask = getattr(ctypes.CDLL(None), "adjtimex", None)
    state = -1 if ask is None else ask(ctypes.create_string_buffer(_ROOM))
    return None if state < 0 else state != UNSYNCHRONIZED


def check_clock(target: Target, is_set: Callable[[], bool | None] = clock_is_set) -> Iterator[Check]:
    """Check what can be told of the clock without anybody else's; `is_set` asks whether a time server sets it."""
    now, by_server = datetime.now(UTC), is_set()
    if now < EARLIEST:
        what = f"this machine believes that it is {now:%Y-%m-%d}"
        yield Check(Area.CLOCK, "clock", Health.PROBLEM, what, None, "set the clock: windows are kept by it")
    elif by_server:
        yield Check(Area.CLOCK, "clock", Health.OK, "a time server sets the clock, as the system says")
    elif by_server is None or not target.is_live:
        what = "the system does not tell that a time server sets the clock"
        yield Check(Area.CLOCK, "clock", Health.NOT_JUDGED, what)
    else:
        what = "no time server sets the clock, as the system says"
        hint = "let the clock follow a time server (NTP): windows, paces and look-ups are kept by it"
        yield Check(Area.CLOCK, "clock", Health.WARNING, what, None, hint)
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
