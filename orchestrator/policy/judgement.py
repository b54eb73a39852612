"""What the evaluator is asked - a call, and what is known beside it - and what it may answer."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from orchestrator.model.call import CallTimes
from orchestrator.model.number import DndMark
from orchestrator.model.outcome import Disposition, Ending
from orchestrator.policy.spend import Usage
from orchestrator.policy.stages import Room


@dataclass(frozen=True, slots=True)
class CallUnderReview:
    """A call as the evaluator sees it. Moments are epoch seconds.

    `rung` counts its attempts that may have rung, `last` is how the last of them ended, `ended` when.
    """

    times: CallTimes
    not_before: float | None = None
    not_after: float | None = None
    rung: int = 0
    last: Ending | None = None
    ended: float = 0.0


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known beside the call, of the moment.

    `hold`: why nothing of the edition starts, in words, None where nothing stands. `suppressed`: why its From or To
    is never rung. `person`: starts of the attempts for its To that count, ascending. `dnd`: what the carrier says of
    its To, None where it must be asked first. `agent`: calls in flight for its From, `flying` on its account. `room`:
    what stages and halts leave. `shortest`: what at least any call of the plan takes.
    """

    hold: str | None = None
    suppressed: str | None = None
    person: Sequence[float] = ()
    dnd: DndMark | None = None
    agent: int = 0
    flying: int = 0
    used: Usage = field(default_factory=Usage)
    room: Room = field(default_factory=Room)
    shortest: CallTimes = field(default_factory=CallTimes)


@dataclass(frozen=True, slots=True)
class Start:
    """It may start now."""


@dataclass(frozen=True, slots=True)
class NotBefore:
    """It may start at `at` (epoch seconds; NEVER; None: when a call ends).

    `whole`: no other call may before either; `new_only`: but one that was dialed before may be redialed.
    """

    at: float | None
    reason: str
    whole: bool = False
    new_only: bool = False


@dataclass(frozen=True, slots=True)
class Closed:
    """It is not to be dialed any more: its disposition, and why."""

    disposition: Disposition
    reason: str | None


@dataclass(frozen=True, slots=True)
class Stopped:
    """No call of the edition may start until somebody acts; `halt`: this must be kept in the journal.

    `new_only`: a call that was dialed before may still be redialed. `is_alone`: one that takes less may still start.
    `is_held`: somebody or a halt holds it already.
    """

    reason: str
    halt: bool = False
    new_only: bool = False
    is_alone: bool = False
    is_held: bool = False


Admission = Start | NotBefore | Closed | Stopped
