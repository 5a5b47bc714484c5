"""The shapes of a batch that a network takes."""

import math

from engine.errors import DataError

Shape = tuple[int, ...]


def check_shape(shape: Shape, input_shape: Shape) -> None:
    """Refuse a batch of `shape` unless it is (m, *input_shape) or (m, n_features), axes of length 1 aside.

    Raises:
        DataError: it is neither.
    """
    n_features = math.prod(input_shape)
    given = shape[1:]
    is_image = _without_ones(given) == _without_ones(input_shape) and given.count(1) <= input_shape.count(1)
    if len(shape) > 1 and (given == (n_features,) or is_image):
        return
    taken = dict.fromkeys([input_shape, (n_features,)])
    expected = " or ".join(f"(m, {', '.join(map(str, one))})" for one in taken)
    raise DataError(f"x has shape {shape}, the network expects {expected}", _hint(shape, input_shape))


def _hint(shape: Shape, input_shape: Shape) -> str:
    """Return a hint if x is a single sample, or its samples are columns, else ""."""
    n_features = math.prod(input_shape)
    if shape == (n_features,) or _without_ones(shape) == _without_ones(input_shape):
        return "a single sample needs the axis of the batch: x[np.newaxis]"
    return "samples are rows: x.T" if len(shape) == 2 and shape[0] == n_features else ""


def _without_ones(shape: Shape) -> Shape:
    return tuple(n for n in shape if n != 1)
