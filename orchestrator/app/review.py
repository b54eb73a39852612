"""Reads a plan against a target, completely, before anything else happens: findings, digest, number of calls."""

from collections.abc import Iterator
from dataclasses import dataclass

from orchestrator.app.stdin import plan_on_stdin
from orchestrator.exotel.numbers import identity
from orchestrator.model.call import ResolvedCall, SkippedRow
from orchestrator.model.diagnostic import Diagnostic, error
from orchestrator.model.errors import CannotProceed, Refused
from orchestrator.model.target import Target
from orchestrator.plan import Digest, LoadedPlan, Plan, load_plan, patterns
from orchestrator.plan.findings import Collected
from orchestrator.plan.fingerprint import fingerprint
from orchestrator.plan.forms import misform


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A plan without errors, against its target. `findings` are its warnings and notes, bounded.

    `inputs` is the fingerprint of what was read, empty where there is none. `unchanged`: an earlier run has read the
    same, and nothing but the plan's own text was read again; its rows are in the journal.
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

    def resolved(self) -> Iterator[ResolvedCall]:
        """Stream the calls again. Files that changed meanwhile give another digest: compare it."""
        return (item for item in self.loaded.calls() if isinstance(item, ResolvedCall))

    def checked(self) -> Iterator[ResolvedCall | SkippedRow]:
        """Stream calls and skipped rows again; CannotProceed at the end if the calls are not those reviewed."""
        digest = Digest(self.plan, self.edition)
        for item in self.loaded.calls():
            if isinstance(item, ResolvedCall):
                digest.add(item)
            if not isinstance(item, Diagnostic):
                yield item
        if digest.hexdigest() != self.digest:
            raise CannotProceed("the plan or its data changed while it was read", "run the command again")


def read(path: str, target: Target, root: str | None, *, use_sample: bool = False) -> LoadedPlan:
    """Read a plan's own text, not its rows; `-` is stdin."""
    return load_plan(path, root, dict(target.accept), plan_on_stdin(path), use_sample=use_sample)


def inputs_of(loaded: LoadedPlan, target: Target, edition: str) -> str:
    """Return the fingerprint of all that a review reads."""
    return fingerprint(loaded, edition, repr(target.accept), repr(target.guardrails.caller_ids))


def edition_of(loaded: LoadedPlan, edition: str | None) -> str:
    """Return the edition of a run: the command line's, else the plan's own, else none."""
    return edition if edition is not None else (loaded.plan and loaded.plan.edition) or ""


def review(loaded: LoadedPlan, target: Target, edition: str | None) -> Reviewed:
    """Check everything that can be checked without a network. Raises Refused with all problems."""
    collected = Collected()
    for item in loaded.diagnostics:
        collected.add(item)
    plan, resolved_edition = loaded.plan, edition_of(loaded, edition)
    inputs = inputs_of(loaded, target, resolved_edition)
    digest, calls = None if plan is None else Digest(plan, resolved_edition), 0
    for found in loaded.calls():
        if isinstance(found, Diagnostic):
            collected.add(found)
        if not isinstance(found, ResolvedCall):
            continue
        calls += 1
        if digest is not None:
            digest.add(found)
        for problem in _guardrails(found, target):
            collected.add(problem)
    if plan is None or digest is None or collected.errors:
        raise Refused(collected.findings())
    findings = collected.findings()
    return Reviewed(loaded, plan, target, resolved_edition, digest.hexdigest(), calls, findings, inputs)


def edition_problem(edition: str) -> str | None:
    """Say what is wrong with an edition from outside a plan, in words that may follow it; None where nothing is."""
    found = misform(patterns.EDITION, edition)
    return None if found is None else found.reason


def _guardrails(call: ResolvedCall, target: Target) -> Iterator[Diagnostic]:
    allowed = target.guardrails.caller_ids
    caller_id = call.text("CallerId") or ""
    if allowed and identity(caller_id) not in {identity(number) for number in allowed}:
        yield error(
            "caller-id-not-allowed",
            f"call `{call.id}` shows the CallerId {caller_id}, which target {target.name} does not allow",
            call.span,
            hint="use one of the target's guardrails.caller_ids, or have it added there",
        )
