"""The base of the views that show one layer at a time with histograms."""

from typing import Any, ClassVar

from textual.binding import Binding, BindingType

from tui.inspect.view import InspectView

FEWEST = 12
"""Minimum bins of a histogram."""


class LayerView(InspectView):
    """Shows the layer at `position` of an answer with `layers`; up and down, or t, change the layer.

    Subclasses define `bins`, and draw in `write`.
    """

    LIVE_S = 1.0
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("t,down,j", "layer(1)", "layer", key_display="t", tooltip="the next layer"),
        Binding("T,up,k", "layer(-1)", "layer before", show=False, tooltip="the layer before"),
        Binding("n", "scale", "heights", tooltip="heights as they are, or their logarithms"),
    ]

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.answer: Any = None
        self.position = 0
        self.is_log = False
        """True for logarithmic heights."""
        self._asked_bins = 0

    @property
    def bins(self) -> int:
        """Number of bins that fit, a cell each."""
        raise NotImplementedError

    def write(self) -> None:
        """Show the layer."""
        raise NotImplementedError

    @property
    def options(self) -> dict[str, Any]:
        """A bin per cell."""
        self._asked_bins = self.bins
        return {"bins": self._asked_bins}

    def update_bins(self) -> None:
        """Request a new answer if another number of bins fits."""
        if self.bins != self._asked_bins:
            self.request_answer()

    def action_layer(self, by: int) -> None:
        """Go to another layer, wrapping around."""
        if self.answer is not None:
            self.position = (self.position + by) % len(self.answer.layers)
            self.write()

    def action_scale(self) -> None:
        """Switch between linear and logarithmic heights."""
        self.is_log = not self.is_log
        if self.answer is not None:
            self.write()

    def show(self, answer: Any) -> None:
        """Show the current layer of an answer."""
        self.answer = answer
        self.position = min(self.position, len(answer.layers) - 1)
        self.write()
