"""The carrier's decision on one connect request, made durable: refuse it, or accept it as a call."""

import secrets
import string
import time
from dataclasses import dataclass

from orchestrator.phone.numbers import identity
from orchestrator.sandbox.call import Call
from orchestrator.sandbox.config import SandboxConfig
from orchestrator.sandbox.judge import Asked, judge
from orchestrator.sandbox.payloads import moments
from orchestrator.sandbox.player import Player
from orchestrator.sandbox.scenarios import scenario_named
from orchestrator.sandbox.script import compose
from orchestrator.sandbox.store import Owed, Received, Store

_ALPHABET = string.ascii_lowercase + string.digits


@dataclass(frozen=True, slots=True)
class Refusal:
    """A request that rings nobody, with the HTTP status and the message of its answer."""

    status: int
    message: str


class Desk:
    """Accepts and refuses. Whatever it answers is in the store before the caller hears it."""

    def __init__(self, config: SandboxConfig, store: Store, player: Player) -> None:
        self._config = config
        self._store = store
        self._player = player
        self._scenario = scenario_named(config.scenario)
        self._accept = dict(config.accept)

    def decide(self, received: Received) -> Call | Refusal:
        """Judge a readable request of an authenticated caller by the table; accept it if nothing is wrong."""
        asked = judge(received.fields, received.encoding, self._accept)
        if isinstance(asked, Asked):
            return self._accepted(received, asked)
        return self.refuse(received, Refusal(400, "; ".join(asked)))

    def refuse(self, received: Received, refusal: Refusal) -> Refusal:
        """Remember and return a refusal."""
        with self._store.transaction():
            self._store.add_request(received, refusal.status, None)
        return refusal

    def _accepted(self, received: Received, asked: Asked) -> Call:
        config = self._config
        pair = (identity(asked.from_number), identity(asked.to_number))
        with self._store.transaction():
            nth = self._store.calls_of_pair(*pair)
            script = compose(self._scenario, config.seed, pair, nth, asked.time_out, asked.time_limit)
            call = Call(_new_sid(), config.account, time.time(), config.speed, asked, script)
            self._store.add_call(call, *pair)
            self._store.add_request(received, 200, call.sid)
            owed = [Owed(call, event, call.moment(offset)) for event, offset in moments(call)]
            for callback in owed:
                self._store.add_callback(callback)
        self._player.add(owed)
        return call


def _new_sid() -> str:
    """Return a Sid of the samples' shape. Random, not seeded: journals may have met other sandboxes' Sids."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(32))
