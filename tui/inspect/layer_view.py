"""What the views share that show one layer at a time with histograms."""

from typing import Any, ClassVar

from textual.binding import Binding, BindingType

from tui.inspect.view import InspectView

FEWEST = 12
"""Bins of a histogram at least."""


class LayerView(InspectView):
    """Shows the layer at `position` of an answer that has `layers`; up and down, or t, go through them.

    Subclasses say in `bins` how many bins there is room for, and draw in `write`.
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
        """Whether heights are logarithms."""
        self._asked_bins = 0

    @property
    def bins(self) -> int:
        """Bins that there is room for, a cell each."""
        raise NotImplementedError

    def write(self) -> None:
        """Show the layer."""
        raise NotImplementedError

    @property
    def options(self) -> dict[str, Any]:
        """As many bins as cells."""
        self._asked_bins = self.bins
        return {"bins": self._asked_bins}

    def update_bins(self) -> None:
        """Ask anew where there is room for another number of bins."""
        if self.bins != self._asked_bins:
            self.request_answer()

    def action_layer(self, by: int) -> None:
        """Go to another layer, wrapping around."""
        if self.answer is not None:
            self.position = (self.position + by) % len(self.answer.layers)
            self.write()

    def action_scale(self) -> None:
        """Turn between heights and their logarithms."""
        self.is_log = not self.is_log
        if self.answer is not None:
            self.write()

    def show(self, answer: Any) -> None:
        """Show a layer."""
        self.answer = answer
        self.position = min(self.position, len(answer.layers) - 1)
        self.write()
