"""Reads a plan's file and checks it: every other room gets a plan from here."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import field
from typing import Literal

from orchestrator.model.diagnostic import Diagnostic, error
from orchestrator.model.frozen import frozen
from orchestrator.model.policy import Policy
from orchestrator.model.target import Target
from orchestrator.plan.call_block import CallBlock
from orchestrator.plan.duplicates import Again
from orchestrator.plan.findings import in_order
from orchestrator.plan.lists.holidays import read_holidays
from orchestrator.plan.lists.suppression import NO_LISTS, SuppressionLists, read_lists
from orchestrator.plan.parameters import NOTHING_MORE, Accept, ValueContext
from orchestrator.plan.paths import NamedFiles, PlanFiles, find_root, plan_folder, printable, refused_plan
from orchestrator.plan.policy.registry import read_policy
from orchestrator.plan.resolve import Resolved, ResolvedBlock, Resolver
from orchestrator.plan.rows.templates import read_variables
from orchestrator.plan.rules.rule import RuledPlan
from orchestrator.plan.rules.rulebook import RuleBook
from orchestrator.plan.rules.settings import read_settings
from orchestrator.plan.schema.check import check
from orchestrator.plan.schema.plan import plan_schema
from orchestrator.plan.yaml.document import read_document
from orchestrator.plan.yaml.nodes import MappingNode, ScalarNode, SequenceNode
from orchestrator.plan.yaml.text import read_text, source_lines
from orchestrator.policy.callee_zones import follows_callee


@frozen
class Plan:
    """What a plan file says of itself. `path` is as the user named it, `-` for stdin.

    `edition` None: the plan names none. `purpose` None: the compliance rules cannot judge.
    """

    path: str
    name: str
    policy: Policy
    edition: str | None = None
    description: str | None = None
    purpose: str | None = None
    numbers: Literal["as-typed", "e164"] = "as-typed"


@frozen
class LoadedPlan:
    """What reading a plan's file gave.

    `path` is the name that spans carry. `plan` is None where the document, the schema or the policy has an error.
    `diagnostics` are those of the text itself; what is wrong with calls and rows comes with `calls`. `lines` are
    the source's, for carets. `lists` are those that `policy.suppress` names, as they were read with the plan. `rules`
    judge the plan.
    """

    path: str
    plan: Plan | None
    diagnostics: tuple[Diagnostic, ...]
    lines: tuple[str, ...]
    document: MappingNode | None
    context: ValueContext
    files: NamedFiles
    lists: SuppressionLists = NO_LISTS
    rules: RuleBook = field(default_factory=RuleBook)

    def blocks(self, *, reported_before: bool = False, again: Again | None = None) -> Iterator[ResolvedBlock]:
        """Stream the resolved calls and skipped rows, and what is wrong with them where it is found; many calls in one.

        Reads the data files anew each time. A call with an error is not yielded. Works for a plan with errors
        too, so that everything can be reported at once. `reported_before`: it was, so that neither the rules nor who is
        rung by several calls need be looked at again. `again` hears of each call to a person who is rung before.
        """
        if self.document is None:
            return
        made = Resolver(self.document, self.context, self.files, reported_before=reported_before, again=again)
        yield from self.rules.of_calls(made.stream(), reported_before=reported_before)

    def calls(self, *, reported_before: bool = False) -> Iterator[Resolved]:
        """Do as `blocks` does, each call by itself."""
        for item in self.blocks(reported_before=reported_before):
            if isinstance(item, CallBlock):
                yield from item
            else:
                yield item


def load_plan(
    path: str,
    root: str | None = None,
    accept: Accept = NOTHING_MORE,
    stdin: str | None = None,
    *,
    target: Target | None = None,
    at: float | None = None,
    use_sample: bool = False,
    secret_paths: tuple[str, ...] = (),
) -> LoadedPlan:
    """Read a plan; never raises for bad input. `path` `-` takes `stdin`'s text, relative to the working directory.

    `root` overrides the folder that the plan's files stay inside. `accept` is what the target admits beside the
    table: words by parameter, none for any text. `target`: where the plan will be dialed, if that is known; some rules
    go by it. `at`: the moment for which it is judged, None is now. `use_sample`: where a data file is missing its
    sample may stand for it; for review only, a run must never dial a sample. `secret_paths`: folders and files of
    secrets, never read.
    """
    file = printable(path)
    shown = os.path.dirname(file)  # noqa: PTH120 - pathlib turns `` into `.`
    files = PlanFiles(find_root(path, root), plan_folder(path), shown, use_sample, secret_paths)
    text, problems = _text(path, root, stdin, files)
    settings, about_settings = read_settings(files.root)
    rules = RuleBook(settings, target, at)
    return load_text(path, file, text, (*problems, *about_settings), files, accept, rules)


def load_text(
    path: str,
    file: str,
    text: str | None,
    problems: tuple[Diagnostic, ...],
    files: NamedFiles,
    accept: Accept = NOTHING_MORE,
    rules: RuleBook | None = None,
) -> LoadedPlan:
    """Read a plan from its text, None where it could not be read; `problems` are what is wrong with its characters.

    `file` is the name that spans carry, `files` is what the names in the plan mean, `rules` judge it.
    """
    rules = rules or RuleBook()
    if text is None:
        return LoadedPlan(file, None, problems, (), None, _value_context(None, {}, accept, rules), files)
    document, found = read_document(text, file)
    problems += found
    variables: dict[str, str] = {}
    plan: Plan | None = None
    lists, policy = NO_LISTS, None
    if document is not None:
        problems += tuple(check(document, plan_schema(), accept))
        holidays, about_holidays = read_holidays(document, files)
        lists, about_lists = _lists(document, files)
        problems += (*about_holidays, *about_lists)
        unusable = any(problem.is_error for problem in problems)
        variables, about_variables = read_variables(document.get("vars"))
        policy, about_policy = read_policy(document, holidays)
        problems += (*about_variables, *about_policy)
        if policy is not None:
            purpose = _word(document, "purpose")
            problems += tuple(rules.of_plan(RuledPlan(document, policy, purpose, rules.target, lists.marks, rules.at)))
        if policy is not None and not unusable:
            plan = Plan(
                path=path,
                name=_word(document, "name") or "",
                policy=policy,
                edition=_word(document, "edition"),
                description=_word(document, "description"),
                purpose=_word(document, "purpose"),
                numbers=_numbers(document),
            )
    lines = source_lines(text)
    follows = policy is not None and follows_callee(policy.windows)
    context = _value_context(document, variables, accept, rules, follows=follows)
    problems = _ordered(file, rules.judged(problems))
    return LoadedPlan(file, plan, problems, lines, document, context, files, lists, rules)


@frozen
class NamedPlan:
    """What a plan's file calls itself; `edition` None where it names none."""

    name: str
    edition: str | None


def plan_named_in(path: str, root: str | None = None, stdin: str | None = None) -> NamedPlan | tuple[Diagnostic, ...]:
    """Return what a plan's file calls itself, whatever else is wrong with it; what is wrong where it has no name.

    Nothing that the plan names is read.
    """
    files = PlanFiles(find_root(path, root), plan_folder(path), "", False)
    text, problems = _text(path, root, stdin, files)
    if text is None:
        return problems
    document, problems = read_document(text, path)
    name = None if document is None else _word(document, "name")
    if document is not None and name is not None:
        return NamedPlan(name, _word(document, "edition"))
    hint = "name the file of a plan, or the run by its id"
    return problems or (error("no-name", "the file has no `name`, so it is no plan that was run", hint=hint),)


def _ordered(path: str, problems: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Return what is wrong in the plan in the order of its text, then what is wrong in files that it names."""
    own: list[Diagnostic] = []
    other: list[Diagnostic] = []
    for each in problems:
        (own if not each.spans or each.spans[0].file == path else other).append(each)
    return (*in_order(own), *other)


def _lists(document: MappingNode, files: NamedFiles) -> tuple[SuppressionLists, tuple[Diagnostic, ...]]:
    """Read the lists of numbers that the plan names."""
    policy = document.get("policy")
    node = policy.get("suppress") if isinstance(policy, MappingNode) else None
    named = (
        [each for each in node.items if isinstance(each, ScalarNode) and each.text]
        if isinstance(node, SequenceNode)
        else []
    )
    places = {each.text: each.span for each in reversed(named)}  # one that stands twice is reported by the check
    names = tuple(dict.fromkeys(each.text for each in named))
    return read_lists(files, names, [places[name] for name in names])


def _text(
    path: str, root: str | None, stdin: str | None, files: PlanFiles
) -> tuple[str | None, tuple[Diagnostic, ...]]:
    if root is not None and not os.path.isdir(files.root):  # noqa: PTH112 - pathlib raises where it may not look
        return None, (
            error("no-such-root", "the root that `--root` names is no folder", hint="name an existing folder"),
        )
    if path == "-":
        return (stdin or "").removeprefix("\ufeff"), ()
    refusal = refused_plan(files.root, path, files.secret_paths)
    if refusal is not None:
        return None, (error(refusal.id, refusal.message, hint=refusal.hint),)
    return read_text(path)


def _value_context(
    document: MappingNode | None, variables: dict[str, str], accept: Accept, rules: RuleBook, *, follows: bool = False
) -> ValueContext:
    return ValueContext(variables, document is not None and _numbers(document) == "e164", accept, rules, follows)


def _numbers(document: MappingNode) -> Literal["as-typed", "e164"]:
    return "e164" if _word(document, "numbers") == "e164" else "as-typed"


def _word(document: MappingNode, key: str) -> str | None:
    node = document.get(key)
    return node.text if isinstance(node, ScalarNode) and node.text else None
