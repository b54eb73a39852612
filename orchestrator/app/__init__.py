"""The use cases, and the public Python API: the one room that wires the others."""
