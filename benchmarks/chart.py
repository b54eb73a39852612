"""A chart of bars as SVG, readable on a light page and on a dark one."""

from collections.abc import Mapping
from html import escape

WIDTH, LEFT, RIGHT, LINE = 640, 190, 70, 26
STYLE = (
    "text{font:13px sans-serif;fill:#24292f}rect{fill:#8c959f}.ours{fill:#0969da}"
    "@media(prefers-color-scheme:dark){text{fill:#e6edf3}rect{fill:#6e7681}.ours{fill:#4493f8}}"
)


def bars(title: str, values: Mapping[str, float], ours: str = "orchestrate") -> str:
    """Draw a bar for each value, the shortest first; those whose name begins with `ours` stand out."""
    longest = max(values.values())
    height = LINE * (len(values) + 1) + 10
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">',
        f"<style>{STYLE}</style>",
        f'<text x="8" y="18">{escape(title)}</text>',
    ]
    for place, (name, value) in enumerate(sorted(values.items(), key=lambda item: item[1]), start=1):
        top, length = LINE * place + 8, (WIDTH - LEFT - RIGHT) * value / longest
        mark = ' class="ours"' if name.startswith(ours) else ""
        parts += [
            f'<text x="{LEFT - 8}" y="{top + 14}" text-anchor="end">{escape(name)}</text>',
            f'<rect{mark} x="{LEFT}" y="{top}" width="{length:.1f}" height="18"/>',
            f'<text x="{LEFT + length + 6:.1f}" y="{top + 14}">{value:.2f}</text>',
        ]
    return "\n".join([*parts, "</svg>"]) + "\n"
