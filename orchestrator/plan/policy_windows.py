"""Opening hours, as plans and targets write them."""

from orchestrator.model.policy import Window
from orchestrator.plan.node_values import text_of
from orchestrator.plan.text_formats import Misform, days, hours, zone
from orchestrator.plan.yaml.nodes import MappingNode, Node, SequenceNode


def read_windows(node: Node | None) -> tuple[Window, ...] | None:
    """Read a list of opening hours; none where there is no list, None where an item is not right."""
    if node is None:
        return ()
    if not isinstance(node, SequenceNode):
        return None
    windows: list[Window] = []
    for item in node.items:
        window = _window(item)
        if window is None:
            return None
        windows.append(window)
    return tuple(windows) or None


def _window(node: Node) -> Window | None:
    if not isinstance(node, MappingNode):
        return None
    read_days, read_hours = days(text_of(node, "days")), hours(text_of(node, "hours"))
    read_zone = zone(text_of(node, "timezone"))
    if isinstance(read_days, Misform) or isinstance(read_hours, Misform) or isinstance(read_zone, Misform):
        return None
    return Window(read_days, *read_hours, read_zone)
