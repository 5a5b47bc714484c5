"""Updates of texts that avoid unneeded layouts and repaints."""

from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static


def set_text(widget: Static, content: Content) -> None:
    """Show `content`; the layout is updated only if the number of lines changes."""
    size = widget.content_size
    widget.update(content, layout=not size.width or content.get_height({}, size.width) != size.height)


def set_title(widget: Widget, title: str, subtitle: str = "") -> None:
    """Set the border titles of a widget; unchanged ones are not repainted."""
    if widget.border_title != title:
        widget.border_title = title
    if (widget.border_subtitle or "") != subtitle:
        widget.border_subtitle = subtitle
