"""The dialog that asks for the kind of a new layer."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from engine.nn.layers import layer_specs
from engine.nn.specs import LayerSpec
from tui.charts.tones import MUTED


class LayerDialog(ModalScreen[str | None]):
    """Asks for the kind of a new layer; returns its type, None after escape."""

    DEFAULT_CSS = """
    LayerDialog { align: center middle; }
    LayerDialog > Vertical {
        width: 70; max-width: 96%; height: auto; max-height: 90%; padding: 1 2;
        border: round $accent; background: $surface;
    }
    LayerDialog OptionList, LayerDialog OptionList:focus {
        height: auto; border: none; padding: 0; background: $surface;
    }
    LayerDialog .keys { margin-top: 1; color: $text-muted; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "leave"),
        Binding("j", "move(1)", "down", show=False),
        Binding("k", "move(-1)", "up", show=False),
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
            yield OptionList(*(Option(_row(spec), id=kind) for kind, spec in self._kinds.items()), id="kinds")
            yield Static(Content("enter or the letter: add · esc: cancel"), classes="keys")

    def on_mount(self) -> None:
        """Focus the list, at its first kind."""
        self.query_one(OptionList).focus()

    def action_move(self, by: int) -> None:
        """Move down the list, up if `by` is negative."""
        kinds = self.query_one(OptionList)
        if by > 0:
            kinds.action_cursor_down()
        else:
            kinds.action_cursor_up()

    def action_take(self, kind: str) -> None:
        """Close with a kind."""
        self.dismiss(kind)

    def action_leave(self) -> None:
        """Close without one."""
        self.dismiss(None)

    @on(OptionList.OptionSelected)
    def _taken(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option.id)


def _row(spec: type[LayerSpec]) -> Content:
    letter = f"{spec.letter or ' '} "
    return Content.assemble((letter, MUTED), (spec.kind().ljust(11), "bold"), (spec.purpose, MUTED))
