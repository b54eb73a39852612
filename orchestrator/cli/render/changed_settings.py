"""What changes in a plan's policy and its target, each in words and with what it means for people."""

from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import TypeVar

from orchestrator.cli.render import policy_words as words
from orchestrator.cli.render.rung_again import SettingChange, changed_identity, counted
from orchestrator.model.events import rfc3339
from orchestrator.model.plan_diff import ListedNumbers, PlanDiff, PlanSide
from orchestrator.model.policy import CALLEE, Limits, PersonCap, Policy, Rate, Redial, Window
from orchestrator.model.target import Callbacks, Guardrails, Lookups, Target
from orchestrator.policy.callee_zones import follows_callee
from orchestrator.policy.units import duration
from orchestrator.policy.week import ALWAYS, open_minutes, spans

_MOST_DATES = 5


def changed_settings(diff: PlanDiff) -> Iterator[SettingChange]:
    """Yield what changes in the policy and beside it, in the order in which people read them, then in the target."""
    old, new = diff.old, diff.new
    if not old.exists or not new.exists:
        return
    if old.purpose != new.purpose:
        yield SettingChange("purpose", old.purpose, new.purpose, ("the rules for calls of its purpose judge it",))
    if old.numbers != new.numbers:
        form = "in E.164, as +91..." if new.numbers == "e164" else "as they are typed"
        yield SettingChange("numbers", old.numbers, new.numbers, (f"From and To go out {form}",))
    yield from _speed(old.policy, new.policy)
    yield from _hours(old, new)
    yield from _again(old.policy, new.policy)
    yield from _kept_back(old, new)
    yield from _course(old.policy, new.policy)
    yield from _waived(old.policy, new.policy)
    if old.left_out != new.left_out:
        rows = f"{counted(new.left_out, 'bad row')} left out, and not dialed"
        yield SettingChange("bad rows", f"{old.left_out:,}", f"{new.left_out:,}", (rows,))
    yield from _target(old, new)


Value = TypeVar("Value")


def _setting(
    name: str, before: Value, after: Value, shown: Callable[[Value], str | None], *meaning: str
) -> Iterator[SettingChange]:
    """Yield a setting whose values differ."""
    if before != after:
        yield SettingChange(name, shown(before), shown(after), meaning)


def _maybe(shown: Callable[[Value], str]) -> Callable[[Value | None], str | None]:
    """Show a value as `shown` does, and nothing where it is not set."""
    return lambda value: None if not value else shown(value)


def _number(value: int) -> str:
    return f"{value:,}"


def _speed(old: Policy, new: Policy) -> Iterator[SettingChange]:
    yield from _setting("pace", old.pace, new.pace, _maybe(words.rate), _faster(old.pace, new.pace))
    most = f"at most {new.concurrency:,} calls at a time, and not {old.concurrency:,}"
    yield from _setting("concurrency", old.concurrency, new.concurrency, _number, most)
    agent = "no limit of its own for one From" if new.per_agent is None else f"at most {new.per_agent:,} for one From"
    yield from _setting("per_agent", old.per_agent, new.per_agent, _maybe(_number), agent)


def _faster(old: Rate | None, new: Rate | None) -> str:
    if new is None:
        return "only the target's own pace holds calls back"
    if old is None:
        return f"calls start no faster than {words.rate(new)}"
    ratio = old.interval / new.interval
    return (
        f"calls start up to {ratio:.3g} times as fast"
        if ratio > 1
        else f"calls start at most {ratio:.3g} times as fast"
    )


def _hours(old: PlanSide, new: PlanSide) -> Iterator[SettingChange]:
    before, after = old.policy.windows, new.policy.windows
    meaning = tuple(_opened(before, after, new.target.guardrails.windows))
    yield from _setting("window", before, after, _maybe(words.windows), *meaning)
    was, now = old.policy.holidays, new.policy.holidays
    dates = [
        f"nobody is rung on {_dates(now - was)}" if now - was else "",
        f"{_dates(was - now)} {'is no holiday' if len(was - now) == 1 else 'are no holidays'} any more"
        if was - now
        else "",
    ]
    yield from _setting("holidays", was, now, lambda days: counted(len(days), "date"), *filter(None, dates))


_UTC = (Window(frozenset(), 0, 0, "UTC"),)


def _opened(before: tuple[Window, ...], after: tuple[Window, ...], rails: tuple[Window, ...]) -> Iterator[str]:
    """Say which hours of an ordinary week open and close, and which of them the target's guardrail keeps closed.

    Hours by the callee's clock cannot be compared with those by another one.
    """
    clocks = {window.timezone == CALLEE for window in (*before, *after)}
    if len(clocks) > 1:
        yield f"hours are meant by {'the clock of who is rung' if follows_callee(after) else 'a zone of the plan'}"
        return
    zone = (*after, *before, *rails, *_UTC)[0].timezone
    rails = rails if follows_callee(rails) == (zone == CALLEE) else ()
    was, now, allowed = (open_minutes(each, zone) for each in (before, after, rails))
    if now & ~was:
        yield f"people may be rung {_week(now & ~was)} too"
    if was & ~now:
        yield f"nobody is rung {_week(was & ~now)} any more"
    if now & ~allowed and now != was:
        yield f"outside the target's guardrail {_week(now & ~allowed)}: nobody is rung then"


def _week(minutes: int) -> str:
    if minutes == ALWAYS:
        return "at any time"
    hours: dict[frozenset[int], list[str]] = {}
    for days, start, end in spans(minutes):
        clock = f"{start // 60:02}:{start % 60:02}-{end // 60:02}:{end % 60:02}"
        hours.setdefault(days, []).append(clock)
    return " and ".join(f"{words.days(days)} {' and '.join(clocks)}" for days, clocks in hours.items())


def _dates(days: frozenset[object]) -> str:
    shown = sorted(map(str, days))
    more = f" and {len(shown) - _MOST_DATES:,} more" if len(shown) > _MOST_DATES else ""
    return ", ".join(shown[:_MOST_DATES]) + more


def _again(old: Policy, new: Policy) -> Iterator[SettingChange]:
    """Yield how often a person is rung: by all calls together, and after an ending."""
    cap = new.per_person
    person = (
        "no limit for one To any more"
        if cap is None
        else f"a person is rung at most {counted(cap.attempts, 'time')} within {duration(cap.within)}"
    )
    yield from _setting("per_person", old.per_person, new.per_person, _maybe(_cap), person)
    before, after = dict(old.redial), dict(new.redial)
    for ending in dict.fromkeys((*after, *before)):
        rule = after.get(ending)
        meaning = (
            f"a call that ends {ending} is not dialed again"
            if rule is None or rule.attempts < 2
            else f"a call that ends {ending} is dialed up to {counted(rule.attempts, 'time')} in all"
        )
        yield from _setting(f"redial.{ending}", before.get(ending), rule, _maybe(_redial), meaning)


def _cap(cap: PersonCap) -> str:
    return f"{counted(cap.attempts, 'attempt')} within {duration(cap.within)}"


def _redial(rule: Redial) -> str:
    return f"{counted(rule.attempts, 'attempt')}, {duration(rule.after)} apart"


def _kept_back(old: PlanSide, new: PlanSide) -> Iterator[SettingChange]:
    """Yield whom lists and the carrier's marks keep from being rung."""
    before, after = ({each.name: each for each in side.lists} for side in (old, new))
    for name in dict.fromkeys((*after, *before)):
        was, now = before.get(name), after.get(name)
        if now is None:
            meaning = "its numbers may be rung, unless another list has them"
        elif was is None:
            meaning = "its numbers are not rung"
        else:
            meaning = f"{counted(now.count, 'number')} not rung, and before {was.count:,}"
            meaning = "it has other numbers, as many as before" if now.count == was.count else meaning
        yield from _setting(f"suppress {name}", was, now, _maybe(_numbers), meaning)
    was_named, now_named = old.policy.suppress, new.policy.suppress
    if before.keys() == after.keys():
        same = "the same lists, of which the first that holds a number is named"
        yield from _setting("suppress", was_named, now_named, _maybe(", ".join), same)
    dnd = {
        "skip": "a person whom the carrier marks do-not-disturb is not rung",
        "refuse": "one person whom the carrier marks do-not-disturb, and the whole plan is refused",
        "ignore": "nobody asks whom the carrier marks do-not-disturb",
    }
    yield from _setting("dnd", old.policy.dnd, new.policy.dnd, str, dnd[new.policy.dnd])


def _numbers(listed: ListedNumbers) -> str:
    return counted(listed.count, "number")


def _course(old: Policy, new: Policy) -> Iterator[SettingChange]:
    """Yield what stops a run, and when it went as wished."""
    ramp = (
        f"the first stage dials {words.stages(new.stages[:1])} of the calls"
        if new.stages
        else "no call waits for a stage"
    )
    yield from _setting("stages", old.stages, new.stages, _maybe(words.stages), ramp)
    halt = "no ending stops the run" if not new.halt else "the run starts no further call where that share is reached"
    yield from _setting("halt", old.halt, new.halt, _maybe(words.halts), halt)
    yield from _limits(old.limits, new.limits)
    wished = (
        "by these shares a run ends as wished (exit code 0)"
        if new.success
        else "a run went as wished where all complete"
    )
    yield from _setting("success", dict(old.success), dict(new.success), _maybe(_shares), wished)


def _waived(old: Policy, new: Policy) -> Iterator[SettingChange]:
    """Yield which rules count, and which no longer do."""
    before, after = ({each.rule: each for each in policy.waive} for policy in (old, new))
    for rule in dict.fromkeys((*after, *before)):
        waiver = after.get(rule)
        meaning = (
            "what the rule tells counts again" if waiver is None else "what the rule tells does not count till then"
        )
        yield from _setting(f"waive {rule}", before.get(rule), waiver, _maybe(words.waiver), meaning)


def _limits(old: Limits, new: Limits) -> Iterator[SettingChange]:
    most = "the edition may use up so much over all its runs"
    for name in ("calls", "attempts", "minutes"):
        yield from _limit(name, getattr(old, name), getattr(new, name), _number, most)
    was, now = (each.cost and words.money(each.cost, each.currency) for each in (old, new))
    yield from _limit("cost", was, now, str, most)
    yield from _limit("from", old.begins, new.begins, _moment, "no call starts before then")
    yield from _limit("until", old.until, new.until, _moment, "no call starts after that")


def _limit(
    name: str, before: Value | None, after: Value | None, shown: Callable[[Value], str], meaning: str
) -> Iterator[SettingChange]:
    meaning = "it no longer stops the edition" if after is None else meaning
    yield from _setting(f"limits.{name}", before, after, _maybe(shown), meaning)


def _moment(epoch: float) -> str:
    return rfc3339(epoch).replace(".000Z", "Z")


def _shares(shares: dict[str, float]) -> str:
    return ", ".join(f"{word} {words.share(share)}" for word, share in shares.items())


def _target(old: PlanSide, new: PlanSide) -> Iterator[SettingChange]:
    """Yield what changes in the target, where its file was another."""
    was, now = old.target, new.target
    yield from _setting("target.kind", was.kind, now.kind, str, "phones ring" if now.is_live else "no phone rings")
    yield from _setting("target.pace", was.pace, now.pace, words.rate, _faster(was.pace, now.pace))
    legs = "legs in flight are not counted" if now.legs is None else "so many legs may be in flight"
    yield from _setting("target.legs", was.legs, now.legs, _maybe(_number), legs)
    rates = "what calls cost is not known from the target" if now.rates is None else "calls are charged so"
    yield from _setting("target.rates", was.rates, now.rates, _maybe(words.rates), rates)
    yield from _guardrails(was.guardrails, now.guardrails)
    yield from _requests(was, now)
    yield from _endings(was, now)
    for name in ("scenario", "seed", "speed"):
        before, after = getattr(was, name), getattr(now, name)
        yield from _setting(f"target.{name}", before, after, str, "the sandbox plays the calls otherwise")


def _guardrails(before: Guardrails, after: Guardrails) -> Iterator[SettingChange]:
    hours = tuple(_opened(before.windows, after.windows, ()))
    yield from _setting("target.window", before.windows, after.windows, _maybe(words.windows), *hours)
    ids = "plans may show these lines only" if after.caller_ids else "plans may show any line"
    yield from _setting("target.caller_ids", before.caller_ids, after.caller_ids, _maybe(", ".join), ids)
    yield from _setting(
        "target.suppress", before.suppress, after.suppress, _maybe(", ".join), "no plan rings their numbers"
    )
    only = "only reviewed digests run" if _expect(after) else "plans run without a reviewed digest"
    yield from _setting("target.expect", _expect(before), _expect(after), _maybe(str), only)


def _requests(was: Target, now: Target) -> Iterator[SettingChange]:
    """Yield what changes about where requests go, how they are written, and what stops them."""
    yield from _setting("target.base_url", was.base_url, now.base_url, _maybe(str), "requests go there")
    body = "the same parameters leave in another form of request"
    yield from _setting("target.encoding", was.encoding, now.encoding, str, body)
    yield from _setting("target.response", was.response, now.response, str, "the carrier is asked to answer so")
    spelling = "parameters that have a form with `New` leave under their other names"
    yield from _setting("target.spelling", was.spelling, now.spelling, str, spelling)
    accept = "plans may send these words beside the table's" if now.accept else "plans may send the table's words only"
    yield from _setting("target.accept", was.accept, now.accept, _maybe(_words), accept)
    timeout = "a request that is not answered by then counts as unknown"
    yield from _setting("target.timeout", was.timeout, now.timeout, duration, timeout)
    circuit = "so many unknown or unreached placements in a row stop a run"
    yield from _setting("target.circuit", was.circuit, now.circuit, _number, circuit)
    journal = "runs use any journal" if now.journal is None else "runs use this journal only"
    yield from _setting("target.journal", was.journal, now.journal, _maybe(str), journal)


def _endings(was: Target, now: Target) -> Iterator[SettingChange]:
    """Yield what changes about how a run learns what became of calls, and who hears of it."""
    heard = "endings are found by look-ups alone" if now.callbacks is None else "the carrier sends callbacks there"
    yield from _setting("target.callbacks", was.callbacks, now.callbacks, _maybe(_receiver), heard)
    asked = "endings come by callbacks alone" if now.lookups is None else "calls without a callback are looked up so"
    yield from _setting("target.lookups", was.lookups, now.lookups, _maybe(_times), asked)
    alone = "a look-up only proposes, and a person settles" if now.shared else "a look-up settles which call it was"
    yield from _setting("target.shared", was.shared, now.shared, _yes_or_no, alone)
    zone = "the carrier's times without a zone are read so"
    yield from _setting("target.timezone", was.timezone, now.timezone, str, zone)
    currency = "the carrier's prices without a currency are read so"
    yield from _setting("target.currency", was.currency, now.currency, str, currency)
    told = "these addresses are told how each run ended" if now.notify else "the target names nobody to tell"
    yield from _setting("target.notify", was.notify, now.notify, _maybe(", ".join), told)


def _receiver(callbacks: Callbacks) -> str:
    return f"{callbacks.public_url}, at {callbacks.host}:{callbacks.port}"


def _times(lookups: Lookups) -> str:
    after, every, settle = map(duration, (lookups.after, lookups.every, lookups.settle))
    return f"after {after}, every {every}, settled after {settle}"


def _words(accept: tuple[tuple[str, tuple[str, ...]], ...]) -> str:
    return "; ".join(f"{name}: {', '.join(values) or 'any text'}" for name, values in accept)


def _yes_or_no(value: bool) -> str:
    return "yes" if value else "no"


def _expect(rails: Guardrails) -> str | None:
    if rails.approval is not None:
        return f"approved({rails.approval.people}) within {duration(rails.approval.within)}"
    return "required" if rails.expect_required else None


def all_settings(diff: PlanDiff) -> Iterable[SettingChange]:
    """Return what changes for every call: identity, policy and target."""
    return chain(changed_identity(diff), changed_settings(diff))


def differs(diff: PlanDiff) -> bool:
    """Whether anything differs: what is shown, or the digest."""
    is_there = diff.old.exists != diff.new.exists
    return is_there or diff.old.digest != diff.new.digest or diff.counts.all_changed > 0 or any(all_settings(diff))
