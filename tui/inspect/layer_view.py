"""The base of the views that show one layer at a time with histograms."""

from typing import Any, ClassVar

from textual.binding import Binding, BindingType

from tui.actions import MOVE
from tui.inspect.view import InspectView, previous_and_next

FEWEST = 12
"""Minimum bins of a histogram."""


class LayerView(InspectView):
    """Shows the layer at `position` of an answer with `layers`; up and down, or { and }, change the layer.

    Subclasses define `bins`, and draw in `write`.
    """

    LIVE_S = 1.0
    BINDINGS: ClassVar[list[BindingType]] = [
        *previous_and_next("layer", "layer"),
        Binding("down,j", "layer(1)", "down", group=MOVE, show=False),
        Binding("up,k", "layer(-1)", "up", group=MOVE, show=False),
        Binding("n", "scale", "log heights", tooltip="linear or logarithmic heights"),
    ]

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.answer: Any = None
        self.position = 0
        self.is_log = False
        """True for logarithmic heights."""
        self._asked_bins = 0
        self._wanted = ""
        """Name of a layer to show as soon as there is an answer."""

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

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Show a key only if it applies now."""
        if action == "layer":
            return self.answer is not None and len(self.answer.layers) > 1
        return self.answer is not None if action == "scale" else True

    def accept(self, given: dict[str, Any]) -> None:
        """Show the layer that is named."""
        self._wanted = given.get("layer", self._wanted)
        self._choose_wanted()

    def _choose_wanted(self) -> None:
        names = [layer.name for layer in self.answer.layers] if self.answer is not None else []
        if self._wanted in names:
            self.position, self._wanted = names.index(self._wanted), ""
            self.write()

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
        self._choose_wanted()
        self.write()
        self.refresh_bindings()
