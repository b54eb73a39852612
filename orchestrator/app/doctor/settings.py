"""Checks of the settings of a live account: where each came from, and whether it can be what it is said to be.

What a secret is, is never said: not even how long it is.
"""

import os
import re
from collections.abc import Iterator, Sequence

from orchestrator.app.notify import recipients
from orchestrator.app.options import shown_address
from orchestrator.app.targets import Access, access_to
from orchestrator.carrier.answer import SANDBOX_CREDENTIAL
from orchestrator.carrier.connections import environment_proxy
from orchestrator.model.check import Area, Check, Health
from orchestrator.model.errors import CannotProceed
from orchestrator.model.target import Target
from orchestrator.phone.masking import mask_userinfo
from orchestrator.plan.suggestions import closest_word
from orchestrator.settings import BUILT_IN, ENVIRONMENT_PREFIX, SettingFound, settings_found

PREFIX = "ORCHESTRATE_"
OWN = (
    *("COMPLETE", "DEBUG", "EXPECT_HEAD", "GITLAB_TOKEN", "JOURNAL", "NOTIFY", "NOTIFY_SECRET", "PSEUDONYM_KEY"),
    "SECRETS_DIR",
)
"""What else is read of the environment, behind the prefix."""
_SHOWN = ("ORCHESTRATE_EXPECT_HEAD", "ORCHESTRATE_JOURNAL", "ORCHESTRATE_SECRETS_DIR", "SSL_CERT_DIR", "SSL_CERT_FILE")
"""Of them and of those that libraries read, the ones that decide something here and hold no secret."""

_PLACEHOLDER = re.compile(
    r"(?:<.*>|\{.*\}|\$.*|x{3,}|\.{3}|\*+|(?:your|my|change|todo|example|dummy)[-_ ].*|changeme|secret|test)\Z",
    re.IGNORECASE,
)
"""What documents and templates have in the place of a value."""
_QUOTES = "\"'`\u2018\u2019\u201c\u201d"
_LONG = 32
"""Characters that keys and tokens have at least, and that no account's Sid was seen to have."""


def check_settings(target: Target, secrets_dir: str | None) -> tuple[tuple[Check, ...], Access | None]:
    """Check what a run on this target would take, and return it; None where it could not."""
    others = [_check("setting", Health.OK, f"`{os.environ[name]}`", name) for name in _SHOWN if os.environ.get(name)]
    others += _notified(target, secrets_dir)
    if not target.is_live:
        what = "the sandbox has an account of its own, and needs no credentials"
        return (*others, *_unread(()), _check("credentials", Health.OK, what)), access_to(target, secrets_dir)
    found = list(settings_found(secrets_dir))
    came = map(_came_from, (each for each in found if _counts(each, target)))
    checks = [*came, *others, *_shapes(found), *_unread(found)]
    try:
        access = access_to(target, secrets_dir)
        way = _way_to(access.base_url or "")
    except CannotProceed as problem:
        return (*checks, _check("credentials", Health.PROBLEM, problem.message, hint=problem.hint)), None
    checks += _open_to_others(found)
    return (*checks, _check("credentials", Health.OK, f"requests go to {access.base_url}, {way}")), access


def _check(id_: str, health: Health, what: str, where: str | None = None, hint: str | None = None) -> Check:
    return Check(Area.SETTINGS, id_, health, what, where, hint)


def _notified(target: Target, secrets_dir: str | None) -> Iterator[Check]:
    """Tell who is told how runs end, without asking them."""
    try:
        told = recipients((), target, secrets_dir)
    except CannotProceed as problem:
        yield _check("notify", Health.PROBLEM, problem.message, hint=problem.hint)
        return
    for url in (*told.webhooks, *told.services):
        yield _check("notify", Health.OK, f"{shown_address(url)} is told how each run ended")
    for finding in told.findings():
        yield _check("notify", Health.WARNING, finding.message, hint=finding.hint)


def _way_to(base_url: str) -> str:
    """Return how requests travel, without what a proxy's address may hold. Raises CannotProceed for no such way."""
    proxy = environment_proxy(base_url)
    return "directly" if proxy is None else f"through the proxy {proxy.url.host} that the environment names"


def _counts(each: SettingFound, target: Target) -> bool:
    """Whether a setting means anything on this target: an address is for the built-in one."""
    return each.value is not None and (target.name == BUILT_IN or not each.name.endswith(("BASE_URL", "REGION")))


def _came_from(each: SettingFound) -> Check:
    source = "the environment" if each.file is None else f"the file {each.file}"
    value = each.value or ""
    may_be_secret = each.is_secret or (len(value) >= _LONG and "://" not in value)  # swapped with a key
    shown = "set" if may_be_secret else f"`{mask_userinfo(value)}`"
    return _check("setting", Health.OK, f"{shown}, from {source}", each.name)


def _shapes(found: Sequence[SettingFound]) -> Iterator[Check]:
    """Look at what people copy along with a value, or put into its place."""
    again = "copy it again from the carrier's dashboard, API settings"
    values = {each.name.removeprefix(ENVIRONMENT_PREFIX): each.value or "" for each in found}
    for each in found:
        value = each.value or ""
        if value != value.strip():
            what = "it begins or ends with a blank or a line break, which is sent with it"
            yield _check("setting-shape", Health.PROBLEM, what, each.name, again)
        elif value and (value[0] in _QUOTES or value[-1] in _QUOTES):
            what = "it begins or ends with a quote, which is sent with it"
            yield _check("setting-shape", Health.PROBLEM, what, each.name, "remove the quotes around the value")
        elif _PLACEHOLDER.match(value):
            what = "it looks like what documents write in the place of a value"
            yield _check("setting-shape", Health.WARNING, what, each.name, again)
    account, key, token = (values[name] for name in ("ACCOUNT_SID", "API_KEY", "API_TOKEN"))
    if account == key == token == SANDBOX_CREDENTIAL:
        return
    if key and key == token:
        what = "the key and the token are the same text"
        yield _check("setting-shape", Health.WARNING, what, f"{ENVIRONMENT_PREFIX}API_TOKEN", again)
    if account and account in (key, token):
        what = "the account's Sid stands in the place of the key or of the token"
        yield _check("setting-shape", Health.WARNING, what, f"{ENVIRONMENT_PREFIX}ACCOUNT_SID", again)
    elif len(account) >= _LONG > min(len(key), len(token)) > 0:
        what = "it is as long as a key, and the key or the token is not: perhaps they are swapped"
        yield _check("setting-shape", Health.WARNING, what, f"{ENVIRONMENT_PREFIX}ACCOUNT_SID", again)


def _unread(found: Sequence[SettingFound]) -> Iterator[Check]:
    """Find variables that somebody believes are read."""
    known = {ENVIRONMENT_PREFIX: [each.name for each in found], PREFIX: [f"{PREFIX}{name}" for name in OWN]}
    for name in sorted(os.environ):
        for prefix, names in known.items():
            if names and name.upper().startswith(prefix) and name.upper() not in names:
                near = closest_word(name, names)
                hint = f"did you mean {near}?" if near else f"those that are read: {', '.join(names)}"
                yield _check("setting-unread", Health.WARNING, "no setting has this name: it is not read", name, hint)


def _open_to_others(found: Sequence[SettingFound]) -> Iterator[Check]:
    for each in found:
        if each.is_secret and each.file is not None and each.file.stat().st_mode & 0o077:
            what = "other users of this machine may read it"
            yield _check("setting-open", Health.WARNING, what, str(each.file), f"chmod 600 {each.file}")
