"""Where calls go: the sandbox, or a live account."""

import ipaddress
import re
from typing import TYPE_CHECKING, Literal

from orchestrator.model.approval import ApprovalRule
from orchestrator.model.call import CARRIER_SETTLES_WITHIN
from orchestrator.model.frozen import frozen
from orchestrator.model.policy import Rate, Window

if TYPE_CHECKING:
    from decimal import Decimal

DEFAULT_PACE = Rate(200, 60.0)
"""What the carrier allows an account, all requests counted (docs/carrier.md, statuses and rates)."""

LIVE_HOURS = Window(frozenset(range(7)), 9 * 60, 21 * 60, "Asia/Kolkata")
"""The default window of every live target: 09:00-21:00 IST every day."""

SCENARIO_NAMES = ("everyday", "calm")
"""What the sandbox can play, the default first; what each name means is the sandbox's own matter."""


@frozen
class Callbacks:
    """The run's own receiver: where it listens, and the address that the carrier is given (no trailing slash)."""

    host: str
    port: int
    public_url: str


@frozen
class Lookups:
    """How endings are found when no callback came, in seconds."""

    after: float = 30.0
    every: float = 30.0
    settle: float = CARRIER_SETTLES_WITHIN


_RATES = re.compile(r"([0-9.]+) (\S+) a minute, by ([0-9.e+]+) s")


@frozen
class Rates:
    """What talk costs: each started pulse (seconds) of each leg, `per_minute` of `currency` a minute."""

    currency: str
    per_minute: "Decimal"
    pulse: float = 60.0

    @property
    def words(self) -> str:
        """Return them as the journal keeps them: `0.60 INR a minute, by 60 s`."""
        return f"{self.per_minute:f} {self.currency} a minute, by {self.pulse:g} s"

    @classmethod
    def read(cls, words: str) -> "Rates | None":
        """Read what `words` has written; None for any other text."""
        from decimal import Decimal

        found = _RATES.fullmatch(words)
        return None if found is None else cls(found[2], Decimal(found[1]), float(found[3]))


@frozen
class Guardrails:
    """What no plan may exceed on this target. `caller_ids` empty: any.

    `suppress` are the lists of numbers that no plan rings, as the target names them, relative to `folder`. `approval`
    None: nobody needs to approve what runs.
    """

    caller_ids: tuple[str, ...] = ()
    windows: tuple[Window, ...] = ()
    suppress: tuple[str, ...] = ()
    folder: str = ""
    expect_required: bool = False
    approval: ApprovalRule | None = None


@frozen
class Target:
    """A carrier account and how to speak to it.

    `account` None: taken from the environment. `base_url` None: chosen by the environment or the sandbox's
    own port. `pace` caps all requests of the account. `legs` None: no cap of its own. `timeout` seconds of
    one connect request. `rates` None: what calls cost cannot be estimated. `spelling` decides how the parameters with
    a `New` form go out. `accept` has words by parameter beside the table's, none for a new parameter that takes any
    text. `shared`: other systems dial the same pairs on this account. `notify` are the addresses that are told how
    each run ended. `scenario`, `seed`, `speed` are the sandbox's: its clock runs `speed` times faster.
    """

    name: str
    kind: Literal["exotel", "sandbox"]
    account: str | None = None
    base_url: str | None = None
    encoding: Literal["multipart", "urlencoded"] = "multipart"
    response: Literal["json", "xml"] = "json"
    spelling: Literal["plain", "new"] = "plain"
    pace: Rate = DEFAULT_PACE
    legs: int | None = None
    timezone: str = "Asia/Kolkata"
    timeout: float = 60.0
    callbacks: Callbacks | None = None
    lookups: Lookups | None = Lookups()
    shared: bool = False
    circuit: int = 10
    currency: str = "INR"
    rates: Rates | None = None
    journal: str | None = None
    accept: tuple[tuple[str, tuple[str, ...]], ...] = ()
    guardrails: Guardrails = Guardrails()
    notify: tuple[str, ...] = ()
    scenario: str = SCENARIO_NAMES[0]
    seed: int = 0
    speed: float = 60.0

    @property
    def is_live(self) -> bool:
        """Whether phones ring."""
        return self.kind == "exotel"


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine, so that what is sent there stays on it."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
