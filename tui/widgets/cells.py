"""Draws a field's value in its cell."""

from textual.content import Content

from tui.charts.tones import MUTED
from tui.draft.field import Field

CURSOR = "$block-cursor-foreground on $block-cursor-background"


def cell_text(field: Field, width: int, *, is_current: bool, has_cursor: bool) -> Content:
    """Return a cell padded to `width`: in the cursor's colours, dim if the engine chose it, marked if wrong.

    Args:
        is_current: the cell is under the cursor.
        has_cursor: the cursor is highlighted, since its grid has the focus.
    """
    text = _fitting(field, width - 1, with_arrow=is_current and has_cursor)
    style = "$text-error" if field.is_wrong else MUTED if field.is_auto else ""
    if is_current:
        style = CURSOR if has_cursor else f"{style} underline".strip()
    return Content.assemble((text.ljust(width - 1), style), " ")


def _fitting(field: Field, width: int, with_arrow: bool) -> str:
    """Return the longest text for the value that fits; an arrow tells that enter opens a list."""
    auto = " (auto)" if field.is_auto and field.shown != "auto" else ""
    wrong = "! " if field.is_wrong else ""
    arrow = " ▾" if with_arrow and field.kind == "choice" else ""
    value = f"{wrong}{field.shown}"
    ways = [f"{value}{auto}{arrow}", f"{value}{auto}", f"{value}{arrow}", value, field.shown]
    return next((way for way in ways if len(way) <= width), ways[-1][: width - 1] + "…")
