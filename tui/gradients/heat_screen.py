"""The error maps of a gradient check, one tensor at a time in the full screen."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from engine.gradcheck.events import HeatMap
from tui.charts.tones import MUTED
from tui.gradients.check_table import shape_text
from tui.gradients.check_view import CheckView
from tui.gradients.heat_map import REFERENCES, HeatMapView
from tui.shell.screen import LabScreen


class HeatScreen(LabScreen):
    """Shows the error maps of a check; pushed over the Gradients screen, which calls `show` for every update.

    Args:
        view: the check.
        name: the tensor shown first.
    """

    MODE = "gradients"
    PURPOSE = "Error map of one gradient; the pattern shows the cause."
    HELP = (
        "Rows: units of the layer; columns: its inputs; the colour is the relative error of the analytic "
        "gradient, as a power of ten. PyTorch covers every entry and agrees to about 1e-15; finite differences "
        "were taken where there is a colour, and resolve about 1e-9. One bright row: a unit; one bright column: an "
        "input; a bright picture with a dark diagonal: transposed. A large tensor shows the worst of each block."
    )
    DEFAULT_CSS = """
    HeatScreen {
        #about { height: 1; padding: 0 1; }
        #heat-panel { height: 1fr; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "tensor(-1)", "tensor", key_display="↑ ↓", tooltip="the previous tensor"),
        Binding("down,j", "tensor(1)", "next tensor", show=False, tooltip="the next tensor"),
        Binding(
            "n",
            "reference",
            "reference",
            tooltip="compare with finite differences or with PyTorch",
        ),
        Binding("escape", "leave", "back", tooltip="back to the gradients"),
    ]

    def __init__(self, view: CheckView, name: str) -> None:
        super().__init__()
        self._view, self._tensor = view, name

    def body(self) -> ComposeResult:
        yield Static(id="about")
        yield HeatMapView(id="heat", classes="panel")

    def on_mount(self) -> None:
        """Show the first tensor."""
        self.show(self._view)

    def show(self, view: CheckView) -> None:
        """Show the chosen tensor of `view` in its current state."""
        self._view = view
        heat, panel = view.heat.get(self._tensor), self.query_one(HeatMapView)
        panel.heat = heat
        panel.border_title = "relative error of the gradient"
        position = (
            f"  ·  {self._position + 1} of {len(view.heat)}" if heat else "  ·  nothing was compared yet"
        )
        about = Content.assemble(
            (self._tensor, "bold"), (f"  {shape_text(heat.shape) if heat else ''}{position}", MUTED)
        )
        self.query_one("#about", Static).update(about, layout=False)
        self.refresh_bindings()

    @property
    def _position(self) -> int:
        return list(self._view.heat).index(self._tensor) if self._tensor in self._view.heat else 0

    @property
    def _heat(self) -> HeatMap | None:
        return self._view.heat.get(self._tensor)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Show the key for the reference only if there are two and one of them fits."""
        if action == "reference" and self.is_mounted:
            return bool(self._heat and self._heat.torch) and not self.query_one(HeatMapView).both_fit
        return True

    def action_tensor(self, by: int) -> None:
        """Go to the next or the previous tensor."""
        names = list(self._view.heat)
        if names:
            self._tensor = names[max(0, min(self._position + by, len(names) - 1))]
            self.show(self._view)

    def action_reference(self) -> None:
        """Switch to the other reference."""
        view = self.query_one(HeatMapView)
        view.reference = next(reference for reference in REFERENCES if reference != view.reference)

    def action_leave(self) -> None:
        """Return to the Gradients screen."""
        self.dismiss()
