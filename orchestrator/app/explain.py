"""`explain`: the documentation of every name that people meet, and docs/reference/, which is made of the same pages."""

import difflib
import re
from collections.abc import Iterable, Iterator
from functools import cache

from orchestrator.exotel.parameters import BY_SPELLING, TABLE
from orchestrator.exotel.reference import parameter_page
from orchestrator.model.errors import WrongUsage
from orchestrator.model.page import Page, Subject
from orchestrator.phone.masking import excerpt
from orchestrator.reference.exit_codes import exit_code_pages
from orchestrator.reference.findings import FINDINGS
from orchestrator.reference.words import word_pages

LONGEST_NAME = 64
"""Characters of a name that are compared and repeated; the longest that means something has some 40."""

_INDEX = re.compile(r"\[[0-9]*\]")
SUGGESTED = 4
"""Most names that are suggested in the place of one that nothing has."""


def explain(name: str) -> tuple[Page, ...]:
    """Return the pages of all that is called so, in any case: a name whole, or the end of a key's path.

    Raises WrongUsage where nothing is, with the nearest names.
    """
    name = name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 3] + "..."
    wanted = _folded(_INDEX.sub("", name))
    pages = _pages_beside_keys() if _is_no_key(name) else all_pages()
    found = [page for page in pages if wanted in _names(page) or (not page.inside and _end(page) == wanted)]
    if not found:
        alike = {(page.inside, page.what): page for page in reversed(pages) if _end(page) == wanted}
        found = list(reversed(alike.values()))
    if found:
        return tuple(found)
    near = _nearest(wanted, pages)
    asked = excerpt(name, LONGEST_NAME)
    if near:
        raise WrongUsage(f"nothing is called '{asked}'; did you mean {' or '.join(near)}?")
    raise WrongUsage(f"nothing is called '{asked}'; `orchestrate explain` lists all names")


@cache
def all_pages() -> tuple[Page, ...]:
    """Return every page, by subject in the order in which people meet them."""
    from orchestrator.plan.policy.reference import policy_key_pages
    from orchestrator.plan.rules.registry import RULES
    from orchestrator.plan.rules.settings import settings_page
    from orchestrator.plan.schema.plan import plan_schema
    from orchestrator.plan.schema.reference import plan_key_pages, target_key_pages
    from orchestrator.plan.schema.target import target_schema

    keys = (*plan_key_pages(plan_schema()), *policy_key_pages(), *target_key_pages(target_schema()))
    rules = (rule.page() for rule in RULES)
    return tuple(
        sorted((*_pages_beside_keys(), settings_page(), *rules, *keys), key=lambda page: [*Subject].index(page.subject))
    )


@cache
def finding_pages() -> dict[str, Page]:
    """Return the page of each finding by its id, those of rules among them."""
    return {page.name: page for page in all_pages() if page.subject is Subject.FINDING}


def _pages_beside_keys() -> tuple[Page, ...]:
    """Return the pages for which nothing that reads plans need be loaded."""
    return (*map(parameter_page, TABLE), *FINDINGS.values(), *exit_code_pages(), *word_pages())


def _is_no_key(name: str) -> bool:
    """Whether a name, as it is typed, is one that no key has: a parameter, the id of a finding, an exit code."""
    return _INDEX.sub("", name) in BY_SPELLING or name in FINDINGS or name.isdecimal()


def names_by_subject() -> Iterator[tuple[Subject, list[str]]]:
    """Yield the names that `explain` lists, by what they are: of keys those that have a documentation of their own."""
    for subject in Subject:
        yield subject, [page.name for page in all_pages() if page.subject is subject and not page.inside]


def _names(page: Page) -> set[str]:
    return {_folded(name) for name in (page.name, *page.spellings)}


def _end(page: Page) -> str:
    """Return the last part of a key's path; the name itself of all else."""
    return _folded(page.name.rpartition(".")[2])


def _nearest(wanted: str, pages: Iterable[Page]) -> list[str]:
    """Return the nearest names: those that are spelled so as a whole before those that only end so."""
    known: dict[str, list[str]] = {}
    for page in pages:
        for spelling in _names(page):
            known.setdefault(spelling, []).append(page.name)
    for page in sorted(pages, key=lambda page: page.inside is not None):
        if page.inside is None or _end(page) not in known:
            known.setdefault(_end(page), []).append(page.name)
    near = difflib.get_close_matches(wanted, known, n=SUGGESTED, cutoff=0.7)
    return list(dict.fromkeys(name for spelling in near for name in known[spelling]))[:SUGGESTED]


def _folded(name: str) -> str:
    """Return what is the same in all ways of typing a name: capitals, blanks, dashes and underlines say nothing."""
    return "".join(character for character in name.casefold() if character not in " -_`")
