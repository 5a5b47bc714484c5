"""The error map as strips: each level, with colours and without."""

from rich.style import Style
from textual.strip import Strip

from tui.charts.heat import DARK, PURPLE, ErrorGrid, cell_words, heat_strips, legend
from tui.charts.palettes import ERRORS

SMALL = ErrorGrid(
    rows=((-17.0, -10.0, None), (-8.0, -5.0, -1.0), (None, -13.0, -12.0)),
    shape=(3, 3),
    kinks=frozenset({(0, 2)}),
)


def texts(strips: list[Strip]) -> list[str]:
    return [strip.text.rstrip() for strip in strips]


def test_without_colours_each_level_has_its_shade() -> None:
    assert texts(heat_strips(SMALL, 40, 6, shaded=True)) == [
        "unit↓ input 0 → 2",
        "          ▾",
        "   0  ··░░~",
        "    ▸ ▒▒▓▓◆",
        "   2    ····",
    ]


def test_with_colours_a_coordinate_is_a_block_with_marks_for_worst_and_kink() -> None:
    strips = heat_strips(SMALL, 40, 10)
    assert texts(strips)[2:] == ["   0           ~", "", "    ▸          ◆", "", "", "   2"]
    first = [segment.style for segment in strips[2] if segment.style and segment.style.bgcolor]
    assert [style.bgcolor.name for style in first if style.bgcolor] == [
        ERRORS.colours[0],
        ERRORS.colours[1],
        PURPLE,
    ]
    last = [segment.style for segment in strips[6] if segment.style and segment.style.bgcolor]
    assert last[0].bgcolor is not None
    assert last[0].bgcolor.name == DARK


def test_a_high_grid_is_drawn_in_half_blocks() -> None:
    grid = ErrorGrid(rows=tuple((-17.0, -1.0 if i % 2 else -17.0) for i in range(8)), shape=(8, 2))
    strips = heat_strips(grid, 20, 6)
    assert len(strips) == 2 + 4
    cells = [(segment.text, segment.style) for segment in strips[3]][1:3]
    assert cells[0] == (" ", Style(bgcolor=ERRORS.colours[0]))
    assert cells[1] == ("▀", Style(color=ERRORS.colours[0], bgcolor=ERRORS.colours[4]))


def test_a_grid_that_does_not_fit_shows_the_worst_of_each_group() -> None:
    rows = [[-17.0] * 60 for _ in range(40)]
    rows[21][33] = -1.0
    grid = ErrorGrid(rows=rows, block=(2, 13), shape=(80, 780))
    strips = heat_strips(grid, 36, 12, shaded=True)
    assert len(strips) == 12
    assert all(strip.cell_length == 36 for strip in strips)
    assert sum("█" in strip.text for strip in strips) == 1
    assert strips[2 + 21 // 4].text.startswith("    ▸ ")
    assert strips[2 + 21 // 4].text[6 + 33 // 2] == "█"
    assert cell_words(grid, 36, 12, shaded=True) == "a cell: worst of 8 units × 26 inputs"
    assert cell_words(SMALL, 40, 10) == ""


def test_without_errors_nothing_is_marked_as_the_worst() -> None:
    strips = heat_strips(ErrorGrid(rows=((-17.0, -15.0),), axes=("", "unit"), shape=(1, 2)), 20, 5)
    assert not any(mark in "".join(texts(strips)) for mark in "▸▾◆")


def test_a_size_that_is_too_small_draws_nothing() -> None:
    assert heat_strips(SMALL, 8, 10) == []
    assert heat_strips(SMALL, 40, 2) == []
    assert heat_strips(ErrorGrid(rows=()), 40, 10) == []


def test_the_legend_has_a_sign_for_every_level() -> None:
    plain = "".join(text for text, _ in legend(shaded=True, has_kinks=True))
    assert plain == "·· ≤1e-12 ░░ 1e-9 ▒▒ 1e-6 ▓▓ 1e-3 ██ >1e-3 blank  not sampled  ~ kink  ▸▾ worst"
    assert "kink" not in "".join(text for text, _ in legend(shaded=False, has_kinks=False))
