"""The view weights: the first layer's units as pictures, other tensors as maps."""

import msgspec
import numpy as np

from engine.arrays import Array
from engine.errors import NntermError
from engine.inspection.messages import Answer, Raster, UnfitError
from engine.inspection.rasters import finite, signed_raster
from engine.inspection.snapshot import NetworkSnapshot
from engine.inspection.view import InspectionView, Options
from engine.words import counted

MOST_ROWS, MOST_COLUMNS = 128, 256
"""Cells of a map at most; of a larger tensor each cell is the value of a block with the largest absolute value."""
MOST_VALUES, MOST_INPUTS = 2000, 16
"""Weights of a tensor whose values are returned, and its inputs, at most."""


class WeightsOptions(Options, frozen=True):
    """The tensor, and a page of its units."""

    tensor: int = 0
    """Counted from 0 in the order of the network."""
    first: int = 0
    """Pictures to skip."""
    count: int = 100


class WeightTensor(msgspec.Struct, frozen=True):
    """Statistics of a parameter tensor."""

    name: str
    shape: tuple[int, ...]
    mean: float | None
    std: float | None
    largest: float | None
    """Largest absolute value."""
    near_zero: float
    """Share of the weights below a hundredth of the largest absolute value."""
    broken: int = 0
    """NaN and infinite weights."""


class UnitPicture(msgspec.Struct, frozen=True):
    """The weights of one unit in the shape of its input."""

    unit: int
    norm: float | None
    reach: float
    """Largest absolute weight of the picture: byte 255."""
    picture: Raster


class WeightMap(msgspec.Struct, frozen=True):
    """A tensor as a map: one row per unit, one column per input."""

    reach: float
    block: tuple[int, int]
    """Rows and columns of the tensor per cell."""
    cells: Raster


class Weights(Answer, frozen=True, tag="weights"):
    """The tensors of a network, and one of them in detail."""

    tensors: tuple[WeightTensor, ...]
    tensor: int
    units: int
    """Units of the tensor."""
    first: int
    reach: float
    """Largest absolute value of the tensor, for a scale common to all pictures."""
    pictures: tuple[UnitPicture, ...] = ()
    """The tensor's units if the inputs are pictures, largest norm first."""
    map: WeightMap | None = None
    """The tensor if the inputs are not pictures."""
    values: tuple[tuple[float | None, ...], ...] = ()
    """The tensor itself, a row per unit, if it is small and its inputs are not pictures."""
    inputs: tuple[str, ...] = ()
    """Names of the columns of `values`."""
    words: str = ""


def weights(snapshot: NetworkSnapshot, options: WeightsOptions) -> Weights:
    """Return the network's tensors, and the chosen one as pictures or as a map; works without data."""
    tensors = [(name, view) for name, view, _ in snapshot.network.parameters()]
    if not 0 <= options.tensor < len(tensors):
        raise NntermError(
            f"there is no tensor {options.tensor}; they are numbered from 0 to {len(tensors) - 1}"
        )
    name, values = tensors[options.tensor]
    valid = values[np.isfinite(values)]
    if not valid.size:
        raise UnfitError(f"all {counted(values.size, 'value')} of {name} are NaN or infinite")
    reach = float(np.abs(valid).max())
    answer = Weights(
        tensors=tuple(_describe(name, view) for name, view in tensors),
        tensor=options.tensor,
        units=len(values),
        first=options.first,
        reach=reach,
    )
    if values.ndim == 2 and _has_pixel_inputs(snapshot, options.tensor, values):
        shape = snapshot.network.input_shape
        shown = _pictures(values, shape, options)
        return msgspec.structs.replace(answer, pictures=shown, words=_picture_words(shape, len(values)))
    answer = msgspec.structs.replace(answer, map=_map(values, reach), words=_map_words(values))
    matrix = values.reshape(len(values), -1)
    if matrix.size > MOST_VALUES or matrix.shape[1] > MOST_INPUTS or values.ndim > 2:
        return answer
    rows = tuple(tuple(map(finite, row)) for row in matrix.tolist())
    return msgspec.structs.replace(answer, values=rows, inputs=_inputs(snapshot, name, matrix.shape[1]))


def _inputs(snapshot: NetworkSnapshot, name: str, count: int) -> tuple[str, ...]:
    """Return the names of a tensor's columns: x₁ and so on for features, numbers for the units of a layer."""
    if not name.endswith(".weight"):
        return (name.rpartition(".")[2],)
    if name.startswith("layers.0."):
        return tuple(f"x{chr(ord('₁') + i)}" if count < 10 else f"x[{i}]" for i in range(count))
    return tuple(f"unit {i}" for i in range(count))


def _has_pixel_inputs(snapshot: NetworkSnapshot, tensor: int, values: Array) -> bool:
    """Return True if a tensor's columns are the pixels of the input."""
    shape = snapshot.network.input_shape
    return (
        tensor == 0
        and len(shape) == 3
        and shape[1] > 1
        and shape[2] > 1
        and values[0].size == int(np.prod(shape))
    )


def _describe(name: str, values: Array) -> WeightTensor:
    valid = values[np.isfinite(values)].astype(np.float64)
    largest = float(np.abs(valid).max()) if valid.size else 0.0
    near = float(np.mean(np.abs(valid) < largest / 100)) if valid.size and largest else 0.0
    mean, std = (valid.mean(), valid.std()) if valid.size else (np.nan, np.nan)
    broken = values.size - valid.size
    return WeightTensor(
        name, values.shape, finite(mean), finite(std), finite(largest), round(near, 4), broken
    )


def _pictures(values: Array, shape: tuple[int, ...], options: WeightsOptions) -> tuple[UnitPicture, ...]:
    """Return units by falling norm; the channels of coloured pictures are averaged."""
    norms = np.linalg.norm(np.nan_to_num(values.astype(np.float64)), axis=1)
    order = np.argsort(-norms, kind="stable")[max(0, options.first) :][: max(0, options.count)]
    found = []
    for unit in order.tolist():
        picture = values[unit].astype(np.float64).reshape(shape).mean(axis=0)  # (H, W)
        reach = float(np.nan_to_num(np.abs(picture), posinf=0.0).max())
        found.append(UnitPicture(unit, finite(norms[unit]), reach, signed_raster(picture, reach)))
    return tuple(found)


def _map(values: Array, reach: float) -> WeightMap:
    matrix = values.reshape(len(values), -1) if values.ndim > 1 else values.reshape(1, -1)
    block = (-(-matrix.shape[0] // MOST_ROWS), -(-matrix.shape[1] // MOST_COLUMNS))
    return WeightMap(reach, block, signed_raster(_extremes(matrix, block), reach))


def _extremes(matrix: Array, block: tuple[int, int]) -> Array:
    """Return the value of each block that is largest in absolute value, with its sign."""
    if block == (1, 1):
        return matrix.astype(np.float64)
    rows, columns = (-(-size // step) for size, step in zip(matrix.shape, block, strict=True))
    padded = np.zeros((rows * block[0], columns * block[1]))
    padded[: matrix.shape[0], : matrix.shape[1]] = np.nan_to_num(matrix)
    blocks = padded.reshape(rows, block[0], columns, block[1])
    high, low = blocks.max(axis=(1, 3)), blocks.min(axis=(1, 3))
    extremes: Array = np.where(high >= -low, high, low)
    return extremes


def _picture_words(shape: tuple[int, ...], units: int) -> str:
    pixels = f"{shape[1]} × {shape[2]} pixels"
    colours = f", the mean of {counted(shape[0], 'channel')}" if shape[0] > 1 else ""
    return f"Weights of {counted(units, 'unit')} as images of {pixels}{colours}; largest norm first."


def _map_words(values: Array) -> str:
    if values.ndim == 1:
        return f"{counted(len(values), 'value')}, one per unit."
    return f"{counted(len(values), 'unit')} with {counted(values[0].size, 'input')} each."


VIEW = InspectionView("weights", WeightsOptions, Weights, weights)
