"""What people look at that comes from the journal: reports and the summary."""
