"""Findings about a plan's policy, and about what a target's guardrails say of it."""

from orchestrator.reference.findings.finding import finding

_WAIVED = "policy:\n  waive:\n    - {rule: %s, owner: ops@acme.example, reason: the CRM fetches them, until: %s}\n"

POLICY = (
    finding(
        "policy-not-obeyed",
        "error",
        "This version does not obey a key of the policy.",
        "A guard is never ignored, so that the plan is refused. Remove the key.",
    ),
    finding(
        "unknown-rule",
        "error",
        "A waiver, or orchestrate.toml, names a rule that there is not.",
        "It would switch nothing. The hint names the nearest rule; `orchestrate explain` lists all.",
        bad=_WAIVED % ("recording-not-heard", "2099-12-31"),
        good=_WAIVED % ("recording-not-received", "2099-12-31"),
    ),
    finding(
        "not-a-rule",
        "error",
        "A waiver, or orchestrate.toml, names a finding that is no rule.",
        "It protects a promise, or tells what a command has done, and is never left out. Mend what it tells of.",
        bad=_WAIVED % ("same-number", "2099-12-31"),
        good=_WAIVED % ("recording-not-received", "2099-12-31"),
    ),
    finding(
        "waiver-expired",
        "error",
        "The last day of a waiver is over.",
        "Whoever answers for it said that the rule would count again by then. Mend what it tells of and remove the"
        " waiver, or have its owner set another day. The day is meant in the time zone of the plan's window, without"
        " one in UTC.",
        bad=_WAIVED % ("recording-not-received", "2026-03-31"),
        good=_WAIVED % ("recording-not-received", "2099-12-31"),
    ),
    finding(
        "waiver-idle",
        "note",
        "A waiver waives nothing, because its rule has nothing to tell of the plan.",
        "It would hide what comes later. Remove it.",
        bad=_WAIVED % ("same-person", "2099-12-31"),
        good=_WAIVED % ("recording-not-received", "2099-12-31"),
    ),
    finding(
        "toml-syntax",
        "error",
        "orchestrate.toml cannot be read at this place.",
        "Nothing of it counts before it can be read, and no plan beside it is dialed meanwhile.",
    ),
    finding(
        "redial-never",
        "warning",
        "A redial rule never dials again.",
        "`attempts` counts all attempts of a call, the first included. Write 2 or more, or remove the rule.",
        bad="policy:\n  redial:\n    busy: {attempts: 1, after: 15m}\n",
        good="policy:\n  redial:\n    busy: {attempts: 2, after: 15m}\n",
    ),
    finding(
        "stages-not-ascending",
        "error",
        "A stage admits no more calls than the one before it.",
        "Stages are cumulative: each says how many calls may have been dialed in all.",
        bad="policy:\n  stages: [10, 5, 100%]\n",
        good="policy:\n  stages: [5, 10, 100%]\n",
    ),
    finding(
        "stages-end-early",
        "warning",
        "The last stage does not admit all calls.",
        "The calls beyond it are not dialed. End with 100% unless that is meant.",
        bad="policy:\n  stages: [1, 50%]\n",
        good="policy:\n  stages: [1, 50%, 100%]\n",
    ),
    finding(
        "halt-always",
        "error",
        "A halt rule stops at 0%, which is always reached.",
        "The plan would halt before it begins. Write the share from which on to stop.",
        bad="policy:\n  halt: [{failed: 0%, of: 50}]\n",
        good="policy:\n  halt: [{failed: 20%, of: 50}]\n",
    ),
    finding(
        "limits-impossible",
        "error",
        "The limits leave no time in which a call could start.",
        "`from` is later than `until`. Exchange them, or correct one.",
        bad='policy:\n  limits:\n    from: "2026-11-22T20:00:00+05:30"\n    until: "2026-11-22T09:00:00+05:30"\n',
        good='policy:\n  limits:\n    from: "2026-11-22T09:00:00+05:30"\n    until: "2026-11-22T20:00:00+05:30"\n',
    ),
    finding(
        "success-impossible",
        "error",
        "The shares of `success` add up to more than 100%.",
        "Each is the least one, so that no run could reach all of them. Lower them.",
        bad="policy:\n  success: {completed: 60%, busy: 50%}\n",
        good="policy:\n  success: {completed: 60%, busy: 5%}\n",
    ),
    finding(
        "success-always-met",
        "warning",
        "A share of `success` is 0%, which every run reaches.",
        "It says nothing. Raise it, or remove it.",
        bad="policy:\n  success: {completed: 0%}\n",
        good="policy:\n  success: {completed: 60%}\n",
    ),
    finding(
        "window-too-short",
        "warning",
        "No call fits into a window.",
        "Both legs must have stopped ringing before it closes: twice TimeOut, 60 s each where it is unset. Make the"
        " window longer, or lower TimeOut.",
        bad='policy:\n  window:\n    - days: mon\n      hours: "09:00-09:01"\n      timezone: Asia/Kolkata\n',
        good='policy:\n  window:\n    - days: mon\n      hours: "09:00-21:00"\n      timezone: Asia/Kolkata\n',
    ),
    finding(
        "caller-id-not-allowed",
        "error",
        "A call shows a CallerId that the target does not allow.",
        "The target's `guardrails.caller_ids` lists those that plans may use. Use one of them, or have it added there.",
    ),
    finding(
        "digest-required",
        "error",
        "The target runs reviewed plans only, and no digest was named.",
        "`plan` prints the digest; give it to `run --expect`. It proves that what runs is what was reviewed.",
    ),
    finding(
        "approved",
        "note",
        "Enough people have approved the digest, as the target asks.",
        "A run of it may begin for as long as their approvals count (`guardrails.approval_for`).",
    ),
    finding(
        "cost-unknown",
        "error",
        "`limits.cost` cannot be kept, since the target does not say what calls cost.",
        "Give the target `rates`, or limit `minutes` instead.",
    ),
    finding(
        "other-currency",
        "error",
        "`limits.cost` is in another currency than the target is charged in.",
        "Write the limit in the target's currency.",
    ),
)
