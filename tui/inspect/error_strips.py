"""The errors of a class as pictures, or as lines."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.style import Style
from textual.strip import Strip

from tui.inspect.labels import mistake_label
from tui.inspect.rasters import pixels
from tui.widgets.strips import text_strip

if TYPE_CHECKING:
    from engine.inspection.views.mistakes import Mistakes


def error_strips(answer: "Mistakes", width: int, height: int, colourless: bool) -> Sequence[Strip]:
    """Return errors as pictures above their labels, or as lines with their features; as many as fit."""
    if not answer.shown:
        return [text_strip("no errors", width, Style(dim=True))]
    pictures = [one.picture for one in answer.shown]
    if any(picture is None for picture in pictures):
        from tui.inspect.mistakes import sample_rows

        head, lines = sample_rows(answer)
        rows = [text_strip(line, width, Style.null()) for line in lines[: max(0, height - 1)]]
        return [text_strip(head, width, Style(dim=True)), *rows]
    import numpy as np

    from tui.charts.gallery import gallery_strips, plan_gallery

    images = np.stack([pixels(picture) for picture in pictures if picture is not None])
    plan = plan_gallery(len(images), images.shape[1:3], width, height, len(images))
    shown = plan.capacity
    labels = [mistake_label(one, answer.names) for one in answer.shown[:shown]]
    return gallery_strips(images[:shown], labels, plan, width, -1, colourless)
