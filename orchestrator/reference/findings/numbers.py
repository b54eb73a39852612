"""Findings about phone numbers, in plans, rows and lists."""

from orchestrator.reference.findings.finding import LIST, finding, in_data

NUMBERS = (
    finding(
        "not-a-number",
        "error",
        "A text stands where a phone number belongs, and is none.",
        "A number has 3 to 15 digits. In a list it may also be `sha256:` and the hash of the E.164 number. Whoever it"
        " was meant for would be rung, or not be rung.",
        bad='calls:\n  - id: a\n    To: "call me"\n',
        good='calls:\n  - id: a\n    To: "+919900000001"\n',
    ),
    finding(
        "number-not-valid",
        "error or warning",
        "A number is none that its country gives out, or is one only if it is read otherwise than it is written.",
        "In a plan it is a warning, with `numbers: e164` and in lists an error; a number that no country can have is"
        " always an error. Check its digits and its country code.",
        bad='calls:\n  - id: a\n    To: "+91123"\n',
        good='calls:\n  - id: a\n    To: "+919900000001"\n',
    ),
    in_data(
        "scrub-date",
        "warning",
        "A list says that it was scrubbed on a day that is no date.",
        "`# scrubbed: 2026-11-20 ncpr` above a list's first line says when it was compared with a register, and with"
        " which; rules for calls of a purpose go by it. Write year, month and day.",
        plan=LIST,
        bad="# scrubbed: 20/11/2026 ncpr\nphone\n+919900000009\n",
        good="# scrubbed: 2026-11-20 ncpr\nphone\n+919900000009\n",
    ),
    finding(
        "zone-unknown",
        "error",
        "A window is in the callee's zone, and nobody knows where the callee is.",
        "Satellite telephones, numbers that belong to no country and short numbers have no zone. Without one nobody"
        " could tell whether it is night there: give the call its `timezone`, or the window a zone.",
        bad='calls:\n  - id: a\n    To: "+881612345678"\n'
        'policy:\n  window: [{days: mon-sat, hours: "09:00-21:00", timezone: callee}]\n',
        good='calls:\n  - id: a\n    To: "+881612345678"\n    timezone: Asia/Kolkata\n'
        'policy:\n  window: [{days: mon-sat, hours: "09:00-21:00", timezone: callee}]\n',
    ),
    finding(
        "number-to-guess",
        "warning",
        "The carrier has to guess the country of a number.",
        "Ten digits alone may be a number of many countries; often a spreadsheet has dropped the `+` or the 0 in front."
        " Write `+91`, or a 0 in front, or say `numbers: e164`.",
        bad='calls:\n  - id: a\n    To: "9900000001"\n',
        good='calls:\n  - id: a\n    To: "+919900000001"\n',
    ),
    finding(
        "no-std-code",
        "warning",
        "A landline is written without its STD code.",
        "Its six to eight digits are a number in every town. The documents ask for the STD code in front (S0, S2).",
        bad='calls:\n  - id: a\n    To: "22265432"\n',
        good='calls:\n  - id: a\n    To: "02222654321"\n',
    ),
    finding(
        "not-e164",
        "error",
        "`numbers: e164` is set, and a number cannot be written so.",
        "Its country is not known. Write it with its country code, or leave `numbers: e164` out.",
        bad='numbers: e164\ncalls:\n  - id: a\n    To: "12345"\n',
        good='numbers: e164\ncalls:\n  - id: a\n    To: "09900000001"\n',
    ),
    in_data(
        "number-destroyed",
        "error",
        "A spreadsheet has turned a number into one such as 9.19877E+11.",
        "Its last digits are lost. Format the column as text, and export it again from where the numbers are whole.",
        bad="id,phone\n1,9.19877E+11\n",
        good="id,phone\n1,+919900000001\n",
    ),
    in_data(
        "number-as-decimal",
        "error",
        "A phone number is written as an amount, such as 9900000001.0.",
        "The carrier could take the last digit for one of the number. Format the column as text; in JSON quote it.",
        bad="id,phone\n1,9900000001.0\n",
        good="id,phone\n1,+919900000001\n",
    ),
    finding(
        "quote-the-number",
        "note",
        "A number is typed without quotes.",
        "It is taken as it is typed, but editors and other tools read it otherwise: they drop a plus or a leading 0."
        " `orchestrate fmt` and `validate --fix` put the quotes.",
        bad="calls:\n  - id: a\n    To: +919900000001\n",
        good='calls:\n  - id: a\n    To: "+919900000001"\n',
    ),
    in_data(
        "short-number",
        "warning",
        "A number in a list is too short for a whole one.",
        "It keeps back only calls to exactly these digits, such as a service number. Write others with their country"
        " code.",
        bad="phone\n12345\n",
        good="phone\n+919900000009\n",
        plan=LIST,
    ),
    in_data(
        "number-in-parts",
        "error",
        "A number in a list has its country code in a column of its own.",
        "Without it, it is somebody else's number. Write both into one cell, with a `+` in front.",
        bad="country_code,phone\n44,7700900123\n",
        good="phone\n+447700900123\n",
        plan=LIST,
    ),
    in_data(
        "rounded-number",
        "error",
        "Beside the numbers of a list stands one that a spreadsheet has rounded.",
        "Whom it stood for is lost, and would be rung. Format the column as text and write its numbers anew, or"
        " remove it.",
        bad="phone,other\n+919900000009,9.19877E+11\n",
        good="phone,other\n+919900000009,\n",
        plan=LIST,
    ),
    in_data(
        "numbers-elsewhere",
        "warning",
        "A column of a list that is not named for numbers holds some.",
        "They are kept back as well: ringing somebody by mistake is worse. Name the column `phone` if that is meant.",
        bad="phone,reason\n+919900000009,also +919900000008\n",
        good="phone,reason\n+919900000009,moved away\n",
        plan=LIST,
    ),
)
