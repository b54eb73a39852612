"""The United States: a few facts that a plan can be checked by, each with its source. States may ask for more."""

from datetime import date

from orchestrator.exotel.call_fields import RING
from orchestrator.model.diagnostic import Severity
from orchestrator.model.policy import CALLEE, Window
from orchestrator.plan.compliance.hours import HoursInside
from orchestrator.plan.compliance.pack import NOTICE, PURPOSES, PackRule
from orchestrator.plan.compliance.plan_checks import ListsAreFresh
from orchestrator.plan.compliance.watches import ParametersAre, Texts, calls_in_words
from orchestrator.plan.rules.rule import RuledPlan

CHECKED = date(2026, 11, 22)
"""When the sources were read."""

REGION, COUNTRY = "US", "the United States"
LEAST_RING = 15
LIST_DAYS = 31

_CALL = 'calls: [{id: a, To: "+12125550123"%s}]\n'
_OPEN = 'policy:\n  window: [{days: mon-sun, hours: "%s", timezone: %s}]\n'
_IN_HOURS = _OPEN % ("09:00-20:30", "callee")


def _is_short(values: Texts) -> bool:
    ring = values[RING]
    return ring is not None and ring.isdecimal() and int(ring) < LEAST_RING


def _too_short(count: int, _plan: RuledPlan) -> tuple[str, str]:
    message = f"{calls_in_words(count)} to {COUNTRY} may be given up after less than {LEAST_RING} seconds of ringing"
    return message, f"set `TimeOut: {LEAST_RING}` or more"


def _is_unannounced(values: Texts) -> bool:
    is_announced = values["StartPlaybackValue"] is not None and values["StartPlaybackTo"] == "Both"
    return values["Record"] == "true" and not is_announced


def _unannounced(count: int, _plan: RuledPlan) -> tuple[str, str]:
    message = f"{calls_in_words(count, 'is', 'are')} recorded in {COUNTRY}, and not all who speak hear it said"
    return message, "play an announcement with `StartPlaybackValue` and `StartPlaybackTo: Both`"


RULES: tuple[PackRule, ...] = (
    PackRule(
        "us-hours",
        *((REGION,), ("promotional",), Severity.WARNING),
        "A promotional plan may ring people in the United States before 08:00 or after 21:00 where they are.",
        "Telephone solicitation is barred before 08:00 and after 21:00 at the called party's place. A window with"
        " `timezone: callee` keeps that for each number. Prior permission, an established relationship and non-profit"
        " callers are exempt: waive the rule with that as its reason. Some states are stricter: Florida has"
        " 08:00-20:00.",
        "47 CFR 64.1200(c)(1) and (f)(15), at nwdebtresolution.com and hallikainen.org; Florida 2021 SB 1120",
        "high",
        HoursInside(Window(frozenset(range(7)), 8 * 60, 21 * 60, CALLEE), COUNTRY),
        bad="purpose: promotional\n" + _CALL % "" + _OPEN % ("09:00-20:00", "Asia/Kolkata"),
        good="purpose: promotional\n" + _CALL % "" + _IN_HOURS,
    ),
    PackRule(
        "us-ring-time",
        *((REGION,), ("promotional",), Severity.WARNING),
        "A promotional call to the United States may be given up before it has rung for 15 seconds.",
        "An unanswered call must ring for at least 15 seconds or four times before it is disconnected.",
        "16 CFR 310.4, at dncsolution.com and dmnews.com; 47 CFR 64.1200(a)(6)",
        "high",
        ParametersAre((RING,), _is_short, _too_short),
        bad="purpose: promotional\n" + _CALL % ", TimeOut: 10" + _IN_HOURS,
        good="purpose: promotional\n" + _CALL % ", TimeOut: 20" + _IN_HOURS,
    ),
    PackRule(
        "us-list-old",
        *((REGION,), ("promotional",), Severity.WARNING),
        "A list was compared with the national registry more than 31 days ago.",
        "The copy of the registry that is used may be 31 days old at most. A list says its age in a line above"
        " its first"
        " one: `# scrubbed: 2026-11-20 dnc`.",
        "16 CFR 310.4(b)(3)(iv), quoted in the FTC's opinion 08-1",
        "high",
        ListsAreFresh(LIST_DAYS, "the National Do Not Call Registry"),
        bad="purpose: promotional\n" + _CALL % "" + _IN_HOURS + "  suppress: [scrubbed.csv]\n",
        good="purpose: promotional\n" + _CALL % "" + _IN_HOURS,
        files={"scrubbed.csv": "# scrubbed: 2020-01-31 dnc\nphone\n+12125550199\n"},
    ),
    PackRule(
        "us-record-without-notice",
        *((REGION,), PURPOSES, Severity.WARNING),
        "A call to the United States is recorded, and not all who speak hear it said.",
        "Federal law asks for the consent of one of those who speak, about thirteen states for that of all, which a"
        " clear notice to both may give; lists of the states differ at the edges.",
        "18 U.S.C. 2511(2)(d), California Penal Code 632 and 632.7, at recordphonecall.com, kellergrover.com and"
        " attycastaneda.com",
        "medium",
        ParametersAre(("Record", "StartPlaybackValue", "StartPlaybackTo"), _is_unannounced, _unannounced),
        bad="purpose: survey\n" + _CALL % f", Record: true, {NOTICE}, StartPlaybackTo: Callee",
        good="purpose: survey\n" + _CALL % f", Record: true, {NOTICE}, StartPlaybackTo: Both",
    ),
)
