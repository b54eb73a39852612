"""What a run's committed events add up to: how far it is, how fast it goes, what it waits for, when it may end."""
