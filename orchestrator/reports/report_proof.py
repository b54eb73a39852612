"""The proof: all events of the journal with their hashes, and the rule by which anybody can compute these again.

It is JSON Lines in ASCII: a heading, one event a line, and the digest of all this. A text with a phone number is
withheld unless numbers are asked for: the hash that the chain holds of it stands in its place.
"""

import hashlib
from collections.abc import Iterator
from typing import Any

from orchestrator.exotel.masking import Masker
from orchestrator.model.events import Chain, ChainedEvent, covered, halves
from orchestrator.phone.safe_text import disarmed_json
from orchestrator.reports.report import Report
from orchestrator.reports.report_json import TOTALS, encoded, run_facts
from orchestrator.reports.story_json import shown_data

RULE = """
Each line after this one is an event, but for the last line. `seq` counts them from 1 without a gap. There are `events`
of them, of each type as many as `types` says.

`call` and `data` of an event are proved by hashes. Where `text` is there, the hash is SHA-256, in hexadecimal, over
`salt`, a line feed and the text, in UTF-8; where the text is null, over `salt` alone. Where it is withheld, `hash`
stands in its place; what is `shown` then is for people, and is not proved.

The `hash` of an event is SHA-256, in hexadecimal, over one JSON array in ASCII without spaces:
["orchestrate event 1", hash before, seq, type, at, run, attempt, seal, hash of call, hash of data].

The hash before the first event is that of ["orchestrate journal 1", journal]. `head` is `sha256:` and the hash of the
last event.

The `seal` of the last event begins with 32 digits, the first ones of the hash of
["orchestrate tables 1", name, sum, name, sum, ...], of `sums` in the order of the names. It proves the journal's tables
to whoever has the journal. `run` and `totals` are what these tables say, and no event tells all of that. What a seal
has behind these digits proves nothing here: it hashes many events together, for whoever has the journal.

The last line has the SHA-256 of all bytes before it. It shows damage, and proves nothing.

Whoever may write a proof may write another one, but nobody can give it a head that was noted before: compare `head`,
or the hash of an event, with one that you have from a summary, a report or `journal verify`.
"""
"""How to prove a proof; a program of thirty lines can."""


def proof_report(report: Report, masker: Masker) -> Iterator[str]:
    """Yield the lines. Each stays as it is where it is printed: the last one tells the digest of these bytes."""
    digest = hashlib.sha256()
    for line in _lines(report, report.chain(), masker):
        text = f"{disarmed_json(encoded(line))}\n"
        digest.update(text.encode("ascii"))
        yield text
    yield f"{encoded({'sha256': digest.hexdigest()})}\n"


def _lines(report: Report, chain: Chain, masker: Masker) -> Iterator[dict[str, Any]]:
    yield {
        "format": 1,
        "proof": "orchestrate",
        "journal": chain.journal,
        "events": sum(chain.types.values()),
        "head": chain.head,
        "types": dict(chain.types),
        "sums": dict(chain.sums),
        "run": run_facts(report.run, masker),
        "totals": {key: report.totals.get(key, 0) for key in TOTALS},
        "rule": [" ".join(each.split("\n")) for each in RULE.strip().split("\n\n")],
    }
    for event in chain.events():
        yield _event(event, masker)


def _event(chained: ChainedEvent, masker: Masker) -> dict[str, Any]:
    event = chained.event
    of_call, of_data = halves(chained.salt)
    call = None if event.call is None else masker.text(event.call)
    data = event.data if masker.unmask else shown_data(event, masker)
    return {
        "seq": chained.seq,
        "type": event.type.value,
        "at": event.at,
        "run": event.run,
        "attempt": event.attempt,
        "seal": chained.seal,
        "call": _proved(event.call, of_call, call, is_all=call == event.call),
        "data": _proved(chained.data, of_data, data, is_all=[*data.values()] == [*event.data.values()]),
        "hash": chained.hash,
    }


def _proved(text: str | None, salt: str, shown: object, *, is_all: bool) -> dict[str, Any]:
    """Return a text with its salt; where not all of it may be shown, what may with the hash that proves the text."""
    return {"text": text, "salt": salt} if is_all else {"shown": shown, "hash": covered(salt, text)}
