"""Parts of the views of a network's internals, without a screen: charts, edits, texts, tabs."""

import sys

import msgspec
import numpy as np
import pytest
from textual.app import App, ComposeResult
from textual.content import Content

from engine.inspection.edit_effect import EditEffect, EditFigures, Flip
from tests.toys import inspect_view
from tests.toys.inspect_view import ENTRY
from tests.toys.registering import register_view
from tests.tui.hosts import seen, until
from tui.charts.function_plot import function_strips
from tui.charts.histogram import GUTTER, distribution_strips
from tui.charts.weight_picture import EDITED, MARKED, weight_strips
from tui.inspect.client import decode_answer
from tui.inspect.edit_history import EditHistory, HandEdit, parse_unit, parse_weight
from tui.inspect.effect_words import effect_lines, flip_words, worth_words
from tui.inspect.registry import ENTRIES
from tui.inspect.tabs import least_width, rows_of
from tui.inspect.view_stack import preload


class TestDistributionChart:
    def draw(
        self, counts: list[int], ends: tuple[float, float], height: int = 3, **options: bool
    ) -> list[str]:
        strips = distribution_strips(counts, ends, GUTTER + 10, height, "#ffffff", **options)
        assert all(strip.cell_length == GUTTER + 10 for strip in strips)
        return [strip.text for strip in strips]

    def test_a_column_a_cell_with_the_largest_share_at_the_left(self) -> None:
        top, bottom, axis = self.draw([0, 8, 4, 1, 0, 0, 0, 0, 0, 3], (0.0, 1.0))
        assert top == "  50 %  █        "
        assert bottom == "        ██▂     ▆"
        assert axis.split() == ["0", "0.5", "1"]

    def test_zero_is_marked_where_it_lies_between_the_ends(self) -> None:
        rows = self.draw([0, 0, 0, 0, 0, 5, 0, 0, 0, 0], (-1.0, 1.0))
        assert rows[0][GUTTER:] == "     █    "
        assert self.draw([5, 0, 0, 0, 0, 0, 0, 0, 0, 0], (-1.0, 1.0))[0][GUTTER:] == "█    ┊    "

    def test_logarithmic_heights_show_rare_values(self) -> None:
        counts = [1000, 10, 0, 0, 0, 0, 0, 0, 0, 0]
        assert self.draw(counts, (0.0, 1.0))[1][GUTTER + 1] == "▁"
        assert self.draw(counts, (0.0, 1.0), log=True)[1][GUTTER + 1] in "▅▆"

    def test_nothing_is_drawn_in_a_size_that_is_too_small(self) -> None:
        assert distribution_strips([1, 2], (0.0, 1.0), GUTTER + 2, 4, "#ffffff") == []
        assert distribution_strips([1, 2], (0.0, 1.0), 40, 1, "#ffffff") == []


class TestFunctionPlot:
    def draw(self, values: list[float | None]) -> list[str]:
        strips = function_strips(values, (-1.0, 1.0), GUTTER + 8, 4, "#ffffff")
        assert all(strip.cell_length == GUTTER + 8 for strip in strips)
        return [strip.text for strip in strips]

    def test_a_rising_line_goes_from_the_left_below_to_the_right_above(self) -> None:
        strips = function_strips([-1.0, 1.0], (-1.0, 1.0), GUTTER + 16, 9, "#ffffff")
        rows = [strip.text for strip in strips]
        assert [row[:GUTTER].strip() for row in rows[::2]] == ["1", "0.5", "0", "-0.5", "-1"]
        firsts = [
            next(x for x, cell in enumerate(row[GUTTER:]) if "\u2800" < cell <= "\u28ff") for row in rows
        ]
        assert firsts == sorted(firsts, reverse=True)
        assert (firsts[0], firsts[-1]) == (15, 0)

    @pytest.mark.parametrize("height", [3, 6, 9, 15, 21])
    @pytest.mark.parametrize(("low", "high"), [(-6.0, 6.0), (-0.3, 4.2), (-100.0, 7.0)])
    def test_relu_lies_on_its_zero_line_for_every_negative_input(
        self, height: int, low: float, high: float
    ) -> None:
        z = np.linspace(low, high, 160)
        strips = function_strips(
            np.maximum(z, 0).tolist(), (low, high), GUTTER + 80, height, "#ffffff", (0.0,)
        )
        rows = [strip.text for strip in strips]
        zero = next(y for y, row in enumerate(rows) if row[:GUTTER].strip() == "0")
        assert "┈" in rows[zero]
        negative = slice(GUTTER, GUTTER + int(-low / (high - low) * 80) - 1)
        assert all("\u2800" < cell <= "\u28ff" for cell in rows[zero][negative])
        assert not any("\u2800" < cell <= "\u28ff" for row in rows[zero + 1 :] for cell in row)
        for y, row in enumerate(rows):
            assert y == zero or not any("\u2800" < cell <= "\u28ff" for cell in row[negative])

    def test_none_is_a_gap(self) -> None:
        drawn = "".join(self.draw([0.0, 0.0, None, None, 1.0, 1.0]))
        assert 0 < sum("\u2800" < cell <= "\u28ff" for cell in drawn) < 8

    def test_without_values_nothing_is_drawn(self) -> None:
        assert function_strips([None, None], (0.0, 1.0), 40, 4, "#ffffff") == []


class TestWeightPicture:
    WEIGHTS = tuple(np.linspace(-1, 1, 16).tolist())

    def colours(self, cursor: int, edited: set[int]) -> list[str]:
        strips = weight_strips(self.WEIGHTS, (4, 4), cursor, edited, 4, 2)
        styles = [segment.style for strip in strips for segment in strip if segment.style]
        return [part.name for style in styles for part in (style.color, style.bgcolor) if part]

    def test_cursor_and_edited_weights_have_colours_of_their_own(self) -> None:
        assert MARKED in self.colours(5, {9})
        assert any(name[1:3] == name[5:7] != name[3:5] for name in self.colours(5, {9}))  # EDITED: pink
        assert EDITED[1:3] == EDITED[5:7]
        assert MARKED not in self.colours(16, set())

    def test_the_part_around_the_cursor_is_shown_if_not_all_fits(self) -> None:
        strips = weight_strips((0.0,) * 10_000, (100, 100), 9_999, (), 10, 5, colourless=True)
        assert [len(strip.text) for strip in strips] == [10] * 5
        assert strips[-1].text[-1] == "◆"


class TestEditBook:
    def test_the_newest_edit_of_a_place_counts_and_undo_restores_the_previous(self) -> None:
        history = EditHistory()
        for value in (1.0, 2.0):
            history.add(HandEdit(0, 3, 5, value), step=70)
        history.add(HandEdit(1, 0, None), step=70)
        assert history.options == {
            "edits": [
                {"layer": 0, "unit": 3, "input": 5, "value": 2.0},
                {"layer": 1, "unit": 0, "input": None, "value": 0.0},
            ],
            "edited_at": 70,
        }
        assert (history.of_unit(0, 3), history.is_disabled(1, 0), history.is_disabled(0, 3)) == (
            {5: 2.0},
            True,
            False,
        )
        history.undo()
        history.undo()
        assert history.of_unit(0, 3) == {5: 1.0}
        assert history.clear() == 1
        assert (history.options, history.step) == ({}, None)

    def test_undo_of_the_last_edit_clears_the_moment(self) -> None:
        history = EditHistory()
        history.add(HandEdit(0, 0, 0, 1.0), step=3)
        history.undo()
        history.undo()
        assert history.step is None

    @pytest.mark.parametrize("text", ["", "x", "nan", "inf", "1e99", "1,5"])
    def test_a_weight_is_a_number(self, text: str) -> None:
        with pytest.raises(ValueError, match="is not a weight"):
            parse_weight(text)
        assert (parse_weight(" -0.25 "), str(parse_weight("-0"))) == (-0.25, "0.0")

    @pytest.mark.parametrize("text", ["", "-1", "8", "1.0", "٣"])
    def test_a_unit_is_one_of_the_layer(self, text: str) -> None:
        with pytest.raises(ValueError, match="numbered from 0 to 7"):
            parse_unit(text, 8)
        assert parse_unit("7", 8) == 7


class TestEffectWords:
    EFFECT = EditEffect(
        EditFigures(0.5, 0.9),
        EditFigures(0.75, 0.8),
        20,
        4,
        1,
        2,
        (Flip(7, "cat", "cat", "dog", was_right=True),),
    )

    def test_before_and_after(self) -> None:
        lines = [line.plain for line in effect_lines(self.EFFECT, disabled=3)]
        assert lines == [
            "accuracy 90.00 → 80.00 %  -10.00 points",
            "loss     0.5 → 0.75",
            "Unit 3 contributes 10.00 points of accuracy.",
            "4 of 20 predictions change: 2 now wrong, 1 now right, 1 still wrong.",
            "      7  cat → dog   true: cat",
        ]
        assert all(isinstance(line, Content) for line in effect_lines(self.EFFECT))

    def test_a_unit_can_be_worth_nothing_or_less(self) -> None:
        assert worth_words(1, 0.0) == "Unit 1 contributes nothing to the accuracy."
        assert worth_words(1, -0.5) == "Without unit 1 the accuracy is 0.50 points higher."

    def test_values_move_and_do_not_flip(self) -> None:
        moved = EditEffect(EditFigures(0.5, None), EditFigures(0.75, None), 20, 4, 0, 0, ())
        assert flip_words(moved) == "4 of 20 predictions change; the largest changes:"
        assert (
            flip_words(EditEffect(EditFigures(1, 1), EditFigures(1, 1), 20, 0, 0, 0, ()))
            == "No prediction changes."
        )


class TestTabs:
    @pytest.mark.parametrize("width", [78, 138])
    def test_every_view_has_a_tab_and_the_rows_fit(self, width: int) -> None:
        rows = rows_of(ENTRIES, width)
        assert sorted(entry.name for row in rows for entry in row) == sorted(entry.name for entry in ENTRIES)
        assert all(least_width(row) <= width for row in rows)
        assert len(rows) == (1 if width > 100 else 2)

    def test_one_row_if_it_fits(self) -> None:
        assert len(rows_of(ENTRIES, 300)) == 1


def test_views_are_preloaded_until_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[str] = []
    monkeypatch.setattr("tui.inspect.view_stack.import_module", loaded.append)
    preload(lambda: len(loaded) == 3)
    assert loaded == [entry.module for entry in ENTRIES][:3]


@pytest.mark.parametrize("colourless", [False, True])
def test_weights_are_drawn_in_any_size(colourless: bool) -> None:
    for width in range(5):
        for height in range(5):
            strips = weight_strips(
                [0.5, None, -1.0, 0.0, 2.0, 1.0], (2, 3), 4, {1}, width, height, colourless
            )
            assert len(strips) <= height
            assert all(strip.cell_length <= width for strip in strips)


async def test_a_new_view_is_one_entry_and_one_file(monkeypatch: pytest.MonkeyPatch) -> None:
    register_view(monkeypatch)
    monkeypatch.setitem(sys.modules, ENTRY.module, inspect_view)
    app = ViewHost()
    async with app.run_test() as pilot:
        app.view.show(decode_answer("size", msgspec.Raw(b'{"type":"size","parameters":1234}')))
        await until(pilot, lambda: "1,234 parameters" in seen(app))


class ViewHost(App[None]):
    """An app with the toy view alone."""

    def __init__(self) -> None:
        super().__init__()
        self.view = ENTRY.make()

    def compose(self) -> ComposeResult:
        yield self.view
