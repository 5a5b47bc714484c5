"""The details of one tensor of a gradient check."""

import math

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from engine.gradcheck.events import ParameterReport
from engine.words import counted
from tui.charts.bars import line_bar
from tui.charts.tones import FAINT, MUTED
from tui.gradients.check_table import index_text, number, shape_text

FINEST, COARSEST = -16, 0
"""Ends of the error scale as powers of ten: the resolution of float64, and a relative error of 1."""
TWO_COLUMNS = 76


class CheckDetails(Widget):
    """Shows one `row`: its three values, its errors on a scale, the number of entries checked, and the diagnosis."""

    DEFAULT_CSS = "CheckDetails { height: 9; }"

    row: reactive[ParameterReport | None] = reactive(None)

    def render(self) -> Content:
        """Return the lines."""
        row = self.row
        if row is None:
            return Content("")
        values = [
            ("analytic", number(row.analytic, 12)),
            ("finite difference", number(row.finite_difference, 12)),
            ("PyTorch autograd", number(row.torch, 12)),
            ("outlier", f" {row.odd_one_out or 'none'}"),
        ]
        errors = [
            ("largest error", row.largest_relative_error),
            ("median error", row.median_relative_error if row.checked else None),
            ("norm ratio", row.norm_ratio),
            ("to PyTorch", row.torch_norm_ratio),
        ]
        left = [Content.assemble((f"{name:<18}", MUTED), value.ljust(22)) for name, value in values]
        room = self.size.width - 42 - 24
        right = [self._error(name, value, room) for name, value in errors]
        if self.size.width >= TWO_COLUMNS - 2:
            lines = [Content.assemble(one, "  ", other) for one, other in zip(left, right, strict=True)]
        else:
            lines = left
        return Content("\n").join([*lines, Content.styled(_how(row), MUTED), *_diagnosis(row)])

    def _error(self, name: str, value: float | None, room: int) -> Content:
        """`largest error  3.7e-09  ━━━━━━━────────`: the shorter the line, the smaller the error."""
        figure = "–" if value is None else f"{value:.1e}"
        head = Content.assemble((f"{name:<14}", MUTED), figure.rjust(8))
        if room < 10:
            return head
        return Content.assemble(head, "  ", *line_bar(0.0 if value is None else _share(value), room))


def _share(error: float) -> float:
    """Position of an error on the logarithmic scale, 0 to 1."""
    if error <= 0:
        return 0.0
    power = math.log10(error) if math.isfinite(error) else COARSEST
    return min(1.0, max(0.0, (power - FINEST) / (COARSEST - FINEST)))


def _how(row: ParameterReport) -> str:
    total = math.prod(row.shape)
    kinks = f", {row.kinks} at a kink" if row.kinks else ""
    directions = f" + {counted(row.directions, 'random direction')}" if row.directions else ""
    return f"{row.checked:,} of {counted(total, 'entry', 'entries')}{directions}{kinks}"


def _diagnosis(row: ParameterReport) -> list[Content]:
    if not row.diagnosis:
        return []
    style = "bold $text-error" if row.verdict in ("wrong", "not_finite") else MUTED
    return [Content.styled(row.diagnosis, style)]


def title(row: ParameterReport) -> Content:
    """Return the panel title: the tensor, its shape and its worst entry."""
    where = f"  worst at {index_text(row.index)}" if row.index else ""
    return Content.assemble((row.name, "bold"), f"  {shape_text(row.shape)}", (where, FAINT))
