"""Two days of a campaign as the journal would tell them: of any size, and the same for the same size."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random

from orchestrator.model.approval import Approval
from orchestrator.model.background import Background, CostEstimate, PastHold
from orchestrator.model.outcome import Disposition, Ending, Evidence, Leg, Placement
from orchestrator.model.policy import Limits, Policy, Rate, Redial, Window
from orchestrator.model.record import AttemptRecord, CallRecord, RunRecord
from orchestrator.reports.report import Report

MORNING = datetime(2026, 11, 23, 3, 30, tzinfo=UTC)
"""Nine o'clock of a Monday in India."""

ENDINGS = {
    Ending.COMPLETED: 0.55,
    Ending.NO_ANSWER: 0.18,
    Ending.BUSY: 0.1,
    Ending.AGENT_NO_ANSWER: 0.09,
    Ending.FAILED: 0.06,
    Ending.CANCELED: 0.02,
}
POLICY = Policy(
    pace=Rate(20, 60.0),
    windows=(Window(frozenset(range(6)), 9 * 60, 21 * 60, "Asia/Kolkata"),),
    redial=(("busy", Redial(3, 900.0)), ("no-answer", Redial(2, 7200.0))),
    limits=Limits(cost=Decimal(15000), currency="INR"),
)
RUN = RunRecord(
    "20261123T033000m000-abcd",
    "cod-confirmations",
    "2026-11-23",
    "sha256:" + "1f" * 32,
    "exotel",
    "2026-11-23T03:30:00.000Z",
    "2026-11-24T08:10:00.500Z",
    1,
    "jr_7c1f0a2b",
    "sha256:" + "2e" * 32,
)
BACKGROUND = Background(
    policy=POLICY,
    head="sha256:" + "3d" * 32,
    runs=2,
    holds=(
        PastHold("halted", "failed: 21% of the last 50", "", "2026-11-23T07:00:00Z", "2026-11-23T07:45:00Z", False),
        PastHold("paused", "the hub is closed", "asha", "2026-11-24T04:10:00Z", "2026-11-24T05:00:00Z", True),
    ),
    approvals=(Approval("ravi", "2026-11-22T11:00:00Z"), Approval("meera", "2026-11-22T12:30:00Z")),
    estimate=CostEstimate(8150.0, 11480.0, "INR", "the target's rates"),
    once_unknown={"found by look-up": 7, "found by callback": 3, "not placed by person": 1, "unknown": 2},
)


def day(count: int) -> Report:
    """The report of so many calls."""
    totals = Counter({"calls": count})
    for call in _calls(count):
        totals[call.disposition.value] += 1
        totals["attempts"] += len(call.attempts)
    return Report(RUN, lambda: totals, lambda: _calls(count), lambda: ["hub"], background=lambda: BACKGROUND)


def _calls(count: int) -> Iterator[CallRecord]:
    chance, start = Random(7), MORNING  # noqa: S311 - no secret
    for n in range(count):
        start += timedelta(seconds=6 + chance.expovariate(1 / (0.2 if count < 12_000 else 0.01)))
        if start.hour >= 15:
            start = datetime(start.year, start.month, start.day, 3, 30, tzinfo=UTC) + timedelta(days=1)
        for hold in BACKGROUND.holds:
            if hold.began_at <= _text(start) <= (hold.ended_at or ""):
                start = datetime.fromisoformat(hold.ended_at or "")
        yield _call(n, start, chance)


def _call(n: int, start: datetime, chance: Random) -> CallRecord:
    more: dict[str, object] = {"carry": {"hub": f"BLR-{n % 5}"}}
    if n % 97 == 5:
        return _record(n, Disposition.SUPPRESSED, (), more | {"reason": "lists/do-not-call.csv:7"})
    if n % 531 == 8:
        rejected = AttemptRecord(
            1, _text(start), Placement.REJECTED, Evidence.REPLY, None, 400, message="To is no number"
        )
        return _record(n, Disposition.REJECTED, (rejected,), more)
    if n % 1201 == 40:
        lost = AttemptRecord(1, _text(start), Placement.UNKNOWN, message="HTTP 502")
        return _record(n, Disposition.UNKNOWN, (lost,), more)
    attempts: list[AttemptRecord] = []
    while True:
        ending = chance.choices(list(ENDINGS), weights=list(ENDINGS.values()))[0]
        attempts.append(_attempt(len(attempts) + 1, start, ending, chance))
        if len(attempts) >= {Ending.BUSY: 3, Ending.NO_ANSWER: 2}.get(ending, 1):
            return _record(n, Disposition(ending.value), tuple(attempts), more)
        start += timedelta(minutes=15)


def _attempt(n: int, start: datetime, ending: Ending, chance: Random) -> AttemptRecord:
    answered, joined = ending is not Ending.AGENT_NO_ANSWER, ending is Ending.COMPLETED
    ring, talk = chance.randint(3, 28), int(chance.expovariate(1 / 70)) + 4 if joined else 0
    first = Leg("completed", ring + talk) if answered else Leg("no-answer", 0)
    second = Leg("completed" if joined else ending.value, talk) if answered else Leg()
    placed = start + timedelta(seconds=2)
    return AttemptRecord(
        n,
        _text(start),
        Placement.ACCEPTED,
        Evidence.REPLY,
        f"{chance.getrandbits(128):032x}",
        200,
        ending,
        (first, second),
        _text(placed),
        _text(placed + timedelta(seconds=5 + ring + talk)),
        ring + talk if answered else 0,
        price=f"{0.6 * (1 + (ring + talk) // 60):.2f}" if answered else "0",
        currency="INR",
    )


def _record(
    n: int, disposition: Disposition, attempts: tuple[AttemptRecord, ...], more: dict[str, object]
) -> CallRecord:
    agent = f"+9180691712{30 + n % 7}"
    return CallRecord(f"order-{n + 1:05}", RUN.id, disposition, agent, f"+91990{n:07}", attempts=attempts, **more)  # type: ignore[arg-type]


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
