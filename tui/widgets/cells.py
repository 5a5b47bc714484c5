"""Draws a field's value in its cell."""

from textual.content import Content

from tui.charts.tones import MUTED
from tui.draft.field import Field

CURSOR = "$block-cursor-foreground on $block-cursor-background"


def cell_text(field: Field, width: int, *, is_current: bool, has_focus: bool, choosing: bool) -> Content:
    """Return a cell padded to `width`: in the cursor's colours, dim if the engine chose it, marked if wrong."""
    text = _fitting(field, width - 1, choosing and is_current)
    style = "$text-error" if field.is_wrong else MUTED if field.is_auto else ""
    if is_current:
        style = CURSOR if has_focus else f"{style} underline".strip()
    return Content.assemble((text.ljust(width - 1), style), " ")


def _fitting(field: Field, width: int, choosing: bool) -> str:
    """Return the longest text for the value that fits."""
    if choosing:
        ways = [f"‹ {field.choice} ›", field.choice]
    else:
        auto = "auto " if field.is_auto and field.shown != "auto" else ""
        wrong = "! " if field.is_wrong else ""
        ways = [f"{wrong}{auto}{field.shown}", f"{wrong}{field.shown}", field.shown]
    return next((way for way in ways if len(way) <= width), ways[-1][: width - 1] + "…")
