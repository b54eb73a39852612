"""`why`: everything about one call, from the journal alone."""

import time

from orchestrator.app.journal import existing_journal
from orchestrator.app.named_run import find_run, read_run_argument
from orchestrator.exotel.call_fields import AGENT, PERSON, REFERENCE, parties
from orchestrator.journal.views.view import View
from orchestrator.model.errors import WrongUsage
from orchestrator.model.frozen import frozen
from orchestrator.model.story import Story
from orchestrator.phone.numbers import identity, read


@frozen
class Found:
    """The stories that were asked for, and what of their calls was named: `id`, `To`, `From`, `Sid`, `CustomField`."""

    stories: tuple[Story, ...]
    by: str


def call_stories(journal: str | None, call: str, run: str | None) -> Found:
    """Return the stories of the calls of this id, one a plan's edition, the latest first.

    Where there is none of this id, those of the calls that have this phone number, in any spelling, Sid or CustomField.
    `run` names one edition, and what only that run did; named by its plan, the edition over all its runs. Raises
    WrongUsage where there is no such call or run, and CannotProceed without a journal.
    """
    known, what = existing_journal(journal), read_run_argument(run)
    with known.view() as view:
        named = None if run is None else find_run(view, what)
        of, only = (None, None) if named is None else (named.run, named.run if named.itself else None)
        found = tuple(view.calls.stories(call, of, time.time(), only=only))
        if found:
            return Found(found, "id")
        found = _known_by(view, call, of, only)
        if not found:
            raise WrongUsage(f"there is no call {call} in the journal" + (f" under run {run}" if run else ""))
        return Found(found, _named(call, found[0]))


def _named(name: str, story: Story) -> str:
    """Return what of a call a text names that is not its id; all calls that one text finds it names alike."""
    number, rung = read(name), parties(story.fields)
    if number is not None:
        for parameter, dialed in ((PERSON, rung.person), (AGENT, rung.agent)):
            if dialed is not None and identity(dialed) == number.identity:
                return parameter
    return "Sid" if any(attempt.record.sid == name for attempt in story.attempts) else REFERENCE


def _known_by(view: View, name: str, of: str | None, only: str | None) -> tuple[Story, ...]:
    known = view.calls.known_by(name)
    ids = dict.fromkeys(call.id for call in known)
    found = (story for id_ in ids for story in view.calls.stories(id_, of, time.time(), only=only))
    return tuple(story for story in found if (story.plan, story.edition, story.id) in known)
