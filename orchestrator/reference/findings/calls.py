"""Findings about calls: their ids, templates, times, and what belongs together in them."""

from orchestrator.reference.findings.finding import finding, in_data

CALLS = (
    finding(
        "missing-parameter",
        "error",
        "A call has no From, To or CallerId.",
        "No request can be made without them. Set it in the call or under `defaults`; of a row, fill the cell.",
        bad="calls:\n  - id: a\n",
        good='calls:\n  - id: a\n    To: "+919900000001"\n',
    ),
    finding(
        "same-number",
        "error",
        "A call has the same number as From and To, in whatever spelling.",
        "A call bridges two numbers; this one would ring one person twice.",
        bad='calls:\n  - id: a\n    To: "08069171234"\n',
        good='calls:\n  - id: a\n    To: "+919900000001"\n',
    ),
    finding(
        "same-person",
        "warning",
        "Several calls of the plan ring the same person, perhaps in different spellings.",
        "Perhaps a row stands twice. A plan that means several calls to one person says with `policy.per_person` how"
        " often each is rung, and is not told.",
        bad='calls:\n  - {id: a, To: "+919900000001"}\n  - {id: b, To: "09900000001"}\n',
        good='calls:\n  - {id: a, To: "+919900000001"}\n  - {id: b, To: "09900000001"}\n'
        "policy:\n  per_person: {attempts: 1, within: 24h}\n",
    ),
    finding(
        "duplicate-id",
        "error",
        "Two calls of the plan have the same id.",
        "The id is a call's identity in the journal: with one id for two, one of them would never be dialed.",
        bad='calls:\n  - {id: a, To: "+919900000001"}\n  - {id: a, To: "+919900000002"}\n',
        good='calls:\n  - {id: a, To: "+919900000001"}\n  - {id: b, To: "+919900000002"}\n',
    ),
    in_data(
        "bad-id",
        "error",
        "The id of a call comes out empty, too long, or with characters that nobody sees.",
        "An id has 1 to 200 printable characters, and stays the same from run to run. Fill the cell that it names.",
        bad="id,phone\n,+919900000001\n",
        good="id,phone\n1,+919900000001\n",
    ),
    finding(
        "bad-template",
        "error",
        "A `${` is not closed, or what stands in it is no name.",
        "A template is `${row.column}` or `${var.name}`; a dollar is written `$$`.",
        bad='vars: {phone: "+919900000001"}\ncalls:\n  - id: a\n    To: ${var.phone\n',
        good='vars: {phone: "+919900000001"}\ncalls:\n  - id: a\n    To: ${var.phone}\n',
    ),
    finding(
        "unknown-name",
        "error",
        "A template names neither a column of the row nor a variable.",
        "Only `${row.column}` and `${var.name}` are replaced: a plan means the same everywhere, so no environment is"
        " read.",
        bad="calls:\n  - id: a\n    To: ${env.PHONE}\n",
        good='vars: {phone: "+919900000001"}\ncalls:\n  - id: a\n    To: ${var.phone}\n',
    ),
    finding(
        "unknown-variable",
        "error",
        "A template names a variable that `vars` does not have.",
        "The hint says which exist.",
        bad="calls:\n  - id: a\n    To: ${var.phone}\n",
        good='vars: {phone: "+919900000001"}\ncalls:\n  - id: a\n    To: ${var.phone}\n',
    ),
    in_data(
        "unknown-column",
        "error",
        "A template, `where`, `columns` or `carry` names a column that the data does not have.",
        "The hint says which exist. Capitals count; blanks around a name do not.",
        bad="id,mobile\n1,+919900000001\n",
        good="id,phone\n1,+919900000001\n",
    ),
    finding(
        "row-without-rows",
        "error",
        "A template speaks of a row where there is none.",
        "Only a call with `rows` has one; `defaults` may use the columns of every call that does.",
        bad="calls:\n  - id: a\n    To: ${row.phone}\n",
        good='calls:\n  - id: o-${row.n}\n    rows: [{n: "1", phone: "+919900000001"}]\n    To: ${row.phone}\n',
    ),
    finding(
        "times-impossible",
        "error",
        "A call may start only after it must have started.",
        "Its `not_before` is later than its `not_after`: it would never be dialed. Exchange them, or correct one.",
        bad='calls:\n  - id: a\n    To: "+919900000001"\n    not_before: "2026-11-23T09:00:00+05:30"\n'
        '    not_after: "2026-11-22T09:00:00+05:30"\n',
        good='calls:\n  - id: a\n    To: "+919900000001"\n    not_before: "2026-11-22T09:00:00+05:30"\n'
        '    not_after: "2026-11-23T09:00:00+05:30"\n',
    ),
    finding(
        "name-twice",
        "warning",
        "Two plans that are checked together have one name.",
        "The name is a plan's identity in the journal, which takes it from one file only: a run of the second is"
        " refused (name-taken).",
    ),
    finding(
        "no-name",
        "error",
        "The file has no `name`, so that no run of it can be meant.",
        "A command was given a file where a run is wanted. Name a plan's file, a plan's name or a run's id.",
    ),
)
