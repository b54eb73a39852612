"""Inputs of every kind that grow: each generator takes a size in bytes, and returns files with about so many.

`p.yaml` is the plan. Most are wrong, since what is told of an input costs more than the input itself.
"""

import json
from collections.abc import Callable, Iterable

from acceptance.bad_plans import GOOD, HEAD, ROWS
from acceptance.desk import AGENT, EXOPHONE

Files = dict[str, str]
Generator = Callable[[int], Files]

CELL = 130_000
"""Characters: no cell of a CSV file may be longer."""
ITEM, LINE = 3, 75
"""Bytes of what is repeated, about."""
TEMPLATE, QUOTED, OPEN = "${var.alpha#}", "'${var.v#}'", "${"
WINDOW = '{days: mon, hours: "09:00-21:00", timezone: UTC},'
WINDOW_OF_NOWHERE = '{days: mon, hours: "09:00-21:00", timezone: Asia/Kol#}'
ROW, BLANK_ROW, KEY = '{n: "#", phone: "+918123400001"}', "{n: '', phone: ''},", '"k#": 1'


def number(index: int) -> str:
    return f"+9181{index:08d}"


def plan(text: str, **files: str) -> Files:
    return {"p.yaml": text, **{name.replace("_", "."): content for name, content in files.items()}}


def top(text: str) -> Files:
    """A plan with something at its top."""
    return plan(f"{HEAD}{text}\ncalls:\n{GOOD}")


def policy(text: str, **files: str) -> Files:
    return plan(f"{HEAD}calls:\n{GOOD}policy: {{{text}}}\n", **files)


def calls(lines: Iterable[str]) -> Files:
    return plan(f"{HEAD}calls:\n" + "".join(f"  - {{{line}}}\n" for line in lines))


def rows(data: str, name: str = "d.csv", spec: str = "", caller: str = EXOPHONE) -> Files:
    entry = ROWS.replace("ROWS", spec or name).replace(EXOPHONE, caller)
    return {"p.yaml": f"{HEAD}calls:\n{entry}", name: data}


def minified(size: int, **wrong: str) -> Files:
    entry = {"From": AGENT, "To": "+918123400001", "CallerId": EXOPHONE, **wrong}
    document = {"version": 1, "name": "grown", "purpose": "survey"}
    return plan(json.dumps({**document, "calls": [{"id": f"c{n}", **entry} for n in range(size // 90)]}))


def one_line(value: str) -> Files:
    """A plan in one line, with an unknown key behind a long value."""
    return plan(json.dumps({"version": 1, "name": "grown", "description": value, "callz": 1, "calls": []}))


def lines(size: int, text: str) -> str:
    """`text` with its number, so often."""
    return "".join(text.replace("#", str(n)) for n in range(max(1, size // (len(text) + 3))))


def items(size: int, text: str, between: str = ",") -> str:
    return between.join(text.replace("#", str(n)) for n in range(max(1, size // (len(text) + 4))))


def called(number_: int, more: str) -> str:
    return f'id: c{number_}, From: "{AGENT}", To: "{number(number_)}", {more}'


GROWING: dict[str, Generator] = {
    # one long value
    "a value": lambda size: top(f"description: {'a' * size}\ncallz: 1"),
    "a value in the line of an error": lambda size: one_line("a" * size),
    "blanks in the line of an error": lambda size: one_line("a " * (size // 2)),
    "a value that is wrong": lambda size: calls([called(1, f"CallerId: {'a' * size}")]),
    "a name": lambda size: plan(f"version: 1\nname: {'a' * size}!\ncalls:\n{GOOD}"),
    "a key": lambda size: top(f"? {'a' * size}\n: 1"),
    "an alias": lambda size: top(f"vars: {{v: *{'b' * size} }}"),
    "dollars": lambda size: calls([called(1, f"CallerId: '{'$' * size}'")]),
    "a block text": lambda size: top("description: |\n" + "  line\n" * (size // 7)),
    "wide characters": lambda size: one_line("\u0939\u093f" * (size // 6)),
    "control characters": lambda size: top(f"description: {chr(7) * size}"),
    "an address": lambda size: top(f"defaults: {{StatusCallback: 'https://{'a.b@' * (size // 4)}'}}"),
    # calls
    "calls": lambda size: calls(called(n, f'CallerId: "{EXOPHONE}"') for n in range(size // LINE)),
    "calls in one line": minified,
    "bad calls in one line": lambda size: minified(size, Too="x", CallerId="y"),
    "calls of one id": lambda size: plan(f"{HEAD}calls:\n{GOOD * (size // LINE)}"),
    "calls with an unknown key": lambda size: calls(called(n, f"Caller{n}: x") for n in range(size // LINE)),
    "empty calls": lambda size: plan(f"{HEAD}calls: [{'{},' * (size // ITEM)}]\n"),
    "figures for calls": lambda size: plan(f"{HEAD}calls: [{'0,' * (size // 2)}]\n"),
    "calls that merge": lambda size: plan(
        f'{HEAD}x-a: &a {{From: "{AGENT}", CallerId: "{EXOPHONE}", TimeOut: 30, Record: true}}\ncalls:\n'
        + "".join(f'  - {{<<: *a, id: c{n}, To: "{number(n)}"}}\n' for n in range(size // 45))
    ),
    # keys, anchors and nesting
    "unknown keys": lambda size: top(lines(size, "calls#: 1\n")),
    "long unknown keys": lambda size: top(lines(size, f"{'RecordingChannels' * 10}#: 1\n")),
    "secret keys": lambda size: top(lines(size, "token#: 1\n")),
    "a key again and again": lambda size: top("name: x\n" * (size // 8)),
    "pairs of keys": lambda size: top(lines(size // 2, "x-#: 1\nx-#: 2\n")),
    "keys that are lists": lambda size: top("vars: {" + "[a]: 1, " * (size // 8) + "}"),
    "tags": lambda size: top("vars:\n" + lines(size, "  v#: !!t 1\n")),
    "anchors": lambda size: top(lines(size, "x-#: &a# 1\n")),
    "unknown aliases": lambda size: top(lines(size // 2, "x-#: &a# 1\n") + "vars:\n" + lines(size // 2, "  v#: *b#\n")),
    "aliases": lambda size: top(f"x-a: &a [{items(90, '#')}]\nvars: {{v: [{'*a ,' * (size // 4)}]}}"),
    "merge keys": lambda size: top(f"x-a: &a {{x: 1}}\nvars: {{<<: [{'*a ,' * (size // 4)}]}}"),
    "merges of merges": lambda size: top(
        "x-a0: &a0 {k: 1}\n" + "".join(f"x-a{n}: &a{n} {{<<: *a{n - 1}, k{n}: 1}}\n" for n in range(1, size // 35))
    ),
    "nested lists": lambda size: top(f"vars: {{a: [{('[' * 20 + ']' * 20 + ',') * (size // 41)}]}}"),
    "empty lines": lambda size: top("\n" * size + "callz: 1"),
    "colons": lambda size: top("description: " + "a: " * (size // ITEM)),
    # variables and templates
    "variables": lambda size: top("vars:\n" + lines(size, "  v#: 1\n")),
    "variables that are lists": lambda size: top("vars:\n" + lines(size, "  v#: [1]\n")),
    "unknown variables": lambda size: top("vars:\n" + lines(size, "  alpha#: ${var.alpho#}\n")),
    "templates": lambda size: calls([called(1, f"CallerId: '{lines(size, TEMPLATE)}'")]),
    "templates beside variables": lambda size: plan(
        f"{HEAD}vars: {{{items(size // 2, 'alpha#: 1')}}}\ncalls:\n"
        + "".join(f"  - {{{called(n, 'CallerId: ${var.alpho' + str(n) + '}')}}}\n" for n in range(size // 160))
    ),
    "open templates": lambda size: calls([called(1, f"CallerId: '{OPEN * (size // 2)}'")]),
    "items of a list": lambda size: calls([called(1, f"StatusCallbackEvents: [{items(size, 'terminal#')}]")]),
    "templates in a list": lambda size: calls([called(1, f"StatusCallbackEvents: [{items(size, QUOTED)}]")]),
    # policy
    "stages": lambda size: policy(f"stages: [{items(size, '1#')}]"),
    "halts": lambda size: policy(f"halt: [{'{failed: 20%, of: 50},' * (size // 22)}]"),
    "windows": lambda size: policy(f"window: [{WINDOW * (size // 50)}]"),
    "short windows": lambda size: policy(
        "window: ["
        + ",".join(
            f'{{days: mon, hours: "{n // 60 % 24:02}:{n % 60:02}-{n // 60 % 24:02}:{n % 60 + 1:02}", timezone: UTC}}'
            for n in range(0, size // 50 * 2, 2)
            if n % 60 < 58
        )
        + "]"
    ),
    "bad zones": lambda size: policy(f"window: [{items(size, WINDOW_OF_NOWHERE)}]"),
    "figures for lists": lambda size: policy(f"suppress: [{'0,' * (size // 2)}]"),
    "mappings for lists": lambda size: policy(f"suppress: [{items(size, '{a#: 1}')}]"),
    "lists that are not there": lambda size: policy(f"suppress: [{items(size, 'l#.csv')}]"),
    # rows
    "rows": lambda size: rows("n,phone\n" + "".join(f"{n},{number(n)}\n" for n in range(size // 20))),
    "bad rows": lambda size: rows("n,phone\n" + lines(size, "#,x#\n")),
    "short rows": lambda size: rows("n,phone\n" + "1\n" * (size // 2)),
    "blank rows": lambda size: rows("n,phone\n" + ",\n" * (size // 2)),
    "rows of one id": lambda size: rows("n,phone\n" + f"1,{number(1)}\n" * (size // 16)),
    "columns": lambda size: rows(f"n,phone,{items(size, 'c#')}\n1,{number(1)}{',x' * (size // 8)}\n"),
    "columns of one name": lambda size: rows(f"n,phone{',c' * (size // 2)}\n"),
    "columns without a name": lambda size: rows(f"n,phone{',' * size}\n"),
    "a long column": lambda size: rows(f"n,fon{'e' * min(size, CELL)}\n1,2\n"),
    "columns and none of the plan's": lambda size: rows(f"m,fone,{items(size, 'c#')}\n1,2\n"),
    "columns and templates": lambda size: rows(
        f"n,phone,{items(size // 2, 'alpha#')}\n", caller=lines(size // 2, "${row.alpho#}")
    ),
    "a long cell": lambda size: rows(f"n,phone\n1,{'9' * min(size, CELL)}\n"),
    "a long id": lambda size: rows(f"n,phone\n{'9' * min(size, CELL)},{number(1)}\n"),
    "line ends in quotes": lambda size: rows("n,phone\n" + '"\n",' * (size // 4) + "\n"),
    "an open quote": lambda size: rows('n,phone\n1,"' + "a\n" * (size // 2)),
    "lines above the header": lambda size: rows("a title\n" * (size // 8) + "n,phone\n"),
    "lines of JSON": lambda size: rows(
        "".join(json.dumps({"n": n, "phone": number(n)}) + "\n" for n in range(size // 35)), "d.jsonl"
    ),
    "lines of JSON with other keys": lambda size: rows(lines(size, '{"n": #, "phon#": 1}\n'), "d.jsonl"),
    "keys of a line of JSON": lambda size: rows(f"{{{items(size, KEY)}}}\n", "d.jsonl"),
    "one key in a line of JSON": lambda size: rows("{" + ",".join(['"a":1'] * (size // 6)) + "}\n", "d.jsonl"),
    "a long line of JSON": lambda size: rows(json.dumps({"n": "9" * size, "phone": "x"}) + "\n", "d.jsonl"),
    "deep JSON": lambda size: rows('{"n":' + "[" * size + "\n", "d.jsonl"),
    "lines of JSON and templates": lambda size: rows(
        lines(size // 2, '{"alpha#": 1, "beta#": 1}\n'), "d.jsonl", caller=lines(size // 2, "${row.alpho#}")
    ),
    "rows in the plan": lambda size: rows("", spec=f"[{items(size, ROW)}]"),
    "blank rows in the plan": lambda size: rows("", spec=f"[{BLANK_ROW * (size // 20)}]"),
    "words of where": lambda size: rows("n,phone\n", spec=f"{{file: d.csv, where: {{n: [{items(size, 'w#')}]}}}}"),
    "columns of where": lambda size: rows("n,phone\n", spec=f"{{file: d.csv, where: {{{items(size, 'w#: 1')}}}}}"),
    "templates of where": lambda size: rows(
        "n,phone\n", spec=f"{{file: d.csv, where: {{n: [{items(size, QUOTED)}]}}}}"
    ),
    "a long word of where": lambda size: rows("n,phone\n", spec=f"{{file: d.csv, where: {{n: {'a' * size}}}}}"),
    "columns to carry": lambda size: rows("n,phone\n", spec=f"{{file: d.csv, carry: [{items(size, 'c#')}]}}"),
    # lists and dates
    "numbers of a list": lambda size: policy(
        "suppress: [l.csv]", l_csv="".join(f"{number(n)}\n" for n in range(size // 14))
    ),
    "lines of a list": lambda size: policy("suppress: [l.csv]", l_csv="phone\n" + lines(size, "x#\n")),
    "cells of a list": lambda size: policy(
        "suppress: [l.csv]", l_csv=f"phone{',x' * (size // 4)}\n{number(1)}{',1' * (size // 4)}\n"
    ),
    "figures in a cell": lambda size: policy(
        "suppress: [l.csv]", l_csv=f"phone,why\n{number(1)},{'9 ' * (min(size, CELL) // 2)}x\n"
    ),
    "blanks in a cell": lambda size: policy(
        "suppress: [l.csv]", l_csv=f"phone,why\n{number(1)},9{' ' * min(size, CELL)}x\n"
    ),
    "dates": lambda size: policy("holidays: h.csv", h_csv="date,name\n" + "2026-11-22,x\n" * (size // 13)),
    "a long date": lambda size: policy("holidays: h.csv", h_csv=f"date,name\n2026-11-22,{'1' * min(size, CELL)}\n"),
}
