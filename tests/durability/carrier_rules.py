"""How the counting carrier is told to behave: a JSON file that a test may rewrite while the carrier runs.

    {"talk": 0.2,                      seconds until a call ends
     "retry_after": "1",               header of a 429; null leaves it out
     "lookups": "200",                 answer to call look-ups: "200", or a status such as "500"
     "bulk": "200",                    the same for the list of calls
     "coding": null,                   Content-Encoding of every answer: "gzip", "deflate", or another word,
                                       which is only claimed
     "dnd": {"<number as asked for>": ["Yes"]},      what is told of a number, used up one a question, the last one
                                       stays: Yes, No, Unavailable, or a status such as "500"; for others as for ""
     "connections": {"1": "reset"},    reset the n-th connection when its first byte has come (`reset`) or as
                                       early as can be (`refuse`); no request is read from it
     "window": {"count": 20, "seconds": 1.5, "jitter": 0.01},
                                       answer 429 to any request that finds `count` accepted ones in the last
                                       `seconds`, judged up to `jitter` seconds after it came
     "default": {"answers": ["200"], "ending": "completed", "callback": "none"},
     "calls": {"<CustomField>": {"answers": ["429", "200"], "ending": "busy"}},
     "mix": {"seed": 1, "shares": {"hang": 0.05, "500": 0.05}}}

`answers` are used up one a request, the last one stays. An answer is a word:

    200, 404, ...     that status; a 2xx with a call, others with a RestException, a 3xx with a Location
    200-no-sid        a call body without its Sid
    400-with-sid      an error status whose body is a call
    400-echo          an error whose message quotes the request's Authorization header, as proxies do
    400-echo-escaped  the same, each character of it as JSON or XML can escape it
    400-sentence      an error in plain text that tells the Sid of the call it made
    slow:SECONDS      a 200, so much later
    hang              read, recorded, never answered
    drop              read, recorded, connection closed
    half              read, recorded, a 200 head and half of its body, connection closed

A call is in the list of calls once it has ended, whatever its answer was, but for a 3xx or 4xx without a Sid: those
rang nobody. `"listed": false` leaves one out, as if its request had never arrived in the carrier's system; true
puts one in.

`callback` is when StatusCallbacks are sent: none, before (the answer), after (the call's end), twice (after,
repeated).
"""

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Behaviour:
    """What one request meets."""

    answer: str
    ending: str
    callback: str
    listed: bool = True


def rang(answer: str) -> bool:
    """Whether a request that is answered so made a call."""
    return answer[0] not in "34" or answer.endswith(("-with-sid", "-sentence"))


@dataclass(frozen=True)
class Rules:
    """The rules as they stand in the file at this moment."""

    data: dict[str, Any] = field(default_factory=dict)

    @staticmethod
    def read(path: Path | None) -> "Rules":
        """Read the file; without one every call is answered 200 and completes."""
        return Rules(json.loads(path.read_text()) if path and path.exists() else {})

    @property
    def talk(self) -> float:
        """Seconds from a call's arrival to its end."""
        return float(self.data.get("talk", 0.2))

    @property
    def retry_after(self) -> str | None:
        """The Retry-After header of a 429."""
        value = self.data.get("retry_after", "1")
        return None if value is None else str(value)

    @property
    def window(self) -> dict[str, float] | None:
        """The sliding window that all requests are held to."""
        return self.data.get("window")

    @property
    def lookups(self) -> str:
        """What call look-ups are answered with."""
        return str(self.data.get("lookups", "200"))

    @property
    def bulk(self) -> str:
        """What the list of calls is answered with."""
        return str(self.data.get("bulk", "200"))

    @property
    def coding(self) -> str | None:
        """The Content-Encoding of every answer."""
        return self.data.get("coding")

    def dnd(self, number: str, arrival: int) -> str:
        """What the `arrival`-th question (from 0) about a number is answered with."""
        told = self.data.get("dnd", {})
        words = told.get(number) or told.get("") or ["No"]
        return str(words[min(arrival, len(words) - 1)])

    def reset(self, connection: int) -> str | None:
        """When this connection is reset: `reset` or `refuse`; None where it is served."""
        word = self.data.get("connections", {}).get(str(connection))
        return None if word is None else str(word)

    def behaviour(self, key: str, arrival: int) -> Behaviour:
        """What the `arrival`-th request (from 0) of the call with this CustomField meets."""
        rule: dict[str, Any] = {"answers": ["200"], "ending": "completed", "callback": "none"}
        rule |= self.data.get("default", {})
        own = self.data.get("calls", {}).get(key, {})
        rule |= own
        answers = rule["answers"]
        answer = answers[min(arrival, len(answers) - 1)]
        if "answers" not in own and "mix" in self.data:
            answer = self._drawn(key, arrival) or answer
        listed = rule.get("listed", rang(str(answer)))
        return Behaviour(str(answer), str(rule["ending"]), str(rule["callback"]), bool(listed))

    def _drawn(self, key: str, arrival: int) -> str | None:
        """Draw from the mix: the same seed, call and arrival always meet the same answer."""
        mix = self.data["mix"]
        digest = hashlib.sha256(f"{mix['seed']}/{key}/{arrival}".encode()).digest()
        point = int.from_bytes(digest[:8], "big") / 2**64
        for word, share in mix["shares"].items():
            if point < share:
                return str(word)
            point -= share
        return None
