"""The shapes of a batch that a network takes."""

import pytest

from engine.errors import DataError
from engine.nn.input_shape import check_shape

IMAGE = (1, 28, 28)


@pytest.mark.parametrize(
    "shape", [(2, 1, 28, 28), (2, 28, 28), (2, 28, 28, 1), (2, 784), (1, 28, 28), (0, 784)]
)
def test_axes_of_length_one_do_not_matter(shape: tuple[int, ...]) -> None:
    check_shape(shape, IMAGE)


@pytest.mark.parametrize(
    ("shape", "hint"),
    [
        ((28, 28), "x[np.newaxis]"),
        ((784,), "x[np.newaxis]"),
        ((784, 2), "x.T"),
        ((2, 3, 28), ""),
        ((28, 28, 2), ""),
        ((), ""),
    ],
)
def test_another_shape_is_refused_with_what_is_taken(shape: tuple[int, ...], hint: str) -> None:
    with pytest.raises(DataError) as raised:
        check_shape(shape, IMAGE)
    assert raised.value.message == f"x has shape {shape}, the network expects (m, 1, 28, 28) or (m, 784)"
    assert hint in raised.value.hint
    assert bool(hint) == bool(raised.value.hint)


def test_a_table_has_one_shape() -> None:
    check_shape((5, 2), (2,))
    with pytest.raises(DataError, match=r"expects \(m, 2\)$"):
        check_shape((5, 3), (2,))
