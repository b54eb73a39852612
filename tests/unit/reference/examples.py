"""Runs the examples of the reference as whole plans and target files, with their data beside them."""

import re
from pathlib import Path

from orchestrator.app.validate import validate
from orchestrator.model.diagnostic import Diagnostic
from orchestrator.model.page import Example

BESIDE = {
    "version": "version: 1",
    "name": "name: demo",
    "defaults": 'defaults: {From: "+918069171234", CallerId: "08047112233"}',
    "calls": 'calls: [{id: a, To: "+919900000001"}]',
}
"""What stands in a plan beside a piece of one, by the keys that the piece may have itself."""

FILES = {
    "data/do-not-call.csv": "phone\n+919900000009\n",
    "data/holidays.csv": "date,name\n2027-01-26,Republic Day\n",
    "plans/lists/company-wide.csv": "phone\n+919900000009\n",
}
"""What the examples of keys name, and do not show."""


def told(example: Example, folder: Path) -> tuple[Diagnostic, ...]:
    """What `validate` says of an example that is made whole."""
    (folder / "plans").mkdir(parents=True)
    (folder / "orchestrate.toml").touch()
    for name, text in {**FILES, **{f"plans/{name}": text for name, text in example.files.items()}}.items():
        (folder / name).parent.mkdir(exist_ok=True, parents=True)
        (folder / name).write_text(text)
    path = folder / "plans" / "example.yaml"
    path.write_text(_whole(example))
    (checked,) = validate([str(path)])
    return checked.diagnostics


def _whole(example: Example) -> str:
    own = set(re.findall(r"^([A-Za-z]\w*):", example.text, re.MULTILINE))
    if example.is_target:
        return example.text if "kind" in own else f"kind: exotel\n{example.text}"
    return "".join(f"{line}\n" for key, line in BESIDE.items() if key not in own) + example.text
