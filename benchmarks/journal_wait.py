"""Another process that wants to write into a journal in use: how long it waits for its turn, at the longest.

    python journal_wait.py journal.db      until its standard input ends; prints seconds

It takes the write lock, as a callback or another run does for its commit, and lets it go; nothing is written.
"""

import select
import sqlite3
import sys
import time

PAUSE, RETRY = 0.02, 0.001
"""Seconds between two turns, and between two tries for one: SQLite's own waiting would add up to 0.1 s."""


def main(journal: str) -> None:
    """Ask again and again."""
    db = sqlite3.connect(journal, timeout=0, isolation_level=None)
    longest, ended = 0.0, False
    while not ended:
        began = time.perf_counter()
        while not has_turn(db):
            time.sleep(RETRY)
        longest = max(longest, time.perf_counter() - began)
        db.execute("ROLLBACK")
        ended = bool(select.select([sys.stdin], [], [], PAUSE)[0])
    print(longest)


def has_turn(db: sqlite3.Connection) -> bool:
    """Try for the write lock once."""
    try:
        db.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError:
        return False
    return True


if __name__ == "__main__":
    main(sys.argv[1])
