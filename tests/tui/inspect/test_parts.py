"""Parts of the Inspect screen that need no screen: filters, requests, moments, charts."""

import msgspec
import numpy as np
import pytest

from engine.inspection import Moment, Reply
from tests.tui.sentences import BEFORE_TRAINING, CONFUSION_AXES
from tui.charts.confusion import Grid, confusion_strips, layout
from tui.charts.gallery import gallery_strips, plan_gallery
from tui.charts.histogram import histogram_strips
from tui.charts.signed import TONES, map_strips, signed_greys, signed_pixels
from tui.charts.signed_bars import fitting_half, signed_bar_strips
from tui.charts.territory import (
    WRONG_MARK,
    Sample,
    class_tones,
    ground_strips,
    shade_classes,
    shaded_strips,
    value_colour,
    value_tones,
)
from tui.inspect.class_filter import ClassFilter, UnknownClassError, parse_classes
from tui.inspect.labels import mistake_label
from tui.inspect.registry import ENTRIES
from tui.inspect.requests import Requests, make_request
from tui.inspect.score_axis import axis_start, axis_words, score_bar
from tui.inspect.view_history import ViewHistory
from tui.theme import rgb

DIGITS = tuple("0123456789")


class TestClassFilter:
    @pytest.mark.parametrize(
        ("text", "chosen"),
        [
            ("", ClassFilter()),
            ("4", ClassFilter(4)),
            (" 4 > 9 ", ClassFilter(4, 9)),
            (">9", ClassFilter(None, 9)),
            ("4>", ClassFilter(4)),
            ("4→9", ClassFilter(4, 9)),
        ],
    )
    def test_forms(self, text: str, chosen: ClassFilter) -> None:
        assert parse_classes(text, DIGITS) == chosen

    def test_names_by_their_beginning(self) -> None:
        assert parse_classes("SH>ank", ("Shirt", "Ankle boot", "Sandal")) == ClassFilter(0, 1)

    @pytest.mark.parametrize(("text", "why"), [("10", "unknown class"), ("s", "more than one class")])
    def test_unknown_names_are_errors(self, text: str, why: str) -> None:
        with pytest.raises(UnknownClassError, match=why):
            parse_classes(text, ("sock", "shoe"))

    def test_words_are_parsed_back(self) -> None:
        for text in ("", "4", "4>9", ">9"):
            assert parse_classes(text, DIGITS).words(DIGITS) == text


class TestTalk:
    def test_one_request_at_a_time_then_the_newest(self) -> None:
        requests = Requests()
        request = requests.start(make_request("fit", 5, {}))
        assert request is not None
        assert requests.start(make_request("fit", 10, {})) is None
        assert requests.settle(Reply(request.id, "fit", token="t"))
        assert not requests.is_answered(make_request("fit", 10, {}))
        assert requests.start(make_request("fit", 10, {})) is not None

    def test_an_answered_request_is_repeated_only_with_its_token(self) -> None:
        requests = Requests()
        request = requests.start(make_request("fit", 5, {}))
        assert request is not None
        requests.settle(Reply(request.id, "fit", token="t"))
        assert requests.start(make_request("fit", 5, {})) is None
        again = requests.start(make_request("fit", 5, {}), again=True)
        assert again is not None
        assert again.unless == "t"

    def test_a_reply_to_another_request_is_ignored(self) -> None:
        requests = Requests()
        requests.start(make_request("fit", 5, {}))
        assert not requests.settle(Reply(99, "fit"))
        assert requests.is_waiting

    def test_other_options_make_another_request(self) -> None:
        requests = Requests()
        request = requests.start(make_request("fit", 5, {"split": "test"}))
        assert request is not None
        requests.settle(Reply(request.id, "fit", token="t"))
        other = requests.start(make_request("fit", 5, {"split": "train"}), again=True)
        assert other is not None
        assert other.unless == ""


def test_keys_and_names_of_views_are_unique_and_purposes_fit_a_line() -> None:
    assert len({entry.key for entry in ENTRIES}) == len({entry.name for entry in ENTRIES}) == len(ENTRIES)
    assert all(len(entry.purpose) <= 78 for entry in ENTRIES)
    assert all(entry.key == entry.title[0] and entry.key.isupper() for entry in ENTRIES)
    assert all(entry.terms and not entry.purpose.endswith((".", "?")) for entry in ENTRIES)


def test_views_of_screen_engine_and_command_line_are_the_same() -> None:
    from engine.inspection.registry import VIEWS
    from tui.cli.inspect import ViewOptions
    from tui.cli.inspect_output import WRITERS

    names = [entry.name for entry in ENTRIES]
    assert names == list(VIEWS) == list(WRITERS)
    assert names[1:] == [field.name for field in msgspec.structs.fields(ViewOptions)][:-1]


def test_words_of_a_moment() -> None:
    assert Moment(0, 0, "first").words == BEFORE_TRAINING
    assert Moment(2532, 3, is_best=True, is_last=True).words == "epoch 3, step 2,532 (best, newest)"


class TestConfusionChart:
    GRID = Grid(("cat", "dog"), ((8, 2), (0, 10)), (10, 10))

    def draw(
        self, *, as_shares: bool = False, colourless: bool = False, width: int = 40, height: int = 4
    ) -> list[str]:
        strips = confusion_strips(
            self.GRID, (0, 1), width, height, as_shares=as_shares, colourless=colourless
        )
        assert all(strip.cell_length == width for strip in strips)
        return [strip.text.rstrip() for strip in strips]

    def test_counts_under_their_classes(self) -> None:
        assert self.draw() == [
            CONFUSION_AXES,
            "                  cat              dog",
            "cat                 8                2",
            "dog                 ·               10",
        ]

    def test_shares_of_the_true_class(self) -> None:
        assert self.draw(as_shares=True)[2:] == [
            "cat              80.0             20.0",
            "dog                 ·              100",
        ]

    def test_without_colours_a_shade_stands_beside(self) -> None:
        assert self.draw(colourless=True)[2:] == [
            "cat                █8               ▓2",
            "dog                 ·              █10",
        ]

    def test_rows_are_three_lines_where_there_is_room(self) -> None:
        assert len(self.draw(height=9)) == 8

    def test_the_part_around_the_cursor_is_shown_if_not_all_fits(self) -> None:
        n = 50
        grid = Grid([str(i) for i in range(n)], [[1] * n] * n, [n] * n)
        plan = layout(grid, (49, 25), 44, 12)
        assert (plan.cell, plan.columns, plan.rows) == (2, 20, 10)
        assert plan.first == (40, 15)

    def test_a_class_without_samples_has_no_shares(self) -> None:
        assert Grid(("a",), ((0,),), (0,)).share(0, 0) == 0


class TestTerritory:
    def test_a_class_is_brighter_where_it_is_confident(self) -> None:
        tones = class_tones(np.array([[0, 1]], np.uint8), np.array([[255, 130]], np.uint8), smooth=False)
        np.testing.assert_array_equal(tones[0, 0], np.rint(np.array(rgb("#56B4E9")) * 0.44))
        np.testing.assert_array_equal(tones[0, 1], np.rint(np.array(rgb("#E69F00")) * 0.22))

    def test_samples_are_at_their_places_and_wrong_ones_win(self) -> None:
        ground = np.zeros((4, 4, 3), np.uint8)
        samples = [
            Sample(0.9, 0.1, "#ffffff", WRONG_MARK),
            Sample(0.99, 0.2, "#ffffff", "●"),
            Sample(2, 0, "#fff", "◆"),
        ]
        assert [strip.text for strip in ground_strips(ground, samples)] == ["   ✗", "    "]

    def test_two_pixels_a_cell(self) -> None:
        ground = np.zeros((2, 2, 3), np.uint8)
        ground[0, 1] = 255
        (strip,) = ground_strips(ground, [])
        assert strip.text == " ▀"

    def test_without_colours_each_class_is_a_character_and_low_confidence_is_blank(self) -> None:
        ground = shade_classes(np.array([[0, 1, 1]], np.uint8), np.array([[255, 255, 140]], np.uint8))
        assert [strip.text for strip in shaded_strips(ground, [Sample(0.5, 0.5, "", "◆")])] == [".◆ "]

    def test_a_surface_goes_from_dark_to_bright(self) -> None:
        tones = value_tones(np.array([[0, 255]], np.uint8), smooth=False)
        assert tones[0].tolist() == [[0, 55, 95], [255, 215, 135]]
        assert value_colour(7) == value_colour(1)


class TestSigned:
    def test_colours_are_dark_at_zero_and_end_at_the_ends(self) -> None:
        pixels = signed_pixels(np.array([[1, 128, 255]], np.uint8))
        assert [tuple(pixel) for pixel in pixels[0]] == [rgb(TONES[0]), rgb(TONES[4]), rgb(TONES[-1])]

    def test_a_gain_shares_the_scale(self) -> None:
        greys = signed_greys(np.array([[1, 128, 255]], np.uint8), 0.5)
        assert greys.tolist() == [[64, 128, 192]]

    def test_a_map_that_does_not_fit_keeps_extremes(self) -> None:
        levels = np.full((2, 8), 128, np.uint8)
        levels[0, 5] = 1
        assert [strip.text for strip in map_strips(levels, 4, 1, colourless=True)] == ["··▄·"]


class TestGallery:
    def test_images_are_as_large_as_lets_enough_fit(self) -> None:
        plan = plan_gallery(2, (28, 28), 120, 30)
        assert (plan.width, plan.across) == (56, 2)
        assert plan_gallery(60, (28, 28), 90, 24).capacity >= 12

    def test_labels_below_and_one_marked(self) -> None:
        pictures = np.zeros((2, 4, 4), np.uint8)
        strips = gallery_strips(
            pictures, ["one", "two"], plan_gallery(2, (4, 4), 10, 3)._replace(height=4, width=4), 12, 1
        )
        assert [strip.text for strip in strips][-1] == "one   two   "
        assert strips[0].cell_length == 12

    def test_a_size_that_is_too_small_still_has_one(self) -> None:
        assert plan_gallery(5, (28, 28), 4, 2).capacity == 1


def test_a_histogram_has_the_given_height() -> None:
    strips = histogram_strips((1, 4, 0), ("-1", "0", "+1"), 6, 3, "#ffffff")
    assert [strip.text for strip in strips] == ["  █   ", "▄ █   ", "-10 +1"]


def test_100_percent_is_shown_only_from_99_95() -> None:
    from engine.inspection.views.mistakes import Mistake

    def words(confidence: float) -> str:
        return mistake_label(Mistake(0, 4, 9, confidence, ()), DIGITS)

    assert (words(0.9989), words(0.9999)) == ("4→9 99%", "4→9 100%")


class TestConfusionColours:
    NAMES = ("a", "b", "c", "d", "e", "f")

    def ground(self, count: int, support: int) -> str | None:
        """The ground of the error in row 0, column 1."""
        counts = [[0] * 6 for _ in range(6)]
        counts[0][1], counts[0][0] = count, support - count
        grid = Grid(self.NAMES, counts, [support] * 6)
        strips = confusion_strips(grid, (5, 5), 80, 8, as_shares=False, colourless=False)
        cells = [segment for segment in strips[2] if segment.text.strip() == f"{count}"]
        style = cells[-1].style
        return style.bgcolor.name if style is not None and style.bgcolor is not None else None

    def test_a_single_error_looks_the_same_in_every_row(self) -> None:
        assert self.ground(1, 2) is self.ground(1, 1000) is None

    def test_the_ground_says_the_share_of_the_true_class(self) -> None:
        grounds = [self.ground(count, 1000) for count in (9, 11, 31, 101, 301)]
        assert grounds[0] is None
        assert len(set(grounds)) == 5


class TestScoreAxis:
    @pytest.mark.parametrize(
        ("scores", "start"),
        [([0.3, 0.9], 0.0), ([0.5, 1.0], 0.5), ([0.91, 0.97], 0.9), ([0.996, None], 0.99), ([], 0.0)],
    )
    def test_it_starts_where_differences_are_visible(self, scores: list[float | None], start: float) -> None:
        assert axis_start(scores) == start

    def test_a_bar_is_the_share_of_the_axis(self) -> None:
        assert score_bar(0.95, 0.9, 4) == "██  "
        assert score_bar(None, 0.9, 4) == "    "
        assert axis_words(0.9) == "0.9 … 1"


class TestSignedBars:
    def draw(self, rows: list[list[float | None]], names: list[str], width: int, height: int) -> list[str]:
        strips = signed_bar_strips(rows, names, width, height, 0, colourless=False)
        assert all(strip.cell_length == width for strip in strips)
        return [strip.text.rstrip() for strip in strips]

    def test_negative_weights_go_to_the_left_of_the_axis(self) -> None:
        head, first, second = self.draw([[1.0, -0.5], [None, 0.0]], ["x₁", "x₂"], 60, 3)
        assert head.split() == ["unit", "x₁", "x₂"]
        assert first.index("█") > first.index("│")
        assert first.rindex("█") < first.rindex("│")
        assert "+1" in first
        assert "-0.5" in first
        assert "NaN" in second

    def test_more_units_than_lines_stand_side_by_side(self) -> None:
        lines = self.draw([[float(i)] for i in range(6)], ["bias"], 140, 4)
        assert lines[1].split()[0] == "0"
        assert " 3 " in lines[1]

    def test_what_does_not_fit_is_not_drawn(self) -> None:
        assert fitting_half(16, 80) == 0
        assert self.draw([[1.0] * 16], [str(i) for i in range(16)], 80, 5) == []


def test_the_history_has_each_view_once_and_ends() -> None:
    history = ViewHistory()
    for name, towards in (("overview", "confusion"), ("confusion", "mistakes"), ("mistakes", "confusion")):
        history.leave(name, towards)
    assert [history.back(), history.back(), history.back()] == ["mistakes", "overview", None]


class TestWeakBoundary:
    LINE = np.array([[0, 0, 1, 1]] * 2, np.uint8)

    def test_a_boundary_that_is_nowhere_confident_is_drawn(self) -> None:
        assert shade_classes(self.LINE, np.full((2, 4), 140, np.uint8)) == ["..::", "..::"]

    def test_a_confident_one_leaves_its_blank_band(self) -> None:
        likely = np.array([[255, 140, 140, 255]] * 2, np.uint8)
        assert shade_classes(self.LINE, likely) == [".  :", ".  :"]

    def test_only_the_class_that_is_hardly_confident_is_drawn_whole(self) -> None:
        likely = np.array([[255, 140, 140, 140]] * 2, np.uint8)
        assert shade_classes(self.LINE, likely) == [". ::", ". ::"]
