"""Dials what is due: short steps, each safe to run twice, under one scheduler."""
