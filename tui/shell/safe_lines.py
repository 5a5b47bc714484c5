"""The last guard before the terminal: no drawn line holds a character that the terminal would obey."""

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from tui.words.plain import without_controls


class SafeLines(LineFilter):
    """Drops control characters and marks of text direction, which have no width, from all that widgets draw.

    Texts are shown with such characters spelled (`tui.words.plain`) wherever a screen shows foreign text; this filter
    also covers what the toolkit draws itself, such as a text field's content.
    """

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Return the segments without these characters; as a rule the same list."""
        if all(text.isprintable() or control for text, _, control in segments):
            return segments
        return [
            Segment(text if control else without_controls(text), style, control)
            for text, style, control in segments
        ]
