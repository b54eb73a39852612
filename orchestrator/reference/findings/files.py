"""Findings about the files that a plan names."""

from orchestrator.reference.findings.finding import finding

_ROWS = "calls:\n  - id: o-${row.id}\n    rows: %s\n    To: ${row.phone}\n"
_DATA = {"data.csv": "id,phone\n1,+919900000001\n"}

FILES = (
    finding(
        "no-such-file",
        "error",
        "There is no file at the path that is named.",
        "A path in a plan is relative to the plan's folder, one in a target file to that file's.",
        bad=_ROWS % "gone.csv",
        good=_ROWS % "data.csv",
        files=_DATA,
    ),
    finding(
        "unreadable-file",
        "error",
        "A file is there and cannot be read.",
        "The message has the system's reason; check its permissions.",
    ),
    finding(
        "not-a-file",
        "error",
        "What is named is a folder, a pipe or a device.",
        "A plan is a regular file, or `-` for standard input.",
    ),
    finding(
        "file-outside-root",
        "error",
        "A plan names a file outside its root, or a link that leads out of it.",
        "A plan in a pull request must not read the machine that checks it. The root is the nearest folder above with"
        " `.git` or `orchestrate.toml`; --root names another.",
        bad=_ROWS % "/etc/hosts",
        good=_ROWS % "data.csv",
        files=_DATA,
    ),
    finding(
        "hidden-file",
        "error",
        "A plan names a hidden file, or one in a hidden folder.",
        "Settings and secrets live there, and they are no data.",
        bad=_ROWS % ".data.csv",
        good=_ROWS % "data.csv",
        files=_DATA,
    ),
    finding(
        "credentials-file",
        "error",
        "A plan names a file that holds credentials, or looks like one that does.",
        "Its content could come out in a message, or go to the carrier. If it is data, give it another name.",
        bad=_ROWS % "credentials.csv",
        good=_ROWS % "data.csv",
        files=_DATA,
    ),
    finding(
        "no-such-root",
        "error",
        "The root that --root names is no folder.",
        "Name an existing folder, or leave the option out.",
    ),
)
