"""The durable record that everything else derives from: one SQLite file."""

from orchestrator.journal.companions import DialerEntry
from orchestrator.journal.in_use import Connection
from orchestrator.journal.loading import load
from orchestrator.journal.lock import PULSE, DialerLock, dialer_lock
from orchestrator.journal.opening import Loaded, NewRun
from orchestrator.journal.reading import Reader
from orchestrator.journal.reloading import Before, last_run, reload
from orchestrator.journal.store import connect, create, journal_id, real_path
from orchestrator.journal.transaction import Transaction
from orchestrator.journal.verify import IntegrityFinding, Verified, verify
from orchestrator.journal.writer import Writer

__all__ = [
    "PULSE",
    "Before",
    "Connection",
    "DialerEntry",
    "DialerLock",
    "IntegrityFinding",
    "Loaded",
    "NewRun",
    "Reader",
    "Transaction",
    "Verified",
    "Writer",
    "connect",
    "create",
    "dialer_lock",
    "journal_id",
    "last_run",
    "load",
    "real_path",
    "reload",
    "verify",
]
