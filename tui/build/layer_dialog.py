"""The dialog that asks for the kind of a new layer."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static

from engine.nn.layers import layer_specs
from engine.nn.specs import LayerSpec
from tui.charts.tones import MUTED
from tui.widgets.menu_list import MenuList


class LayerDialog(ModalScreen[str | None]):
    """Asks for the kind of a new layer; returns its type, None after escape."""

    DEFAULT_CSS = """
    LayerDialog { align: center middle; }
    LayerDialog > Vertical {
        width: 70; max-width: 96%; height: auto; max-height: 90%; padding: 1 2;
        border: round $accent; background: $surface;
    }
    LayerDialog .keys { margin-top: 1; color: $text-muted; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "leave"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._kinds = layer_specs()
        for kind, spec in self._kinds.items():
            if spec.letter:
                self._bindings.bind(spec.letter, f"take('{kind}')", kind, show=False)

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            box.border_title = "add a layer"
            yield MenuList(id="kinds")
            yield Static(Content("enter or the letter: add · esc: cancel"), classes="keys")

    def on_mount(self) -> None:
        """List the kinds, with the cursor on the first."""
        kinds = self.query_one(MenuList)
        kinds.show([_row(spec) for spec in self._kinds.values()])
        kinds.focus()

    def action_take(self, kind: str) -> None:
        """Close with a kind."""
        self.dismiss(kind)

    def action_leave(self) -> None:
        """Close without one."""
        self.dismiss(None)

    @on(OptionList.OptionSelected)
    def _taken(self, event: OptionList.OptionSelected) -> None:
        self.dismiss([*self._kinds][event.option_index])


def _row(spec: type[LayerSpec]) -> Content:
    letter = f"{spec.letter or ' '} "
    return Content.assemble((letter, MUTED), (spec.kind().ljust(11), "bold"), (spec.purpose, MUTED))
