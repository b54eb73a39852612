"""Findings about keys: those that are missing, unknown, or not for this place, and values that no key takes so."""

from orchestrator.reference.findings.finding import finding

_PHONES = '  From: "+918069171234"\n  CallerId: "08047112233"\n'
_RANKED = """\
calls:
  - id: o-${{row.rank}}
    rows: [{{phone: "+919900000001", rank: "{}"}}]
    To: ${{row.phone}}
    priority: ${{row.rank}}
"""

KEYS = (
    finding(
        "unknown-key",
        "error",
        "A key is not known at this place.",
        "It would be ignored, and what it was meant to say would not be done. Keys that begin with `x-` are free for"
        " notes and anchors; a new parameter of the carrier is opened by a target's `accept`. `validate --fix` mends"
        " the case of a key, and a slip of one letter, where one key only can be meant.",
        bad="policy:\n  paces: 10/minute\n",
        good="policy:\n  pace: 10/minute\n",
    ),
    finding(
        "missing-key",
        "error",
        "A key that must be there is missing.",
        "Nothing is guessed in its place.",
        bad="policy:\n  per_person: {attempts: 3}\n",
        good="policy:\n  per_person: {attempts: 3, within: 24h}\n",
    ),
    finding(
        "not-here",
        "error",
        "A key is known, and does not belong here.",
        "Some keys are for live targets only, some for the sandbox, and some say something only beside another key.",
        bad="kind: exotel\nspeed: 60\n",
        good="kind: sandbox\nspeed: 60\n",
        target=True,
    ),
    finding(
        "wrong-type",
        "error",
        "A value is of another kind than its place takes: a list, a mapping, a number, a text.",
        "The message says what belongs there.",
        bad="policy:\n  concurrency: many\n",
        good="policy:\n  concurrency: 20\n",
    ),
    finding(
        "wrong-form",
        "error",
        "A text is not written in the form that its place takes.",
        "Durations, rates, dates, times, days and names have one form each, which the message shows.",
        bad="policy:\n  pace: 150 per minute\n",
        good="policy:\n  pace: 150/minute\n",
    ),
    finding(
        "not-allowed",
        "error",
        "A value is none of the words that its place takes.",
        "Words are compared exactly, capitals too: `validate --fix` mends those. What the carrier has added since, a"
        " target's `accept` admits.",
        bad="policy:\n  dnd: maybe\n",
        good="policy:\n  dnd: skip\n",
    ),
    finding(
        "empty",
        "error",
        "A list, a mapping or a text has nothing in it, or too little.",
        "An empty guard is probably not what was meant. Remove the key, or give it something.",
        bad="policy:\n  window: []\n",
        good='policy:\n  window:\n    - days: mon-sat\n      hours: "09:00-21:00"\n      timezone: Asia/Kolkata\n',
    ),
    finding(
        "empty-list",
        "error",
        "A list of a parameter has no item.",
        "Leave the parameter out where nothing should be sent.",
        bad=f"defaults:\n{_PHONES}  StatusCallbackEvents: []\n",
        good=f"defaults:\n{_PHONES}  StatusCallbackEvents: [terminal]\n  StatusCallback: https://hooks.acme.example/\n",
    ),
    finding(
        "repeated-item",
        "error",
        "A list names the same item twice.",
        "One of them is a slip of the pen. Remove it, or correct it.",
        bad=f"defaults:\n{_PHONES}  StatusCallback: https://hooks.acme.example/\n"
        "  StatusCallbackEvents: [terminal, terminal]\n",
        good=f"defaults:\n{_PHONES}  StatusCallback: https://hooks.acme.example/\n"
        "  StatusCallbackEvents: [terminal, answered]\n",
    ),
    finding(
        "not-an-integer",
        "error",
        "A value is not a whole number.",
        "Of a row, look at the cell that the message names.",
        bad=_RANKED.format("high"),
        good=_RANKED.format("7"),
    ),
    finding(
        "too-small",
        "error",
        "A number is below the least that its place takes.",
        "The message names the bound.",
        bad="policy:\n  per_agent: 0\n",
        good="policy:\n  per_agent: 1\n",
    ),
    finding(
        "too-large",
        "error",
        "A number is above the most that its place takes.",
        "The message names the bound: the carrier's, or one that only a slip of the pen goes beyond.",
        bad=f"defaults:\n{_PHONES}  TimeLimit: 14401\n",
        good=f"defaults:\n{_PHONES}  TimeLimit: 14400\n",
    ),
    finding(
        "too-long",
        "error",
        "A text has more characters than its place takes.",
        "The message names the bound.",
    ),
    finding(
        "value-too-long",
        "error",
        "A value becomes longer than a request may carry, once its templates are filled in.",
        "Look at the variable or the column that it names.",
    ),
    finding(
        "beyond-unconfirmed-limit",
        "warning",
        "A value is beyond a limit that one document names and no other confirms.",
        "The carrier may refuse it, or cut it. Stay below the limit where you can.",
        bad=f"defaults:\n{_PHONES}  TimeOut: 61\n",
        good=f"defaults:\n{_PHONES}  TimeOut: 60\n",
    ),
    finding(
        "not-a-url",
        "error",
        "A value is not an address of the kind that the parameter takes.",
        "It needs its scheme, such as `https://`, and a host.",
        bad=f"defaults:\n{_PHONES}  StatusCallback: hooks.acme.example\n",
        good=f"defaults:\n{_PHONES}  StatusCallback: https://hooks.acme.example\n",
    ),
    finding(
        "insecure-url",
        "error",
        "An address is not encrypted.",
        "Credentials, numbers or callbacks would travel in the open. Only loopback may be `http://`.",
        bad="kind: exotel\nbase_url: http://api.acme.example\n",
        good="kind: exotel\nbase_url: https://api.acme.example\n",
        target=True,
    ),
    finding(
        "secret-in-url",
        "error",
        "An address holds a user name, a password, or a query parameter that is called like a secret.",
        "No secret belongs in a file that is reviewed. Credentials come from EXOTEL_API_KEY and EXOTEL_API_TOKEN, or"
        " from files in --secrets-dir. If it was committed, replace the secret.",
        bad=f"defaults:\n{_PHONES}  StatusCallback: https://me:word@hooks.acme.example\n",
        good=f"defaults:\n{_PHONES}  StatusCallback: https://hooks.acme.example\n",
    ),
    finding(
        "secret-in-file",
        "error",
        "A key or a variable is named like a secret.",
        "No secret is ever accepted in a plan or a target file. Credentials come from the environment or from files in"
        " --secrets-dir. If it was committed, replace the secret.",
        bad="kind: exotel\napi_key: example\n",
        good="kind: exotel\naccount: acme1\n",
        target=True,
    ),
    finding(
        "other-suffix",
        "warning",
        "An address of audio does not end in the kind of file that the carrier plays.",
        "Its name is only a sign of what it is. Name the file so that its kind is seen.",
        bad=f"defaults:\n{_PHONES}  TimeOut: 30\n  WaitUrl: https://media.acme.example/hold.mp3\n",
        good=f"defaults:\n{_PHONES}  TimeOut: 30\n  WaitUrl: https://media.acme.example/hold.wav\n",
    ),
    finding(
        "flow-form",
        "error",
        "A parameter is of the carrier's flow form, which runs an applet instead of ringing To.",
        "A call plan bridges two numbers. Leave it out and set To.",
        bad=f"defaults:\n{_PHONES}  Url: http://my.exotel.com/acme1/exoml/start_voice/926\n",
        good=f"defaults:\n{_PHONES}  TimeOut: 30\n",
    ),
    finding(
        "not-a-parameter",
        "error",
        "`accept` opens a name that no parameter can have.",
        "Parameters begin with a capital letter and consist of letters and digits. Spell it as the carrier does.",
        bad="kind: sandbox\naccept: {new-param: text}\n",
        good="kind: sandbox\naccept: {NewParam: text}\n",
        target=True,
    ),
    finding(
        "not-acceptable",
        "error",
        "`accept` opens what cannot be opened.",
        "Only lists of words can grow, and new parameters can come. Remove the entry.",
        bad="kind: sandbox\naccept: {TimeOut: [forever]}\n",
        good="kind: sandbox\naccept: {StatusCallbackEvents: [ringing]}\n",
        target=True,
    ),
    finding(
        "reserved-name",
        "error",
        "A target file has the name of a target that is built in.",
        "`sandbox` and `exotel` mean the same everywhere. Give the file another name.",
    ),
    finding(
        "unknown-target",
        "error",
        "There is no such target: no file of that name is in the root's `configs` folder.",
        "Name `sandbox`, `exotel`, a file's path, or NAME for `configs/NAME.yaml`.",
    ),
)
