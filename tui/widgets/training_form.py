"""A column of named values to edit, of the optimizer or of the training."""

from textual.content import Content
from textual.geometry import Region

from tui.charts.tones import MUTED
from tui.draft.field import Field
from tui.widgets.cells import cell_text
from tui.widgets.field_grid import FieldGrid

_LEAST_LABEL = 16
"""Least width of the labels, in cells."""
_BEFORE_UNIT = 9
"""Width of a value that has a unit, in cells."""


class TrainingForm(FieldGrid):
    """One field per line: label, value, unit."""

    @property
    def _label_width(self) -> int:
        """The width of the labels in cells: that of the longest, and a gap."""
        longest = max((len(fields[0].label) for fields in self.rows), default=0)
        return max(_LEAST_LABEL, longest + 3)

    def cell_region(self, row: int, column: int) -> Region:
        """Return the region of a value."""
        return Region(self._label_width, row, max(8, self.content_size.width - self._label_width), 1)

    def draw(self) -> list[Content]:
        """Return one line per field."""
        return [self._row(row, fields[0]) for row, fields in enumerate(self.rows)]

    def _row(self, row: int, field: Field) -> Content:
        is_here = row == self.cursor[0]
        width = max(8, self.content_size.width - self._label_width)
        value_width = min(_BEFORE_UNIT, width) if field.unit else width
        value = cell_text(field, value_width, is_current=is_here, has_cursor=self.shows_cursor)
        label = f"{'▸' if is_here else ' '}{field.label}".ljust(self._label_width)
        return Content.assemble(
            (label, "bold" if is_here and self.has_focus else ""), value, (field.unit, MUTED)
        )
