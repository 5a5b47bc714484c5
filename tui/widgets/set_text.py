"""Changes texts on screen without more work than they need."""

from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static


def set_text(widget: Static, content: Content) -> None:
    """Show `content`; the screen is laid out anew only where that takes more or fewer lines."""
    size = widget.content_size
    widget.update(content, layout=not size.width or content.get_height({}, size.width) != size.height)


def set_title(widget: Widget, title: str, subtitle: str = "") -> None:
    """Write on a widget's border; one that says so already is not painted again."""
    if widget.border_title != title:
        widget.border_title = title
    if (widget.border_subtitle or "") != subtitle:
        widget.border_subtitle = subtitle
