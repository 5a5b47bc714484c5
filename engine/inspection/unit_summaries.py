"""The units of a layer in short: how active each is, and a thumbnail where it has one."""

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
    """A unit of the page in short."""

    unit: int
    active: float | None
    """Share of the samples for which z is above 0 (softmax: for which its class is predicted)."""
    mean: float | None
    """Of its activation."""
    highest: float | None
    picture: Raster | None = None
    """z all over the plane, or its weights where they are pixels; signed, up to `reach`."""
    reach: float = 0.0


def summaries(
    look: NetworkSnapshot, layer: Layer, told: Responses, page: range, thumb: tuple[int, int]
) -> tuple[UnitSummary, ...]:
    """Return the units of a page.

    Args:
        thumb: columns and rows of a thumbnail of the plane.
    """
    pictures = _pictures(look, layer, page, *thumb)
    shown = []
    for place, unit in enumerate(page):
        active, mean, highest = (finite(values[unit]) for values in (told.active, told.mean, told.highest))
        picture, reach = None, 0.0
        if pictures is not None:
            reach = reach_of(pictures[place])
            picture = signed_raster(pictures[place], reach)
        shown.append(UnitSummary(unit, active, mean, highest, picture, reach))
    return tuple(shown)


def _pictures(look: NetworkSnapshot, layer: Layer, page: range, columns: int, rows: int) -> Array | None:
    """Signed pictures of the page's units, (k, H, W); None where they have none."""
    network = look.network
    if network.n_features == 2:
        grid, _, _ = grid_of(look, columns, rows)
        z, _ = pass_to(network, network.as_rows(grid), layer)  # (rows * columns, n_out)
        return z[:, page.start : page.stop].T.reshape(len(page), rows, columns)
    shape = picture_shape(look) if layer is network.layers[0] else None
    weight, _ = weights_of(layer)
    if shape is None or weight.shape[1] != network.n_features:
        return None
    means: Array = weight[page.start : page.stop].reshape(len(page), *shape).mean(axis=1)
    return means


def reach_of(values: Array) -> float:
    """Return the largest absolute value that is a number, 0 where there is none."""
    return float(np.nan_to_num(np.abs(values), posinf=0.0).max()) if values.size else 0.0
