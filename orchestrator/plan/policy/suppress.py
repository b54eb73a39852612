"""`suppress` and `dnd`: who is never rung. The lists themselves are read by `lists/suppression.py`."""

from orchestrator.model.policy import Dnd
from orchestrator.plan.policy.key import PolicyKey, text_of
from orchestrator.plan.schema import build
from orchestrator.plan.yaml.nodes import Node, ScalarNode, SequenceNode


def suppress_schema(description: str, example: str) -> build.Schema:
    """Return the schema of a list of file names, as plans and targets have them."""
    name = build.text("A file, relative to the one that names it.", example, minLength=1)
    return build.listing(description, name, uniqueItems=True)


def _read_names(node: Node) -> tuple[str, ...] | None:
    """Read a list of file names; None where one has no characters."""
    names = tuple(text_of(item) for item in node.items) if isinstance(node, SequenceNode) else ()
    return names if names and all(names) else None


SUPPRESS = PolicyKey(
    name="suppress",
    field="suppress",
    example="[../data/do-not-call.csv]",
    bad="../data/do-not-call.csv",
    finding="wrong-type",
    schema=suppress_schema("Files of numbers that are never rung.", "../data/do-not-call.csv"),
    read=_read_names,
    documentation="""
    CSV lists of numbers in any format: one column, or a header that names each column of numbers `phone`, `mobile`,
    `number`, `msisdn` or `to` (numbers in other columns are kept back too). Or `sha256:` and the hash of the E.164
    number (`printf %s +919876543210 | sha256sum`), so that the list itself names nobody in plain; a hash of a phone
    number can be guessed, so keep it private all the same. A number on a list is `suppressed`, and counts as
    wished. `plan` remembers in its journal whom the lists suppress, and `run --expect` rings none of them even if
    they have left the lists since: give both the same journal. A line such as `# scrubbed: 2026-11-20 ncpr` above the
    first one says when the list was compared with a register: rules for calls of a purpose go by it.
    """,
)


def _read_dnd(node: Node) -> Dnd | None:
    words: tuple[Dnd, ...] = ("skip", "refuse", "ignore")
    return next((word for word in words if isinstance(node, ScalarNode) and node.text == word), None)


DND = PolicyKey(
    name="dnd",
    field="dnd",
    example="skip",
    bad="maybe",
    finding="not-allowed",
    schema=build.choice(
        "What to do with numbers that the carrier marks as do-not-disturb.", "skip", "refuse", "ignore"
    ),
    read=_read_dnd,
    documentation="""
    `skip` leaves such calls out, `refuse` dials nobody; `ignore`, the default, does not ask. The carrier's metadata
    is asked at most once a day and number. While the carrier does not answer, the call waits.
    """,
)
