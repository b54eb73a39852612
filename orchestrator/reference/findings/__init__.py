"""Every id of a finding, with its documentation: what it says, why, what to do, and how it looks."""

from orchestrator.model.page import Page
from orchestrator.reference.findings.calls import CALLS
from orchestrator.reference.findings.files import FILES
from orchestrator.reference.findings.keys import KEYS
from orchestrator.reference.findings.numbers import NUMBERS
from orchestrator.reference.findings.policy import POLICY
from orchestrator.reference.findings.rows import ROWS
from orchestrator.reference.findings.runs import RUNS
from orchestrator.reference.findings.text import TEXT

FINDINGS: dict[str, Page] = {
    page.name: page for page in (*TEXT, *KEYS, *CALLS, *NUMBERS, *ROWS, *FILES, *POLICY, *RUNS)
}
"""By id. An id that the code reports and that is not here fails a test, and so does one that is here only."""
