"""Images: two pixels per cell, correct colours, exact widths, characters without colours."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.charts.halfblock import Pixels, grid_strips, picture_strips, resized


def picture(height: int, width: int, channels: int = 0) -> Pixels:
    shape = (height, width, channels) if channels else (height, width)
    return np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)


@given(st.integers(0, 9), st.integers(0, 9), st.sampled_from([0, 3]), st.booleans())
def test_a_picture_is_half_as_high(height: int, width: int, channels: int, colourless: bool) -> None:
    strips = picture_strips(picture(height, width, channels), colourless)
    assert len(strips) == (-(-height // 2) if width else 0)
    assert all(strip.cell_length == width for strip in strips)


def test_upper_pixel_in_front_lower_behind() -> None:
    (strip,) = picture_strips(np.array([[255, 0], [0, 0]], np.uint8))
    first, second = strip
    assert first.text == "▀"
    assert first.style is not None
    assert first.style.color is not None
    assert first.style.color.get_truecolor() == (255, 255, 255)
    assert first.style.bgcolor is not None
    assert first.style.bgcolor.get_truecolor() == (0, 0, 0)
    assert second.text == " "


def test_without_colour_brightness_is_a_character() -> None:
    (strip,) = picture_strips(np.array([[0, 255], [0, 255]], np.uint8), colourless=True)
    assert strip.text == " @"


@given(
    k=st.integers(0, 12),
    side=st.integers(1, 30),
    width=st.integers(0, 90),
    height=st.integers(0, 30),
    labelled=st.booleans(),
    colourless=st.booleans(),
)
def test_a_grid_stays_in_its_size(
    k: int, side: int, width: int, height: int, labelled: bool, colourless: bool
) -> None:
    pictures = np.zeros((k, side, side), np.uint8)
    strips = grid_strips(pictures, [str(i) for i in range(k)] if labelled else [], width, height, colourless)
    assert len(strips) <= height
    assert all(strip.cell_length == width for strip in strips)


@pytest.mark.parametrize(("width", "height", "at_least"), [(62, 41, 16), (44, 9, 3), (160, 60, 16)])
def test_a_grid_shows_many_digits_with_their_labels(width: int, height: int, at_least: int) -> None:
    strips = grid_strips(np.zeros((60, 28, 28), np.uint8), ["7"] * 60, width, height)
    assert sum(strip.text.count("7") for strip in strips) >= at_least


def test_colour_images_are_drawn_in_a_grid() -> None:
    strips = grid_strips(np.full((2, 8, 8, 3), 200, np.uint8), ["a", "b"], 40, 20)
    assert any("a" in strip.text for strip in strips)


@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 255))
def test_another_size_keeps_the_brightness(height: int, width: int, value: int) -> None:
    small = resized(np.full((2, 28, 20), value, np.uint8), height, width)
    assert small.shape == (2, height, width)
    assert (small == value).all()


def test_half_the_size_is_the_mean_of_four() -> None:
    pixels = np.array([[[0, 100], [50, 50]]], np.uint8)
    assert resized(pixels, 1, 1).tolist() == [[[50]]]
