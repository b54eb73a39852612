"""Parses, renders, exit codes: the command line over `app/`."""
