"""The durable record that everything else derives from: one SQLite file."""

from orchestrator.journal.altered import Altered
from orchestrator.journal.loading import load
from orchestrator.journal.lock import PULSE, DialerLock, beside, dialer_lock
from orchestrator.journal.opening import Loaded, NewRun
from orchestrator.journal.reading import Reader
from orchestrator.journal.reloading import Before, last_run, reload
from orchestrator.journal.store import checkpoint, connect, create, journal_id
from orchestrator.journal.transaction import Transaction
from orchestrator.journal.verify import Verified, verify
from orchestrator.journal.writer import Writer

__all__ = [
    "PULSE",
    "Altered",
    "Before",
    "DialerLock",
    "Loaded",
    "NewRun",
    "Reader",
    "Transaction",
    "Verified",
    "Writer",
    "beside",
    "checkpoint",
    "connect",
    "create",
    "dialer_lock",
    "journal_id",
    "last_run",
    "load",
    "reload",
    "verify",
]
