"""What stands on the Inspect screen while there is no run to look into."""

from typing import TYPE_CHECKING

from textual.content import Content

from tui.charts.tones import MUTED

if TYPE_CHECKING:
    from engine.runs import RunSummary


def nothing_yet(newest: "RunSummary | None") -> Content:
    """Return what the screen is for and how to fill it; the newest run is offered."""
    lines = [
        Content.styled("Nothing to look into yet", "bold $text"),
        Content.styled("Here you see what a network has learned, and where it goes wrong.", MUTED),
        Content(""),
        Content.assemble(("1    ", "bold $accent"), "  choose data, build and train a network"),
        Content.assemble(("6    ", "bold $accent"), "  choose one of the runs"),
    ]
    if newest is not None:
        words = f"  look into {newest.name}, {newest.state}"
        lines.append(Content.assemble(("enter", "bold $accent"), words))
    return Content("\n").join(lines)
