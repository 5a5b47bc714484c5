"""Shifts, rotations and sizes of pictures against NumPy, and drawings preprocessed as MNIST's were."""

import numpy as np
import pytest

from engine.inspection.digit_centering import as_mnist
from engine.inspection.resampling import resized, rotated, sampled, shifted
from tests.engine.inspection.snapshots import bundled_digits


@pytest.fixture
def pictures() -> np.ndarray:
    return np.random.default_rng(3).uniform(0, 255, (4, 2, 7, 5))


@pytest.mark.parametrize(("down", "across"), [(2, 0), (-3, 0), (0, 1), (0, -2), (1, -1), (0, 0)])
def test_a_shift_is_a_roll_whose_rolled_in_part_is_zero(pictures: np.ndarray, down: int, across: int) -> None:
    rolled = np.roll(pictures, (down, across), axis=(2, 3))
    rows, columns = np.arange(7) - down, np.arange(5) - across
    rolled[:, :, (rows < 0) | (rows >= 7)] = 0
    rolled[..., (columns < 0) | (columns >= 5)] = 0
    np.testing.assert_array_equal(shifted(pictures, down, across), rolled)


def test_a_shift_beyond_the_picture_leaves_nothing(pictures: np.ndarray) -> None:
    assert (shifted(pictures, 0, 5, fill=3.0) == 3).all()


@pytest.mark.parametrize(("degrees", "turns"), [(0, 0), (90, 1), (180, 2), (-90, -1), (360, 0)])
def test_quarter_turns_are_exact(degrees: float, turns: int) -> None:
    squares = np.random.default_rng(4).uniform(0, 1, (3, 6, 6))
    np.testing.assert_allclose(rotated(squares, degrees), np.rot90(squares, turns, (1, 2)), atol=1e-13)


def test_between_pixels_it_weighs_the_four_neighbours() -> None:
    picture = np.array([[1.0, 2.0], [5.0, 10.0]])
    found = sampled(picture, np.array([[0.25, -0.5]]), np.array([[0.5, 0.0]]))
    expected = 0.75 * 0.5 * (1 + 2) + 0.25 * 0.5 * (5 + 10)
    np.testing.assert_allclose(found, [[expected, 0.5 * 1]])  # outside above the first row
    far = sampled(picture, np.array([[-9.0, 40.0]]), np.array([[0.0, 1.0]]), fill=7.0)
    np.testing.assert_array_equal(far, [[7, 7]])


def test_a_flat_picture_stays_flat_in_any_size() -> None:
    np.testing.assert_allclose(resized(np.full((4, 6), 9.0), 9, 3), np.full((9, 3), 9.0))


class TestAsMnist:
    def test_a_digit_of_mnist_is_unchanged(self) -> None:
        digits = bundled_digits(30)
        for digit in digits:
            np.testing.assert_array_equal(as_mnist(digit), digit)

    def test_where_and_how_large_it_was_drawn_does_not_matter(self) -> None:
        digit = bundled_digits(1)[0]
        np.testing.assert_array_equal(as_mnist(shifted(digit, -3, -2)), digit)
        rows, columns = np.nonzero(digit)
        cut = digit[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
        larger = np.zeros((28, 28))
        larger[: round(1.4 * cut.shape[0]), : round(1.4 * cut.shape[1])] = resized(
            cut, *(round(1.4 * side) for side in cut.shape)
        )
        assert np.abs(as_mnist(larger) - digit).mean() < 12

    def test_it_fits_the_box_and_its_centre_of_mass_is_in_the_middle(self) -> None:
        drawing = np.zeros((28, 28))
        drawing[2:6, 3:25] = 200
        drawing[2:20, 3:5] = 90
        prepared = as_mnist(drawing)
        rows, columns = np.nonzero(prepared)
        assert max(np.ptp(rows), np.ptp(columns)) + 1 == 20
        for positions in (rows, columns):
            centre = (positions * prepared[rows, columns]).sum() / prepared.sum()
            assert abs(centre - 14) <= 0.5

    def test_an_empty_pad_stays_empty(self) -> None:
        assert not as_mnist(np.zeros((28, 28))).any()
