"""Reads a plan against a target, completely, before anything else happens: findings, digest, number of calls.

And writes into the journal whom a review suppresses, so that no run that expects its digest rings them.
"""

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import field, replace
from typing import TypeAlias

from orchestrator.app.journal import default_journal, locate_journal, named_journal
from orchestrator.app.options import PlanOptions, RunOptions
from orchestrator.app.stdin import plan_on_stdin
from orchestrator.app.targets import account_known
from orchestrator.exotel.call_fields import AGENT, EXOPHONE, parties
from orchestrator.journal.port import Journal
from orchestrator.journal.reviews import REVIEW_PATIENCE, Review, remember
from orchestrator.journal.spool import CallSpool
from orchestrator.journal.sqlite.suppressed_ids import SuppressedIds
from orchestrator.model.call import ResolvedCall, SkippedRow
from orchestrator.model.diagnostic import Diagnostic, error, note
from orchestrator.model.errors import CannotProceed, Refused
from orchestrator.model.events import rfc3339
from orchestrator.model.frozen import frozen
from orchestrator.model.policy import Policy
from orchestrator.model.target import Target
from orchestrator.phone.numbers import identity
from orchestrator.plan.call_block import CallBlock
from orchestrator.plan.callee_zone import zone_unknown, zones_of_resolved
from orchestrator.plan.digest import Digest, inputs_hash, sample_digest
from orchestrator.plan.duplicates import Again
from orchestrator.plan.findings import BoundedFindings
from orchestrator.plan.lists.suppression import NO_LISTS, SuppressionLists, read_lists
from orchestrator.plan.load import LoadedPlan, Plan, load_plan
from orchestrator.plan.paths import secret_paths, target_files
from orchestrator.policy.callee_zones import CalleeZones, follows_callee
from orchestrator.policy.may_start import (
    Rules,
)

SAMPLE_USED = "sample-used"
"""The finding that says that only a sample of the rows was read."""


Planned: TypeAlias = CallBlock | ResolvedCall | SkippedRow
"""What a plan yields beside what is wrong with it."""


@frozen
class NeverRung:
    """The lists of a plan, and those of its target, of numbers that are never rung."""

    plan: SuppressionLists
    target: SuppressionLists

    def list_with(self, call: ResolvedCall) -> str | None:
        """Return the name of the first list that holds one of the call's numbers; None where none does."""
        lists = (each for each in (self.plan, self.target) if each)
        found = (each.list_with(number) for each in lists for number in parties(call.fields).rung)
        return next((name for name in found if name is not None), None)

    def may_hold(self, calls: CallBlock) -> bool:
        """Whether a list holds a number of any of these calls."""
        lists = [each for each in (self.plan, self.target) if each]
        numbers = (*calls.different(AGENT), *calls.people) if lists else ()
        return any(each.list_with(number) is not None for each in lists for number in numbers)

    def listed(self, item: CallBlock | ResolvedCall) -> dict[int, str]:
        """Return the names of the lists that hold numbers of an item's calls, by the calls' positions in it."""
        if not self.plan and not self.target:
            return {}
        calls = (item,) if isinstance(item, ResolvedCall) else item if self.may_hold(item) else ()
        found = ((position, self.list_with(call)) for position, call in enumerate(calls))
        return {position: name for position, name in found if name is not None}


@frozen
class Reviewed:
    """A plan without errors, against its target. `findings` are its warnings and notes, bounded.

    `inputs` is the hash of what was read, empty where there is none. `unchanged`: an earlier run has read the
    same, and nothing but the plan's own text was read again; its rows are in the journal. `listed`: the numbers that no
    plan rings on the target. `spool` keeps the calls for the run that loads them, where one does, and `zones`
    where their people are.
    """

    loaded: LoadedPlan
    plan: Plan
    target: Target
    edition: str
    digest: str
    calls: int
    findings: tuple[Diagnostic, ...]
    inputs: str = ""
    unchanged: bool = False
    listed: SuppressionLists = NO_LISTS
    spool: CallSpool | None = None
    zones: CalleeZones = field(default_factory=CalleeZones)

    @property
    def sample_digest(self) -> str:
        """The digest of a review of the same plan that saw a sample of its rows."""
        return sample_digest(self.loaded, self.plan, self.edition)

    @property
    def digests(self) -> tuple[str, ...]:
        """Its own digest, and where the plan bounds its calls that of a review which saw a sample."""
        return (self.digest, self.sample_digest) if self.plan.policy.limits.calls is not None else (self.digest,)


def read_plan(
    path: str,
    target: Target,
    root: str | None,
    secrets_dir: str | None = None,
    *,
    use_sample: bool = False,
    at: float | None = None,
) -> LoadedPlan:
    """Read a plan's own text, not its rows; `-` is stdin. `at`: the moment for which it is reviewed, None is now."""
    secret = secret_paths(secrets_dir)
    stdin, accept = plan_on_stdin(path), dict(target.accept)
    return load_plan(path, root, accept, stdin, target=target, at=at, use_sample=use_sample, secret_paths=secret)


def inputs_of(loaded: LoadedPlan, target: Target, listed: SuppressionLists, edition: str) -> str:
    """Return the hash of all that a review reads."""
    judged_by = (repr(target.accept), repr(target.guardrails.caller_ids), loaded.rules.settings.text)
    return inputs_hash(loaded, edition, *judged_by, listed.file_hash)


TargetLists: TypeAlias = tuple[SuppressionLists, tuple[Diagnostic, ...]]


def target_lists(target: Target, root: str | None, secrets_dir: str | None = None) -> TargetLists:
    """Read the lists that the target's guardrails name, relative to its file and inside the root around it."""
    rails = target.guardrails
    if not rails.suppress:
        return NO_LISTS, ()
    return read_lists(target_files(rails.folder, root, secret_paths(secrets_dir)), rails.suppress)


def edition_of(loaded: LoadedPlan, edition: str | None) -> str:
    """Return the edition of a run: the command line's, else the plan's own, else none."""
    return edition if edition is not None else (loaded.plan and loaded.plan.edition) or ""


def review(
    loaded: LoadedPlan,
    target: Target,
    edition: str | None,
    rails: TargetLists,
    spool: CallSpool | None = None,
    watch: Callable[[Planned], None] | None = None,
    again: Again | None = None,
) -> Reviewed:
    """Check everything that can be checked without a network. Raises Refused with all problems.

    `rails` are the target's own lists, with what is wrong with them. `spool` takes the calls and the skipped rows, and
    `watch` is called with them, as long as nothing is wrong. `again` hears of each call to a person who is rung before.
    """
    collected = BoundedFindings()
    plan, resolved_edition = loaded.plan, edition_of(loaded, edition)
    listed, about_lists = rails
    for item in (
        *loaded.diagnostics,
        *loaded.rules.judged(about_lists),
        *(() if plan is None else _budget(plan, target)),
    ):
        collected.add(item)
    inputs = inputs_of(loaded, target, listed, resolved_edition)
    digest, calls = None if plan is None else Digest(plan, resolved_edition), 0
    allowed = frozenset(map(identity, target.guardrails.caller_ids))
    never_rung, zones = NeverRung(loaded.lists, listed), CalleeZones()
    follows = plan is not None and rules_of(plan.policy, target).follows_callee
    loaded.rules.know_lists(listed.marks)
    for found in loaded.blocks(again=again):
        if isinstance(found, Diagnostic):
            collected.add(found)
            continue
        calls += 0 if isinstance(found, SkippedRow) else len(found) if isinstance(found, CallBlock) else 1
        for problem in (*(_guardrails(found, target, allowed) if allowed else ()), *_zone_unknown(found, target)):
            collected.add(problem)
        if digest is None or collected.errors:
            continue
        digest.add(found)
        if watch is not None:
            watch(found)
        if spool is not None:
            for item in found if isinstance(found, CallBlock) else (found,):
                if follows and isinstance(item, ResolvedCall):
                    zones.note(spool.count, item.schedule.timezone, identity(parties(item.fields).person))
                spool.add(item, never_rung.list_with)
    if plan is None or digest is None or collected.errors:
        raise Refused(collected.findings())
    sampled = any(finding.id == SAMPLE_USED for finding in collected.findings())
    made = sample_digest(loaded, plan, resolved_edition) if sampled else digest.hexdigest()
    if spool is not None and inputs_of(loaded, target, listed, resolved_edition) != inputs:
        inputs = ""  # a file changed while it was read: no later run may take it for the same
    return Reviewed(
        *(loaded, plan, target, resolved_edition, made, calls, collected.findings(), inputs),
        listed=listed,
        spool=spool,
        zones=zones,
    )


def digest_required(reviewed: Reviewed) -> Diagnostic:
    """Refuse a run that names no digest, on a target that runs reviewed plans only."""
    message = f"target {reviewed.target.name} runs reviewed plans only, and no digest was named"
    return error("digest-required", message, hint="pass --expect with the digest that `plan` printed")


def sample_unbounded() -> CannotProceed:
    """Return what stops a run that expects the digest of a sample, and has no bound of its own."""
    return CannotProceed(
        "the review saw a sample of the rows, and nothing bounds how many calls the data makes",
        "set `policy.limits.calls` and have the plan reviewed again, or review it where its data is",
    )


def _budget(plan: Plan, target: Target) -> Iterator[Diagnostic]:
    """Refuse a limit of money that cannot be judged on this target."""
    limits = plan.policy.limits
    if limits.cost is None:
        return
    if target.rates is None:
        message = f"`limits.cost` cannot be kept: target {target.name} does not say what calls cost"
        yield error("cost-unknown", message, hint="give the target `rates`, or limit `minutes`")
    elif target.rates.currency != limits.currency:
        charged = target.rates.currency
        message = f"`limits.cost` is in {limits.currency}, and target {target.name} is charged in {charged}"
        yield error("other-currency", message, hint="write the limit in the target's currency")


def _guardrails(item: Planned, target: Target, allowed: frozenset[str]) -> Iterator[Diagnostic]:
    """Refuse each call on a line whose identity is not `allowed`."""
    if isinstance(item, CallBlock):
        if not allowed.issuperset(map(identity, item.different(EXOPHONE))):
            for call in item:
                yield from _guardrails(call, target, allowed)
    elif isinstance(item, ResolvedCall) and identity(caller_id := parties(item.fields).exophone or "") not in allowed:
        yield error(
            "caller-id-not-allowed",
            f"call `{item.id}` shows the CallerId {caller_id}, which target {target.name} does not allow",
            item.span,
            hint="use one of the target's guardrails.caller_ids, or have it added there",
        )


def _zone_unknown(item: Planned, target: Target) -> Iterator[Diagnostic]:
    """Refuse a call to whom nobody knows when the target's window in the callee's zone is open.

    The calls of a block ring Indian numbers. What the plan's own window asks for is found when its calls are read.
    """
    if isinstance(item, ResolvedCall) and follows_callee(target.guardrails.windows) and not zones_of_resolved(item):
        yield zone_unknown(item, f"target {target.name}'s window")


def rules(reviewed: Reviewed, target: Target) -> Rules:
    """Return what decides when the calls of a plan may start on a target."""
    return replace(rules_of(reviewed.plan.policy, target), people=frozenset(reviewed.zones.groups))


def rules_of(policy: Policy, target: Target) -> Rules:
    """Return what decides when calls may start under a policy on a target."""
    return Rules(policy, target.guardrails.windows, target.rates, target.timezone, target.legs)


def keeps_suppressed(target: Target, options: RunOptions) -> bool:
    """Whether whom a review of the digest suppressed stays so: where a digest is expected, or people approved it."""
    return options.expect is not None or target.guardrails.approval is not None


def unchanged(loaded: LoadedPlan, target: Target, options: RunOptions, rails: TargetLists) -> Reviewed | None:
    """Return the review of the edition's last run, where plan, data and what judges them are byte for byte the same.

    None where anything stands in the way; the ordinary review says what it is.
    """
    plan, edition = loaded.plan, edition_of(loaded, options.edition)
    journal = named_journal(options.journal) if options.journal else default_journal()
    account = account_known(target, options.secrets_dir)
    if plan is None or account is None:
        return None
    if rules_of(plan.policy, target).follows_callee:
        return None  # the journal does not keep where the plan's people are
    listed, about_lists = rails
    if any(problem.is_error for problem in (*loaded.diagnostics, *about_lists)):
        return None
    inputs = inputs_of(loaded, target, listed, edition)
    with contextlib.suppress(CannotProceed), journal.view() as view:
        kept = keeps_suppressed(target, options)
        before = view.plans.taken_in(account, plan.name, edition, inputs, keep_suppressed=kept)
        if before is not None:
            known = note("unchanged", "the plan and its data are those of the last run: its rows are not checked again")
            findings = (*loaded.diagnostics, known)
            return Reviewed(
                *(loaded, plan, target, edition, before.digest, before.calls, findings, inputs),
                unchanged=True,
                listed=listed,
            )
    return None


def record_review(
    reviewed: Reviewed, suppressed: SuppressedIds, journal: Journal | None, options: PlanOptions
) -> tuple[Journal | None, tuple[Diagnostic, ...]]:
    """Write down what is new in a review; return the journal that was asked or made, and what people should know.

    A review that cannot be written down is one all the same, and says so; one of a sample is not, since its rows are
    not the calls. `journal` is None where there is none yet: for the sandbox one is made where somebody is suppressed.
    """
    if any(finding.id == SAMPLE_USED for finding in reviewed.findings):
        return journal, ()
    new, kept, findings = len(suppressed), 0, []
    if journal is not None:
        with journal.view() as view:
            new, kept = view.plans.compare_review(reviewed.digest, suppressed)
    if kept:
        findings.append(_kept(kept))
    if new:
        review = Review(reviewed.plan.name, reviewed.edition, reviewed.digest, rfc3339(time.time()))
        try:
            journal = journal or _made(options, reviewed.target)
            with journal.committing(REVIEW_PATIENCE) as tx:
                remember(tx, review, suppressed)
        except CannotProceed as problem:
            findings.append(_forgotten(new, problem.message, problem.hint))
    return journal, tuple(findings)


def _made(options: PlanOptions, target: Target) -> Journal:
    if target.is_live:
        raise CannotProceed("no journal is named", "name the one of the run with --journal")
    return locate_journal(options.journal, target)


def _kept(calls: int) -> Diagnostic:
    message = f"{_calls(calls)} stood on a list when this digest was reviewed before, and stand on none now"
    hint = "under --expect they stay suppressed: a run without it, or a new edition, dials them"
    return note("suppressed-when-reviewed", message, hint=hint)


def _forgotten(calls: int, why: str, hint: str | None) -> Diagnostic:
    message = f"the journal does not keep which calls this review suppresses ({_calls(calls)}): {why}"
    otherwise = "otherwise `run --expect` uses the lists as they are at that time"
    return note("review-not-remembered", message, hint=f"{hint or 'check the disk and the permissions'}; {otherwise}")


def _calls(count: int) -> str:
    return f"{count:,} call{'' if count == 1 else 's'}"
