"""One call's story for people."""

from collections.abc import Callable, Iterable, Iterator, Sequence

import click

from orchestrator.cli.render.held import scoped_hold
from orchestrator.cli.render.names import named
from orchestrator.exotel.call_fields import NUMBERS
from orchestrator.exotel.masking import Masker
from orchestrator.model.call import Attempt, Field
from orchestrator.model.events import Event, EventType
from orchestrator.model.frozen import frozen
from orchestrator.model.outcome import Leg, with_reason
from orchestrator.model.record import AttemptRecord
from orchestrator.model.story import CALLS_OF_A_NAME, Story, run_waits
from orchestrator.phone.safe_text import visible
from orchestrator.reports.story_json import shown_data, shown_value

Data = dict[str, str]

WAITS_SHOWN = 20
"""Waits of one run that are told, the latest: a run of many days has hundreds."""


def found_words(name: str, by: str, count: int, masker: Masker) -> str:
    """Say how many calls a text names, and by what; nothing where it is the id of one."""
    if by == "id":
        return "" if count == 1 else f"{count} editions of plans have a call of this id, the latest first\n\n"
    shown = masker.number(name) if by in NUMBERS else masker.text(name)
    if count == 1:
        return f"1 call has this {by}: {visible(shown)}\n\n"
    latest = "the latest of them" if count >= CALLS_OF_A_NAME else "the latest first"
    return f"{count} calls have this {by}, {latest}: {visible(shown)}\n\n"


@frozen
class WhyText:
    """Writes stories: masked or not, in colour or not."""

    masker: Masker
    colour: bool = False

    def render(self, stories: Sequence[Story]) -> Iterator[str]:
        """Yield each story under a heading: what is known, the request, the attempts, and what happened when.

        Behind them stand the runs that all of a plan's calls waited with, each once.
        """
        gap = ""
        for story in stories:
            yield gap + self._bold(self._title(story)) + "\n"
            for label, text in self._facts(story):
                yield f"  {label:<9} {text}\n"
            if story.fields:
                yield "  request, without what a callback receiver adds:\n"
                yield from self._request(story.fields)
            for attempt in story.attempts:
                yield from self._attempt(attempt)
                if attempt.record.n in story.requests:
                    yield "    its request was a different one then:\n"
                    yield from self._request(story.requests[attempt.record.n])
            if story.events:
                yield "  what happened\n"
                yield from self._events(story.events, "    ")
            gap = "\n"
        for run, told in run_waits(stories).items():
            yield "\n" + self._bold(f"run {visible(run)} waited, and with it all its calls") + "\n"
            if len(told) > WAITS_SHOWN:
                yield f"  {len(told) - WAITS_SHOWN:,} times, and then\n"
            yield from self._events(told[-WAITS_SHOWN:], "  ")

    def _bold(self, text: str) -> str:
        return click.style(text, bold=True) if self.colour else text

    def _title(self, story: Story) -> str:
        of = named(story.plan, story.edition, self.masker)
        return f"{self.masker.shown(story.id)} of plan {of}: {story.disposition}"

    def _facts(self, story: Story) -> Iterator[tuple[str, str]]:
        show = self.masker.shown
        if story.reason:
            yield "because", show(story.reason)
        if story.not_before:
            yield "waits", f"until {story.not_before}"
        for hold in story.holds:
            yield "held", scoped_hold(hold, self.masker)
        if story.place:
            yield "place", show(story.place)
        if story.carry:
            yield "carry", ", ".join(f"{show(name)}={show(value)}" for name, value in story.carry.items())
        yield "run", f"{visible(story.run)} dealt with it last"

    def _request(self, fields: Iterable[Field]) -> Iterator[str]:
        for item in fields:
            value = shown_value(item, self.masker)
            written = value if isinstance(value, str) else ", ".join(value)
            yield f"    {visible(item.name)}={visible(written)}   <- {visible(item.origin)}\n"

    def _attempt(self, attempt: Attempt) -> Iterator[str]:
        yield f"  attempt {attempt.record.n}, of run {visible(attempt.run_id)}\n"
        for label, text in self._outcome(attempt.record):
            yield f"    {label:<9} {text}\n"

    def _outcome(self, record: AttemptRecord) -> Iterator[tuple[str, str]]:
        status = None if record.http_status is None else f"HTTP {record.http_status}"
        evidence = ", ".join(filter(None, [record.evidence and f"evidence: {record.evidence}", status]))
        yield "placement", f"{record.placement or 'not known yet'}{f' ({evidence})' if evidence else ''}"
        if record.sid:
            yield "sid", visible(record.sid)
        if record.ending:
            yield "ending", f"{record.ending}{'' if record.duration is None else f', {record.duration} s'}"
        if record.legs:
            yield "legs", ", then ".join(self._leg(leg) for leg in record.legs)
        if record.price:
            yield "cost", visible(f"{record.price} {record.currency or ''}".rstrip())
        if record.recording_url:
            yield "recording", visible(self.masker.address(record.recording_url))
        if record.message:
            yield "message", self.masker.shown(record.message)

    def _leg(self, leg: Leg) -> str:
        seconds = "" if leg.duration is None else f" {leg.duration} s"
        answered = f" (answered by {self.masker.shown(leg.answered_by)})" if leg.answered_by else ""
        return f"{self.masker.shown(leg.status or '?')}{seconds}{answered}"

    def _events(self, events: Iterable[Event], indent: str) -> Iterator[str]:
        for event in events:
            said = SAID.get(event.type, _as_it_is)
            data = {name: str(value) for name, value in shown_data(event, self.masker).items() if value is not None}
            if (words := said(event, data)) is not None:
                yield f"{indent}{event.at}  {visible(words)}\n"


def _began(event: Event, data: Data) -> str:
    approved = f", approved by {data['approved_by']}" if "approved_by" in data else ""
    return f"run {event.run} began, target {data.get('target', '?')}{approved}"


def _placed(event: Event, data: Data) -> str:
    status = f" (HTTP {data['http_status']})" if "http_status" in data else ""
    sid = f", Sid {data['sid']}" if "sid" in data else ""
    return f"attempt {event.attempt} {data.get('placement', 'not known')}{status}{sid}{_colon(data.get('message'))}"


def _settled(event: Event, data: Data) -> str:
    word = f"attempt {event.attempt} settled by {data.get('evidence', 'evidence')}"
    person = f" ({data['by']})" if "by" in data else ""
    not_placed = data.get("placement") == "unreached"
    verdict = "not placed" if not_placed else data.get("placement", "not known")
    sid = f", Sid {data['sid']}" if "sid" in data else ""
    return f"{word}{person}: {verdict}{sid}{_because(data.get('because'))}"


def _received(event: Event, data: Data) -> str:
    kind = f" {data['callback_event']}" if "callback_event" in data else ""
    answered = f", answered by {data['answered_by']}" if "answered_by" in data else ""
    return f"attempt {event.attempt}: callback{kind}{_colon(data.get('status'))}{answered}"


def _billed(event: Event, data: Data) -> str:
    seconds = f"{data['duration']} s" if "duration" in data else ""
    price = f"{data['price']} {data.get('currency', '')}".rstrip() if "price" in data else ""
    return f"attempt {event.attempt}: the carrier says {', '.join(filter(None, (seconds, price)))}"


def _ended(_event: Event, data: Data) -> str:
    seconds = f", {data['duration']} s" if "duration" in data else ""
    word = f"{data.get('disposition', 'over')}{seconds}"
    return f"the call is {with_reason(word, data.get('reason'))}"


def _corrected(event: Event, data: Data) -> str:
    return f"that is corrected: {_ended(event, data)}"


def _again(_event: Event, data: Data) -> str:
    ended = f"ended {data['ending']}, and " if "ending" in data else ""
    until = f"not before {data['until']}" if "until" in data else "later"
    return f"the call {ended}may start again {until}{_because(data.get('reason'))}"


def _run_waits(_event: Event, data: Data) -> str:
    """Say what a run waits for: until a time, or for news, which have none."""
    until = data.get("until")
    if until == "never":
        return f"the run waits{_colon(data.get('reason'))}, which opens at no time within the next forty days"
    when = "" if until is None else f", until {until}"
    return f"the run waits{_colon(data.get('reason'))}{when}"


def _held(what: str) -> Callable[[Event, Data], str]:
    """Say what a person did to the edition, or to every plan on the journal."""

    def said(_event: Event, data: Data) -> str:
        where = "every plan on the journal" if data.get("scope") == "journal" else "the plan's edition"
        calls = f", {data['calls']} call(s)" if data.get("calls", "0") != "0" else ""
        return f"{where} {what} by {data.get('by', '?')}{calls}{_because(data.get('because'))}"

    return said


def _suppressed(_event: Event, data: Data) -> str:
    return f"{data.get('number', 'a number')} suppressed by {data.get('by', '?')}{_because(data.get('because'))}"


def _released(_event: Event, data: Data) -> str:
    said = f"{data.get('number', 'a number')} suppressed no more, by {data.get('by', '?')}"
    return f"{said}{_because(data.get('because'))}"


def _as_it_is(event: Event, data: Data) -> str:
    """Write an event that has no words of its own yet."""
    of = "" if event.attempt is None else f"attempt {event.attempt} "
    fields = ", ".join(f"{name}={value}" for name, value in data.items())
    return f"{of}{event.type.value}{_colon(fields)}"


def _colon(text: str | None) -> str:
    return f": {text}" if text else ""


def _because(reason: str | None) -> str:
    return f", because {reason}" if reason else ""


SAID: dict[EventType, Callable[[Event, Data], str | None]] = {
    EventType.RUN_STARTED: _began,
    EventType.CALLS_LOADED: lambda _event, _data: None,  # of the plan, not of this call
    EventType.RUN_WAITING: _run_waits,
    EventType.ATTEMPT_STARTED: lambda event, data: (
        f"attempt {event.attempt} begins: rings {data.get('from', '?')}, then {data.get('to', '?')}"
    ),
    EventType.ATTEMPT_PLACED: _placed,
    EventType.ATTEMPT_SETTLED: _settled,
    EventType.ATTEMPT_PROPOSED: lambda event, data: f"attempt {event.attempt}{_colon(data.get('message'))}",
    EventType.ATTEMPT_CONTRADICTED: lambda event, data: (
        f"attempt {event.attempt} contradicted{_colon(data.get('message'))}"
    ),
    EventType.ATTEMPT_BILLED: _billed,
    EventType.CALLBACK_RECEIVED: _received,
    EventType.CALL_WAITING: _again,
    EventType.CALL_ENDED: _ended,
    EventType.CALL_CORRECTED: _corrected,
    EventType.RUN_HALTED: lambda event, data: (
        f"run {event.run} halted the plan's edition{_because(data.get('reason'))}"
    ),
    EventType.RUN_PAUSED: _held("paused"),
    EventType.RUN_CANCELLED: _held("cancelled"),
    EventType.RUN_RESUMED: _held("resumed"),
    EventType.NUMBER_SUPPRESSED: _suppressed,
    EventType.NUMBER_RELEASED: _released,
    EventType.RUN_INTERRUPTED: lambda event, data: f"run {event.run} interrupted by {data.get('signal', 'a signal')}",
    EventType.RUN_ENDED: lambda event, data: (
        f"run {event.run} ended, exit {data.get('exit_code', '?')}{_colon(data.get('unmet'))}"
    ),
}
"""The words for each kind of event; None leaves it out."""
