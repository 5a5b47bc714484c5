"""Names and values in two columns."""

from rich.cells import cell_len, set_cell_size
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget


class KeyValues(Widget):
    """A line per pair: the dim name and its value, with the values aligned; a long value is wrapped."""

    DEFAULT_CSS = "KeyValues { height: auto; }"

    rows: reactive[tuple[tuple[str, str], ...]] = reactive((), layout=True)
    """(name, value) pairs, without markup."""

    def render(self) -> Content:
        """Return the lines."""
        name_width = max((cell_len(name) for name, _ in self.rows), default=0)
        room = max(8, self.size.width - name_width - 2)
        lines = []
        for name, value in self.rows:
            first, *rest = Content(value).wrap(room) or [Content("")]
            lines.append(Content.assemble((set_cell_size(name, name_width), "dim"), "  ", first))
            lines += [Content(" " * (name_width + 2)) + line for line in rest]
        return Content("\n").join(lines)
