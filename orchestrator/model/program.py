"""The version of this program, the formats that it reads and writes, and where it is found."""

VERSION = "0.1.0"

PLAN_VERSION = 1
"""The `version` of the plan language."""
REPORT_FORMAT = 1
"""The `format` of reports and of all other JSON."""
JOURNAL_FORMAT = 1
"""The format of the journals that this program makes, which it also brings older ones to."""

REPOSITORY = "acme/orchestrate"
"""Where the action and the reusable workflow are: pipelines that `init` writes call them there."""

DOCUMENTATION = "https://orchestrate.example/docs/reference"
"""Where docs/reference/ is published: SARIF's readers lead people there."""
