"""A proof is proved by the rule that stands in it: the standard library, and nothing of the product."""

import json
from collections import Counter
from collections.abc import Iterable
from hashlib import sha256
from typing import Any


def of_text(part: dict[str, Any]) -> str:
    if "text" not in part:
        return str(part["hash"])
    return sha256((part["salt"] if part["text"] is None else f"{part['salt']}\n{part['text']}").encode()).hexdigest()


def of_array(*items: object) -> str:
    return sha256(json.dumps(items, separators=(",", ":")).encode()).hexdigest()


def prove(lines: Iterable[str]) -> str:
    """Return the head of the chain. Raises AssertionError where something is not as it was written."""
    first, *events, last = lines
    heading, types, seal = json.loads(first), Counter[str](), None
    before = of_array("orchestrate journal 1", heading["journal"])
    for seq, event in enumerate(map(json.loads, events), 1):
        assert event["seq"] == seq
        plain = (event[name] for name in ("seq", "type", "at", "run", "attempt", "seal"))
        texts = of_text(event["call"]), of_text(event["data"])
        assert event["hash"] == of_array("orchestrate event 1", before, *plain, *texts)
        before, seal = event["hash"], event["seal"]
        types[event["type"]] += 1
    assert (heading["events"], heading["types"], heading["head"]) == (len(events), types, f"sha256:{before}")
    sums = (text for item in sorted(heading["sums"].items()) for text in item)
    assert seal[:32] == of_array("orchestrate tables 1", *sums)[:32]
    assert json.loads(last) == {"sha256": sha256("".join([first, *events]).encode()).hexdigest()}
    return str(heading["head"])
