"""Changes a text on screen without laying the whole screen out anew."""

from textual.content import Content
from textual.widgets import Static


def put(widget: Static, content: Content) -> None:
    """Show `content`; the screen is laid out anew only where that takes more or fewer lines."""
    size = widget.content_size
    widget.update(content, layout=not size.width or content.get_height({}, size.width) != size.height)
