"""The words of the project, each with one sentence: docs/glossary.md is made of them, and `explain` shows them."""

from typing import NamedTuple

from orchestrator.model.page import Page, Subject
from orchestrator.reference.page_markdown import GENERATED


class Word(NamedTuple):
    """One word, or several for the same, and what it means. A word in backticks is written so in reports."""

    word: str
    meaning: str

    @property
    def name(self) -> str:
        """The word alone: of several the last one, without its article."""
        return self.word.rpartition(", ")[2].removeprefix("the ").strip("`")


WORDS: dict[str, tuple[Word, ...]] = {
    "What a plan asks for": (
        Word("plan", "One YAML file that says which calls are wanted, with which parameters, under which policy."),
        Word("name", "The plan's identity in the journal; two files cannot share one."),
        Word(
            "edition",
            "One round of a plan. A new one dials the same ids again, on purpose, and ends the older (`superseded`).",
        ),
        Word(
            "call",
            "One bridge between two numbers that the plan asks for; its `id` is unique in the plan and stays the same.",
        ),
        Word("row", "One line of a data file; a call with `rows:` becomes one call for each row."),
        Word("From, the agent", "The number that is rung first."),
        Word(
            "To, the person",
            "The number that is rung once From has answered: one person, however the number is spelled.",
        ),
        Word("leg", "One of the two connections of a call: the first is From's, the second is To's."),
        Word(
            "policy",
            "The part of a plan that says when, how fast and how often to dial; each key is a guard.",
        ),
        Word("window", "The days and hours in which people may be rung."),
        Word("pace", "The most connect requests in any length of time."),
        Word("stage", "A first share of the calls, which is dialed and judged before the next share begins."),
        Word("target", "Where calls go: the sandbox, or an account of the carrier."),
        Word("guardrail", "A rule of a target that no plan may exceed."),
        Word("carrier", "Exotel, or the sandbox that stands for it."),
        Word("sandbox", "The simulated carrier; no phone rings."),
        Word("bad row", "A row that cannot become a call; `bad: skip` lists it and leaves it out."),
    ),
    "What is reviewed": (
        Word("review", "What `plan` does: it shows what `run` would do now, and dials nobody."),
        Word("diff", "What changes from one plan to another, or from a commit to the plan as it is."),
        Word("label", "Stands for a number, such as `k7f3`: equal for equal numbers, of no use without its key."),
        Word("digest", "The fingerprint of what was reviewed; `run --expect` refuses anything else."),
        Word(
            "approval", "A person's word, kept in the journal, that a digest may run; `orchestrate approve` records it."
        ),
        Word("finding", "One problem or remark about a file, with an id, a place, a reason and a hint."),
        Word("rule", "What a plan is advised to do or not to do; a finding of the rule's id tells where it does not."),
        Word("waiver", "The word of an owner, for a reason and until a day, that a rule does not count for a plan."),
    ),
    "What happens to a call": (
        Word("run", "One execution of a plan; its id sorts by time."),
        Word(
            "attempt",
            "One connect request for a call, numbered from 1, with its own token; what is sent again is a new attempt.",
        ),
        Word("intent", "The attempt as it is committed to the journal before its request may leave."),
        Word(
            "placement",
            "What one connect request proved: `accepted`, `rejected`, `throttled`, `unreached` or `unknown`.",
        ),
        Word("`accepted`", "The carrier took the request, and the call has a Sid."),
        Word("`rejected`", "The carrier refused the request, and nobody was rung."),
        Word("`throttled`", "The carrier answered 429 (too many requests), and nobody was rung."),
        Word("`unreached`", "No byte of the request left this machine, and nobody was rung."),
        Word("`unknown`", "Nobody knows whether a phone rang; the call is not dialed again by itself."),
        Word(
            "may have rung",
            "True of an attempt that is `accepted` or `unknown`; only these count against redials and limits.",
        ),
        Word(
            "evidence",
            "What a placement rests on: the `reply` to the request, a `callback`, a `look-up`, or a `person`.",
        ),
        Word("Sid", "The carrier's name of a call or an account."),
        Word("callback", "A message of the carrier about a call, sent to the receiver's address."),
        Word("receiver", "The part of a run, or of `serve`, that takes callbacks."),
        Word("token", "The part of a callback's address that nobody can guess, and that names one attempt."),
        Word("look-up", "A question to the carrier about a call, or about its list of calls."),
        Word(
            "settle", "To say with evidence what an `unknown` attempt was; a person does it with `orchestrate settle`."
        ),
        Word(
            "ending",
            "How an accepted attempt went: `completed`, `busy`, `no-answer`, `failed`, `canceled`, or the next two.",
        ),
        Word("`agent-no-answer`", "From never answered, so To was never rung."),
        Word("`unseen`", "The call was accepted, and nobody can be asked any more how it ended."),
        Word("redial", "An attempt after an ending that was not wished."),
        Word(
            "disposition",
            "A call's final word: an ending, `rejected`, `unknown`, `suppressed`, `not-dialed`; else `waiting`.",
        ),
        Word("`suppressed`", "The number is on a list, or was named to `orchestrate suppress`, and is never rung."),
        Word(
            "`not-dialed`",
            "The call was closed and has not rung; its reason says why, such as `removed` or `cancelled`.",
        ),
        Word("removed", "The plan does not hold the call any more."),
        Word("id changed", "The same pair of numbers may have rung under an id that the plan does not hold any more."),
        Word("pair", "The From and To of a call; two attempts for one pair are never open at once."),
    ),
    "What stops calls": (
        Word(
            "hold",
            "What keeps an edition, or every plan on the journal, from starting calls until `resume`: one of these"
            " three.",
        ),
        Word("pause", "A person's hold: no further call starts, and the process waits."),
        Word("cancel", "A person's hold: the calls that were not dialed are closed."),
        Word(
            "halt",
            "The policy's own hold, after a bad share of endings or at a stage's end; `resume --because TEXT` lifts"
            " it.",
        ),
        Word("circuit", "How many `unknown` or `unreached` placements in a row stop a run."),
        Word("interruption", "A signal that ends the process; the same command goes on with the run."),
    ),
    "What is kept": (
        Word("journal", "The durable record from which everything else derives; it says who may have been rung."),
        Word("event", "One thing that happened, as the journal keeps it for ever."),
        Word("chain", "The events in their order, each with the hash of the one before it."),
        Word("head", "The hash of the newest event: whoever knows it can tell an older copy of the journal."),
        Word("spool", "A file without a name, where a plan's calls wait until all of them are found good."),
        Word("companion file", "A file beside the journal that belongs to it (`-wal`, `-shm`, `-head`)."),
        Word("report", "A view of the journal; the same journal gives the same report."),
        Word("exit code", "The verdict on the plan's calls, as a number that a pipeline can read."),
    ),
    "What stands in the code only": (
        Word("room", "A package of `orchestrator/`, or a module beside the packages."),
        Word(
            "floor",
            "The rooms on one line of the drawing in ARCHITECTURE.md, which do not import each other.",
        ),
        Word("port", "A list of methods that a room needs of others (`typing.Protocol`); of an address, its number."),
        Word("guard", "A rule that decides whether a call may start."),
        Word("slot", "A moment of the pace: one request may leave at it, and all processes together give it out once."),
        Word(
            "turn",
            "One request's way to its slot: it takes one, waits for it, and takes another where it comes too late.",
        ),
        Word(
            "claim",
            "To take what only one may have: a due call for its next attempt; a found call for an `unknown` one.",
        ),
        Word(
            "fence", "The number of the run that dials a plan, kept in the journal: no other run can commit an intent."
        ),
    ),
}
"""In the sections of the glossary, in the order in which people meet them."""


def word_pages() -> tuple[Page, ...]:
    """Return a page for each word."""
    return tuple(
        Page(Subject.WORD, entry.name, "a word of the glossary", entry.meaning, spellings=(entry.word,))
        for entries in WORDS.values()
        for entry in entries
    )


def glossary_markdown() -> str:
    """Return docs/glossary.md."""
    parts = [f"# Glossary\n\n{GENERATED}\n\n{_HEAD}"]
    for title, entries in WORDS.items():
        rows = [f"| {entry.word} | {entry.meaning} |" for entry in entries]
        parts.append("\n".join([f"## {title}\n", "| word | meaning |", "| --- | --- |", *rows]))
    return "\n\n".join(parts) + "\n"


_HEAD = "Each word means one thing: in plans, in what the program prints, in its reports and in its code."
