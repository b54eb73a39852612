"""Which calls are plainly what their events say: SQLite compares these by itself, in a third of the time of Python.

Of a million calls nearly all are told by an attempt that started, was accepted and ended, or are not begun. What is not
plain here is no finding yet: `verify/calls.py` has the rules for all calls, and judges those that this leaves.
"""

import sqlite3

_STORIES = """
SELECT call, min(run) AS run,
    count(*) = 3 + sum(type = 'callback.received')
    AND min(run) = max(run) AND min(attempt) = 1 AND max(attempt) = 1 AND count(attempt) = count(*)
    AND min(seq) = max(CASE WHEN type = 'attempt.started' THEN seq END)
    AND max(seq) = max(CASE WHEN type = 'call.ended' THEN seq END) AS is_one_attempt,
    max(CASE WHEN type = 'attempt.started' THEN at END) AS started_at,
    max(CASE WHEN type = 'attempt.started' THEN data END) AS started,
    max(CASE WHEN type = 'attempt.placed' THEN data END) AS placed,
    max(CASE WHEN type = 'call.ended' THEN at END) AS ended_at,
    max(CASE WHEN type = 'call.ended' THEN data END) AS ended
FROM events WHERE call IS NOT NULL GROUP BY call
"""
"""What the events say of each call: whether it is one attempt that started, and after which the call ended."""

_ENDED = (
    """'{"disposition":"' || c.disposition || '","reason":null,"duration":' || %s"""
    """ || ',"ending":"' || a.ending || '"}'"""
)
"""What `call.ended` carries of a call and its attempt; the duration may have been learnt later."""

_AS_TOLD = f"""
    a.call = c.key AND a.n = 1 AND a.run = r.key AND a.started_at = s.started_at AND a.placement = 'accepted'
    AND (SELECT count(*) FROM attempts other WHERE other.call = c.key) = 1
    AND c.state = 'closed' AND c.rung = 1 AND c.reason IS NULL
    AND s.placed = '{{"placement":"accepted","evidence":"' || a.evidence || '","http_status":' || a.http_status
        || ',"sid":"' || a.sid || '","message":null}}'
    AND s.ended IN ({_ENDED % "coalesce(a.duration, 'null')"}, {_ENDED % "'null'"})
    AND instr(c.fields, '["From",' || substr(s.started, 9, instr(s.started, ',"to":') - 9) || ',') > 0
    AND instr(c.fields, '["To",' || trim(substr(s.started, instr(s.started, ',"to":') + 6), '}}') || ',') > 0
    AND strftime('%Y-%m-%dT%H:%M:%fZ', c.finished - 0.0004995, 'unixepoch') = s.ended_at
"""  # noqa: S608 - constants only
"""Whether call `c` and its attempt `a` are what its story `s` says. Texts are compared as they are written: where a
character of one is escaped, the call is not plain. `strftime` rounds milliseconds, and events have the last one."""

_TELL = f"""
INSERT INTO told SELECT s.call, (
    SELECT c.key FROM runs r CROSS JOIN calls c CROSS JOIN attempts a
    WHERE s.is_one_attempt AND r.id = s.run
        AND c.plan = r.plan AND c.edition = r.edition AND c.id = s.call AND {_AS_TOLD}
) FROM ({_STORIES}) s
"""  # noqa: S608 - constants only

_NOT_BEGUN = """
INSERT INTO plain SELECT c.key FROM calls c
WHERE c.rung = 0 AND c.disposition IN ('waiting', 'not-dialed', 'suppressed')
    AND (c.state = 'closed') = (c.disposition <> 'waiting')
    AND NOT EXISTS (SELECT 1 FROM attempts a WHERE a.call = c.key)
    AND NOT EXISTS (SELECT 1 FROM events e WHERE e.call = c.id)
"""


def set_plain_calls_aside(db: sqlite3.Connection) -> None:
    """Fill two temporary tables: `plain` with the keys of plain calls, `odd` with all other ids that events speak of.

    All events with the id of a plain call are its own.
    """
    for table in ("plain (key INTEGER PRIMARY KEY)", "odd (call TEXT PRIMARY KEY)", "told (call TEXT, key INTEGER)"):
        db.execute(f"CREATE TEMP TABLE IF NOT EXISTS {table}")
        db.execute(f"DELETE FROM temp.{table.split()[0]}")  # noqa: S608 - a constant
    db.execute(_TELL)
    db.execute("INSERT INTO plain SELECT key FROM told WHERE key IS NOT NULL")
    db.execute("INSERT INTO odd SELECT call FROM told WHERE key IS NULL")
    db.execute("DELETE FROM told")
    db.execute(_NOT_BEGUN)
