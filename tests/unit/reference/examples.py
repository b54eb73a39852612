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
    return validate(written(example, folder))[0].diagnostics


def written(example: Example, folder: Path) -> list[str]:
    """Write an example that is made whole; return the paths of its plan and of the target files beside it."""
    (folder / "plans").mkdir(parents=True)
    (folder / "orchestrate.toml").write_text(example.text if example.is_settings else "")
    for name, text in {**FILES, **{f"plans/{name}": text for name, text in example.files.items()}}.items():
        (folder / name).parent.mkdir(exist_ok=True, parents=True)
        (folder / name).write_text(text)
    path = folder / "plans" / "example.yaml"
    path.write_text(whole(example))
    return [str(path), *(str(folder / "plans" / name) for name in example.files if name.endswith(".yaml"))]


def whole(example: Example) -> str:
    text = "" if example.is_settings else example.text
    own = set(re.findall(r"^([A-Za-z]\w*):", text, re.MULTILINE))
    if example.is_target:
        return example.text if "kind" in own else f"kind: exotel\n{example.text}"
    return "".join(f"{line}\n" for key, line in BESIDE.items() if key not in own) + text
