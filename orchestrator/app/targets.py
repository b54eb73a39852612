"""Which target a name means: one of the two built in, or a file."""

from pathlib import Path

from orchestrator.model.diagnostic import error
from orchestrator.model.errors import CannotProceed, Refused
from orchestrator.model.target import Target
from orchestrator.plan import find_root, load_target
from orchestrator.plan.paths import check_length, how_to_open, open_regular, shown
from orchestrator.plan.targets import BUILT_IN


def resolve_target(name: str, plan_path: str, root: str | None) -> Target:
    """Return the target `name`: `sandbox`, `exotel`, a path, or NAME for `configs/NAME.yaml` of the plan's root.

    Raises Refused with every problem of the file, or where there is none; CannotProceed where what is there cannot be
    read.
    """
    if name in BUILT_IN:
        return BUILT_IN[name]
    path = _path_of(name, plan_path, root)
    try:
        check_length(path)
        open_regular(str(path)).close()
    except (FileNotFoundError, NotADirectoryError):
        known = ", ".join(sorted(BUILT_IN))
        message = f"there is no target `{name}`: {path} does not exist"
        raise Refused((error("unknown-target", message, hint=f"built in are {known}; or name a file"),)) from None
    except OSError as problem:
        reason = problem.strerror or type(problem).__name__
        raise CannotProceed(
            f"the target file {shown(str(path))} cannot be read: {reason}", how_to_open(problem)
        ) from None
    target, found = load_target(str(path), path.stem)
    if target is None or any(item.is_error for item in found):
        raise Refused(found)
    return target


def _path_of(name: str, plan_path: str, root: str | None) -> Path:
    if "/" in name or name.endswith((".yaml", ".yml")):
        return Path(name)
    return Path(find_root(plan_path, root)) / "configs" / f"{name}.yaml"
