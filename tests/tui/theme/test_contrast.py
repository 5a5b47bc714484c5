"""Contrast of colours."""

import pytest

from tui.theme import SERIES, THEMES, ColourRange, rgb
from tui.theme.contrast import contrast, readable


def test_black_on_white_is_21_and_a_colour_on_itself_1() -> None:
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)
    assert contrast((86, 180, 233), (86, 180, 233)) == 1


def test_a_readable_colour_stays() -> None:
    assert readable((200, 200, 200), (0, 0, 0), 4.5) == (200, 200, 200)


@pytest.mark.parametrize("ground", [(0, 0, 0), (255, 255, 255), (86, 180, 233), (120, 120, 120)])
@pytest.mark.parametrize("colour", [(0, 0, 0), (255, 255, 255), (120, 120, 120), (230, 159, 0)])
def test_what_cannot_be_read_becomes_readable(
    colour: tuple[int, int, int], ground: tuple[int, int, int]
) -> None:
    assert contrast(readable(colour, ground, 4.5), ground) >= 4.5


@pytest.mark.parametrize(
    "name", [name for name, look in THEMES.items() if look.palette is ColourRange.RGB and look.shades]
)
def test_the_shades_of_curves_and_marks_stand_out_from_the_ground(name: str) -> None:
    look = THEMES[name]
    for ground in (look.theme.background, look.theme.surface, look.theme.panel):
        for colour in SERIES:
            assert contrast(rgb(look.shades[colour]), rgb(ground or "")) >= look.least - 0.5, (colour, ground)
    assert len({look.shades[colour] for colour in SERIES}) == len(SERIES)
