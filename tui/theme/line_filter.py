"""The filter between the widgets and the terminal that shows every colour in the theme's shade of it."""

import colorsys
import functools
import re

from rich.color import Color as RichColor
from rich.color_triplet import ColorTriplet
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter

from tui.theme.colours import (
    BLUE,
    CURVE_BACK,
    GREEN,
    GREY,
    LIME,
    ORANGE,
    PINK,
    PURPLE,
    SKY,
    VERMILION,
    YELLOW,
    rgb,
)
from tui.theme.contrast import Triple, contrast, readable
from tui.theme.themes import ColourRange, Look

_TEXT = re.compile(r"[^\W_]")
"""A letter or digit: what is read. Lines, dots, marks and pictures are looked at, and keep their colours."""
FAINT_GROUND, STRONG_GROUND = 1.5, 3.0
"""Contrasts with the theme's ground: below the first a ground is not shown without colours; from the second it is a
cursor."""
BRIGHT, CLEAR = 0.55, 7.0
"""Brightness from which a hue becomes its bright ANSI colour; contrast from which a grey becomes the plain text."""
SATURATED = 0.25
"""Saturation below which a colour is a grey."""
ANSI_OF = {
    BLUE: 12,
    ORANGE: 3,
    GREEN: 2,
    VERMILION: 9,
    PURPLE: 13,
    YELLOW: 11,
    SKY: 6,
    GREY: 7,
    LIME: 10,
    PINK: 5,
    CURVE_BACK: 8,
}
"""The ANSI colours of the constants: all differ."""
_HUES = ((20, 1), (70, 3), (160, 2), (200, 6), (255, 4), (330, 5), (361, 1))
"""Upper ends of hues in degrees, and their ANSI colours."""
_DEFAULT = RichColor.default()
_PLAIN = Style.from_color(_DEFAULT, _DEFAULT)


class ThemeColours(LineFilter):
    """Shows lines in a theme.

    - Any colour: a constant colour becomes the theme's shade of it, and a text gets at least the theme's contrast with
      what it stands on.
    - 16 colours: colours become ANSI colours, fainter greys the attribute dim.
    - No colour: a strong ground becomes reverse, a weak one bold.
    """

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.look = look
        self._shades = {rgb(constant): rgb(shade) for constant, shade in look.shades.items()}
        self._base = rgb(look.theme.background or "#000000")
        styles = {
            ColourRange.RGB: self._coloured,
            ColourRange.ANSI: self._in_ansi,
            ColourRange.NONE: self._uncoloured,
        }
        self._shown = functools.lru_cache(8192)(styles[look.palette])

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Return the segments in the theme's colours; `background` is what stands behind those without a ground."""
        behind = background.rgb if not background.ansi else self._base
        shown = self._shown
        return [
            Segment(text, None if style is None else shown(style, behind, bool(_TEXT.search(text))), control)
            for text, style, control in segments
        ]

    def _coloured(self, style: Style, behind: Triple, is_text: bool) -> Style:
        fore = _triple(style.color)
        if fore is None:
            return style
        ground = _triple(style.bgcolor) or behind
        shade = self._shades.get(fore, fore)
        if contrast(ground, self._base) >= FAINT_GROUND and contrast(shade, ground) < contrast(fore, ground):
            shade = fore  # it stands on a ground of its own, not on the theme's
        if is_text:
            shade = readable(shade, ground, self.look.least)
        return style if shade == fore else style + _fore(shade)

    def _in_ansi(self, style: Style, behind: Triple, is_text: bool) -> Style:
        ground = _triple(style.bgcolor) or behind
        strength = contrast(ground, self._base)
        fore = _triple(style.color)
        if strength >= STRONG_GROUND:
            return style + _PLAIN + Style(color="color(0)", bgcolor=f"color({_ansi(ground) or 7})")
        if strength >= FAINT_GROUND:
            return style + Style(color="color(15)", bgcolor="color(8)")
        if fore is None:
            return style + _PLAIN
        number = _ansi(fore)
        if number is not None:
            return style + Style(color=f"color({number})", bgcolor="default")
        return style + _PLAIN + Style(dim=_is_faint(style, fore, ground) or None)

    def _uncoloured(self, style: Style, behind: Triple, is_text: bool) -> Style:
        ground = _triple(style.bgcolor) or behind
        strength = contrast(ground, self._base)
        bare = style + _PLAIN
        if strength >= STRONG_GROUND:
            return bare + Style(reverse=not style.reverse, dim=False)
        if strength >= FAINT_GROUND:
            return bare + Style(bold=True)
        fore = _triple(style.color)
        return bare + Style(dim=(fore is not None and _is_faint(style, fore, ground)) or None)


def _triple(colour: RichColor | None) -> Triple | None:
    """Return the red, green and blue of a colour, None for the terminal's own."""
    if colour is None or colour.triplet is None:
        return None
    red, green, blue = colour.triplet
    return red, green, blue


def _fore(shade: Triple) -> Style:
    return Style.from_color(RichColor.from_triplet(ColorTriplet(*shade)))


def _is_faint(style: Style, fore: Triple, ground: Triple) -> bool:
    return not style.bold and contrast(fore, ground) < CLEAR and _ansi(fore) is None


@functools.lru_cache(2048)
def _ansi(colour: Triple) -> int | None:
    """Return the ANSI colour with the hue of `colour`, None for a grey."""
    for constant, number in ANSI_OF.items():
        if rgb(constant) == colour:
            return number
    hue, lightness, _ = colorsys.rgb_to_hls(*(channel / 255 for channel in colour))
    _, saturation, _ = colorsys.rgb_to_hsv(*(channel / 255 for channel in colour))
    if saturation < SATURATED:
        return None
    number = next(number for end, number in _HUES if hue * 360 < end)
    return number + 8 if lightness >= BRIGHT else number
