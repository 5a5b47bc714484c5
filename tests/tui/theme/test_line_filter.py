"""The filter of the themes, on single segments."""

import pytest
from rich.segment import Segment
from rich.style import Style
from textual.color import Color

from tui.theme import BLUE, CURVE_BACK, SERIES, THEMES, ThemeColours
from tui.theme.line_filter import ANSI_OF


def shown(theme: str, text: str, style: str) -> Style:
    """Return the style of a text in a theme."""
    look = THEMES[theme]
    (segment,) = ThemeColours(look).apply(
        [Segment(text, Style.parse(style))], Color.parse(look.theme.background or "")
    )
    assert segment.text == text
    assert segment.style is not None
    return segment.style


def hexes(style: Style) -> tuple[str | None, str | None]:
    """Return the colours of a text and its ground."""
    colours = (style.color, style.bgcolor)
    fore, ground = (one.triplet.hex.upper() if one and one.triplet else None for one in colours)
    return fore, ground


@pytest.mark.parametrize("theme", ["light", "high-contrast"])
@pytest.mark.parametrize("colour", [*SERIES, CURVE_BACK])
def test_a_curve_is_drawn_in_the_themes_shade(theme: str, colour: str) -> None:
    assert hexes(shown(theme, "⣀⠤", colour)) == (THEMES[theme].shades[colour].upper(), None)


def test_in_the_dark_theme_curves_keep_their_colours() -> None:
    for colour in SERIES:
        assert hexes(shown("dark", "⣀⠤", colour)) == (colour.upper(), None)


def test_a_picture_keeps_its_colours() -> None:
    assert hexes(shown("light", "▀▀", "#5f3700 on #00375f")) == ("#5F3700", "#00375F")


def test_a_mark_on_a_picture_keeps_its_colour_where_the_shade_would_be_lost() -> None:
    assert hexes(shown("light", "◆", f"{BLUE} on #1c1c1c"))[0] == BLUE.upper()


def test_faint_text_on_a_cursor_becomes_readable() -> None:
    fore, ground = hexes(shown("dark", "hint", f"#7f7f7f on {BLUE}"))
    assert ground == BLUE.upper()
    assert fore not in ("#7F7F7F", None)


def test_the_ansi_colours_of_the_constants_differ() -> None:
    assert len(set(ANSI_OF.values())) == len(ANSI_OF)


@pytest.mark.parametrize(
    ("style", "attributes"),
    [
        (f"#000000 on {BLUE}", "reverse"),
        ("bold #ffffff", "bold"),
        ("#777777", "dim"),
        ("#ffffff on #2b4a5c", "bold"),
        (f"{BLUE}", ""),
    ],
)
def test_without_colours_attributes_are_left(style: str, attributes: str) -> None:
    bare = shown("no-colour", "text", style)
    assert hexes(bare) == (None, None)
    kept = " ".join(name for name in ("bold", "dim", "reverse") if getattr(bare, name))
    assert kept == attributes


def test_a_cursor_in_16_colours_is_black_on_its_hue() -> None:
    style = shown("16-colours", "text", f"#ffffff on {BLUE}")
    assert style.color is not None
    assert style.bgcolor is not None
    assert (style.color.number, style.bgcolor.number) == (0, 12)
