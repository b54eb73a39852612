"""The templates of pages: everything that others wrote is escaped, and a missing name is an error."""

import base64
import hashlib
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from jinja2.environment import TemplateStream
from markupsafe import Markup

FILES = "files"


def stream(name: str, **values: Any) -> TemplateStream:
    """Return the text of a template of these values, piece by piece."""
    found = _environment().get_template(name).stream(**values)
    found.enable_buffering(100)
    return found


@cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("orchestrator.reports.html", FILES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.globals.update(style=_own("style.css"), script=_own("table.js"))
    made.globals.update(style_hash=_hash(_own("style.css")), script_hash=_hash(_own("table.js")))
    return made


def _own(name: str) -> Markup:
    """Return a file of ours, to be written as it is."""
    return Markup(files("orchestrator.reports.html").joinpath(FILES, name).read_text("utf-8"))  # noqa: S704


def _hash(text: str) -> str:
    """Return what a content security policy allows exactly this text by."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
