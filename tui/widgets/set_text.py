"""Updates of texts that avoid unneeded layouts and repaints."""

from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static


def set_text(widget: Static, content: Content) -> None:
    """Show `content`; the layout is updated only if the number of lines changes."""
    size = widget.content_size
    widget.update(content, layout=not size.width or content.get_height({}, size.width) != size.height)


def set_title(widget: Widget, title: str, subtitle: str = "") -> None:
    """Set the border titles of a widget as plain text, without markup; unchanged ones are not repainted."""
    shown, below = Content(title), Content(subtitle)
    if (widget.border_title or "") != shown.markup:
        widget.border_title = shown
    if (widget.border_subtitle or "") != below.markup:
        widget.border_subtitle = below
