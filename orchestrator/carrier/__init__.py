"""HTTP to the carrier. This room reports facts, never verdicts."""
