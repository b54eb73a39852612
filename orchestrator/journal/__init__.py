"""The durable record that everything else derives from, behind one port (port.py): today one SQLite file."""

from orchestrator.journal.chain import journal_id
from orchestrator.journal.load import Load, Loading, Reload
from orchestrator.journal.queries import Reader
from orchestrator.journal.run import Loaded, NewRun
from orchestrator.journal.sqlite.companions import DialerEntry
from orchestrator.journal.sqlite.connection import Connection
from orchestrator.journal.sqlite.file import connect, create, real_path
from orchestrator.journal.sqlite.lock import dialer_lock
from orchestrator.journal.sqlite.writer import Writer
from orchestrator.journal.transaction import Transaction
from orchestrator.journal.verify import IntegrityFinding, Verified, verify

__all__ = [
    "Connection",
    "DialerEntry",
    "IntegrityFinding",
    "Load",
    "Loaded",
    "Loading",
    "NewRun",
    "Reader",
    "Reload",
    "Transaction",
    "Verified",
    "Writer",
    "connect",
    "create",
    "dialer_lock",
    "journal_id",
    "real_path",
    "verify",
]
