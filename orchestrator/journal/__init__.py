"""The durable record that everything else derives from, behind one port (port.py): today one SQLite file."""
