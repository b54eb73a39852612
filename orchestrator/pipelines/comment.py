"""One comment on a pull or merge request: found again by a hidden mark, and changed in place of another one."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx2

from orchestrator.model.errors import CannotProceed
from orchestrator.model.frozen import frozen

NOT_ALLOWED = (401, 403, 404)
"""What a service answers where the token may not comment, as in a pipeline of a fork."""
MOST_PAGES = 50
PATIENCE = 30.0
"""Seconds for each answer."""


class NoThreadError(Exception):
    """There is nothing to comment on, or no right to; the text says which."""


@frozen
class Thread:
    """The comments of one pull or merge request, as the API of its service has them."""

    api: str
    comments: str
    """The path of all comments, where new ones are made too."""
    comment: str
    """The path of one comment: its `{id}` is put in."""
    edit: str
    """The method that changes a comment."""
    headers: Mapping[str, str]
    whoami: str | None
    """The path that tells whose token it is; None where only bots are asked for."""
    commit: str
    most: int
    """Bytes of a comment at most."""


def thread_of(environment: Mapping[str, str]) -> Thread:
    """Return where this pipeline comments, by what its service tells a job. Raises NoThreadError."""
    if environment.get("GITLAB_CI"):
        return _gitlab(environment)
    if environment.get("GITHUB_ACTIONS"):
        return _github(environment)
    raise NoThreadError("this is no pipeline of GitHub or GitLab")


def _github(environment: Mapping[str, str]) -> Thread:
    event: dict[str, Any] = json.loads(Path(environment["GITHUB_EVENT_PATH"]).read_text(encoding="utf-8"))
    request = event.get("pull_request")
    if request is None:
        raise NoThreadError("this job belongs to no pull request")
    home = environment["GITHUB_REPOSITORY"]
    token = environment.get("GITHUB_TOKEN", "")
    if ((request.get("head") or {}).get("repo") or {}).get("full_name") != home:
        raise NoThreadError("the pull request comes from a fork, whose jobs may not comment")
    if not token:
        raise NoThreadError("the job has no GITHUB_TOKEN")
    return Thread(
        api=environment.get("GITHUB_API_URL", "https://api.github.com"),
        comments=f"/repos/{home}/issues/{int(request['number'])}/comments",
        comment=f"/repos/{home}/issues/comments/{{id}}",
        edit="PATCH",
        headers={
            "Accept": "application/vnd.github+json",
            "Authorization": f"Bearer {token}",
            "X-GitHub-Api-Version": "2022-11-28",
        },
        whoami=None,  # the token of a job may not ask who it is
        commit=str(request["head"].get("sha", "")),
        most=65_535,
    )


def _gitlab(environment: Mapping[str, str]) -> Thread:
    request = environment.get("CI_MERGE_REQUEST_IID", "")
    token = environment.get("ORCHESTRATE_GITLAB_TOKEN", "")
    if not request:
        raise NoThreadError("this job belongs to no merge request")
    if not token:
        raise NoThreadError("the job has no ORCHESTRATE_GITLAB_TOKEN (an access token with the scope api)")
    notes = f"/projects/{quote(environment['CI_PROJECT_ID'], safe='')}/merge_requests/{int(request)}/notes"
    return Thread(
        api=environment["CI_API_V4_URL"],
        comments=notes,
        comment=f"{notes}/{{id}}",
        edit="PUT",
        headers={"PRIVATE-TOKEN": token},
        whoami="/user",
        commit=environment.get("CI_COMMIT_SHA", ""),
        most=1_000_000,
    )


def mark(about: str) -> str:
    """Return the hidden first line of the one comment about a plan; nothing of the plan's name stands in it."""
    return f"<!-- orchestrate: review {hashlib.sha256(about.encode('utf-8', 'surrogateescape')).hexdigest()[:16]} -->\n"


def post(thread: Thread, about: str, text: str) -> str:
    """Make the comment, or change it where it is there already; return its address.

    Raises NoThreadError where the token may not comment, and CannotProceed where the service cannot be asked.
    """
    body = f"{mark(about)}{text}"
    with httpx2.Client(headers=dict(thread.headers), timeout=PATIENCE) as client:
        try:
            marked = (each for each in _ours(client, thread) if str(each.get("body", "")).startswith(mark(about)))
            found = next(marked, None)
            if found is None:
                answer = client.post(f"{thread.api}{thread.comments}", json={"body": body})
            else:
                path = thread.comment.format(id=int(found["id"]))
                answer = client.request(thread.edit, f"{thread.api}{path}", json={"body": body})
            _check(answer)
            made = answer.json()
            return str(made.get("html_url") or made["id"])
        except httpx2.HTTPError as problem:
            raise _unreachable(str(problem)) from None
        except (ValueError, KeyError, TypeError, AttributeError):
            raise _unreachable("its answer is not what such a service answers") from None


def _ours(client: httpx2.Client, thread: Thread) -> Iterator[dict[str, Any]]:
    """Yield the comments that this pipeline may have made.

    Anybody can write the mark. A comment of a person stays theirs: if we wrote the review there, they could alter it.
    """
    us = None
    if thread.whoami is not None:
        answer = client.get(f"{thread.api}{thread.whoami}")
        _check(answer)
        us = answer.json()["id"]
    address: str | None = f"{thread.api}{thread.comments}?per_page=100"
    for _ in range(MOST_PAGES):
        if address is None:
            return
        answer = client.get(address)
        _check(answer)
        for each in answer.json():
            author = each.get("user") or each.get("author") or {}
            if (author.get("type") == "Bot") if us is None else (author.get("id") == us):
                yield each
        address = answer.links.get("next", {}).get("url")
        if address is not None and not address.startswith(f"{thread.api}/"):
            raise _unreachable("its list of comments goes on at another server")


def _check(answer: httpx2.Response) -> None:
    if answer.status_code in NOT_ALLOWED:
        raise NoThreadError(f"the token of this job may not comment: the service answered {answer.status_code}")
    if not answer.is_success:
        raise _unreachable(f"it answered {answer.status_code}")


def _unreachable(why: str) -> CannotProceed:
    return CannotProceed(
        f"the comment on the pull or merge request could not be made: {why}",
        "start the job again; the review itself stands in the job's summary and files",
    )


def is_commit(text: str) -> bool:
    """Whether a text is the full name of a commit, which a service makes a link of."""
    return re.fullmatch(r"[0-9a-f]{40}|[0-9a-f]{64}", text) is not None
