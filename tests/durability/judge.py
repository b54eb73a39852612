"""The account that must balance after whatever happened to a run: the report against the carrier's own record."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from acceptance.cli import Done
from acceptance.desk import Desk

from durability.campaign import assert_attempts_are_whole
from durability.carrier import DID_NOT_RING, Carrier, Received


@dataclass(frozen=True)
class Account:
    """What the carrier's record and the report say together; `judged` finds fault."""

    told: dict[str, dict[str, Any]]
    received: dict[str, list[Received]]
    requests: int

    def rang(self, key: str) -> list[Received]:
        """A call's requests that may have rung."""
        return [item for item in self.received[key] if item.answer not in DID_NOT_RING]

    @property
    def unknown(self) -> set[str]:
        """Calls that the report lists as unknown."""
        return {key for key, told in self.told.items() if told["disposition"] == "unknown"}

    @property
    def never(self) -> set[str]:
        """Calls of which the carrier received nothing that may have rung."""
        return {key for key in self.told if not self.rang(key)}

    @property
    def twice(self) -> list[str]:
        """Calls that may have rung twice."""
        return [key for key in self.told if len(self.rang(key)) > 1]

    @property
    def lost(self) -> list[str]:
        """Calls that the report takes for made though the carrier received nothing, or the other way round."""
        return [key for key in self.told if not self._holds(key)]

    def _holds(self, key: str) -> bool:
        """Whether a call's last word is one that the carrier's record bears out."""
        told, rang = self.told[key], self.rang(key)
        if told["disposition"] == "unknown":
            return True
        sids = [item.sid for item in rang]
        return [item["sid"] for item in told["attempts"] if item["placement"] == "accepted"] == sids != []


def account(desk: Desk, carrier: Carrier) -> Account:
    """Read the last report and the carrier's record."""
    told, connects = desk.told(), carrier.connects()
    received = {key: [item for item in connects if item.custom == key] for key in told}
    return Account(told, received, len(connects))


def run_to_the_end(desk: Desk, arguments: Sequence[str], patience: float = 60, **extra: str) -> Done:
    """Run again: one run is enough, whatever the one before it was killed at."""
    return desk.orchestrate(*arguments, patience=patience, **extra)


def judged(desk: Desk, carrier: Carrier, wanted: Iterable[str], done: Done) -> Account:
    """Hold a finished run to it: nobody rung twice, nobody lost, every unknown one listed."""
    found, wanted = account(desk, carrier), set(wanted)
    assert found.twice == [], "received twice"
    assert found.told.keys() == wanted
    assert sum(map(len, found.received.values())) == found.requests, "nothing but the plan's calls was dialed"
    for key, told in found.told.items():
        assert_attempts_are_whole(told)
        assert len(found.received[key]) <= len(told["attempts"]), "each request had its intent in the journal first"
    assert found.lost == []
    assert found.never <= found.unknown, "what was never received is never called a call"
    assert desk.report()["totals"]["unknown"] == len(found.unknown)
    assert done.code == (6 if found.unknown else 0), done.said
    return found
