"""An input field that shows control characters as signs instead of handing them to the terminal."""

from rich.text import Text
from textual.widgets import Input

_SIGNS = {
    **{code: 0x2400 + code for code in range(0x20)},
    0x7F: 0x2421,
    **dict.fromkeys(range(0x80, 0xA0), 0xFFFD),
}
"""A visible sign for each control character, one cell wide, so that the cursor stays right."""


class PlainInput(Input):
    """An `Input` whose text is only text."""

    @property
    def _value(self) -> Text:
        """The text to draw."""
        return Text(self.value.translate(_SIGNS), no_wrap=True, overflow="ignore", end="")
