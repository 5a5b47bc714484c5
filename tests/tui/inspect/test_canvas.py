"""The drawing canvas with its brush and undo, and the colours of the loss map."""

import numpy as np
import pytest

from tui.charts.landscape import BROKEN, TONES, legend, map_strips
from tui.inspect.canvas import FULL, DrawingCanvas
from tui.inspect.landscape import scale


def ink(canvas: DrawingCanvas) -> np.ndarray:
    return np.frombuffer(bytes(canvas.ink), np.uint8).reshape(canvas.height, canvas.width)


class TestCanvas:
    def test_a_line_is_two_pixels_wide_and_soft_at_its_edges(self) -> None:
        canvas = DrawingCanvas(9, 9)
        canvas.line((4, 2), (4, 6))
        assert ink(canvas)[4].tolist() == [0, 0, 0, 128, 255, 128, 0, 0, 0]
        canvas = DrawingCanvas(9, 9)
        canvas.line((3.5, 4), (3.5, 4))
        assert ink(canvas)[4].tolist() == [0, 0, 0, 255, 255, 0, 0, 0, 0]

    def test_ink_stays_within_the_pad(self) -> None:
        canvas = DrawingCanvas(4, 3)
        canvas.line((-5, -5), (9, 9))
        assert ink(canvas)[0, 0] == FULL
        canvas.line((50, 1), (60, 1))
        assert ink(canvas)[1, 1] == FULL

    def test_drawing_twice_is_drawing_once_and_erasing_leaves_nothing(self) -> None:
        canvas = DrawingCanvas(9, 9)
        canvas.line((1, 4), (7, 4))
        once = ink(canvas).copy()
        canvas.line((7, 4), (1, 4))
        np.testing.assert_array_equal(ink(canvas), once)
        canvas.line((0, 4), (8, 4), erases=True)
        assert canvas.is_empty

    def test_strokes_are_undone_one_by_one(self) -> None:
        canvas = DrawingCanvas(9, 9)
        canvas.begin()
        canvas.line((1, 1), (1, 1))
        canvas.line((2, 1), (2, 1))
        first = bytes(canvas.ink)
        canvas.begin()
        canvas.line((6, 6), (6, 6))
        canvas.clear()
        assert canvas.is_empty
        canvas.undo()
        canvas.undo()
        assert bytes(canvas.ink) == first
        canvas.undo()
        assert canvas.is_empty
        canvas.undo()
        assert canvas.is_empty


class TestLandscapeMap:
    LEVELS = np.array([[0, 250, 125], [125, 0, 125], [BROKEN, 125, 125]], np.uint8)

    def test_a_point_is_as_large_as_fits(self) -> None:
        assert scale(25, 110, 34) == (3, 2)
        assert scale(25, 52, 15) == (2, 1)
        assert scale(25, 10, 3) == (1, 1)

    def test_the_centre_is_marked_and_what_is_not_finite_has_its_own_sign(self) -> None:
        strips = map_strips(self.LEVELS, 1, 2, colourless=True)
        assert [strip.text for strip in strips] == [" @+", "+✚+", "!++"]
        coloured = map_strips(self.LEVELS, 2, 2)
        assert [strip.cell_length for strip in coloured] == [6, 6, 6]
        assert "✚" in coloured[1].text

    @pytest.mark.parametrize("colourless", [True, False])
    def test_the_bar_names_its_ends_and_what_is_not_finite(self, colourless: bool) -> None:
        parts = legend(0.1, 10.0, has_broken=True, colourless=colourless)
        text = "".join(text for text, _ in parts)
        assert text.startswith("0.1 ")
        assert " 1 " in text
        assert " 10" in text
        assert text.endswith("not finite")
        assert colourless or sum(style == f"on {tone}" for _, style in parts for tone in TONES) == len(TONES)
