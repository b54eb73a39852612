"""How the documentation of a finding is written down: each one stands whole, under its id."""

from collections.abc import Mapping

from orchestrator.model.page import FINDING, Example, Page, Subject

ROWS = """\
calls:
  - id: o-${row.id}
    rows: data.csv
    To: ${row.phone}
"""
"""A call for each row of a data file."""

LIST = """\
policy:
  suppress: [data.csv]
"""
"""A list of numbers that are never rung."""

HOLIDAYS = """\
policy:
  holidays: data.csv
"""
"""A file of dates on which nobody is rung."""


def finding(
    id: str,  # noqa: A002 - the finding's own name for it
    severity: str,
    what: str,
    why: str,
    *,
    bad: str = "",
    good: str = "",
    files: Mapping[str, str] | None = None,
    target: bool = False,
) -> Page:
    """Return the page of a finding; `bad` shows it, `good` is the same without it, both beside the same `files`.

    One that only a journal, a target or the machine gives rise to has no examples.
    """
    beside = files or {}
    return Page(
        Subject.FINDING,
        id,
        f"{FINDING}{severity}",
        what,
        why,
        good=Example(good, files=beside, is_target=target) if good else None,
        bad=Example(bad, id, beside, target) if bad else None,
    )


def in_data(
    id: str,  # noqa: A002 - as above
    severity: str,
    what: str,
    why: str,
    *,
    bad: str,
    good: str,
    plan: str = ROWS,
    name: str = "data.csv",
) -> Page:
    """Return the page of a finding in a data file, whose text is `bad`, or `good`, under one `plan`."""
    text = plan.replace("data.csv", name)
    page = finding(id, severity, what, why, bad=text, good=text)
    return Page(
        *(page.subject, page.name, page.standing, page.what, page.why),
        good=Example(text, files={name: good}),
        bad=Example(text, id, {name: bad}),
    )
