"""What the page shows of the figures, one chart a question."""

from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal

from orchestrator.exotel.masking import Masker
from orchestrator.model.background import Background, CostEstimate
from orchestrator.model.outcome import Disposition, Placement
from orchestrator.phone.safe_text import visible
from orchestrator.reports.charts.kinds import Bar, Column, bars, columns
from orchestrator.reports.charts.scale import span, ticks, whole_ticks
from orchestrator.reports.figures import LAST_REDIAL, MOST_SECONDS, OTHERS, AgentFigures, Figures, quantile
from orchestrator.reports.html.chart import Chart, counted, drawn, share

AGENTS = 20
"""Agents that are shown, those with the most calls."""

ENOUGH = 30
"""Attempts from which on an hour can be the best one: of few, many answer by chance."""

BINS = 24
"""Columns of a distribution at most."""

_LOOKS = {Disposition.COMPLETED: "bar good", Disposition.UNKNOWN: "bar bad", Disposition.REJECTED: "bar bad"}


def outcome(totals: Mapping[str, int]) -> Chart:
    """Show what became of the calls."""
    every = totals.get("calls", 0)
    found = [(word, totals[word.value]) for word in Disposition if totals.get(word.value)]
    lines = [Bar(word.value, n, f"{n:,}", share(n, every), _LOOKS.get(word, "bar")) for word, n in found]
    done = totals.get(Disposition.COMPLETED.value, 0)
    return Chart(
        "outcome",
        "What became of the calls",
        f"{done:,} of {counted(every, 'call')} completed." if every else "There are no calls.",
        pictures=drawn(lambda width: bars(lines, width, every)) if lines else None,
        head=("Disposition", "Calls", "Share"),
        rows=[(word.value, f"{n:,}", share(n, every)) for word, n in found],
    )


def funnel(figures: Figures, completed: int) -> Chart:
    """Show how far the calls came."""
    steps = (
        ("planned", figures.calls),
        ("dialed", figures.dialed),
        ("accepted", figures.accepted),
        ("leg 1 answered", figures.from_answered),
        ("leg 2 answered", figures.to_answered),
        ("completed", completed),
    )
    if not figures.calls:
        return Chart("funnel", "How far they came", "There are no calls.")
    before = [steps[0][1], *(n for _, n in steps)]
    lines = [Bar(name, n, f"{n:,}", share(n, figures.calls)) for name, n in steps]
    lost = max(zip(steps, before, strict=False), key=lambda each: each[1] - each[0][1])
    fewer = lost[1] - lost[0][1]
    return Chart(
        "funnel",
        "How far they came",
        f"Most were lost before \u201c{lost[0][0]}\u201d: {counted(fewer, 'call')}."
        if fewer > 0
        else "No call was lost.",
        pictures=drawn(lambda width: bars(lines, width, figures.calls)),
        head=("Step", "Calls", "Of all", "Of the step before"),
        legend=(("", "Leg 1 is From, who is rung first; leg 2 is To."),),
        rows=[
            (name, f"{n:,}", share(n, figures.calls), share(n, last))
            for (name, n), last in zip(steps, before, strict=False)
        ],
    )


def by_hour(figures: Figures, zone: str) -> Chart:
    """Show at which hours To answers."""
    asked, answered = figures.asked_by_hour, figures.answered_by_hour
    hours = range(min(asked), max(asked) + 1) if asked else range(0)
    rates = {hour: 100 * answered[hour] / asked[hour] for hour in hours if asked[hour]}
    found = [Column(f"{hour:02}", rates.get(hour), f"{rates[hour]:.0f}%" if hour in rates else "") for hour in hours]
    every, total = asked.total(), answered.total()
    says = f"To answered {share(total, every)} of {counted(every, 'attempt')} in which it was rung."
    many = [hour for hour in rates if asked[hour] >= ENOUGH]
    if len(many) > 1:
        best = max(many, key=lambda hour: (rates[hour], -hour))
        says += f" The best hour began at {best:02}:00, with {rates[best]:.0f}%."
    return Chart(
        "hours",
        "Answer rate by hour",
        says if every else "No call has been rung to its end yet.",
        pictures=drawn(lambda width: columns(found, width, ticks(100.0), lambda tick: f"{tick:.0f}%"))
        if found
        else None,
        head=(f"Hour ({zone})", "Attempts", "Answered", "Share"),
        rows=[
            (f"{hour:02}:00", f"{asked[hour]:,}", f"{answered[hour]:,}", share(answered[hour], asked[hour]))
            for hour in hours
        ],
    )


def ringing(figures: Figures) -> Chart:
    """Show how long To rang."""
    half, most = quantile(figures.rings, 0.5), quantile(figures.rings, 0.9)
    count = figures.rings.total()
    says = f"Half of {count:,} attempts rang To for {half} s or less, nine of ten for {most} s or less."
    says = f"To rang for {half} s." if count == 1 else says
    return _spread("rings", "How long To rang", figures.rings, says, "attempt")


def talking(figures: Figures) -> Chart:
    """Show how long they talked."""
    half, most = quantile(figures.talks, 0.5), quantile(figures.talks, 0.9)
    count = figures.talks.total()
    seconds = sum(length * n for length, n in figures.talks.items())
    says = f"Half of {count:,} talks took {half} s or less, nine of ten {most} s or less."
    says = f"The one talk took {half} s." if count == 1 else f"{says} They come to {talk_time(seconds)}."
    return _spread("talks", "How long they talked", figures.talks, says, "talk")


def talk_time(seconds: int) -> str:
    """Return how long people talked in all, in whole minutes where there are such."""
    return f"{seconds / 60:,.0f} min" if seconds >= 90 else f"{seconds} s"


def _spread(name: str, title: str, lengths: Counter[int], says: str, noun: str) -> Chart:
    """Show how lengths in seconds are spread; a long tail of a hundredth is one column."""
    if not lengths:
        return Chart(name, title, "The carrier has not told yet how long.")
    longest, bulk = max(lengths), quantile(lengths, 0.99)
    over = "over " if longest == MOST_SECONDS else ""
    width = span(bulk + 1, BINS)
    bins: Counter[int] = Counter()
    last = bulk // width
    for length, count in lengths.items():
        bins[min(length // width, last + 1)] += count
    places = range(min(bins), max(bins) + 1)
    names = {place: _of_bin(place, width) for place in places}
    if last + 1 in bins:
        names[last + 1] = f"{(last + 1) * width}+"
    found = [
        Column(names[place].split("\u2013")[0], bins[place], f"{bins[place]:,}" if bins[place] else "")
        for place in places
    ]
    return Chart(
        name,
        title,
        says,
        pictures=drawn(
            lambda units: columns(found, units, whole_ticks(max(bins.values())), lambda tick: f"{tick:,.0f}")
        ),
        head=("Seconds", f"{noun.capitalize()}s"),
        rows=[(names[place], f"{bins[place]:,}") for place in places if bins[place]],
        legend=(("", f"Seconds, from each label on; the longest was {over}{longest:,} s."),),
    )


def _of_bin(place: int, width: int) -> str:
    start = place * width
    return f"{start}" if width == 1 else f"{start}\u2013{start + width - 1}"


def redials(figures: Figures) -> Chart:
    """Show what redials gained."""
    turns = sorted(figures.asked_by_turn)
    done = {turn: figures.completed_by_turn[turn] for turn in turns}
    names = {turn: _turn(turn) for turn in turns}
    more, every = sum(done[turn] for turn in turns if turn > 1), sum(done.values())
    again = sum(figures.asked_by_turn[turn] for turn in turns if turn > 1)
    lines = [
        Bar(
            names[turn],
            done[turn],
            f"{done[turn]:,} of {figures.asked_by_turn[turn]:,}",
            until=figures.asked_by_turn[turn],
        )
        for turn in turns
    ]
    part = share(more, every) or "0.0%"
    gained = f"{counted(again, 'redial')} completed {counted(more, 'call')}: {part} of all completed."
    return Chart(
        "redials",
        "What redials gained",
        gained if again else "No call was dialed again.",
        pictures=drawn(lambda width: bars(lines, width)) if turns else None,
        head=("Attempt", "Dialed", "Completed", "Share"),
        rows=[
            (
                names[turn],
                f"{figures.asked_by_turn[turn]:,}",
                f"{done[turn]:,}",
                share(done[turn], figures.asked_by_turn[turn]),
            )
            for turn in turns
        ],
        legend=(("bar", "completed"), ("bar range", "dialed")) if turns else (),
    )


def _turn(turn: int) -> str:
    names = {1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth"}
    return names.get(turn, "later") if turn < LAST_REDIAL else "later"


def cost(figures: Figures, background: Background, completed: int) -> Chart:
    """Show what the calls cost, against what they may cost."""
    limits = None if background.policy is None else background.policy.limits
    limit = None if limits is None or limits.cost is None else (limits.currency or "", limits.cost)
    expected = background.estimate
    lines, rows = [], []
    for currency, spent in sorted(figures.cost.items()):
        lines.append(Bar("spent", float(spent), money(spent, currency)))
        rows.append(("spent", money(spent, currency)))
        if completed:
            rows.append(("for each completed call", money(spent / completed, currency)))
    if expected is not None:
        lines.append(Bar("estimate", expected.low, _range_of(expected), look="bar other", until=expected.high))
        rows.append(("the estimate, from the least to the most", _range_of(expected)))
    if limit is not None:
        lines.append(Bar("limits.cost", float(limit[1]), money(limit[1], limit[0]), look="bar other"))
        rows.append(("the plan's limit (limits.cost)", money(limit[1], limit[0])))
    against = "" if expected is None else f" The estimate was {_range_of(expected)}."
    said = " and ".join(money(spent, currency) for currency, spent in sorted(figures.cost.items()))
    told = f"as far as the carrier has told: the price of {figures.priced:,} of {counted(figures.attempts, 'attempt')}"
    return Chart(
        "cost",
        "What it cost",
        (f"{said}, {told}." if said else "The carrier has told no price yet.") + against,
        pictures=drawn(lambda width: bars(lines, width)) if lines else None,
        head=("What", "Amount"),
        rows=rows,
        legend=() if expected is None else (("", f"The estimate, of all calls, rests on {expected.source}."),),
    )


def _range_of(expected: CostEstimate) -> str:
    """Return an estimate as people read it: one amount where it is no range."""
    low, high = (f"{end:,.2f}" for end in (expected.low, expected.high))
    return f"{low} {expected.currency}" if low == high else f"{low}\u2013{high} {expected.currency}"


def money(amount: Decimal, currency: str) -> str:
    """Return an amount to the hundredth, with its currency where it is known."""
    return f"{amount:,.2f} {visible(currency)}".rstrip()


def unknowns(background: Background) -> Chart:
    """Show what became of attempts whose outcome was unknown."""
    found = background.once_unknown
    every, left = sum(found.values()), found.get(Placement.UNKNOWN.value, 0)
    names = {word: "still unknown" if word == Placement.UNKNOWN.value else word for word in found}
    lines = [
        Bar(names[word], n, f"{n:,}", look="bar bad" if word == Placement.UNKNOWN.value else "bar")
        for word, n in found.items()
    ]
    now = f"{left:,} still {'is' if left == 1 else 'are'}" if left else "none still is"
    says = f"The outcome of {counted(every, 'attempt')} was unknown at some time; {now}."
    return Chart(
        "unknowns",
        "Unknown outcomes, and what became of them",
        says if every else "The outcome of no attempt was ever unknown.",
        pictures=drawn(lambda width: bars(lines, width)) if lines else None,
        head=("Settled", "Attempts"),
        rows=[(names[word], f"{n:,}") for word, n in found.items()],
    )


def agents(figures: Figures, masker: Masker) -> Chart:
    """Show the agents side by side: who is rung first."""
    known = [item for item in figures.agents.items() if item[0] != OTHERS]
    ordered = sorted(known, key=lambda item: (-item[1].calls, item[0]))
    shown = _told_apart([masker.shown(masker.number(number)) for number, _ in ordered[:AGENTS]])
    found = [(name, each) for name, (_, each) in zip(shown, ordered, strict=False)]
    rest = [each for _, each in ordered[AGENTS:]] + [
        each for number, each in figures.agents.items() if number == OTHERS
    ]
    found += [("all others", _sum(rest))] if rest else []
    lines = [
        Bar(
            name,
            each.completed,
            f"{each.completed:,} of {each.calls:,}",
            share(each.completed, each.calls),
            until=each.calls,
        )
        for name, each in found
    ]
    several = (
        f"{len(known):,}{' or more' if OTHERS in figures.agents else ''} agents" if len(known) > 1 else "One agent"
    )
    return Chart(
        "agents",
        "Agents side by side",
        f"{several}, by the number that is rung first{f'; the {AGENTS} with the most calls are shown' if rest else ''}."
        if known
        else "No call has an agent.",
        pictures=drawn(lambda width: bars(lines, width), full=True) if lines else None,
        head=("Agent", "Calls", "Rung", "Answered", "Completed", "Talked"),
        rows=[(name, *_of_agent(each)) for name, each in found],
        legend=(("bar", "completed"), ("bar range", "calls")) if lines else (),
        unfolded=True,
        full=True,
    )


def _told_apart(names: Sequence[str]) -> list[str]:
    """Return the names; where several are masked alike, each with its place among these."""
    alike, seen = Counter(names), Counter[str]()
    found = []
    for name in names:
        seen[name] += 1
        found.append(f"{name} ({seen[name]})" if alike[name] > 1 else name)
    return found


def _of_agent(each: AgentFigures) -> Sequence[str]:
    return (
        f"{each.calls:,}",
        f"{each.rung:,}",
        share(each.answered, each.rung),
        f"{each.completed:,}  {share(each.completed, each.calls)}",
        f"{each.talked / 60:,.1f} min",
    )


def _sum(rest: Sequence[AgentFigures]) -> AgentFigures:
    fields = ("calls", "rung", "answered", "completed", "talked")
    return AgentFigures(*(sum(getattr(each, name) for each in rest) for name in fields))
