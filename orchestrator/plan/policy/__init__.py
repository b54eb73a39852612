"""The keys of a plan's `policy`: one declaration a key, from which schema, reader, findings and documentation come."""
