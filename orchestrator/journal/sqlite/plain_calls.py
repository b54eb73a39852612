"""Which calls are plainly what their events say: SQLite compares these by itself, in a third of the time of Python.

Of a million calls nearly all are told by an attempt that started, was accepted and ended, or are not begun. What is not
plain here is no finding yet: `verify/calls.py` has the rules for all calls, and judges those that this leaves.
"""

import sqlite3

_STORIES = """
SELECT call, min(seq) AS first, max(seq) AS last, count(*) AS n FROM events WHERE call IS NOT NULL GROUP BY call
"""
"""Of each call that events speak of its first and its last one, and how many there are."""

_ONE_ATTEMPT = """
    began.seq = s.first AND began.type = 'attempt.started' AND began.attempt = 1
    AND placed.seq = (SELECT min(seq) FROM events WHERE call = s.call AND seq > s.first)
    AND placed.type = 'attempt.placed' AND placed.attempt = 1 AND placed.run = began.run
    AND ended.seq = s.last AND ended.type = 'call.ended' AND ended.attempt = 1 AND ended.run = began.run
    AND (s.n = 3 OR s.n = 3 + (
        SELECT count(*) FROM events heard
        WHERE heard.call = s.call AND heard.type = 'callback.received' AND heard.attempt = 1 AND heard.run = began.run
    ))
"""
"""Whether the story `s` is that of one attempt: it began, was placed, perhaps heard of, and with it the call ended."""

_ENDED = (
    """'{"disposition":"' || c.disposition || '","reason":null,"duration":' || %s"""
    """ || ',"ending":"' || a.ending || '"}'"""
)
"""What `call.ended` carries of a call and its attempt; the duration may have been learnt later."""

_AS_TOLD = f"""
    a.call = c.key AND a.n = 1 AND a.run = r.key AND a.started_at = began.at AND a.placement = 'accepted'
    AND (SELECT count(*) FROM attempts other WHERE other.call = c.key) = 1
    AND c.state = 'closed' AND c.rung = 1 AND c.reason IS NULL
    AND placed.data = '{{"placement":"accepted","evidence":"' || a.evidence || '","http_status":' || a.http_status
        || ',"sid":"' || a.sid || '","message":null}}'
    AND ended.data IN ({_ENDED % "coalesce(a.duration, 'null')"}, {_ENDED % "'null'"})
    AND instr(c.fields, '["From",' || substr(began.data, 9, instr(began.data, ',"to":') - 9) || ',') > 0
    AND instr(c.fields, '["To",' || trim(substr(began.data, instr(began.data, ',"to":') + 6), '}}') || ',') > 0
    AND strftime('%Y-%m-%dT%H:%M:%fZ', c.finished - 0.0004995, 'unixepoch') = ended.at
"""  # noqa: S608 - constants only
"""Whether call `c` and its attempt `a` are what these events say. Texts are compared as they are written: where a
character of one is escaped, the call is not plain. `strftime` rounds milliseconds, and events have the last one."""

_TELL = f"""
INSERT INTO told SELECT s.call, (
    SELECT c.key FROM events began CROSS JOIN events placed CROSS JOIN events ended
        CROSS JOIN runs r CROSS JOIN calls c CROSS JOIN attempts a
    WHERE {_ONE_ATTEMPT}
        AND r.id = began.run AND c.plan = r.plan AND c.edition = r.edition AND c.id = s.call AND {_AS_TOLD}
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
