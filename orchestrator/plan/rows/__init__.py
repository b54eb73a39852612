"""Rows for a call as a stream, one reader for each format, and the templates that rows complete."""
