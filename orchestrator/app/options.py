"""What a command was asked for, and the command line that asks for the same again."""

import math
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import field
from urllib.parse import urlsplit

from orchestrator.model.errors import WrongUsage
from orchestrator.model.frozen import frozen


@frozen
class RunOptions:
    """What `run` was asked for. Durations are in seconds, None takes the default.

    `reports` are paths, `expect_head` is the hash of an event in hexadecimal digits; `notify` are addresses that
    are told how the run ended, beside the target's.
    """

    plan: str
    target: str = "sandbox"
    journal: str | None = None
    reports: tuple[str, ...] = ()
    expect: str | None = None
    expect_head: str | None = None
    edition: str | None = None
    yes: bool = False
    root: str | None = None
    secrets_dir: str | None = None
    settle_for: float | None = None
    wait: float | None = None
    until_placed: bool = False
    only: str | None = None
    limit: int | None = None
    new_ids: bool = False
    moved: bool = False
    retry_rejected: bool = False
    unmask: bool = False
    notify: tuple[str, ...] = ()


@frozen
class PlanOptions:
    """What `plan` was asked for; `at` is the moment of the review in epoch seconds, None for now.

    `assume` is what the estimate assumes by the user's word: shares from 0 to 1, and seconds.
    """

    plan: str
    target: str = "sandbox"
    journal: str | None = None
    root: str | None = None
    edition: str | None = None
    unmask: bool = False
    at: float | None = None
    secrets_dir: str | None = None
    moved: bool = False
    assume: Mapping[str, float] = field(default_factory=dict)


@frozen
class ReportOptions:
    """What `report` was asked for: a run or a plan, which of its calls, and how and where it is written.

    `format` None takes the one that the name of `out` asks for, else JSON; `columns` None takes all.
    """

    what: str | None = None
    journal: str | None = None
    edition: str | None = None
    root: str | None = None
    format: str | None = None
    out: str = "-"
    only: str | None = None
    dispositions: tuple[str, ...] = ()
    columns: tuple[str, ...] | None = None
    unmask: bool = False


@frozen
class DiffOptions:
    """What `diff` was asked for: from `old` to `new`, or with `against` from what `new` was in that commit."""

    new: str
    old: str | None = None
    against: str | None = None
    target: str = "sandbox"
    root: str | None = None
    secrets_dir: str | None = None


LONGEST_PATTERN = 1_000
"""Characters of --only. SQLite's matching takes the product of its length and the id's, and ends at 50,000."""


def check_pattern(only: str | None, without: str) -> None:
    """Raise WrongUsage for an --only that cannot be meant; `without` says what leaving it out is for."""
    if only is not None and not only.strip():
        raise WrongUsage(f"--only is empty: give it a pattern such as 'vip-*', or leave it out {without}")
    if only is not None and len(only) > LONGEST_PATTERN:
        raise WrongUsage(f"--only is longer than {LONGEST_PATTERN:,} characters: an id has at most 200")


WEB = ("http", "https")
"""The schemes of addresses that are posted to."""


def shown_address(url: str) -> str:
    """Return what may be shown of an address: a path or a query may be a secret, and of a service's, all may."""
    scheme, _, rest = url.partition("://")
    try:
        host = urlsplit(url).netloc.rpartition("@")[2] if scheme.lower() in WEB else ""
    except ValueError:
        host = ""
    if not rest or not scheme.isalnum():
        return "that was given"
    return f"{scheme}://{host}{'' if rest == host else '/***'}" if host else f"{scheme}://***"


def command_line(options: RunOptions, journal: str) -> str:
    """Return the command as a shell takes it; the journal is named also where a setting had.

    Of an address that is notified only the host is shown: what follows may be a secret.
    """
    return shlex.join(["orchestrate", "run", options.plan, *_words(options), "--journal", journal])


def _words(options: RunOptions) -> Iterator[str]:
    values = {
        "--target": None if options.target == "sandbox" else options.target,
        "--edition": options.edition,
        "--expect": options.expect,
        "--expect-head": options.expect_head and f"sha256:{options.expect_head}",
        "--only": options.only,
        "--limit": None if options.limit is None else str(options.limit),
        "--until": "placed" if options.until_placed else None,
        "--wait": _seconds(options.wait),
        "--settle-for": _seconds(options.settle_for),
        "--root": options.root,
        "--secrets-dir": options.secrets_dir,
    }
    for name, value in values.items():
        if value is not None:
            yield from (name, value)
    for path in options.reports:
        yield from ("--report", path)
    for address in options.notify:
        yield from ("--notify", shown_address(address))
    flags = {
        "--new-ids": options.new_ids,
        "--moved": options.moved,
        "--retry-rejected": options.retry_rejected,
        "--unmask": options.unmask,
        "--yes": options.yes,
    }
    yield from (name for name, is_set in flags.items() if is_set)


def _seconds(duration: float | None) -> str | None:
    return None if duration is None or math.isinf(duration) else f"{duration:.15g}s"
