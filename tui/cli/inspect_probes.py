"""The views of `nnterm inspect` that try the network out, as text: disturbance, drawing, other weights."""

from typing import TYPE_CHECKING

from engine.inspection.perturbation_words import long_strength
from tui.charts.bars import bar
from tui.cli import output
from tui.cli.pictures import is_colourless, show_gallery, terminal_width, write_strips
from tui.cli.table import table
from tui.words.figures import figure, percent

if TYPE_CHECKING:
    from engine.inspection.views.draw import Draw
    from engine.inspection.views.landscape import Landscape
    from engine.inspection.views.robustness import Robustness

MAP_ROWS = 26
"""Lines that the map of a landscape takes at most."""
LEAST_CUT = 7
"""Points of a cut that are told in a table."""


def show_robustness(answer: "Robustness") -> None:
    """Write what is left at each strength of each disturbance, and the example on a terminal."""
    told = percent if answer.measure == "accuracy" else figure
    output.line(
        f"{answer.split} {answer.measure} {told(answer.clean)}, chance {told(answer.chance)}; {answer.note}"
    )
    rows = []
    for one in answer.responses:
        rows += [
            (one.name if i == 0 else "", long_strength(level.strength, one.unit), told(level.score))
            for i, level in enumerate(one.levels[1:])
        ]
    output.show(table(("disturbance", "strength", answer.measure), rows, left=2))
    for one in answer.responses:
        output.line(one.words)
    output.line(answer.words)
    if output.is_live() and answer.example >= 0:
        _show_versions(answer)


def _show_versions(answer: "Robustness") -> None:
    import numpy as np

    from tui.inspect.labels import version_label
    from tui.inspect.rasters import pixels

    for one in answer.responses:
        images = np.stack([pixels(example.picture) for example in one.examples])
        show_gallery(images, [version_label(answer, one, i) for i in range(len(images))])


def show_draw(answer: "Draw") -> None:
    """Write what the network says of the sample on the pad: to draw takes the screen."""
    from tui.inspect.rasters import pixels

    if answer.sample is not None and answer.truth is not None:
        output.line(
            f"{answer.split} sample {answer.sample:,}, {answer.names[answer.truth]}, as if it were drawn (the pad is "
            "on the Inspect screen, key d)"
        )
    output.line(answer.words)
    if output.is_live():
        from tui.charts.halfblock import picture_strips

        write_strips(picture_strips(pixels(answer.seen), is_colourless()))
    rows = [
        (answer.names[one.index], percent(one.share), bar(one.share, 30).rstrip()) for one in answer.shares
    ]
    output.show(table(("class", "share", ""), rows))


def show_landscape(answer: "Landscape") -> None:
    """Write the map on a terminal, the cuts as a table otherwise, and how far one may walk."""
    output.line(
        f"{answer.split} loss {figure(answer.centre)} at the weights, {figure(answer.low)} to {figure(answer.high)} "
        f"within {answer.radius:g}; directions {answer.seed}"
    )
    output.line(answer.words)
    output.line(answer.note)
    if output.is_live():
        from tui.charts.landscape import legend, map_strips
        from tui.inspect.landscape import scale
        from tui.inspect.rasters import pixels

        size = scale(answer.side, terminal_width(), MAP_ROWS)
        write_strips(map_strips(pixels(answer.levels), *size, is_colourless()))
        output.line("".join(text for text, _ in legend(answer.low, answer.high, answer.broken > 0, True)))
    first, second = answer.cuts
    step = max(1, len(first.x) // LEAST_CUT)
    rows = [
        (f"{first.x[i]:+.3g}", figure(first.y[i]), figure(second.y[i])) for i in range(0, len(first.x), step)
    ]
    output.show(table(("distance", first.name, second.name), rows, left=0))
