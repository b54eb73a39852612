"""The JSON Schema of target files."""

from functools import cache
from typing import Any

from orchestrator.model.target import SCENARIO_NAMES
from orchestrator.plan import text_formats
from orchestrator.plan.policy.suppress import suppress_schema
from orchestrator.plan.policy.window import windows_schema
from orchestrator.plan.schema.build import (
    DRAFT,
    IGNORED,
    Schema,
    choice,
    closed,
    duration,
    listing,
    rate,
    text,
    whole,
)

APPROVAL_FOR = "24h"
"""How long an approval counts unless the target says otherwise."""
SANDBOX_ONLY = ("scenario", "seed", "speed")


@cache
def target_schema() -> Schema:
    """Return the schema of a target file. The same object each time: do not change it."""
    properties: dict[str, Any] = {**_carrier(), **_behaviour(), **_sandbox(), "guardrails": _guardrails()}
    not_here = {"not": {}, "description": "Only with `kind: sandbox`."}
    live = {"properties": dict.fromkeys(SANDBOX_ONLY, not_here)}
    return {
        "$schema": DRAFT,
        "title": "orchestrate target",
        **closed("Where calls go: an account of the carrier, or the sandbox.", properties, ("kind",)),
        "if": {"properties": {"kind": {"enum": ["exotel"]}}, "required": ["kind"]},
        "then": live,
        "else": {"properties": {"base_url": {"not": {}, "description": "Only with `kind: exotel`."}}},
    }


def _carrier() -> Schema:
    return {
        "kind": choice("A live account, or the simulated carrier.", "exotel", "sandbox"),
        "account": text("The account's Sid; must equal EXOTEL_ACCOUNT_SID.", "acme1", pattern=text_formats.ID),
        "base_url": text(
            "The carrier's address, without path credentials.",
            "https://api.in.exotel.com",
            pattern=text_formats.ADDRESS,
        ),
        "encoding": choice("How a request is written.", "multipart", "urlencoded", default="multipart"),
        "response": choice("Which kind of reply is asked for; both are understood.", "json", "xml", default="json"),
        "spelling": choice(
            "How StartPlaybackTo and StartPlaybackValue are spelled on the wire: plain, or with `New` at the end.",
            "plain",
            "new",
            default="plain",
        ),
        "pace": rate("The account's cap on all requests, look-ups included.", "200/minute", default="200/minute"),
        "legs": whole("Call legs in flight that the account allows; a bridge takes two.", 2, 100_000, 100),
        "timezone": text(
            "The zone of the carrier's zoneless times.",
            "Asia/Kolkata",
            pattern=text_formats.ZONE,
            default="Asia/Kolkata",
        ),
        "timeout": duration("Of one connect request; the carrier answers only once leg 1 rings.", "60s", default="60s"),
        "rates": _rates(),
        "accept": {
            "description": "What the carrier added after our release: more words for a parameter, or a new parameter.",
            "type": "object",
            "patternProperties": IGNORED,
            "additionalProperties": {
                "anyOf": [{"enum": ["text"]}, listing("More words.", {"type": "string", "minLength": 1})]
            },
        },
    }


def _behaviour() -> Schema:
    callbacks = {
        "listen": text(
            "Host and port on which the callback receiver listens.", "127.0.0.1:8090", pattern=text_formats.LISTEN
        ),
        "public_url": text(
            "The address under which the carrier reaches it.",
            "https://hooks.acme.example",
            pattern=text_formats.ADDRESS,
        ),
    }
    lookups = {
        "after": duration("How long after an answer the first look-up comes.", "30s", default="30s"),
        "every": duration("How long between two look-ups of a call.", "30s", default="30s"),
        "settle": duration("How long duration and price may still change.", "5m", default="5m"),
    }
    return {
        "callbacks": closed("The run's own callback receiver.", callbacks, ("listen", "public_url")),
        "lookups": {
            "description": "How endings are found when no callback came; `off` to rely on callbacks alone.",
            "anyOf": [{"enum": ["off"]}, closed("When to look.", lookups)],
        },
        "shared": {
            "description": "Whether other systems dial the same pairs on this account.",
            "type": "boolean",
            "default": False,
        },
        "circuit": whole("Unknown or unreached placements in a row that stop the run.", 1, 10_000, 10, default=10),
        "journal": text("Only the journal with this id will do.", "jr_7c1f", pattern=text_formats.ID),
        "notify": listing(
            "Addresses that are told how each run ended, beside those of `run --notify`.",
            text("An address, which holds no secret.", "https://ops.acme.example/runs", pattern=text_formats.WEBHOOK),
            uniqueItems=True,
        ),
    }


def _sandbox() -> Schema:
    return {
        "scenario": choice("What the simulated people do.", *SCENARIO_NAMES, default=SCENARIO_NAMES[0]),
        "seed": whole("Decides who does what; the same seed, the same run.", 0, 2**63 - 1, 7, default=0),
        "speed": {
            "description": "How many times faster than ours the simulated clock runs.",
            "type": "number",
            "minimum": 0.001,
            "maximum": 1_000_000,
            "default": 60,
        },
    }


def _rates() -> Schema:
    properties = {
        "currency": text("The account's currency.", "INR", pattern=text_formats.CURRENCY, default="INR"),
        "per_minute": text(
            "The price of a started pulse times pulses a minute, as a decimal.", "0.60", pattern=text_formats.DECIMAL
        ),
        "pulse": duration("The unit in which talk time is charged.", "60s", default="60s"),
    }
    return closed("What calls cost, for estimates.", properties)


def _guardrails() -> Schema:
    properties = {
        "caller_ids": listing("The only CallerIds that plans may use.", {"type": "string"}, uniqueItems=True),
        "window": windows_schema(
            "When people may be rung, whatever a plan says; default 09:00-21:00 Asia/Kolkata every day."
        ),
        "suppress": suppress_schema("Files of numbers that no plan rings.", "lists/company-wide.csv"),
        "expect": text(
            "Whether only reviewed plans run (required), or those that so many people approved (approved(2)), or any.",
            "required",
            "approved(2)",
            pattern=text_formats.EXPECT,
            default="optional",
        ),
        "approval_for": duration(
            "How long an approval counts, with `expect: approved(N)`.", APPROVAL_FOR, default=APPROVAL_FOR
        ),
    }
    return closed("What no plan may exceed on this target.", properties)
