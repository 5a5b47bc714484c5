"""The views of `nnterm inspect` as text: pictures in half blocks on a terminal, plain tables in a pipe."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from engine.inspection.messages import Unseen
from engine.words import counted
from tui.cli import output
from tui.cli.inspect_layers import show_activations, show_histograms, show_units
from tui.cli.inspect_probes import show_draw, show_landscape, show_robustness
from tui.cli.pictures import ROWS_OF_PICTURES, is_colourless, show_gallery, terminal_width, write_strips
from tui.cli.table import table
from tui.words.figures import figure, percent

if TYPE_CHECKING:
    from engine.inspection import Answer
    from engine.inspection.views.boundary import Boundary
    from engine.inspection.views.classes import Classes
    from engine.inspection.views.confusion import Confusion
    from engine.inspection.views.fit import Fit
    from engine.inspection.views.mistakes import Mistakes
    from engine.inspection.views.overview import Overview
    from engine.inspection.views.weights import Weights


def show_view(name: str, answer: Any) -> None:
    """Write the answer of the view called `name`, or the reason why the view has no answer."""
    if isinstance(answer, Unseen):
        output.line(f"{name}: {answer.reason}")
    else:
        WRITERS.get(name, _show_as_json)(answer)


def show_overview(answer: "Overview") -> None:
    """Write the figures of the splits, chance and baseline, and what they mean."""
    classifies = answer.chance is not None
    rows = []
    for one in answer.splits:
        share = percent(one.accuracy) if classifies else figure(one.r_squared)
        ends = f"{percent(one.low)} to {percent(one.high)}" if classifies else ""
        rows.append((one.split, f"{one.samples:,}", figure(one.loss), share, ends))
    if answer.baseline is not None:
        share = percent(answer.baseline.accuracy) if classifies else figure(answer.baseline.r_squared)
        rows.append((f"no hidden layer ({answer.judged})", "", figure(answer.baseline.loss), share, ""))
    if classifies:
        rows.append((f"most frequent class ({answer.judged})", "", "", percent(answer.chance), ""))
    heads = ("accuracy", "95 % interval") if classifies else ("R²", "")
    output.show(table(("split", "samples", "loss", *heads), rows))
    for sentence in answer.words:
        output.prose(sentence)
    if answer.baseline is not None:
        output.prose(f"no hidden layer: {answer.baseline.method}")


def show_confusion(answer: "Confusion") -> None:
    """Write the matrix unless it is too large, and the most frequent confusions."""
    names = answer.names
    if answer.matrix is not None and len(names) <= 20:
        output.line(f"true classes down, predicted classes across ({answer.split} split)")
        rows = [
            (names[i], *(f"{count:,}" if count else "." for count in row))
            for i, row in enumerate(answer.matrix)
        ]
        output.show(table(("", *names), rows))
    elif answer.note:
        output.line(answer.note)
    pairs = [
        (f"{names[pair.truth]} → {names[pair.predicted]}", f"{pair.count:,}", percent(pair.share))
        for pair in answer.pairs[:10]
    ]
    if pairs:
        output.show(table(("most confused: true → predicted", "samples", "of the true class"), pairs))
    else:
        output.line("no errors")


def show_classes(answer: "Classes") -> None:
    """Write precision, recall and F1 of each class."""
    rows = [
        (row.name, row.words, f"{row.support:,}", *(_three(x) for x in (row.precision, row.recall, row.f1)))
        for row in answer.rows
    ]
    rows.append(("mean", "", "", *(_three(x) for x in answer.macro)))
    heads = (f"class ({answer.split})", "errors", "samples", "precision", "recall", "F1")
    output.show(table(heads, rows, left=2))
    for words in (answer.words, answer.note):
        if words:
            output.line(words)


def _three(share: float | None) -> str:
    return "-" if share is None else f"{share:.3f}"


def show_mistakes(answer: "Mistakes") -> None:
    """Write the most confident errors: images as pictures on a terminal, else a table."""
    output.line(answer.words)
    if not answer.shown:
        return
    if output.is_live() and answer.shown[0].picture is not None:
        import numpy as np

        from tui.inspect.labels import mistake_label
        from tui.inspect.rasters import pixels

        images = np.stack([pixels(one.picture) for one in answer.shown if one.picture is not None])
        show_gallery(images, [mistake_label(one, answer.names) for one in answer.shown])
        return
    rows: list[tuple[str, ...]] = [
        (
            f"{one.index:,}",
            answer.names[one.truth],
            answer.names[one.predicted],
            percent(one.confidence),
            "  ".join(figure(value, 3) for value in one.features[:6]),
        )
        for one in answer.shown
    ]
    columns: tuple[str, ...] = ("sample", "true", "predicted", "confidence", "features")
    if not any(one.features for one in answer.shown):
        columns, rows = columns[:-1], [row[:-1] for row in rows]
    output.show(table(columns, rows, left=3))


def show_weights(answer: "Weights") -> None:
    """Write a table of the tensors, and on a terminal the first layer as pictures or as a map."""
    rows = [
        (
            one.name,
            " x ".join(f"{size:,}" for size in one.shape),
            figure(one.mean, 3),
            figure(one.std, 3),
            figure(one.largest, 3),
            percent(one.near_zero),
        )
        for one in answer.tensors
    ]
    output.show(table(("tensor", "shape", "mean", "std", "largest", "near zero"), rows, left=2))
    if not output.is_live():
        return
    import numpy as np

    from tui.charts.signed import map_strips, signed_greys, signed_pixels
    from tui.inspect.rasters import pixels

    output.line(answer.words)
    if answer.map is not None:
        write_strips(
            map_strips(pixels(answer.map.cells), terminal_width(), ROWS_OF_PICTURES, is_colourless())
        )
        return
    paint = signed_greys if is_colourless() else signed_pixels
    drawn = [paint(pixels(one.picture), one.reach / (answer.reach or 1.0)) for one in answer.pictures]
    show_gallery(np.stack(drawn), [f"unit {one.unit}" for one in answer.pictures])


def show_boundary(answer: "Boundary") -> None:
    """Write the map of a plane, in a pipe with one character per class; curves are written as a table."""
    about = f"{len(answer.points):,} of {counted(answer.samples, answer.split + ' sample')}"
    output.line(f"{about}, {answer.words}" if answer.words else about)
    if answer.plane is not None:
        from tui.inspect.territory_map import legend_words, map_strips

        plain = is_colourless() or not output.is_live()
        write_strips(map_strips(answer, answer.plane, smooth=False, colourless=plain))
        for words in legend_words(answer, plain):
            output.line(words)
    elif answer.curve is not None:
        step = max(1, len(answer.curve.x) // 24)
        lines = answer.curve.lines
        picked = range(0, len(answer.curve.x), step)
        rows = [(figure(answer.curve.x[i]), *(figure(line.y[i]) for line in lines)) for i in picked]
        output.show(table(("x", *(line.name for line in lines)), rows, left=0))


def show_fit(answer: "Fit") -> None:
    """Write the errors of a regression, and the samples with the largest residuals."""
    figures = (
        ("R²", answer.r_squared),
        ("MAE", answer.mae),
        ("RMSE", answer.rmse),
        ("mean residual", answer.bias),
    )
    output.line(
        f"{answer.split}, {counted(answer.samples, 'sample')}: "
        + ", ".join(f"{n} {figure(v)}" for n, v in figures)
    )
    for sentence in answer.words:
        output.prose(sentence)
    rows = [
        (f"{one.index:,}", figure(one.truth), figure(one.prediction), figure(one.residual))
        for one in answer.worst
    ]
    output.show(table(("largest residuals", "true", "predicted", "residual"), rows, left=0))


def _show_as_json(answer: "Answer") -> None:
    """Write the answer of a view that has no text of its own."""
    output.json_line(answer)


WRITERS: dict[str, Callable[[Any], None]] = {
    "overview": show_overview,
    "confusion": show_confusion,
    "classes": show_classes,
    "mistakes": show_mistakes,
    "weights": show_weights,
    "boundary": show_boundary,
    "fit": show_fit,
    "histograms": show_histograms,
    "activations": show_activations,
    "units": show_units,
    "robustness": show_robustness,
    "draw": show_draw,
    "landscape": show_landscape,
}
"""Functions that write a view's answer as text, by the view's name."""
