"""Changed settings as text: plain labels, old and new values, layers that change alike on one line."""

from typing import Any

from rich.cells import cell_len
from textual.content import Content

from engine.experiment.change_groups import group_changes, value_text
from tui.words.changes import Changes


def difference(changes: Changes) -> Content:
    """Return a line per setting or group of layers: `label  old → new`."""
    groups = group_changes(changes)
    width = max((cell_len(group.label) for group in groups), default=0)
    lines = []
    for group in groups:
        arrow = "  →  " if len(group.items) == 1 else " → "
        items = [_item(*item, arrow) for item in group.items]
        gap = " " * (width - cell_len(group.label) + 2)
        lines.append(Content.assemble(group.label, gap, Content(", ").join(items)))
    return Content("\n").join(lines)


def _item(name: str, before: str, after: str, arrow: str) -> Content:
    values = (before, "$text-error"), arrow, (after, "bold $text-success")
    return Content.assemble(f"{name} " if name else "", *values)


def shown(value: Any) -> str:
    """Return a value of an experiment as short text."""
    return value_text(value)
