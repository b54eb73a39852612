"""What the tests of all formats report: a run with a call of every kind, and texts that are out for harm."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence

from orchestrator.model.events import Chain, ChainedEvent, Event, EventType
from orchestrator.model.outcome import Disposition, Ending, Evidence, Leg, Placement
from orchestrator.model.record import WHOLE, AttemptRecord, CallRecord, Part, RunRecord
from orchestrator.reports.report import Report

SID = "c5797dcb123456789678c5062a4a3ed2"
AGENT, PERSON = "+918069171234", "+919900000001"
RUN = RunRecord(
    "20261122T090000m001-abcd",
    "cod",
    "2026-11-22",
    "sha256:" + "1" * 9 + "a" * 55,
    "sandbox",
    "2026-11-22T09:00:00Z",
    "2026-11-22T09:01:00.500Z",
    1,
    "jr_7c1f0a2b",
    "sha256:" + "2" * 9 + "b" * 55,
    "wished completed 60%, and it is 25%: 1 of 4",
)
COMPLETED = AttemptRecord(
    n=2,
    started_at="2026-11-22T09:00:01Z",
    placement=Placement.ACCEPTED,
    evidence=Evidence.REPLY,
    sid=SID,
    http_status=200,
    ending=Ending.COMPLETED,
    legs=(Leg("completed", 50), Leg("completed", 41, "Human")),
    placed_at="2026-11-22T09:00:02Z",
    ended_at="2026-11-22T09:00:43Z",
    duration=41,
    recording_url="https://key:secret@recordings.example/acme1/" + SID + ".mp3",
    price="1.20",
    currency="INR",
)
BUSY = AttemptRecord(
    n=1,
    started_at="2026-11-22T08:00:01Z",
    placement=Placement.ACCEPTED,
    evidence=Evidence.CALLBACK,
    sid="sid-1",
    http_status=200,
    ending=Ending.BUSY,
    price="0.60",
    currency="INR",
)
REJECTED = AttemptRecord(
    n=1,
    started_at="2026-11-22T09:00:01Z",
    placement=Placement.REJECTED,
    evidence=Evidence.REPLY,
    http_status=400,
    message="RestException 400: To +919900000001 is no number",
)
OPEN = AttemptRecord(n=1, started_at="2026-11-22T09:00:01Z", message="broke while calling +919900000001")
HOSTILE = (
    "=1+1",
    "+919876543210",
    "@team | `x` <script>alert(1)</script> </details> ]]> &amp; #1",
    "-2+3",
    "\t=cmd()",
    "\r=1",
    "\n::error::hacked\n##vso[task.setvariable variable=x]y",
    "\x00\x01\x1b[2J\x7f\x85\u2028\u202e\ufffe\uffff",
    "a;=1;\"=2\",'x'",
    "0042",
    "007e3",
    "2026-11-22T09:00:00",
    "3-4",
    "MARCH1",
    "TRUE",
    "42",
    "'quoted",
    "客" * 40 + "\U0001f600",
    "  blanks  ",
    "x" * 300,
    "",
)


def call(id_: str, disposition: Disposition, *attempts: AttemptRecord, **more: object) -> CallRecord:
    """One call of the run."""
    return CallRecord(id_, RUN.id, disposition, AGENT, PERSON, attempts=attempts, **more)  # type: ignore[arg-type]


CALLS = (
    call("vip-1", Disposition.COMPLETED, BUSY, COMPLETED, carry={"hub": "BLR-4", "alt": "08012345678"}),
    call("busy-1", Disposition.BUSY, BUSY, carry={"hub": "DEL"}),
    call("rejected-919900000002", Disposition.REJECTED, REJECTED),
    call("lost", Disposition.UNKNOWN, OPEN),
    call("skipped", Disposition.NOT_DIALED, reason="limit"),
    call("listed", Disposition.SUPPRESSED, reason="lists/do-not-call.csv:7"),
    call("later", Disposition.WAITING),
)
DANGEROUS = tuple(
    call(
        f"{n}{text}",
        Disposition.FAILED,
        AttemptRecord(1, "2026-11-22T09:00:01Z", Placement.ACCEPTED, legs=(Leg(text), Leg(text)), message=text),
        reason=text,
        carry={"hub": text, text: text},
    )
    for n, text in enumerate(HOSTILE)
)


def report(
    calls: Sequence[CallRecord] = CALLS,
    *,
    run: RunRecord = RUN,
    part: Part = WHOLE,
    columns: tuple[str, ...] | None = None,
) -> Report:
    """A report of these calls, as the journal tells it: totals of them, and all columns that they carry."""
    totals: Counter[str] = Counter(each.disposition.value for each in calls)
    totals |= {"calls": len(calls), "attempts": sum(len(each.attempts) for each in calls)}
    return Report(run, lambda: totals, lambda: iter(calls), lambda: _carried(calls), part, columns, chain=chain)


def chain() -> Chain:
    """A chain of three events, with numbers and texts that are out for harm; no program has linked them."""
    data = ({"plan": "cod"}, {"from": AGENT, "to": PERSON}, {"message": "##vso[task.complete] \u202e", "sid": SID})
    events = [
        ChainedEvent(
            seq, Event(kind, RUN.started_at, RUN.id, call, None if call is None else 1, told), json.dumps(told),
            f"{seq:032x}", "5ea1" if seq == 3 else None, f"{seq:064x}",
        )
        for seq, kind, call, told in zip(
            (1, 2, 3), (EventType.RUN_STARTED, EventType.ATTEMPT_STARTED, EventType.ATTEMPT_PLACED),
            (None, f"order-{PERSON}", "##[group]::error::"), data, strict=True,
        )
    ]  # fmt: skip
    types = {each.event.type.value: 1 for each in events}
    return Chain(RUN.journal, "sha256:" + events[-1].hash, types, {"calls": "a" * 64}, lambda: iter(events))


def _carried(calls: Iterable[CallRecord]) -> list[str]:
    return [*dict.fromkeys(name for each in calls for name in each.carry)]
