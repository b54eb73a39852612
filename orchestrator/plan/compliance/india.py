"""India: facts that a plan can be checked by, each with its source."""

from collections.abc import Iterator
from datetime import date
from functools import partial

from orchestrator.exotel.call_fields import EXOPHONE
from orchestrator.model.diagnostic import Severity
from orchestrator.model.policy import Window
from orchestrator.plan.compliance.hours import HoursInside
from orchestrator.plan.compliance.pack import NOTICE, PURPOSES, Effect, PackRule
from orchestrator.plan.compliance.plan_checks import ListsAreFresh, ListsAreMarked, PlanIs
from orchestrator.plan.compliance.watches import (
    CustomersFirst,
    OwnSeriesIsShown,
    ParametersAre,
    Texts,
    calls_in_words,
    is_of_no_series,
)
from orchestrator.plan.rules.rule import RuledPlan, Told

CHECKED = date(2026, 11, 22)
"""When the sources were read."""

REGION, COUNTRY = "IN", "India"
EVERY_DAY = frozenset(range(7))
REGISTER = "the register of those who do not wish to be called (NCPR)"
SCRUB_DAYS = 7

SERVICE_SERIES = "1600"
PROMOTIONAL_SERIES = "140"
SECTORS = (
    (date(2026, 1, 1), "commercial banks"),
    (date(2026, 2, 1), "large NBFCs, payments banks and small finance banks"),
    (date(2026, 2, 15), "mutual funds and AMCs, pension CRAs and fund managers"),
    (date(2026, 3, 1), "other NBFCs, co-operative and regional rural banks"),
    (date(2026, 3, 15), "qualified stockbrokers"),
)
"""From when on which sector shows a number of the service series; for insurers no day was set at the time."""

_OPEN = 'policy:\n  window: [{days: mon-sun, hours: "%s", timezone: Asia/Kolkata}]\n'
_CALL = 'calls: [{id: a, To: "+919900000001"%s}]\n'
_SHOWS = 'defaults: {From: "+918069171234", CallerId: "%s"}\n'
_LISTED = "policy: {dnd: skip, suppress: [scrubbed.csv]}\n"
_PROMOTES = f"purpose: promotional\n{_SHOWS % '1401234567'}"
"""A promotional plan of which nothing else is told."""


def _is_trans(values: Texts) -> bool:
    return values["CallType"] == "trans"


def _is_marked_trans(count: int, _plan: RuledPlan) -> tuple[str, str]:
    message = f"{calls_in_words(count, 'is', 'are')} for promotion, and sent as transactional (`CallType: trans`)"
    return message, "correct `purpose`, or do not place promotional calls as transactional ones"


def _other_series(count: int, _plan: RuledPlan) -> tuple[str, str]:
    calls, series = calls_in_words(count, "shows", "show"), PROMOTIONAL_SERIES
    message = f"{calls} a CallerId that is not of the {series} series, and the plan is promotional"
    return message, "show a number that the carrier gave out for promotional calls"


def _sectors(count: int, plan: RuledPlan) -> tuple[str, str]:
    bound = "; ".join(f"{names} since {since}" for since, names in SECTORS if since <= plan.today)
    calls, series = calls_in_words(count, "shows", "show"), SERVICE_SERIES
    message = f"{calls} no CallerId of the {series} series, which service calls of some must come from: {bound}"
    return message, f"show a number of the {SERVICE_SERIES} series"


def _is_unannounced(values: Texts) -> bool:
    return values["Record"] == "true" and values["StartPlaybackValue"] is None


def _unannounced(count: int, _plan: RuledPlan) -> tuple[str, str]:
    message = f"{calls_in_words(count, 'is', 'are')} recorded, and no announcement is played"
    return message, "play one with `StartPlaybackValue` and `StartPlaybackTo: Both`, or waive this where an IVR says it"


def _agents_missed(count: int, _plan: RuledPlan) -> tuple[str, str]:
    message = (
        f"{calls_in_words(count, 'rings', 'ring')} many people first, as From, and few of them as To: whoever answers"
        " may find no agent, and such a call counts as abandoned"
    )
    return message, "make the agent From, so that a customer is rung only once an agent is there"


def _dnd_ignored(plan: RuledPlan, count: int) -> Iterator[Told]:
    if plan.policy.dnd == "ignore" and not plan.policy.suppress:
        calls = calls_in_words(count, "is", "are")
        message = f"{calls} for promotion, and placed without asking who does not wish to be called"
        hint = f"set `policy.dnd: skip`, or `policy.suppress` with a list that was compared with {REGISTER}"
        yield Told(message, hint, (plan.place("policy"),))


def _no_cap(plan: RuledPlan, _count: int) -> Iterator[Told]:
    if plan.policy.per_person is None:
        message = "nothing bounds how often one person is called to recover a loan"
        yield Told(
            message, "set `policy.per_person`, for example `{attempts: 2, within: 24h}`", (plan.place("policy"),)
        )


def _bridges(ends: str) -> str:
    """Return three calls of a survey, for an example."""
    calls = (f'  - {{id: c{n}, {ends % n}, CallerId: "08047112233"}}\n' for n in (1, 2, 3))
    return f"purpose: survey\ncalls:\n{''.join(calls)}"


RULES: tuple[PackRule, ...] = (
    PackRule(
        "in-hours",
        *((REGION,), ("promotional",), Severity.WARNING),
        "A promotional plan may ring people in India before 09:00 or after 21:00.",
        "Commercial calls are barred from 21:00 to 09:00. The window must lie inside; where the plan has none,"
        " it is that"
        " of the target, by default 09:00-21:00 Asia/Kolkata.",
        'Indian Express, "No pesky calls between 9 pm and 9 am"; Business Standard, 6 Sep 2011; the carrier\'s FAQ on'
        " calling hours, which names TCCCPR 2018",
        "high",
        HoursInside(Window(EVERY_DAY, 9 * 60, 21 * 60, "Asia/Kolkata"), COUNTRY),
        bad=f"{_PROMOTES}{_OPEN % '00:00-24:00'}  dnd: skip\n",
        good=f"{_PROMOTES}{_OPEN % '09:00-20:45'}  dnd: skip\n",
        effect=Effect(date(2011, 1, 1), words="since the regime of 2010 and 2011; its wording of 2018 is less certain"),
    ),
    PackRule(
        "in-recovery-hours",
        *((REGION,), ("recovery",), Severity.WARNING),
        "A plan that recovers loans may ring people in India before 08:00 or after 19:00.",
        "The Reserve Bank of India has told lenders not to call borrowers earlier or later.",
        "Business Standard and Mint, 12 Aug 2022, on the RBI's notification",
        "high",
        HoursInside(Window(EVERY_DAY, 8 * 60, 19 * 60, "Asia/Kolkata"), COUNTRY),
        bad=f"purpose: recovery\n{_OPEN % '09:00-21:00'}  per_person: {{attempts: 2, within: 24h}}\n",
        good=f"purpose: recovery\n{_OPEN % '08:00-19:00'}  per_person: {{attempts: 2, within: 24h}}\n",
        effect=Effect(date(2022, 8, 12), words="since 12 Aug 2022"),
    ),
    PackRule(
        "in-recovery-often",
        *((REGION,), ("recovery",), Severity.NOTE),
        "Nothing bounds how often a plan calls one person to recover a loan.",
        "The same notification forbids persistent calling. It names no number: choose one, as `policy.per_person`.",
        "Business Standard and Mint, 12 Aug 2022, on the RBI's notification",
        "high",
        PlanIs(_no_cap),
        bad=f"purpose: recovery\n{_OPEN % '08:00-19:00'}",
        good=f"purpose: recovery\n{_OPEN % '08:00-19:00'}  per_person: {{attempts: 2, within: 24h}}\n",
        effect=Effect(date(2022, 8, 12), words="since 12 Aug 2022"),
    ),
    PackRule(
        "in-promotional-series",
        *((REGION,), ("promotional",), Severity.WARNING),
        "A promotional call to India shows a number that is not of the 140 series.",
        "Promotional calls come from numbers that begin with 140, service and transactional ones from 1600; ordinary"
        " numbers are for neither.",
        "Amendment of 2025 (CG-DL-E-18022025-261096, gazettetracker.com); Hindustan Times Tech, 16 Feb 2025",
        "high",
        ParametersAre((EXOPHONE,), partial(is_of_no_series, PROMOTIONAL_SERIES), _other_series),
        bad=f"purpose: promotional\n{_SHOWS % '08047112233'}policy: {{dnd: skip}}\n",
        good=f"purpose: promotional\n{_SHOWS % '1401234567'}policy: {{dnd: skip}}\n",
        effect=Effect(date(2025, 2, 18), words="published 18 Feb 2025; when each part took effect is not confirmed"),
    ),
    PackRule(
        "in-service-series",
        *((REGION,), ("service", "transactional"), Severity.WARNING),
        "A service or transactional call to India shows another number than those that are kept for such calls.",
        "The 1600 series is kept for Government and for banks, insurers and other financial businesses, each of which"
        " had a day from which on it is bound; whether others must use it is not certain. Told where other calls of the"
        " plan, or `guardrails.caller_ids` of its target, have a number of the series, and where one of the 140 series"
        " is shown, which is for promotion.",
        "TRAI's direction of 19 Nov 2025, by notices of the BSE and New Indian Express of that day; particle.news",
        "high",
        OwnSeriesIsShown(SERVICE_SERIES, PROMOTIONAL_SERIES, _sectors),
        bad="purpose: service\ncalls:\n"
        '  - {id: a, To: "+919900000001", CallerId: "1600123456"}\n  - {id: b, To: "+919900000002"}\n',
        good=f"purpose: service\n{_SHOWS % '1600123456'}",
        effect=Effect(SECTORS[0][0], words="; ".join(f"{names} since {since}" for since, names in SECTORS)),
    ),
    PackRule(
        "in-promotional-as-transactional",
        *((REGION,), ("promotional",), Severity.WARNING),
        "A promotional plan sends its calls as transactional ones.",
        "What a call is is decided by its purpose; promotional calls need explicit consent, and calling them"
        " transactional"
        " is itself the violation. The carrier's connect API knows transactional calls only.",
        "Amendment of 2025 (CG-DL-E-18022025-261096); S0 and S2 for `CallType`",
        "high",
        ParametersAre(("CallType",), _is_trans, _is_marked_trans),
        bad=f"{_PROMOTES}policy: {{dnd: skip}}\n{_CALL % ', CallType: trans'}",
        good=f"{_PROMOTES}policy: {{dnd: skip}}\n",
        effect=Effect(date(2025, 2, 18), words="published 18 Feb 2025; when each part took effect is not confirmed"),
    ),
    PackRule(
        "in-dnd-not-asked",
        *((REGION,), ("promotional",), Severity.WARNING),
        "A promotional plan asks nobody who does not wish to be called.",
        "People may bar calls by category, by the way of calling, and by day and hour. Somebody of whom that is"
        " not known may"
        " not be called for promotion.",
        "trai.gov.in, preference registration",
        "high",
        PlanIs(_dnd_ignored),
        bad=_PROMOTES,
        good=f"{_PROMOTES}policy: {{dnd: skip}}\n",
        effect=Effect(date(2018, 1, 1), words="since 2018 in its present form"),
    ),
    PackRule(
        "in-list-old",
        *((REGION,), ("promotional",), Severity.WARNING),
        "A list was compared with the register more than seven days ago.",
        "What people register takes effect within seven days, so that an older list may miss them. A list says"
        " its age in"
        " a line above its first one: `# scrubbed: 2026-11-20 ncpr`.",
        "The carrier's FAQ on NDNC and DND",
        "medium",
        ListsAreFresh(SCRUB_DAYS, REGISTER),
        bad=f"{_PROMOTES}{_LISTED}",
        good=f"{_PROMOTES}policy: {{dnd: skip}}\n",
        effect=Effect(date(2018, 1, 1), words="since 2018 in its present form"),
        files={"scrubbed.csv": "# scrubbed: 2020-01-31 ncpr\nphone\n+919900000009\n"},
    ),
    PackRule(
        "in-list-age-unknown",
        *((REGION,), ("promotional",), Severity.NOTE),
        "No list says when it was compared with the register.",
        "Whether a list is older than seven days cannot be told then.",
        "The carrier's FAQ on NDNC and DND",
        "medium",
        ListsAreMarked(REGISTER),
        bad=f"{_PROMOTES}policy: {{dnd: skip, suppress: [unmarked.csv]}}\n",
        good=f"{_PROMOTES}policy: {{dnd: skip}}\n",
        effect=Effect(date(2018, 1, 1), words="since 2018 in its present form"),
        files={"unmarked.csv": "phone\n+919900000009\n"},
    ),
    PackRule(
        "in-abandoned",
        *((REGION,), ("promotional", "service", "recovery", "survey"), Severity.WARNING),
        "Customers are rung first, and may find no agent once they answer.",
        "A call that was answered and not connected to a live agent is abandoned. From is rung first: where From is the"
        " customer, each answer needs an agent who is free at that moment.",
        "TCCCPR 2018, regulation 2(a), at casemine.com",
        "high",
        CustomersFirst(_agents_missed),
        bad=_bridges('From: "+91990000000%d", To: "+918069171234"'),
        good=_bridges('From: "+918069171234", To: "+91990000000%d"'),
        effect=Effect(date(2018, 1, 1), words="since 2018"),
    ),
    PackRule(
        "record-without-notice",
        *((REGION,), PURPOSES, Severity.NOTE),
        "A call to India is recorded, and no announcement is played.",
        "No clear statute is known about recordings by somebody who takes part; the carrier's checklist asks for an"
        " announcement.",
        "cyberblogindia.in; the carrier's checklist of best practices",
        "low",
        ParametersAre(("Record", "StartPlaybackValue"), _is_unannounced, _unannounced),
        bad=f"purpose: survey\n{_CALL % ', Record: true'}",
        good=f"purpose: survey\n{_CALL % f', Record: true, {NOTICE}, StartPlaybackTo: Both'}",
    ),
)
