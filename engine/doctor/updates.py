"""Update ratios of a training: the size of an update over that of the weights, where that says anything."""

from engine.events import LayerFigures

NEGLIGIBLE = 0.05
"""Weight norm over that before the first update, below which a layer's ratio says nothing: the weights have shrunk to
almost 0, as in a network whose best prediction is constant, so that any update is large beside them."""


def is_negligible(weight_norm: float | None, first_norm: float | None) -> bool:
    """Return True if a layer's weights are almost 0 compared with those before the first update."""
    return weight_norm is not None and first_norm is not None and weight_norm < NEGLIGIBLE * first_norm


def meaningful_ratio(layer: LayerFigures, first: LayerFigures) -> float | None:
    """Return a layer's update ratio; None if it was not measured, or its weights are negligible.

    Args:
        first: the same layer before the first update.
    """
    return None if is_negligible(layer.weight_norm, first.weight_norm) else layer.update_ratio
