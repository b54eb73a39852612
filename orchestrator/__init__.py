"""Declarative orchestration of phone calls over Exotel's connect API.

A YAML call plan says which calls are wanted; `orchestrate run` dials each at most once. The rooms of the
package, and which may know which, are drawn in ARCHITECTURE.md.
"""

__version__ = "0.1.0"

DOCUMENTATION = "https://orchestrate.example/docs/reference"
"""Where docs/reference/ is published: SARIF's readers lead people there."""
