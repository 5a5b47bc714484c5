"""Summaries of a layer's units: activity, and a thumbnail if there is one."""

import msgspec
import numpy as np

from engine.arrays import Array
from engine.inspection.messages import Raster
from engine.inspection.rasters import finite, signed_raster
from engine.inspection.responses import Responses, pass_to
from engine.inspection.samples import picture_shape
from engine.inspection.snapshot import NetworkSnapshot
from engine.inspection.views.boundary import grid_of
from engine.inspection.weight_edits import weights_of
from engine.nn.layers import Layer


class UnitSummary(msgspec.Struct, frozen=True):
    """Summary of one unit of the page."""

    unit: int
    active: float | None
    """Share of the samples with z above 0 (softmax: for which its class is predicted)."""
    mean: float | None
    """Mean activation; `highest`: the largest one."""
    highest: float | None
    picture: Raster | None = None
    """z over the plane, or the weights if they belong to pixels; signed, up to `reach`."""
    reach: float = 0.0


def summaries(
    snapshot: NetworkSnapshot, layer: Layer, unit_responses: Responses, page: range, thumb: tuple[int, int]
) -> tuple[UnitSummary, ...]:
    """Return the summaries of a page's units.

    Args:
        thumb: columns and rows of a thumbnail of the plane.
    """
    pictures = _pictures(snapshot, layer, page, *thumb)
    shown = []
    for place, unit in enumerate(page):
        active, mean, highest = (
            finite(values[unit])
            for values in (unit_responses.active, unit_responses.mean, unit_responses.highest)
        )
        picture, reach = None, 0.0
        if pictures is not None:
            reach = reach_of(pictures[place])
            picture = signed_raster(pictures[place], reach)
        shown.append(UnitSummary(unit, active, mean, highest, picture, reach))
    return tuple(shown)


def _pictures(snapshot: NetworkSnapshot, layer: Layer, page: range, columns: int, rows: int) -> Array | None:
    """Return signed pictures of the page's units, (k, H, W); None if they have none."""
    network = snapshot.network
    if network.n_features == 2:
        grid, _, _ = grid_of(snapshot, columns, rows)
        z, _ = pass_to(network, network.as_rows(grid), layer)  # (rows * columns, n_out)
        return z[:, page.start : page.stop].T.reshape(len(page), rows, columns)
    shape = picture_shape(snapshot) if layer is network.layers[0] else None
    weight, _ = weights_of(layer)
    if shape is None or weight.shape[1] != network.n_features:
        return None
    means: Array = weight[page.start : page.stop].reshape(len(page), *shape).mean(axis=1)
    return means


def reach_of(values: Array) -> float:
    """Return the largest finite absolute value, 0 without any."""
    return float(np.nan_to_num(np.abs(values), posinf=0.0).max()) if values.size else 0.0
