"""What holds a plan, or kept somebody from being rung, in words."""

from typing import TYPE_CHECKING

from orchestrator.cli.screen import write_stderr
from orchestrator.phone.safe_text import visible

if TYPE_CHECKING:
    from orchestrator.app.control import Controlled
    from orchestrator.exotel.masking import Masker
    from orchestrator.model.hold import Hold


def held(hold: "Hold", masker: "Masker") -> str:
    """Return `paused by asha since 2026-...: because`, safe to print."""
    by = f" by {masker.text(hold.by)}" if hold.by else ""
    why = f": {masker.text(hold.reason)}" if hold.reason else ""
    return visible(f"{hold.kind}{by} since {hold.began_at}{why}")


def scoped_hold(hold: "Hold", masker: "Masker") -> str:
    """Return the same, and of a hold on the whole journal that it is one."""
    return ("every plan on the journal " if hold.whole else "") + held(hold, masker)


def superseded(by: str, masker: "Masker") -> str:
    """Say what becomes of the calls of an edition that a newer one, in words, closed for good."""
    return f"{masker.shown(by)} superseded it, and nothing of it is dialed again"


def note_latest_run_meant(done: "Controlled") -> None:
    """Say which run was meant where none was named and none dials."""
    if done.by_default:
        write_stderr(f"note: no run dials now, so the latest was meant: {visible(done.run)}")
