"""The use case: everything that a run needs of its surroundings, looked at without dialing."""

import asyncio
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from orchestrator.app.doctor.account import check_account
from orchestrator.app.doctor.audio import check_audio
from orchestrator.app.doctor.callbacks import check_callbacks
from orchestrator.app.doctor.journal import check_journal
from orchestrator.app.doctor.machine import check_certificates, check_clock, check_zones
from orchestrator.app.doctor.settings import check_settings
from orchestrator.app.review import Planned, read_plan, review, target_lists
from orchestrator.app.stdin import STDIN
from orchestrator.app.targets import Access, resolve_target
from orchestrator.carrier.download import is_public, is_this_machines_or_public
from orchestrator.exotel.audio import AUDIO
from orchestrator.exotel.call_fields import EXOPHONE
from orchestrator.model.call import ResolvedCall, text_of
from orchestrator.model.check import Area, Check, Examination, Health
from orchestrator.model.errors import Refused
from orchestrator.model.frozen import frozen
from orchestrator.model.target import Target, is_loopback
from orchestrator.plan.call_block import CallBlock
from orchestrator.plan.findings import BoundedFindings


@frozen
class DoctorOptions:
    """What `doctor` was asked for; `plan` None: the environment alone."""

    plan: str | None = None
    target: str = "sandbox"
    journal: str | None = None
    root: str | None = None
    secrets_dir: str | None = None
    audio: bool = False


@dataclass(slots=True)
class _Needs:
    """What the calls of a plan need of the world: their CallerIds, and addresses of audio, in order."""

    caller_ids: dict[str, None] = field(default_factory=dict)
    audio: dict[str, None] = field(default_factory=dict)

    def take(self, item: Planned) -> None:
        """Note what one call needs, or many."""
        for name, kept in ((EXOPHONE, self.caller_ids), *((name, self.audio) for name in AUDIO)):
            if isinstance(item, CallBlock):
                kept.update(dict.fromkeys(sorted(item.different(name))))
            elif isinstance(item, ResolvedCall):
                text = text_of(item.fields, name)
                kept.update({} if text is None else {text: None})


def examine(options: DoctorOptions) -> Examination:
    """Look at everything. Raises Refused for a target file with errors, CannotProceed for one that cannot be read."""
    target = resolve_target(options.target, options.plan or STDIN, options.root)
    needs = _Needs()
    about_plan = _plan(options, target, needs)
    settings, access = check_settings(target, options.secrets_dir)
    online = asyncio.run(_online(options, target, access, needs))
    checks = (
        *about_plan,
        *settings,
        check_certificates(target),
        *online,
        *check_journal(options.journal, target),
        *check_clock(target),
        check_zones(target),
    )
    order = list(Area)
    refused = any(check.health is Health.PROBLEM for check in about_plan)
    return Examination(
        target.name, options.plan, tuple(sorted(checks, key=lambda check: order.index(check.area))), refused
    )


def _plan(options: DoctorOptions, target: Target, needs: _Needs) -> list[Check]:
    """Read the plan as a run would, and note what it needs."""
    if options.plan is None:
        return []
    loaded = read_plan(options.plan, target, options.root, options.secrets_dir)
    hint = f"`orchestrate validate {options.plan}` shows each with its place"
    try:
        reviewed = review(
            loaded, target, None, target_lists(target, options.root, options.secrets_dir), watch=needs.take
        )
    except Refused as refusal:
        found = BoundedFindings()
        for finding in refusal.diagnostics:
            found.add(finding)
        first = next((f": {each.message}" for each in refusal.diagnostics if each.is_error), "")
        what = f"it has {found.errors:,} error{'' if found.errors == 1 else 's'}{first}"
        return [Check(Area.PLAN, "plan", Health.PROBLEM, what, options.plan, hint)]
    what = f"it has {reviewed.calls:,} call{'' if reviewed.calls == 1 else 's'} and no error"
    return [Check(Area.PLAN, "plan", Health.OK, what, options.plan)]


async def _online(options: DoctorOptions, target: Target, access: Access | None, needs: _Needs) -> list[Check]:
    """Ask the carrier and whoever else has to be there, all at once."""
    asked = [check_callbacks(target)]
    if access is not None:
        asked.append(check_account(access, target, needs.caller_ids))
    if options.audio:
        may_reach = is_this_machines_or_public if _is_simulated(target, access) else is_public
        asked.append(check_audio(needs.audio, options.journal, may_reach))
    checks = [check for answers in await asyncio.gather(*asked) for check in answers]
    if access is None:
        what = "nobody can be asked without credentials"
        checks.append(Check(Area.CARRIER, "account", Health.NOT_JUDGED, what))
    return checks


def _is_simulated(target: Target, access: Access | None) -> bool:
    """Whether the carrier is simulated on this machine: by the sandbox, or by what is served on a loopback address."""
    base_url = target.base_url if access is None else access.base_url
    return not target.is_live or is_loopback(urlsplit(base_url or "").hostname or "")
