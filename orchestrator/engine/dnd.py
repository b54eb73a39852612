"""Asks the carrier, beside the dialing, which numbers are registered as do-not-disturb.

Fail closed: `Yes` is never rung, `No` and `Unavailable` may be, and so may numbers of other countries, of which the
carrier knows nothing. Whoever the carrier gave no readable answer about - an error, a 404, a word that no document
lists - is not rung now: the call waits, and is asked about again. 401, 402, 403 and redirects stop the run, as they
would a connect request. Questions take slots of the account's pace only: at the fifth that look-ups get, a plan whose
numbers are all new would be dialed at a fifth of its pace.
"""

import asyncio
from collections.abc import Sequence

from orchestrator.engine.admission import RateLimiter
from orchestrator.engine.attempt import Steps
from orchestrator.engine.clock import Clock
from orchestrator.engine.config import IDLE_PAUSE, RunConfig
from orchestrator.engine.ports import Carrier, Reader, Writer
from orchestrator.engine.state import RunState
from orchestrator.exotel.placement import verdict
from orchestrator.exotel.replies import dnd_mark, is_covered
from orchestrator.model.call import DueCall
from orchestrator.model.diagnostic import Diagnostic, Span, error
from orchestrator.model.events import rfc3339
from orchestrator.model.frozen import frozen
from orchestrator.model.number import DndMark
from orchestrator.model.outcome import Exchange
from orchestrator.policy.verdict import Stop

QUESTIONS_AT_ONCE = 8
"""Questions under way at one moment: a slow answer must not slow the dialing."""

CALLS_PER_READING = 400
"""Calls that are looked up in the journal at a time."""

FIRST_PAUSE = 2.0
"""Seconds until a question without an answer is asked again; doubled each time, so that a run's `wait` ends it."""

LONGEST_PAUSE = 86400.0
"""Seconds: no question waits longer."""

CALLS_SHOWN = 20
"""Most calls that a refusal names one by one."""


@frozen
class Answer:
    """What became of a question. `mark` None: nothing was learnt, and `why` says so.

    `is_of_account`: every question would be answered so. `is_of_number`: another number may well get a better one.
    """

    mark: DndMark | None
    why: str = ""
    is_of_account: bool = False
    is_of_number: bool = False


class NumberQuestions:
    """Asks the carrier about numbers, each question in its slot of the account's pace."""

    def __init__(self, carrier: Carrier, limiter: RateLimiter, state: RunState) -> None:
        self._carrier, self._limiter, self._state = carrier, limiter, state
        self._queue = asyncio.Lock()

    async def ask(self, number: str) -> Answer:
        """Ask whether a number is registered as do-not-disturb."""
        async with self._queue:  # one question beside the calls competes for the next slot, not many
            turn = await self._limiter.question()
        exchange = await self._carrier.number(number, turn.leave)
        self._limiter.heed(exchange)
        self._state.news.set()
        mark = dnd_mark(exchange.body, number) if exchange.status == 200 and exchange.complete else None
        if mark is not None:
            return Answer(mark)
        of_number = exchange.complete and exchange.status in (200, 404)
        return Answer(None, _why(exchange), verdict(exchange).account_problem, of_number)


def _why(exchange: Exchange) -> str:
    if exchange.status is None:
        return exchange.error or "no answer"
    return f"HTTP {exchange.status}" + (", an answer that cannot be read" if exchange.status == 200 else "")


class DndTask:
    """Asks for one run. Answers age by the wall's clock, as windows do."""

    def __init__(
        self,
        config: RunConfig,
        journal: tuple[Writer, Reader],
        questions: NumberQuestions,
        clock: Clock,
        state: RunState,
    ) -> None:
        self._config, self._steps = config, Steps(config)
        self._writer, self._reader = journal
        self._questions, self._clock, self._state = questions, clock, state
        self._failures: dict[str, tuple[int, float]] = {}  # by number: how often in a row, and when it is asked again
        self._in_vain, self._why = 0, ""
        self.is_cleared = config.rules.policy.dnd != "refuse"
        """Whether dialing may begin: `refuse` asks about everybody first."""
        self.again_at: float | None = None
        """When the carrier is asked again after no answer, in epoch seconds; None while it is being asked."""
        self.refused: tuple[Diagnostic, ...] = ()
        """Why the run dials nobody."""

    @property
    def trouble(self) -> str | None:
        """Why the carrier's word on some number is missing; None where none is."""
        return self._why if self._failures else None

    async def run(self) -> None:
        """Ask for ever; cancelled by the engine."""
        while True:
            if self._state.stopped is not None or not await self._look():
                await self._clock.sleep(IDLE_PAUSE)

    async def _look(self) -> bool:
        """Ask about the next numbers that nobody knows; return whether anything was done."""
        calls = self._next_calls()
        if not calls and not self.is_cleared:
            self._clear()
            return True
        people = list(dict.fromkeys(call.person for call in calls))
        now, abroad = self._clock.now(), [person for person in people if not is_covered(_number(person))]
        if abroad:
            await self._remember(dict.fromkeys(abroad, DndMark.UNAVAILABLE))
        resting = {person: at for person in people if (at := self._asked_again_at(person)) > now}
        deferred = [call for call in calls if call.person in resting and self.is_cleared]
        for call in deferred:
            await self._defer(call, resting[call.person])
        asked = [person for person in people if person not in resting and person not in abroad]
        if asked:
            await self._ask_all(asked)
        elif resting and not self.is_cleared:
            self._rest_until(min(resting.values()))
        return bool(abroad or deferred or asked)

    def _next_calls(self) -> list[DueCall]:
        """Return calls to ask about: twice as many ahead as may be in flight; all that are due at any time, at first.

        Those that had no answer come last where everybody must be asked.
        """
        config, until, ahead = self._config, self._clock.now(), 2 * self._config.slots
        if self.is_cleared:
            return self._reader.unasked(config.scope, until, self._clock.wall(), ahead, CALLS_PER_READING, config.only)
        most = CALLS_PER_READING + len(self._failures)
        calls = self._reader.unasked(config.scope, float("inf"), self._clock.wall(), None, most, config.only)
        return sorted(calls, key=lambda call: call.person in self._failures)

    async def _ask_all(self, people: list[str]) -> None:
        """Ask, a few at a time, as long as the carrier answers anything; rest where it does not."""
        for start in range(0, len(people), QUESTIONS_AT_ONCE):
            if self._state.stopped is not None:
                return
            self.again_at = None
            few = people[start : start + QUESTIONS_AT_ONCE]
            answers = dict(zip(few, await asyncio.gather(*map(self._ask, few)), strict=True))
            known = {person: answer.mark for person, answer in answers.items() if answer.mark is not None}
            await self._remember(known)
            for person in few:
                self._count(person, answered=person in known)
            is_up = bool(known) or any(answer.is_of_number for answer in answers.values())
            self._in_vain = 0 if is_up else self._in_vain + 1
            if self._in_vain:
                rest = min(FIRST_PAUSE * 2 ** (self._in_vain - 1), LONGEST_PAUSE)
                self._rest_until(self._clock.now() + rest)
                await self._clock.sleep(rest)
                return

    async def _ask(self, person: str) -> Answer:
        answer = await self._questions.ask(_number(person))
        if answer.mark is None:
            self._why = answer.why
        if answer.is_of_account:
            words = f"the carrier does not say which numbers are do-not-disturb ({answer.why})"
            self._state.stop(Stop(4, f"{words}, and under `policy.dnd` no number is rung before it has"))
        return answer

    async def _remember(self, marks: dict[str, DndMark]) -> None:
        if marks:
            now = self._clock.wall()
            await self._writer.write(lambda tx: tx.note_numbers(marks.items(), now, rfc3339(now)))
            self._state.news.set()

    def _count(self, person: str, *, answered: bool) -> None:
        times, _ = self._failures.pop(person, (0, 0.0))
        if not answered:
            wait = min(FIRST_PAUSE * 2**times, LONGEST_PAUSE)
            self._failures[person] = times + 1, self._clock.now() + wait

    def _asked_again_at(self, person: str) -> float:
        return self._failures.get(person, (0, 0.0))[1]

    async def _defer(self, call: DueCall, until: float) -> None:
        reason = f"dnd: the carrier did not say whether its number may be rung ({self._why})"
        await self._writer.write(lambda tx: self._steps.defer(tx, call, until, reason, self._clock.now()))
        self._state.news.set()

    def _rest_until(self, moment: float) -> None:
        if self.again_at != moment:
            self.again_at = moment
            self._state.news.set()

    def _clear(self) -> None:
        """Let the dialing begin once everybody was asked, or end the run where somebody is registered."""
        scope, only = self._config.scope, self._config.only
        count, shown = self._reader.registered(scope, self._clock.wall(), CALLS_SHOWN, only)
        self.is_cleared = not count
        if count:
            self.refused = refusal(count, shown)
            self._state.stop(Stop(3, f"{count:,} call(s) are to numbers that are do-not-disturb"))
        self._state.news.set()


def _number(person: str) -> str:
    return person.partition(":")[2]


def refusal(count: int, shown: Sequence[tuple[str, str | None]]) -> tuple[Diagnostic, ...]:
    """Return a diagnostic a call, at its place in the plan or its data, and one for those that are not shown."""
    hint = "leave it out of the plan, or let `policy.dnd: skip` leave out all such calls"
    words = "the carrier marks the number of call `{}` as do-not-disturb, and `policy.dnd` is `refuse`"
    found = [error("dnd-registered", words.format(id_), *_spans(place), hint=hint) for id_, place in shown]
    if count > len(shown):
        found.append(error("dnd-registered", f"and so are {count - len(shown):,} more"))
    return tuple(found)


def _spans(place: str | None) -> tuple[Span, ...]:
    file, _, line = (place or "").rpartition(":")
    return (Span(file, int(line)),) if file and line.isdecimal() else ()
