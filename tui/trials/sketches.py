"""A sketch for each trial of the curves that it may draw, shown before it has been run: typical shapes, not measured."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from tui.charts.curves import Floats, Series
from tui.theme import BLUE, GREEN, ORANGE, rgb
from tui.trials.view import MARKS


@dataclass(frozen=True, eq=False)
class Sketch:
    """Curves over an x axis, with a sentence on how to read them."""

    words: str
    series: tuple[Series, ...]
    x_label: str
    log: bool = False
    grows: bool = True


def sketch_of(name: str) -> Sketch | None:
    """Return the sketch of a trial; None if it has none."""
    draw = _SKETCHES.get(name)
    return draw() if draw else None


def _curve(name: str, colour: str, x: Floats, y: Floats, *, dashed: bool = False) -> Series:
    return Series(name, rgb(colour), x, y, smooth=False, valued=False, dashed=dashed)


def _level(name: str, x: Floats, y: float) -> Series:
    return Series(name, None, x[[0, -1]], [y, y], smooth=False, valued=False, faint=True)


def _overfit() -> Sketch:
    x = np.linspace(0, 200, 201)
    works, broken = 2.3 * 10 ** (-x / 65), 2.3 - 0.1 * (1 - np.exp(-x / 30))
    return Sketch(
        "A network that works memorises the samples; a broken one stays where it started.",
        (
            _level("learned", x, 0.23),
            _curve("broken", ORANGE, x, broken, dashed=True),
            _curve("works", BLUE, x, works),
        ),
        "update",
        log=True,
    )


def _rates() -> Sketch:
    x = np.linspace(-6, 1, 281)
    falling = 2.3 / (1 + 10 ** (1.6 * (x + 2.2))) + 0.12
    losses = falling + 10 ** (3.2 * (x + 0.6)) * 0.05
    best = x[int(np.argmin(losses))]
    suggested = best + np.log10(0.25)
    star = Series(
        "suggested",
        rgb(GREEN),
        [suggested],
        [float(np.interp(suggested, x, losses))],
        mark=MARKS["good"],
        line=False,
    )
    return Sketch(
        "Too low: no change. Then the loss falls, and rises where the rate is too high.",
        (_curve("loss", BLUE, x, np.minimum(losses, 30.0)), star),
        "learning rate, as a power of ten",
        log=True,
        grows=False,
    )


def _shuffled() -> Sketch:
    x = np.linspace(0, 40, 161)
    true, noise = 1 - 0.9 * np.exp(-x / 3), 1 - 0.9 / (1 + np.exp((x - 20) / 3.5))
    return Sketch(
        "True labels are learned fast; shuffled ones have to be memorised, each by itself.",
        (
            _level("chance", x, 0.1),
            _curve("shuffled", ORANGE, x, noise, dashed=True),
            _curve("true", BLUE, x, true),
        ),
        "epoch",
    )


def _zeroed() -> Sketch:
    x = np.linspace(0, 500, 251)
    return Sketch(
        "Without inputs only the biases learn, down to the grey line; the inputs give the rest.",
        (
            _level("constant prediction", x, 2.3),
            _curve("zeroed", ORANGE, x, 2.31 + 0.3 * np.exp(-x / 60), dashed=True),
            _curve("real", BLUE, x, 0.3 + 2.3 * np.exp(-x / 90)),
        ),
        "update",
    )


def _seeds() -> Sketch:
    scores = np.array([0.942, 0.951, 0.947, 0.938, 0.949, 0.945, 0.953, 0.941, 0.946, 0.95])
    x = np.arange(10.0)
    dots = Series("result of a seed", rgb(BLUE), x, scores, mark=MARKS["main"], line=False)
    return Sketch(
        "The spread of the points is what the seed alone changes.",
        (_level("mean", x, float(scores.mean())), dots),
        "seed",
        grows=False,
    )


_SKETCHES: Mapping[str, Callable[[], Sketch]] = {
    "overfit": _overfit,
    "rates": _rates,
    "shuffled": _shuffled,
    "zeroed": _zeroed,
    "seeds": _seeds,
}
