"""The views of `nnterm inspect` that probe a network, as text: perturbations, drawing, loss landscape."""

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
"""Maximum lines of a landscape's map."""
CUT_ROWS = 7
"""Points of a cut in its table, at least."""


def show_robustness(answer: "Robustness") -> None:
    """Write the score at each strength of each perturbation, and on a terminal an example."""
    as_text = percent if answer.measure == "accuracy" else figure
    clean, chance = as_text(answer.clean), as_text(answer.chance)
    output.line(f"{answer.split} {answer.measure} {clean}, chance {chance}; {answer.note}")
    rows = []
    for one in answer.responses:
        rows += [
            (one.name if i == 0 else "", long_strength(level.strength, one.unit), as_text(level.score))
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
    """Write the class probabilities of the sample on the drawing pad; drawing needs the app."""
    from tui.inspect.rasters import pixels

    if answer.sample is not None and answer.truth is not None:
        output.line(
            f"{answer.split} sample {answer.sample:,}, true class {answer.names[answer.truth]}, on the drawing pad "
            "(Inspect screen, key D)"
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
    """Write the loss around the weights: two cuts as a table, on a terminal also a map."""
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
    step = max(1, len(first.x) // CUT_ROWS)
    rows = [
        (f"{first.x[i]:+.3g}", figure(first.y[i]), figure(second.y[i])) for i in range(0, len(first.x), step)
    ]
    output.show(table(("distance", first.name, second.name), rows, left=0))
