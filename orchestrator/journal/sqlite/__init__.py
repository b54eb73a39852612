"""The journal as one SQLite file: its connections, companion files, locks, schema, and the thread that writes."""
