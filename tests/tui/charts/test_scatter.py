"""Points: a mark and a colour per class, centred, in exactly the given size."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from tui.charts.scatter import scatter_strips
from tui.theme import MARKS, SERIES


@given(
    points=npst.arrays(np.float64, st.tuples(st.integers(0, 30), st.just(2)), elements=st.floats()),
    width=st.integers(0, 60),
    height=st.integers(0, 30),
)
def test_any_points_fill_any_size(points: np.ndarray, width: int, height: int) -> None:
    strips = scatter_strips(points, np.arange(len(points)) - 1, width, height)
    assert len(strips) == (height if width else 0)
    assert all(strip.cell_length == width for strip in strips)


def test_each_class_has_its_mark_and_colour() -> None:
    strips = scatter_strips([[0, 0], [1, 1]], [0, 1], 20, 10)
    text = "\n".join(strip.text for strip in strips)
    assert text.count(MARKS[0]) == text.count(MARKS[1]) == 1
    segments = [segment for strip in strips for segment in strip if segment.text.strip()]
    colours = {
        segment.text: segment.style.color.name
        for segment in segments
        if segment.style and segment.style.color
    }
    assert colours == {MARKS[0]: SERIES[0].lower(), MARKS[1]: SERIES[1].lower()}


def test_up_is_up_and_right_is_right() -> None:
    rows = [strip.text for strip in scatter_strips([[0, 0], [1, 1]], [0, 1], 21, 11)]
    assert rows[-1].index("●") < rows[0].index("◆")


def test_a_cell_shows_the_class_of_most_points() -> None:
    rows = [strip.text for strip in scatter_strips([[0, 0], [0, 0], [0, 0], [9, 9]], [1, 1, 0, 2], 20, 10)]
    assert "◆" in rows[-1]
    assert "●" not in "".join(rows)


def test_a_circle_is_round() -> None:
    angle = np.linspace(0, 2 * np.pi, 200)
    rows = [
        strip.text
        for strip in scatter_strips(np.column_stack([np.cos(angle), np.sin(angle)]), angle * 0, 60, 30)
    ]
    used = [row for row in rows if row.strip()]
    width = max(len(row.rstrip()) for row in used) - min(len(row) - len(row.lstrip()) for row in used)
    assert abs(width - 2 * len(used)) <= 2


def test_points_that_cannot_be_drawn_are_left_out() -> None:
    strips = scatter_strips([[0, 0], [np.nan, 1], [np.inf, 2], [3, 3]], [0, 0, 0, -1], 20, 10)
    assert sum(strip.text.count("●") for strip in strips) == 1
