"""Looks of cells: styles as numbers, and the shortest code (SGR) that turns one into another."""

import functools
from typing import NamedTuple

from rich.color import Color, ColorSystem
from rich.style import Style

ATTRIBUTES = (
    ("bold", "1", "22"),
    ("dim", "2", "22"),
    ("italic", "3", "23"),
    ("underline", "4", "24"),
    ("blink", "5", "25"),
    ("blink2", "6", "25"),
    ("reverse", "7", "27"),
    ("conceal", "8", "28"),
    ("strike", "9", "29"),
    ("underline2", "21", "24"),
    ("overline", "53", "55"),
)
"""Rich's name of each attribute, with the codes that turn it on and off."""
ON_BLANKS = ("underline", "underline2", "reverse", "strike", "overline", "blink", "blink2")
"""Attributes that a blank shows."""
MOST = 50_000
"""Looks that are kept; a picture that changes for days has no more."""
_FIRST = 0x100
"""The code point of the first look."""


class CellLook(NamedTuple):
    """Colours and attributes of a cell, as codes for the terminal."""

    fore: str = "39"
    ground: str = "49"
    attributes: tuple[str, ...] = ()

    def on_a_blank(self) -> "CellLook":
        """Return what is seen of the look on a blank."""
        shown = tuple(name for name in self.attributes if name in ON_BLANKS)
        return CellLook(self.fore if shown else "39", self.ground, shown)

    def code(self) -> str:
        """Return the code that sets the look, whatever came before."""
        on = [start for name, start, _ in ATTRIBUTES if name in self.attributes]
        colours = [code for code, plain in ((self.fore, "39"), (self.ground, "49")) if code != plain]
        parts = [*on, *colours]
        return f"\x1b[0;{';'.join(parts)}m" if parts else "\x1b[m"

    def code_from(self, old: "CellLook") -> str:
        """Return the shortest code that sets the look after `old`."""
        off = {end for name, _, end in ATTRIBUTES if name in old.attributes and name not in self.attributes}
        on = [
            start
            for name, start, end in ATTRIBUTES
            if name in self.attributes and (name not in old.attributes or end in off)
        ]
        parts = [*sorted(off), *on]
        parts += [self.fore] if self.fore != old.fore else []
        parts += [self.ground] if self.ground != old.ground else []
        return min(f"\x1b[{';'.join(parts)}m", self.code(), key=len)


PLAIN = CellLook()


class Looks:
    """The looks of styles on a terminal with these colours, each as a code point."""

    def __init__(self, colours: ColorSystem | None) -> None:
        self._colours = colours
        self._numbers: dict[CellLook, str] = {}
        self._looks: dict[str, CellLook] = {}
        self._of_style: dict[Style | None, tuple[str, str]] = {}
        self._codes: dict[tuple[str, str], str] = {}
        self._on_blanks: dict[str, str] = {}
        self.plain = self._number(PLAIN)

    @property
    def are_too_many(self) -> bool:
        """True if it is time to start again without any."""
        return len(self._numbers) > MOST

    def of(self, cells: str, style: Style | None) -> str:
        """Return the looks of cells in a style."""
        pair = self._of_style.get(style)
        if pair is None:
            look = self._look(style)
            pair = self._of_style[style] = (self._number(look), self._number(look.on_a_blank()))
        return _looks_of(cells, *pair)

    def on_a_blank(self, look: str) -> str:
        """Return the look of a blank that is written in a look."""
        blank = self._on_blanks.get(look)
        if blank is None:
            blank = self._on_blanks[look] = self._number(self._looks[look].on_a_blank())
        return blank

    def code(self, look: str, old: str) -> str:
        """Return the code that makes cells look like `look` after `old`."""
        code = self._codes.get((look, old))
        if code is None:
            code = self._codes[look, old] = self._looks[look].code_from(self._looks[old])
        return code

    def _number(self, look: CellLook) -> str:
        number = self._numbers.get(look)
        if number is None:
            number = self._numbers[look] = chr(_FIRST + len(self._numbers))
            self._looks[number] = look
        return number

    def _look(self, style: Style | None) -> CellLook:
        if style is None:
            return PLAIN
        attributes = tuple(name for name, _, _ in ATTRIBUTES if getattr(style, name))
        return CellLook(self._colour(style.color, "39"), self._colour(style.bgcolor, "49"), attributes)

    def _colour(self, colour: Color | None, plain: str) -> str:
        if colour is None or colour.is_default or self._colours is None:
            return plain
        return ";".join(colour.downgrade(self._colours).get_ansi_codes(foreground=plain == "39"))


@functools.lru_cache(32768)
def _looks_of(cells: str, look: str, on_a_blank: str) -> str:
    if look == on_a_blank or " " not in cells:
        return look * len(cells)
    return "".join(on_a_blank if cell == " " else look for cell in cells)
