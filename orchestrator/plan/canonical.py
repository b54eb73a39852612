"""The canonical form of a plan or a target file: laid out in one way, and quoted where other tools misread a value.

It means the same as before, to the last comment: that is proved each time, before anybody gets it.
"""

from orchestrator.model.diagnostic import Diagnostic
from orchestrator.plan.schema.check import unquoted_text
from orchestrator.plan.schema.plan import plan_schema
from orchestrator.plan.schema.target import target_schema
from orchestrator.plan.yaml.document import read_document
from orchestrator.plan.yaml.layout import laid_out
from orchestrator.plan.yaml.meaning import mean_the_same


def canonical(text: str, file: str) -> str | tuple[Diagnostic, ...]:
    """Return a text in its canonical form; what is wrong with it where it cannot be read as YAML.

    A plan with other mistakes has a canonical form too. `file` is the name that findings carry.
    """
    document, problems = read_document(text, file)
    if document is None or any(problem.is_error for problem in problems):
        return problems
    schema = plan_schema() if document.get("kind") is None else target_schema()
    edits = [edit for remark in unquoted_text(document, schema) for edit in remark.fix]
    made = laid_out(text, frozenset((edit.span.line - 1, edit.span.column - 1) for edit in edits))
    if not mean_the_same(text, made) or laid_out(made) != made:
        raise AssertionError("the canonical form means something else, or has another canonical form")
    return made
