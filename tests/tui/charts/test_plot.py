"""Plots show any values that a training may produce, at their true places, in exactly the given size."""

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.style import Style

from tests.tui.sentences import NO_FIGURES
from tui.charts.axes import row_axis, row_of
from tui.charts.curves import Series
from tui.charts.ink import FRAME, Ink, Row, plain, row_strip, row_text
from tui.charts.mark_signs import MARK_SIGNS, mark_ink
from tui.charts.marks import Mark
from tui.charts.plot import PlotOptions, draw

BLUE, ORANGE, GREEN = (86, 180, 233), (230, 159, 0), (0, 158, 115)
GUTTER = 6
numbers = st.floats(allow_nan=True, allow_infinity=True)


def texts(rows: Sequence[Row]) -> list[str]:
    return [plain(row) for row in rows]


def cells(row: Row) -> list[tuple[str, Ink]]:
    return [(character, ink) for text, ink in row for character in text]


def is_braille(character: str) -> bool:
    return "\u2800" < character <= "\u28ff"


def dots(rows: Sequence[Row], ink: Ink) -> np.ndarray:
    """The dots of an ink from the top left, (4 rows, 2 columns)."""
    bits = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]]
    grid = np.zeros((4 * len(rows), 2 * len(plain(rows[0]))), bool)
    for y, row in enumerate(rows):
        for x, (character, own) in enumerate(cells(row)):
            if own == ink and is_braille(character):
                for i, j in np.ndindex(4, 2):
                    grid[4 * y + i, 2 * x + j] = (ord(character) - 0x2800) & bits[i][j]
    return grid


def curve(y: Sequence[float], colour: tuple[int, int, int] = BLUE, **options: object) -> Series:
    return Series("curve", colour, range(len(y)), y, **options)  # type: ignore[arg-type]


@settings(max_examples=80)
@given(
    curves=st.lists(st.lists(numbers, max_size=60), max_size=3),
    width=st.integers(0, 150),
    height=st.integers(0, 45),
    log=st.booleans(),
    grow=st.booleans(),
    smoothing=st.sampled_from([0.0, 0.6, 0.99]),
    band=st.booleans(),
)
def test_any_values_fill_any_size(
    curves: list[list[float]], width: int, height: int, log: bool, grow: bool, smoothing: float, band: bool
) -> None:
    series = [
        Series(
            f"curve {i}",
            BLUE,
            range(len(y)),
            y,
            mark="◆" if i else "",
            low=y[::-1] if band and not i else None,
        )
        for i, y in enumerate(curves)
    ]
    marks = (Mark(3, "rate"), Mark(1e9, "finding"))
    look = PlotOptions(log=log, smoothing=smoothing, grow=grow, cursor=2.0, x_label="step", marks=marks)
    rows = draw(width, height, series, look)
    assert len(rows) == (height if width else 0)
    assert all(cell_len(plain(row)) == width for row in rows)


@given(st.lists(st.lists(st.floats(-10, 10), min_size=2, max_size=80), min_size=2, max_size=3))
def test_a_cell_shows_the_dots_of_its_topmost_series_only(curves: list[list[float]]) -> None:
    colours = (BLUE, ORANGE, GREEN)
    series = [curve(y, colour) for y, colour in zip(curves, colours, strict=False)]
    look = PlotOptions(legend=False, reach=(0, 80))
    everything = [*series, Series("ends", (1, 1, 1), [0, 0], [-10, 10], line=False)]  # keeps the axes
    together = draw(60, 14, everything, look)[:-2]
    alone = [dots(draw(60, 14, [one, everything[-1]], look)[:-2], Ink(one.colour)) for one in series]
    taken = np.zeros((len(together), 60), bool)
    for one, own in zip(series[::-1], alone[::-1], strict=True):
        cell = own.reshape(len(together), 4, 60, 2).any(axis=(1, 3))
        visible = np.repeat(np.repeat(~taken, 4, axis=0), 2, axis=1)
        found = dots(together, Ink(one.colour))
        assert not (found & ~own).any()
        assert (found | ~(own & visible) | _ends(together)).all()
        taken |= cell


def _ends(rows: Sequence[Row]) -> np.ndarray:
    """The cells of the first column, which the series that keeps the axes may cover."""
    grid = np.zeros((4 * len(rows), 2 * len(plain(rows[0]))), bool)
    grid[:, : 2 * (GUTTER + 1)] = True
    return grid


@given(st.floats(1e-3, 1e3), st.integers(20, 120), st.integers(8, 40), st.booleans())
def test_a_level_line_stays_one_dot_thick(level: float, width: int, height: int, log: bool) -> None:
    drawn = dots(draw(width, height, [curve([level] * 500)], PlotOptions(log=log))[1:-2], Ink(BLUE))
    assert (drawn.sum(axis=0) <= 1).all()
    assert np.flatnonzero(drawn.any(axis=1)).size == 1


def test_a_slanting_line_is_one_dot_thick() -> None:
    drawn = dots(draw(80, 20, [curve(np.linspace(0, 1, 2000).tolist())])[1:-2], Ink(BLUE))
    columns = drawn.sum(axis=0)
    assert columns.max() <= 2
    assert (columns > 0).sum() >= 2 * 80 - 2 * GUTTER - 2


@given(st.floats(-50, 50), st.floats(1, 100), st.floats(0, 1), st.integers(8, 44))
def test_a_level_is_in_the_row_of_its_value(low: float, span: float, share: float, height: int) -> None:
    level = low + share * span
    series = [curve([level] * 9, ORANGE), Series("ends", BLUE, [0, 0], [low, low + span], line=False)]
    rows = draw(60, height, series, PlotOptions(legend=False))[:-2]
    row = next(i for i in range(len(rows)) if any(ink == Ink(ORANGE) for _, ink in rows[i]))
    assert row == row_of(row_axis(low, low + span, len(rows)), level, len(rows))


def test_a_tick_is_in_the_row_of_its_value() -> None:
    for value in (70, 75, 80, 85, 90):
        series = [curve([73.0, 91.0]), Series("level", ORANGE, [0, 1], [value, value])]
        rows = draw(60, 22, series, PlotOptions(legend=False))[:-2]
        (row,) = (row for row in rows if Ink(ORANGE) in {ink for _, ink in row})
        assert plain(row).startswith(f"{value:>5}┤")


def test_a_band_is_faint_dotted_and_below_everything() -> None:
    x = np.arange(200.0)
    band = Series("batches", BLUE, x, 2 + np.zeros(200), low=1 + np.zeros(200))
    rows = draw(80, 20, [band], PlotOptions(legend=False))[:-2]
    drawn = dots(rows, Ink(BLUE, is_faint=True))
    heights = drawn.sum(axis=0)[2 * GUTTER :]
    assert heights.min() >= 20  # of the rows from 1 to 2, every second dot
    assert heights.max() - heights.min() <= 1
    line = Series("line", ORANGE, [0, 200], [1.5, 1.5])
    for order in ([band, line], [line, band]):
        assert (
            dots(draw(80, 20, order, PlotOptions(legend=False))[:-2], Ink(ORANGE))
            .any(axis=0)[2 * GUTTER :]
            .all()
        )


def test_a_gap_in_a_band_stays_empty() -> None:
    y = np.where((np.arange(100) > 30) & (np.arange(100) < 60), np.nan, 1.0)
    band = Series("batches", BLUE, np.arange(100.0), y, low=y / 2)
    drawn = dots(draw(106, 20, [band], PlotOptions(legend=False))[:-2], Ink(BLUE, is_faint=True)).any(axis=0)
    assert drawn[2 * (GUTTER + 20)]
    assert not drawn[2 * (GUTTER + 45)]
    assert drawn[2 * (GUTTER + 80)]


@pytest.mark.parametrize("values", [[], [math.nan], [math.inf, -math.inf], [math.nan] * 5])
def test_an_empty_plot_shows_a_message(values: list[float]) -> None:
    text = "\n".join(texts(draw(60, 12, [Series("train", BLUE, range(len(values)), values)])))
    assert NO_FIGURES in text
    assert "train –" in text


@pytest.mark.parametrize(("width", "height"), [(3, 20), (18, 5), (80, 3), (1, 1)])
def test_a_small_plot_has_only_its_curves(width: int, height: int) -> None:
    rows = texts(draw(width, height, [curve([1.0, 2.0, 3.0])]))
    assert all(cell == " " or is_braille(cell) for row in rows for cell in row)
    assert any(map(is_braille, "".join(rows)))


def test_labels_that_leave_no_room_are_left_out() -> None:
    rows = texts(draw(20, 10, [curve([1e9, 1e9 + 1e-3 * 1e3])]))
    assert all(cell_len(row) == 20 for row in rows)
    assert draw(20, 10, [curve([123456789.123, 123456789.125])])


def test_the_legend_has_the_newest_values() -> None:
    series = [Series("train", BLUE, [0, 1], [2.0, 0.25]), Series("validation", BLUE, [1], [0.5], mark="◆")]
    legend = texts(draw(80, 12, series, PlotOptions(log=True)))[0]
    assert legend.split() == ["━━", "train", "0.25", "◆", "validation", "0.5"]


def test_names_in_the_legend_are_text() -> None:
    names = ["\x1b[31mred", "[/b]", "数据"]
    row = draw(80, 12, [Series(name, BLUE, [0, 1], [1, 2]) for name in names])[0]
    strip = row_strip(row, 80, Style.null())
    assert cell_len(strip.text) == strip.cell_length == 80
    assert "\x1b" not in strip.text
    assert all(name in strip.text for name in ("\\x1b[31mred", "[/b]", "数据"))


def test_an_axis_includes_its_reach() -> None:
    def axis(known: int) -> str:
        series = [Series("loss", BLUE, [-6.0 + 0.1 * i for i in range(known)], [1.0] * known)]
        return texts(draw(80, 12, series, PlotOptions(grow=False, reach=(-6.0, 1.0))))[-1]

    assert axis(3) == axis(71)
    assert (axis(3).split()[0], axis(3).split()[-1]) == ("-6", "0")


def test_marks_of_points_are_at_their_points() -> None:
    rows = texts(draw(80, 12, [Series("v", BLUE, [1, 2, 3], [3.0, 1.0, 2.0], mark="◆")]))
    assert sum(row.count("◆") for row in rows[1:]) == 3


def test_marks_of_a_run_are_at_their_steps() -> None:
    marks = (Mark(0, "checkpoint"), Mark(500, "rate"), Mark(750, "finding"), Mark(2000, "rate"))
    rows = draw(GUTTER + 100, 20, [Series("l", BLUE, [0, 1000], [1.0, 2.0])], PlotOptions(marks=marks))
    floor = cells(rows[-2])
    for column, kind in ((0, "checkpoint"), (50, "rate"), (75, "finding")):
        assert floor[GUTTER + column] == (MARK_SIGNS[kind].glyph, mark_ink(kind))  # type: ignore[index, arg-type]
    assert sum(cell[0] in "▪±▲" for cell in floor) == 3  # 2000 lies beyond the axis
    legend = plain(rows[0])
    assert all(sign.words in legend for sign in MARK_SIGNS.values())
    guides = [x for x, (character, ink) in enumerate(cells(rows[3])) if (character, ink) == ("┊", FRAME)]
    assert guides == [GUTTER + 50, GUTTER + 75]


def test_the_cursor_is_in_its_column_and_below_the_curves() -> None:
    rows = draw(GUTTER + 100, 20, [Series("l", BLUE, [0, 1000], [1.0, 1.0])], PlotOptions(cursor=250.0))[1:-2]
    column = [cells(row)[GUTTER + 25][0] for row in rows]
    assert column.count("│") == len(rows) - 1
    assert sum(map(is_braille, column)) == 1


def test_a_falling_loss_falls() -> None:
    rows = texts(draw(60, 14, [Series("l", BLUE, range(100), np.linspace(2, 0, 100))]))[1:-2]
    columns = [
        next(i for i, cell in enumerate(row[GUTTER:]) if cell != " ") for row in rows if row[GUTTER:].strip()
    ]
    assert columns == sorted(columns)


def test_one_more_point_changes_few_rows() -> None:
    y = 2 * np.exp(-np.arange(900) / 200) + 0.1
    before, after = (draw(100, 20, [Series("l", BLUE, range(n), y[:n])]) for n in (850, 851))
    assert sum(one != other for one, other in zip(before, after, strict=True)) <= 3


def test_a_few_tiny_values_do_not_stretch_a_logarithmic_axis() -> None:
    x, y = np.arange(100.0), np.full(100, 5.0)
    y[[20, 60]] = 1e-30
    rows = texts(draw(60, 20, [Series("loss", BLUE, x, y)], PlotOptions(log=True)))
    assert not any("e-" in row for row in rows[1:])
    falling = Series("loss", BLUE, x, 10.0 ** (-x / 10))
    assert any("1e-" in row for row in texts(draw(60, 20, [falling], PlotOptions(log=True)))[1:])


def test_a_newest_value_of_zero_is_in_the_legend_of_a_logarithmic_axis() -> None:
    one = Series("gradient", BLUE, np.arange(3.0), np.array([1.0, 0.5, 0.0]))
    head = texts(draw(60, 20, [one], PlotOptions(log=True)))[0]
    assert head.split() == ["━━", "gradient", "0"]


def test_inks_follow_the_colours_of_text_and_background() -> None:
    dark, light = Style(color="#ffffff", bgcolor="#000000"), Style(color="#000000", bgcolor="#ffffff")
    own = [Ink(BLUE, is_faint=True).style(base).color.triplet for base in (dark, light)]  # type: ignore[union-attr]
    assert sum(own[0]) < sum(BLUE) < sum(own[1])  # type: ignore[arg-type]
    assert FRAME.style(Style.null()).dim
    assert row_text((("ab", Ink(BLUE)), ("c", FRAME))).plain == "abc"
