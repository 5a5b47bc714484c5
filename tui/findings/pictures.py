"""Pictures of findings: the curves or bars that show the evidence of each code; pure functions."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from engine.doctor.health import BOUNDS
from engine.doctor.rules.numbers import JUMP, LARGE_UPDATE
from engine.doctor.rules.units import VANISHED
from engine.events import Finding
from engine.nn.activations import ACTIVATIONS
from tui.charts.bars import bar
from tui.charts.curves import Series
from tui.follow.loss_history import Floats
from tui.follow.run_figures import RunFigures
from tui.theme import BLUE, GREEN, ORANGE, VERMILION, YELLOW, rgb
from tui.words.figures import figure

MOST_BARS = 14
REACH = np.linspace(-4.0, 4.0, 161)
"""Inputs at which an activation function is drawn."""


@dataclass(frozen=True, eq=False)
class FindingCurves:
    """Curves over the updates, with a mark at the update of the finding."""

    title: str
    series: Sequence[Series]
    at: float | None = None
    """The marked update; None: no mark."""
    log: bool = True
    x_label: str = ""
    """Set for curves that are not over updates."""


@dataclass(frozen=True)
class FindingBars:
    """Named values as bars."""

    title: str
    values: Mapping[str, float]

    def lines(self, width: int) -> list[str]:
        """Return a line per value: name, bar, value; the largest fills the width."""
        shown = dict(list(self.values.items())[:MOST_BARS])
        names = min(16, max(len(name) for name in shown))
        most = max(max(shown.values()), 1e-30)
        room = max(4, width - names - 11)
        return [
            f"{name[:names].ljust(names)} {bar(value / most, room)} {_value_text(value):>9}"
            for name, value in shown.items()
        ]


def _value_text(value: float) -> str:
    return f"{value:,.0f}" if value.is_integer() and value < 1e7 else figure(value, 3)


Draw = Callable[[Finding, RunFigures], FindingCurves | FindingBars | None]


def picture_of(finding: Finding, figures: RunFigures) -> FindingCurves | FindingBars | None:
    """Return the picture of a finding's evidence; None if the code has none or nothing was measured."""
    draw = PICTURES.get(finding.code)
    return draw(finding, figures) if draw else None


# losses


def _losses(finding: Finding, figures: RunFigures) -> FindingCurves | None:
    losses = figures.losses
    if not len(losses.steps):
        return None
    series = [Series("train", rgb(BLUE), *losses.extremes())]
    if len(figures.validation_steps):
        validation = (figures.validation_steps, figures.validation_losses)
        series.append(Series("validation", rgb(ORANGE), *validation, mark="◆"))
    return FindingCurves("loss", series, _place(finding, figures))


def _place(finding: Finding, figures: RunFigures) -> float | None:
    """The update that the finding names, else the one at which it was found."""
    epoch = finding.evidence.get("best_epoch") or finding.evidence.get("reached")
    if isinstance(epoch, int) and figures.steps_per_epoch:
        return float(epoch * figures.steps_per_epoch)
    return float(finding.step) if finding.step else None


def _rates(finding: Finding, figures: RunFigures) -> FindingCurves | FindingBars | None:
    """The largest update of all layers if the finding is based on it, else the loss; without losses, the rates."""
    health = figures.health
    if "rises" not in finding.evidence or health is None:
        bound = "usual minimum" if finding.code == "learning-rate-low" else "usual maximum"
        names = {"effective": "current", "usual": bound}
        return _losses(finding, figures) or _bars("learning rate", names, finding, figures)
    largest = np.fmax.reduce(health.high[:, :, -1], axis=1)
    series = [
        Series("largest update", rgb(BLUE), health.steps, largest),
        _line("limit", VERMILION, health.steps, LARGE_UPDATE),
    ]
    return FindingCurves("largest update relative to the weights", series, _place(finding, figures))


# layers


def _layer(name: str, finding: Finding, figures: RunFigures) -> FindingCurves | FindingBars | None:
    """The history of a statistic of the finding's layer with its bounds; without a history, bars of all layers."""
    health = figures.health
    at = health.position(finding.layer) if health else None
    if health is None or at is None:
        return _table(f"{_TITLES[name]} before the first update", "by_layer", finding, figures)
    series = [Series(str(finding.layer), rgb(BLUE), health.steps, health.course(at, name))]
    bounds = BOUNDS[name]
    for label, colour, value in (
        ("unusual", YELLOW, bounds.odd_above),
        ("bad", VERMILION, bounds.bad_above),
        ("unusual", YELLOW, bounds.odd_below),
        ("bad", VERMILION, bounds.bad_below),
    ):
        if np.isfinite(value):
            series.append(_line(f"{label} limit", colour, health.steps, value))
    title = f"{_TITLES[name]} in {finding.layer}"
    return FindingCurves(title, series, _place(finding, figures), log=name == "update_ratio")


_TITLES = {
    "dead": "share of dead units",
    "saturated": "share of saturated outputs",
    "update_ratio": "update relative to the weights",
}


def _gradient(finding: Finding, figures: RunFigures) -> FindingCurves | FindingBars | None:
    """The gradient norm of the finding's layer, with that of the output layer or with its usual value."""
    health = figures.health
    at = health.position(finding.layer) if health else None
    if health is None or at is None:
        names = {"first": "first layer", "last": "output"}
        return _bars("gradient norm before the first update", names, finding, figures)
    own = Series(str(finding.layer), rgb(BLUE), health.steps, health.course(at, "gradient_norm"))
    last = len(health.layers) - 1
    output = health.course(last, "gradient_norm")
    usual = finding.evidence.get("usual")
    others = [
        Series(health.layers[last].name, rgb(GREEN), health.steps, output),
        Series("1/1000 of it", rgb(VERMILION), health.steps, VANISHED * output),
    ]
    if isinstance(usual, float):
        others = [
            _line("usual", GREEN, health.steps, usual),
            _line("limit", VERMILION, health.steps, JUMP * usual),
        ]
    return FindingCurves("gradient norm", [own, *others], _place(finding, figures))


def _line(name: str, colour: str, steps: Floats, value: float) -> Series:
    """A constant level over all updates shown."""
    return Series(name, rgb(colour), [0.0, float(steps[-1])], [value, value], smooth=False)


# functions


def _activation_curves(names: Sequence[str], finding: Finding, figures: RunFigures) -> FindingCurves:
    """Activation functions over their input."""
    signs = zip(names, (BLUE, GREEN), strict=False)
    series = [Series(name, rgb(colour), REACH, _values(name), smooth=False) for name, colour in signs]
    return FindingCurves("output of a unit for its input", series, log=False, x_label="input")


def _out_of_reach(finding: Finding, figures: RunFigures) -> FindingCurves | None:
    """The range of the last activation, and the range of the targets if it is wider."""
    name = finding.evidence.get("activation")
    if name not in ACTIVATIONS or not ACTIVATIONS[name].is_elementwise:
        return None
    series = [Series(f"output of {name}", rgb(BLUE), REACH, _values(name), smooth=False)]
    for key, words in (("target_low", "lowest target"), ("target_high", "highest target")):
        level = finding.evidence.get(key)
        if isinstance(level, float):
            ends, levels = [REACH[0], REACH[-1]], [level, level]
            series.append(Series(words, rgb(ORANGE), ends, levels, smooth=False))
    return FindingCurves(f"range of {name}", series, log=False, x_label="input")


def _values(name: str) -> Floats:
    return np.asarray(ACTIVATIONS[name]()(REACH), np.float64)


# bars


def _bars(title: str, names: Mapping[str, str], finding: Finding, figures: RunFigures) -> FindingBars | None:
    """Values of the evidence as bars; `names` maps their keys to the names shown."""
    found = {shown: _number(finding.evidence.get(name)) for name, shown in names.items()}
    known = {name: value for name, value in found.items() if value is not None}
    return FindingBars(title, known) if known else None


def _table(title: str, name: str, finding: Finding, figures: RunFigures) -> FindingBars | None:
    """A table of the evidence as bars."""
    table = finding.evidence.get(name)
    if not isinstance(table, dict):
        return None
    known = {str(key): value for key, item in table.items() if (value := _number(item)) is not None}
    return FindingBars(title, known) if known else None


def _classes(title: str, finding: Finding, figures: RunFigures) -> FindingBars | None:
    """The samples of each class, or of the rarest and the most frequent class."""
    names = {"rarest": "rarest class", "commonest": "most frequent"}
    return _table(title, "counts", finding, figures) or _bars(title, names, finding, figures)


def _batch(finding: Finding, figures: RunFigures) -> FindingBars | None:
    """The batch size and the number of samples, or the updates and their usual minimum."""
    if "steps" in finding.evidence:
        return _bars("updates", {"steps": "current", "usual": "usual minimum"}, finding, figures)
    return _bars("samples", {"batch_size": "batch size", "samples": "training set"}, finding, figures)


def _leakage(finding: Finding, figures: RunFigures) -> FindingBars | None:
    """The share of held-out samples seen in training, or the share of the target's variance in one feature."""
    if "shared" in finding.evidence:
        names = {"shared": "in training set", "new": "new"}
        return _bars("share of the validation and test samples", names, finding, figures)
    feature = finding.evidence.get("feature")
    names = {"share": "explains target", "rest": "other"}
    return _bars(f"variance of feature {feature}", names, finding, figures)


def _held_out(finding: Finding, figures: RunFigures) -> FindingBars | None:
    """The share of a class, the accuracy or loss, or the deviation of a column, in both parts; or its shifted mean."""
    part = str(finding.evidence.get("part", "held out"))
    if finding.evidence.get("shift", 0) > finding.evidence.get("usual", 0):
        names = {"shift": part, "usual": "limit"}
        return _bars("shift of the mean, in standard deviations", names, finding, figures)
    for title, names in (
        ("share of the class", {"share": part, "train_share": "training"}),
        ("accuracy", {"validation": "validation", "test": "test"}),
        ("loss", {"validation_loss": "validation", "test_loss": "test"}),
        ("standard deviation of the column", {"deviation": part, "train_deviation": "training"}),
    ):
        if set(names) <= set(finding.evidence):
            return _bars(title, names, finding, figures)
    return None


def _bad_values(finding: Finding, figures: RunFigures) -> FindingBars | None:
    """The values that are not finite, per column or in total."""
    title = "values that are NaN or infinite"
    if finding.evidence.get("by_column"):
        return _table(title, "by_column", finding, figures)
    return _bars(title, {"values": "values", "rows": "rows"}, finding, figures)


def _number(value: Any) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and np.isfinite(value) and value >= 0 else None


PICTURES: Mapping[str, Draw] = {
    **dict.fromkeys(
        ("nan", "plateau", "underfitting", "overfitting", "too-short", "too-long", "patience", "schedule"),
        _losses,
    ),
    "learning-rate-low": _rates,
    "output-loss-mismatch": _out_of_reach,
    "class-count": partial(_bars, "outputs", {"outputs": "current", "fitting": "needed"}),
    "nan-in-data": _bad_values,
    "constant-input": partial(_bars, "input columns", {"constant": "with one value", "columns": "all"}),
    "outlier-input": partial(_bars, "distance from the median", {"distance": "farthest", "usual": "limit"}),
    "outlier-target": partial(_bars, "distance from the median", {"distance": "farthest", "usual": "limit"}),
    "categorical-input": partial(
        _bars,
        "share of the target's variance explained",
        {"explained": "by single values", "by_size": "by their size"},
    ),
    "held-out-differs": _held_out,
    "batchnorm-batch": partial(_bars, "samples in a batch", {"batch_size": "current", "usual": "usual"}),
    "clip": partial(_bars, "norm of the gradient", {"gradient_norm": "usual here", "clip_norm": "limit"}),
    "no-signal": partial(
        _bars, "accuracy", {"train": "training", "held_out": "held out", "chance": "constant"}
    ),
    "zero-init": partial(_table, "initial weights relative to the size that preserves the signal", "gains"),
    "symmetric-init": partial(_table, "units with the same initial weights as another one", "alike"),
    "linear-stack": partial(_activation_curves, ("linear", "relu")),
    "step-activation": partial(_activation_curves, ("step", "relu")),
    "leakage": _leakage,
    "batch-too-large": _batch,
    "learning-rate-high": _rates,
    "dead-relu": partial(_layer, "dead"),
    "saturated": partial(_layer, "saturated"),
    "update-ratio": partial(_layer, "update_ratio"),
    "exploding-gradients": _gradient,
    "vanishing-gradients": _gradient,
    "imbalanced": partial(_classes, "training samples of each class"),
    "never-predicted": partial(_table, "predictions of each class", "guessed"),
    "init-scale": partial(_table, "initial weights relative to the size that preserves the signal", "gains"),
    "unscaled-input": partial(
        _bars,
        "root mean square of a feature",
        {"largest": "largest", "smallest": "smallest", "usual": "usual"},
    ),
    "unscaled-target": partial(_bars, "targets", {"mean": "mean", "std": "std", "usual": "usual std"}),
    "initial-loss": partial(_bars, "loss before training", {"loss": "current", "expected": "expected"}),
    "cannot-overfit-batch": partial(_bars, "loss on the samples", {"first": "first", "last": "last"}),
    "validation-better": partial(_bars, "accuracy", {"train": "train", "validation": "validation"}),
    "overconfident": partial(
        _bars, "on held-out samples", {"confidence": "confidence", "accuracy": "accuracy"}
    ),
}
"""The drawing function of each code; it returns None where the evidence is not numeric."""
