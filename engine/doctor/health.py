"""Health of a layer's figures by the thresholds of the rules: the colours on the screens, before any finding."""

import math
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

from engine.doctor.rules.numbers import JUMP, LARGE_UPDATE
from engine.doctor.rules.slow import LEARNED, RATIO_LOW, SMALL_UPDATE
from engine.doctor.rules.start import EXPLODING
from engine.doctor.rules.units import DEAD_ERROR, DEAD_INFO, FEWEST_UNITS, NO_HOPE, SATURATED, VANISHED
from engine.doctor.updates import is_negligible
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
"""The figures of a layer in `LayerFigures`, in display order."""
ALWAYS_THERE = frozenset({"activation_mean", "activation_std", "gradient_norm", "weight_norm"})
"""Figures that every layer has: None means NaN or infinite."""


class HealthBounds(NamedTuple):
    """Bounds beyond which a figure is odd, and beyond which it is bad."""

    odd_above: float = math.inf
    bad_above: float = math.inf
    odd_below: float = -math.inf
    bad_below: float = -math.inf


BOUNDS: Mapping[str, HealthBounds] = {
    "dead": HealthBounds(odd_above=DEAD_INFO, bad_above=DEAD_ERROR),
    "saturated": HealthBounds(odd_above=SATURATED, bad_above=NO_HOPE),
    "update_ratio": HealthBounds(bad_above=LARGE_UPDATE, odd_below=SMALL_UPDATE, bad_below=RATIO_LOW),
}
"""Bounds of the figures that mean the same in every layer; for the gradient see `layer_health`."""


def figure_health(name: str, value: float | None, bounds: HealthBounds | None = None) -> Health | None:
    """Return the health of one figure by itself; None if no rule has bounds for it, or the layer has no such figure.

    Args:
        name: one of `FIGURES`.
        value: None if the layer has no such figure, or it was not finite.
        bounds: None: those in `BOUNDS`.
    """
    if value is None or not math.isfinite(value):
        return "bad" if name in ALWAYS_THERE else None
    bounds = bounds or BOUNDS.get(name)
    if bounds is None:
        return None
    if value > bounds.bad_above or value < bounds.bad_below:
        return "bad"
    return "odd" if value > bounds.odd_above or value < bounds.odd_below else "good"


def layer_health(
    layer: LayerFigures,
    output: LayerFigures,
    usual_gradient: float | None = None,
    *,
    learned: bool = False,
    first_norm: float | None = None,
) -> dict[str, Health]:
    """Return the health of each figure that has bounds, from a single measurement.

    The rules require more before they report a finding: that it lasts, that the loss is stuck.

    Args:
        layer: the layer's measurement.
        output: the measurement of the last layer, with whose gradient the others are compared.
        usual_gradient: median of this layer's earlier gradient norms; None: too few measurements.
        learned: True if little is left to learn, see `has_learned`; then nothing finite is bad, and small updates are
            good.
        first_norm: norm of the layer's weights before the first update; None: not known.
    """
    health: dict[str, Health] = {}
    for name in FIGURES:
        bounds = _bounds(name, layer, output, usual_gradient)
        if name == "update_ratio" and is_negligible(layer.weight_norm, first_norm):
            bounds = HealthBounds()
        if learned and bounds is not None:
            bounds = HealthBounds(odd_above=min(bounds.odd_above, bounds.bad_above))
        found = figure_health(name, getattr(layer, name), bounds)
        if found is not None:
            health[name] = found
    return health


def has_learned(losses: Sequence[float | None]) -> bool:
    """Return True if the newest loss of the probe is low relative to the first, which is near a constant prediction's."""
    known = [loss for loss in losses if loss is not None and math.isfinite(loss)]
    return bool(known) and losses[-1] is not None and known[-1] < LEARNED * known[0]


def _bounds(name: str, layer: LayerFigures, output: LayerFigures, usual: float | None) -> HealthBounds | None:
    """Return the bounds of a figure in this layer; infinite ones where the rules skip the layer."""
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
