"""How a layer's figures look by the doctor's own thresholds: the colours of the screens, before any rule speaks."""

import math
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

from engine.doctor.rules.numbers import JUMP, LARGE_UPDATE
from engine.doctor.rules.slow import LEARNED, RATIO_LOW, SMALL_UPDATE
from engine.doctor.rules.start import EXPLODING
from engine.doctor.rules.units import DEAD_ERROR, DEAD_INFO, FEWEST_UNITS, NO_HOPE, SATURATED, VANISHED
from engine.events import LayerFigures

Health = Literal["good", "odd", "bad"]

FIGURES = (
    "activation_mean",
    "activation_std",
    "dead",
    "saturated",
    "gradient_norm",
    "weight_norm",
    "update_ratio",
)
"""The figures of a layer in `LayerFigures`, in the order in which they are shown."""
ALWAYS_THERE = frozenset({"activation_mean", "activation_std", "gradient_norm", "weight_norm"})
"""Figures that every layer has: where one is None, it was NaN or infinite."""


class HealthBounds(NamedTuple):
    """Beyond which values a figure is odd, and beyond which it is bad."""

    odd_above: float = math.inf
    bad_above: float = math.inf
    odd_below: float = -math.inf
    bad_below: float = -math.inf


BOUNDS: Mapping[str, HealthBounds] = {
    "dead": HealthBounds(odd_above=DEAD_INFO, bad_above=DEAD_ERROR),
    "saturated": HealthBounds(odd_above=SATURATED, bad_above=NO_HOPE),
    "update_ratio": HealthBounds(bad_above=LARGE_UPDATE, odd_below=SMALL_UPDATE, bad_below=RATIO_LOW),
}
"""Of the figures that mean the same in every layer; a gradient is measured by the others, see `judge_layer`."""


def judge_figure(name: str, value: float | None, bounds: HealthBounds | None = None) -> Health | None:
    """Return how a figure of one layer looks, by itself; None where no rule judges it, or the layer has none.

    Args:
        name: one of `FIGURES`.
        value: None where there is none, or it was NaN or infinite.
        bounds: other ones than those in `BOUNDS`.
    """
    if value is None or not math.isfinite(value):
        return "bad" if name in ALWAYS_THERE else None
    bounds = bounds or BOUNDS.get(name)
    if bounds is None:
        return None
    if value > bounds.bad_above or value < bounds.bad_below:
        return "bad"
    return "odd" if value > bounds.odd_above or value < bounds.odd_below else "good"


def judge_layer(
    layer: LayerFigures, output: LayerFigures, usual_gradient: float | None = None, *, learned: bool = False
) -> dict[str, Health]:
    """Return how each figure of a layer looks that a rule judges, as far as one measurement tells.

    A rule asks for more before it speaks: that it lasts, that the loss is stuck.

    Args:
        layer: what was measured of it.
        output: the same of the last layer, beside whose gradient the others are held.
        usual_gradient: the median of this layer's earlier gradient norms; None where there are too few.
        learned: whether little is left to learn, see `has_learned`; nothing is bad then, and small updates are good.
    """
    judged: dict[str, Health] = {}
    for name in FIGURES:
        bounds = _bounds(name, layer, output, usual_gradient)
        if learned and bounds is not None:
            bounds = HealthBounds(odd_above=min(bounds.odd_above, bounds.bad_above))
        found = judge_figure(name, getattr(layer, name), bounds)
        if found is not None:
            judged[name] = found
    return judged


def has_learned(losses: Sequence[float | None]) -> bool:
    """Whether the newest of the probe's losses is low beside the first, which is about that of a constant answer."""
    known = [loss for loss in losses if loss is not None and math.isfinite(loss)]
    return bool(known) and losses[-1] is not None and known[-1] < LEARNED * known[0]


def _bounds(name: str, layer: LayerFigures, output: LayerFigures, usual: float | None) -> HealthBounds | None:
    """The bounds of a figure in this layer; none are crossed where the rules pass the layer over."""
    if (name == "dead" and layer.units < FEWEST_UNITS) or (name == "update_ratio" and layer.kind != "dense"):
        return HealthBounds()
    if name != "gradient_norm" or layer.kind != "dense":
        return BOUNDS.get(name)
    beside = output.gradient_norm or math.inf
    return HealthBounds(
        odd_above=EXPLODING * beside,
        bad_above=JUMP * usual if usual else math.inf,
        bad_below=VANISHED * beside if beside < math.inf else math.ulp(0.0),
    )
