"""What schemas do not say of the keys of plans and target files: what each is for, and how it looks right and wrong.

Keys inside of a key that stands here are documented with it.
"""

from collections.abc import Mapping
from dataclasses import field

from orchestrator.model.frozen import frozen


@frozen
class KeyNotes:
    """Why a key is there, a piece of a file that is right, and one that is told with the finding of this id.

    `files` are data files by their names, which both pieces are read beside.
    """

    why: str
    good: str
    bad: str
    finding: str
    files: Mapping[str, str] = field(default_factory=dict)


_CALL = 'calls:\n  - id: a\n    To: "+919900000001"\n'
_ROWS = 'calls:\n  - id: o-${row.id}\n    rows: [{id: "1", phone: "+919900000001"}]\n    To: ${row.phone}\n'
_DATA = {"data.csv": "id,phone,payment\n1,+919900000001,COD\n"}
_FILE = "calls:\n  - id: o-${row.id}\n    rows: {file: data.csv, %s}\n    To: ${row.phone}\n"

PLAN_KEYS: dict[str, KeyNotes] = {
    "version": KeyNotes(
        "A later language would have another number, so that no plan is read otherwise than it was written.",
        "version: 1\n",
        "version: 2\n",
        "not-allowed",
    ),
    "name": KeyNotes(
        "The journal keeps what was dialed under it: renaming a plan makes it another one, and dials everybody again.",
        "name: cod-confirmations\n",
        "name: COD confirmations\n",
        "wrong-form",
    ),
    "edition": KeyNotes(
        "A run never dials again what may have rung. To dial the same ids again, on purpose, raise the edition; it"
        " closes what the older one has not dialed. `run --edition` says it for one run.",
        'edition: "2026-11-22"\n',
        'edition: "first round"\n',
        "wrong-form",
    ),
    "description": KeyNotes(
        "It is for the people who review the plan; nothing is judged by it, and the digest does not cover it.",
        "description: Confirm orders before dispatch\n",
        "description: [Confirm, orders]\n",
        "wrong-type",
    ),
    "purpose": KeyNotes(
        "What the law allows depends on it. Without it the compliance rules cannot judge, and say so. The digest"
        " covers it.",
        "purpose: transactional\n",
        "purpose: marketing\n",
        "not-allowed",
    ),
    "numbers": KeyNotes(
        "As typed, the carrier guesses the country of a number that does not say it. With e164 all go out with their"
        " country code, and one whose country is not known is refused.",
        "numbers: e164\n",
        "numbers: international\n",
        "not-allowed",
    ),
    "vars": KeyNotes(
        "Values that several places share. A variable is read from the plan only, never from the environment: a plan"
        " means the same everywhere.",
        'vars:\n  hub: BLR-4\ncalls:\n  - id: ${var.hub}-1\n    To: "+919900000001"\n',
        'calls:\n  - id: ${var.hub}-1\n    To: "+919900000001"\n',
        "unknown-variable",
    ),
    "defaults": KeyNotes(
        "Parameters that all calls share. A call's own value wins; `plan --origin` shows which one decided.",
        'defaults:\n  From: "+918069171234"\n  CallerId: "08047112233"\n  TimeOut: 30\n',
        'defaults:\n  From: "+918069171234"\n  CallerId: "08047112233"\n  timeout: 30\n',
        "unknown-key",
    ),
    "calls": KeyNotes(
        "Each entry is one call, or with `rows` one call a row.",
        _CALL,
        "calls: []\n",
        "empty",
    ),
    "calls.id": KeyNotes(
        "The journal knows a call by it: change it, and the call is another one. With `rows` it names a column whose"
        " values stay the same, such as an order's number.",
        _ROWS,
        _ROWS.replace("row.id", "row.order"),
        "unknown-column",
    ),
    "calls.rows": KeyNotes(
        "One call a row, from a CSV file with a header line, JSON Lines, or a list in the plan. Only `${row.column}`"
        " puts a column into a call.",
        _ROWS,
        _ROWS.replace('[{id: "1", phone: "+919900000001"}]', "[]"),
        "no-rows",
    ),
    "calls.rows.file": KeyNotes(
        "A path relative to the plan, inside its root.",
        _FILE % "columns: [id, phone]",
        _FILE.replace("data.csv", "../../data.csv") % "columns: [id, phone]",
        "file-outside-root",
        _DATA,
    ),
    "calls.rows.columns": KeyNotes(
        "The columns that the file must have. With `sample` they let a plan be reviewed where the data is not.",
        _FILE % "columns: [id, phone]",
        _FILE % "columns: [id, mobile]",
        "unknown-column",
        _DATA,
    ),
    "calls.rows.sample": KeyNotes(
        "Customer data need not be in Git: `validate` and `plan` read the sample where the file is missing, and say so."
        " A run needs the file, and takes the digest of such a review if `policy.limits.calls` is set.",
        _FILE % "sample: data.csv",
        _FILE % "sample: []",
        "wrong-type",
        _DATA,
    ),
    "calls.rows.where": KeyNotes(
        "Rows that do not meet it make no call. Texts are compared exactly, capitals and blanks too.",
        _FILE % "where: {payment: COD}",
        _FILE % "where: {payment: cod}",
        "no-rows",
        _DATA,
    ),
    "calls.rows.carry": KeyNotes(
        "The report shows these columns with each call; they are not sent, and the digest does not cover them.",
        _FILE % "carry: [payment]",
        _FILE % "carry: [hub]",
        "unknown-column",
        _DATA,
    ),
    "calls.rows.bad": KeyNotes(
        "By default one bad row refuses the whole plan. With skip bad rows are listed and left out, and stand in the"
        " report as not dialed.",
        _FILE % "bad: skip",
        _FILE % "bad: ignore",
        "not-allowed",
        _DATA,
    ),
    "calls.priority": KeyNotes(
        "Among calls that may start now the one with the highest number starts first; without it a call has 0.",
        _CALL + "    priority: 10\n",
        _CALL + "    priority: high\n",
        "wrong-form",
    ),
    "calls.not_before": KeyNotes(
        "The call waits until then, and for the window. The offset is part of the time: no machine's own zone is"
        " meant.",
        _CALL + '    not_before: "2026-11-22T09:30:00+05:30"\n',
        _CALL + '    not_before: "2026-11-22 09:30"\n',
        "wrong-form",
    ),
    "calls.not_after": KeyNotes(
        "A call that could not start until then is closed as not dialed.",
        _CALL + '    not_after: "2026-11-22T20:30:00+05:30"\n',
        _CALL + "    not_after: tonight\n",
        "wrong-form",
    ),
    "calls.timezone": KeyNotes(
        "It says where To is for windows with `timezone: callee`. Without it the number decides, and a number that may"
        " be in several zones is rung only while the window is open in all of them.",
        _CALL + "    timezone: America/New_York\n",
        _CALL + "    timezone: New York\n",
        "wrong-form",
    ),
    "policy": KeyNotes(
        "What it does not say is not limited, but by the target. Each of its keys is a guard that is never ignored.",
        "policy:\n  pace: 150/minute\n",
        "policy:\n  speed: 150/minute\n",
        "unknown-key",
    ),
}
"""By the path of each key in a plan; the keys of `policy` are declared in plan/policy/."""

TARGET_KEYS: dict[str, KeyNotes] = {
    "kind": KeyNotes(
        "The kind `exotel` rings real phones: it needs credentials, a journal and a confirmation.",
        "kind: sandbox\n",
        "kind: twilio\n",
        "not-allowed",
    ),
    "account": KeyNotes(
        "It must equal EXOTEL_ACCOUNT_SID, so that no plan dials from another account by accident; and it lets `plan`"
        " know, without credentials, who was already called.",
        "account: acme1\n",
        "account: acme 1\n",
        "wrong-form",
    ),
    "base_url": KeyNotes(
        "The carrier's address for the account's region, https only. Without it EXOTEL_BASE_URL or EXOTEL_REGION"
        " decides for the built-in target `exotel`.",
        "base_url: https://api.in.exotel.com\n",
        "base_url: api.in.exotel.com\n",
        "wrong-form",
    ),
    "encoding": KeyNotes(
        "The carrier's example sends multipart; the older form is for what stands in between.",
        "encoding: urlencoded\n",
        "encoding: json\n",
        "not-allowed",
    ),
    "response": KeyNotes(
        "With json the path ends in `.json`. Replies of both kinds are always understood.",
        "response: xml\n",
        "response: text\n",
        "not-allowed",
    ),
    "spelling": KeyNotes(
        "The documents print these two keys with `New` at the end, which is probably a badge of the page.",
        "spelling: new\n",
        "spelling: old\n",
        "not-allowed",
    ),
    "pace": KeyNotes(
        "The most requests of the account in any window of that length, over all processes on the journal and for all"
        " plans, as the carrier sees them arrive. The plan's own pace may be slower.",
        "pace: 200/minute\n",
        "pace: 200\n",
        "wrong-form",
    ),
    "legs": KeyNotes(
        "A bridge takes two legs, so that 100 allow 50 calls in flight. The built-in `exotel` has 20; in a file there"
        " is no cap unless it says one.",
        "legs: 100\n",
        "legs: 1\n",
        "too-small",
    ),
    "timezone": KeyNotes(
        "The carrier writes times without a zone; they are read in this one.",
        "timezone: Asia/Kolkata\n",
        "timezone: IST\n",
        "wrong-form",
    ),
    "timeout": KeyNotes(
        "The carrier answers only once leg 1 is originated. A request that is not answered in time may have rung: it is"
        " `unknown`, and not sent again by itself.",
        "timeout: 60s\n",
        "timeout: 60\n",
        "wrong-form",
    ),
    "rates": KeyNotes(
        "What calls cost is estimated by them, and `limits.cost` is judged by them. The carrier's own price counts in"
        " reports.",
        'rates: {currency: INR, per_minute: "0.60", pulse: 60s}\n',
        "rates: {currency: rupees}\n",
        "wrong-form",
    ),
    "accept": KeyNotes(
        "The carrier adds words and parameters after our release; here they are opened for one target, and `plan`"
        " shows them as unlisted.",
        "accept:\n  StatusCallbackEvents: [ringing]\n  NewParam: text\n",
        "accept:\n  TimeOut: [forever]\n",
        "not-acceptable",
    ),
    "callbacks": KeyNotes(
        "With them a run receives what the carrier says of its calls, which is quicker than looking. `public_url`"
        " must lead to `listen`, path and all.",
        'callbacks:\n  listen: "127.0.0.1:8090"\n  public_url: https://hooks.acme.example\n',
        'callbacks:\n  listen: "127.0.0.1:8090"\n',
        "missing-key",
    ),
    "lookups": KeyNotes(
        "Where no callback came the carrier is asked: `after` the answer, then `every` so often. Until `settle` has"
        " passed duration and price may still change; that never delays an ending.",
        "lookups: {after: 30s, every: 30s, settle: 5m}\n",
        "lookups: never\n",
        "wrong-type",
    ),
    "shared": KeyNotes(
        "Where other systems dial the same pairs, a call that is found may be theirs: look-ups then only propose, and a"
        " person settles.",
        "shared: true\n",
        "shared: sometimes\n",
        "wrong-type",
    ),
    "circuit": KeyNotes(
        "A line that is down or a carrier that does not answer stops the run before it has asked for every call.",
        "circuit: 10\n",
        "circuit: 0\n",
        "too-small",
    ),
    "journal": KeyNotes(
        "Another journal does not know who was rung. `orchestrate journal create` prints the id.",
        "journal: jr_7c1f\n",
        "journal: calls.db\n",
        "wrong-form",
    ),
    "notify": KeyNotes(
        "Somebody hears of every run on this target, whoever started it. The secret that signs the messages, and"
        " addresses that hold one, stand in the environment: ORCHESTRATE_NOTIFY_SECRET and ORCHESTRATE_NOTIFY.",
        "kind: exotel\nnotify: [https://ops.acme.example/runs]\n",
        "kind: exotel\nnotify: [http://ops.acme.example/runs]\n",
        "insecure-url",
    ),
    "scenario": KeyNotes(
        "The simulated people answer, are busy or do not answer, in shares that the scenario has.",
        "kind: sandbox\nscenario: calm\n",
        "kind: sandbox\nscenario: stormy\n",
        "not-allowed",
    ),
    "seed": KeyNotes(
        "Who does what is drawn from it: the same seed gives the same run.",
        "kind: sandbox\nseed: 7\n",
        "kind: sandbox\nseed: lucky\n",
        "wrong-type",
    ),
    "speed": KeyNotes(
        "A talk of a minute takes a second at 60. The times of a plan are meant on our clock, not on the simulated"
        " one.",
        "kind: sandbox\nspeed: 60\n",
        "kind: exotel\nspeed: 60\n",
        "not-here",
    ),
    "guardrails": KeyNotes(
        "Whoever keeps the target says here what holds for every plan, whatever a plan says.",
        'guardrails:\n  caller_ids: ["08047112233"]\n  expect: required\n',
        "guardrails:\n  pace: 10/minute\n",
        "unknown-key",
    ),
    "guardrails.caller_ids": KeyNotes(
        "A call that shows another CallerId is refused. Spellings of one number are the same.",
        'guardrails:\n  caller_ids: ["08047112233"]\n',
        "guardrails:\n  caller_ids: [reception]\n",
        "not-a-number",
    ),
    "guardrails.window": KeyNotes(
        "A plan's own window may only be narrower. A live target has 09:00-21:00 Asia/Kolkata every day unless other"
        " hours are written.",
        'guardrails:\n  window:\n    - days: mon-sat\n      hours: "09:00-21:00"\n      timezone: Asia/Kolkata\n',
        'guardrails:\n  window:\n    - days: mon-sat\n      hours: "9-21"\n      timezone: Asia/Kolkata\n',
        "wrong-form",
    ),
    "guardrails.suppress": KeyNotes(
        "Lists for every plan on the target, such as the company's own of people who want no calls; relative to the"
        " target's file.",
        "guardrails:\n  suppress: [lists/company-wide.csv]\n",
        "guardrails:\n  suppress: lists/company-wide.csv\n",
        "wrong-type",
    ),
    "guardrails.expect": KeyNotes(
        "With `required` a run must name the digest that was reviewed (`run --expect`). With `approved(2)` it dials"
        " only what two different people approved (`orchestrate approve`), and needs no --expect.",
        "guardrails:\n  expect: approved(2)\n",
        "guardrails:\n  expect: reviewed\n",
        "not-allowed",
    ),
    "guardrails.approval_for": KeyNotes(
        "An older approval does not count: what was approved a month ago may not be what is wanted today.",
        "guardrails:\n  expect: approved(2)\n  approval_for: 24h\n",
        "guardrails:\n  expect: required\n  approval_for: 24h\n",
        "not-here",
    ),
}
"""By the path of each key in a target file."""
