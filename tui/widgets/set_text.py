"""Updates of texts that avoid unneeded layouts and repaints."""

from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from tui.words.plain import plain


def set_text(widget: Static, content: Content) -> None:
    """Show `content`; the layout is updated only if the number of lines changes."""
    size = widget.content_size
    widget.update(content, layout=not size.width or content.get_height({}, size.width) != size.height)


def set_title(widget: Widget, title: str, subtitle: str = "") -> None:
    """Set the border titles of a widget, as plain text; unchanged ones are not repainted."""
    if widget._border_title != (new := Content(plain(title))):
        widget.border_title = new
    if (widget._border_subtitle or Content("")) != (new := Content(plain(subtitle))):
        widget.border_subtitle = new
