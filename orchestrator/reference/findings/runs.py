"""Findings that a review or a run makes with the journal, the carrier or the machine: no file alone shows them."""

from orchestrator.reference.findings.finding import finding

RUNS = (
    finding(
        "numbers-changed",
        "error",
        "The numbers of a call differ from those that may already have been rung under its id.",
        "A changed row would ring another person in the name of the first. Give the corrected call a new id, or raise"
        " the plan's `edition` to dial everybody again on purpose.",
    ),
    finding(
        "name-taken",
        "error",
        "The journal knows the plan's name from another file.",
        "Two plans of one name would close each other's calls. Give this one a name of its own; if the file was moved"
        " or renamed, say --moved once.",
    ),
    finding(
        "unchanged",
        "note",
        "The plan and its data are those of the last run, so that its rows are not checked again.",
        "Nothing needs to be done: the calls are taken over as they stand in the journal.",
    ),
    finding(
        "older-journal",
        "error",
        "The journal does not hold the newest event that this machine knows of it.",
        "It is an older copy, or one of two in use: whoever was rung since may be rung again. Stop, and bring the"
        " newest journal back. `run --expect-head` refuses an older one before anything is dialed.",
    ),
    finding(
        "run-cannot-proceed",
        "note",
        "`run` would stop here with exit code 4.",
        "Credentials, a journal, approvals or another run stand in the way; the message says which, and the hint what"
        " to do.",
    ),
    finding(
        "account-unknown",
        "note",
        "Who was called before is not shown, because the account is not known here.",
        "The journal keeps that by account. Set EXOTEL_ACCOUNT_SID and the credentials, or give the target file its"
        " `account`.",
    ),
    finding(
        "suppressed-when-reviewed",
        "note",
        "Calls stood on a list when this digest was reviewed before, and stand on none now.",
        "Under --expect they stay suppressed: lists may only grow. A run without it, or a new edition, dials them.",
    ),
    finding(
        "review-not-remembered",
        "note",
        "The journal cannot keep which calls this review suppresses.",
        "`run --expect` then goes by the lists as they are at that time. Name the journal of the run, and check the"
        " disk and the permissions.",
    ),
    finding(
        "dnd-when-run",
        "note",
        "`policy.dnd` is judged when the plan is run.",
        "Only the carrier knows which numbers are do-not-disturb, and a review asks nobody.",
    ),
    finding(
        "dnd-registered",
        "error",
        "The plan says `dnd: refuse`, and the carrier marks a number as do-not-disturb.",
        "Nobody is dialed. Remove the call, or say `dnd: skip`.",
    ),
    finding(
        "target-as-it-is",
        "note",
        "`diff` reads both plans against the target as it is now, because its file is not in the older commit.",
        "A guardrail that came with the file is then no change. Nothing needs to be done where the target is new.",
    ),
    finding(
        "notify-unsigned",
        "warning",
        "The message that tells how the run ended is not signed.",
        "Whoever knows the receiver's address could send it such a message. Set ORCHESTRATE_NOTIFY_SECRET, here and at"
        " the receiver.",
    ),
    finding(
        "notify-unencrypted",
        "warning",
        "The message that tells how the run ended goes to an address in the network that is not encrypted.",
        "It names no call and no number, and its signature proves who sent it, but totals travel in the open.",
    ),
    finding(
        "notify-slow",
        "note",
        "A receiver has not taken yet how the run ended, and is tried again.",
        "The run is over, and its plan free for others; only this process waits, some seconds. A signal gives it up.",
    ),
    finding(
        "notify-failed",
        "error",
        "A receiver was not told how the run ended.",
        "It was tried for some seconds; the run, its journal and its exit code are not touched. `orchestrate report`"
        " has what the message would have said.",
    ),
    finding(
        "not-unknown",
        "error",
        "`settle` was given a call that has no unknown attempt to settle.",
        "`orchestrate why` tells what became of it.",
    ),
    finding(
        "sid-taken",
        "error",
        "`settle` was given the Sid of a call that another attempt has.",
        "One call of the carrier belongs to one attempt. Look for the right one in the carrier's list.",
    ),
)
