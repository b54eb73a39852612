"""Plans that must be refused, each with the lines that must be named and words that must be said."""

from acceptance.desk import AGENT, EXOPHONE

HEAD = "version: 1\nname: bad\npurpose: transactional\n"
GOOD = f'  - {{id: good, From: "{AGENT}", To: "+918123400001", CallerId: "{EXOPHONE}", CustomField: good}}\n'
ROWS = f'  - {{id: "r-${{row.n}}", rows: ROWS, From: "{AGENT}", To: "${{row.phone}}", CallerId: "{EXOPHONE}"}}\n'


def bomb() -> str:
    """Nine levels of nine aliases each: a billion texts in 400 bytes."""
    lines = ["x-a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]"]
    lines += [f"x-a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 9)}]" for level in range(1, 10)]
    return "\n".join(lines) + f"\n{HEAD}vars: {{v: *a9}}\ncalls:\n{GOOD}"


# name -> (the plan's text, the lines that must be named, words that must be said)
PLANS: dict[str, tuple[str, tuple[int, ...], tuple[str, ...]]] = {
    "broken yaml": (f"{HEAD}calls:\n{GOOD}  - [unclosed\n", (6,), ()),
    "a tab": (f"{HEAD}calls:\n\t- id: x\n", (5,), ("tab",)),
    "empty file": ("", (), ()),
    "a list": ("- 1\n- 2\n", (1,), ()),
    "a text": ("just words\n", (1,), ()),
    "two documents": (f"{HEAD}calls:\n{GOOD}---\n{HEAD}calls:\n{GOOD}", (6,), ()),
    "unknown top key": (f"{HEAD}callz: []\ncalls:\n{GOOD}", (4,), ("callz", "calls")),
    "unknown call key": (f"{HEAD}calls:\n{GOOD}  - id: b\n    Form: x\n", (7,), ("Form", "From")),
    "wrong case": (f"{HEAD}calls:\n  - {{id: b, from: '{AGENT}', To: '+918123400002'}}\n", (5,), ("from",)),
    "duplicate key": (f"{HEAD}name: again\ncalls:\n{GOOD}", (4,), ("name",)),
    "duplicate id": (f"{HEAD}calls:\n{GOOD}{GOOD}", (6,), ("good",)),
    "no calls": (HEAD, (), ("calls",)),
    "calls is a mapping": (f"{HEAD}calls: {{a: 1}}\n", (4,), ()),
    "wrong version": ("version: 2\nname: bad\ncalls:\n" + GOOD, (1,), ("version",)),
    "bad name": (f"version: 1\nname: Bad Name\ncalls:\n{GOOD}", (2,), ("name",)),
    "no To": (f"{HEAD}calls:\n  - {{id: b, From: '{AGENT}', CallerId: '{EXOPHONE}'}}\n", (5,), ("To",)),
    "From is To": (
        f"{HEAD}calls:\n  - {{id: b, From: '{AGENT}', To: '07410410123', CallerId: '{EXOPHONE}'}}\n",
        (5,),
        ("From", "To"),
    ),
    "a long TimeLimit": (f"{HEAD}defaults: {{TimeLimit: 14401}}\ncalls:\n{GOOD}", (4,), ("14400",)),
    "a wordy TimeOut": (f"{HEAD}defaults: {{TimeOut: soon}}\ncalls:\n{GOOD}", (4,), ("TimeOut",)),
    "a wrong choice": (f"{HEAD}defaults: {{RecordingChannels: mono}}\ncalls:\n{GOOD}", (4,), ("dual",)),
    "a list for a text": (f"{HEAD}defaults: {{CustomField: [a]}}\ncalls:\n{GOOD}", (4,), ("CustomField",)),
    "a text for a list": (
        f"{HEAD}defaults: {{StatusCallbackEvents: {{a: b}}}}\ncalls:\n{GOOD}",
        (4,),
        ("StatusCallbackEvents",),
    ),
    "the flow form": (f"{HEAD}defaults: {{Url: 'http://my.exotel.com/x'}}\ncalls:\n{GOOD}", (4,), ("Url",)),
    "unknown variable": (f"{HEAD}calls:\n{GOOD}  - {{id: 'b', CustomField: '${{var.hob}}'}}\n", (6,), ("hob",)),
    "unknown column": (f"{HEAD}calls:\n{ROWS.replace('${row.phone}', '${row.fone}')}", (5,), ("fone", "phone")),
    "missing rows": (f"{HEAD}calls:\n{ROWS.replace('ROWS', 'nowhere.csv')}", (5,), ("nowhere.csv",)),
    "rows is a folder": (f"{HEAD}calls:\n{ROWS.replace('ROWS', 'folder')}", (5,), ("folder",)),
    "alias bomb": (bomb(), (), ("alias",)),
    "an alias of itself": (f"{HEAD}vars: &v {{a: *v}}\ncalls:\n{GOOD}", (4,), ()),
    "an unknown alias": (f"{HEAD}vars: {{a: *nobody}}\ncalls:\n{GOOD}", (4,), ("nobody",)),
    "deep flow": (f"{HEAD}vars: {{a: {'[' * 20_000}{']' * 20_000}}}\ncalls:\n{GOOD}", (4,), ("deep",)),
    "deep unclosed": ("[" * 20_000, (), ()),
    "deep block": ("".join(" " * depth + "a:\n" for depth in range(2000)), (), ()),
    "a tag": (f"{HEAD}vars: {{a: !!python/object/apply:os.system [id]}}\ncalls:\n{GOOD}", (4,), ()),
    "a control character": (f"{HEAD}description: a\x07b\ncalls:\n{GOOD}", (4,), ()),
    "a halt at nothing": (f"{HEAD}calls:\n{GOOD}policy:\n  halt: [{{failed: 0%, of: 50}}]\n", (7,), ("halt",)),
    "stages that shrink": (f"{HEAD}calls:\n{GOOD}policy:\n  stages: [5%, 1%]\n", (7,), ("stages",)),
    "a list that is not there": (f"{HEAD}calls:\n{GOOD}policy:\n  suppress: [no.csv]\n", (7,), ("no.csv",)),
    "unknown policy key": (f"{HEAD}calls:\n{GOOD}policy:\n  concurency: 3\n", (7,), ("concurrency",)),
    "a pace of nothing": (f"{HEAD}calls:\n{GOOD}policy: {{pace: 0/minute}}\n", (6,), ("pace",)),
    "a pace without unit": (f"{HEAD}calls:\n{GOOD}policy: {{pace: fast}}\n", (6,), ("pace",)),
    "a closed day": (f"{HEAD}calls:\n{GOOD}policy: {{window: [{{days: someday, hours: x}}]}}\n", (6,), ()),
    "not utf-8": ("", (), ("UTF-8",)),
    "utf-16": ("", (), ()),
}
BYTES = {
    "not utf-8": f"{HEAD}description: caf\u00e9\ncalls:\n{GOOD}".encode("latin-1"),
    "utf-16": f"{HEAD}calls:\n{GOOD}".encode("utf-16"),
}
