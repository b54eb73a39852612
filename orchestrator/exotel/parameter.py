"""The shape of one row of the parameter table."""

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum

from orchestrator.model.frozen import frozen


class Kind(StrEnum):
    """What a value is; decides how a plan writes it, how it is checked and how it goes on the wire."""

    PHONE = "phone"
    SECONDS = "seconds"
    COUNT = "count"
    CHOICE = "choice"
    FLAG = "flag"
    URL = "url"
    TEXT = "text"
    CHOICES = "choices"  # a list of choices, one indexed field an item

    @property
    def is_integer(self) -> bool:
        """Whether the value is a whole number."""
        return self in (Kind.SECONDS, Kind.COUNT)


class Source(StrEnum):
    """Who says so. S0 and S2 are the documents the project is made from; the rest is documented elsewhere."""

    S0 = "S0"  # HTTP status list, curl example, parameter table
    S2 = "S2"  # the older list of the API console
    LEGACY = "L"  # legacy developer portal
    HELP = "H"  # help centre
    PORTAL = "N"  # new portal, reference
    GUIDE = "N-guide"  # new portal, guides: low trust
    CLIENTS = "C"  # seen in public client code only


@frozen
class Need:
    """`name` must be set (to `value`, if given) for a parameter to have an effect."""

    name: str
    value: str | None = None


@frozen
class Parameter:
    """One parameter of `Calls/connect`.

    `sources` name the parameter and say its summary. `said_by` has the sources of a column that not all of them say;
    `standing` is whether it is mandatory. A note ends with its sources where they are not those of the row.
    `documented_type` is the type in the documents' own words.
    `values` are the documented choices; more may come, so a target can accept others. `minimum` and
    `maximum` bound integers. `unconfirmed_maximum` bounds a number or a text's length by one weak source
    only: beyond it is a warning. `suffix` is how the path of an address ends: another is a warning. `default` is the
    carrier's, and is never sent for a plan that is silent. `needs` are the conditions for an effect; `advises` names
    parameters that the documents advise to set too. `sensitive`: holds a number or an address of a person. `aliases`
    are other spellings accepted in plans; `new_name` is the spelling that a target with `spelling: new` puts on the
    wire. `echoed` says where the carrier sends the value back. `refused` is the hint of a parameter that is known and
    never sent.
    """

    name: str
    kind: Kind
    sources: tuple[Source, ...]
    summary: str
    example: str
    notes: tuple[str, ...] = ()
    required: bool = False
    values: tuple[str, ...] = ()
    schemes: tuple[str, ...] = ()
    minimum: int | None = None
    maximum: int | None = None
    unconfirmed_maximum: int | None = None
    suffix: str | None = None
    default: str | None = None
    needs: tuple[Need, ...] = ()
    advises: tuple[str, ...] = ()
    sensitive: bool = False
    aliases: tuple[str, ...] = ()
    new_name: str | None = None
    echoed: str | None = None
    refused: str | None = None
    documented_type: str | None = None
    said_by: Mapping[str, tuple[Source, ...]] = field(default_factory=dict)

    @property
    def documented(self) -> bool:
        """Whether the project's own source documents know it."""
        return Source.S0 in self.sources or Source.S2 in self.sources

    @property
    def is_list(self) -> bool:
        """Whether it goes out as one indexed field an item."""
        return self.kind is Kind.CHOICES
