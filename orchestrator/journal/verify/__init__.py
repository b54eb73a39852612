"""Proves that nothing in a journal was altered: the chain of its events, its tables' seals, and what events report."""
