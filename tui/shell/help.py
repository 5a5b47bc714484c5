"""The help: purpose of the screen below, help of its focused widget, and the keys."""

from collections.abc import Sequence
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen, Screen
from textual.widgets import Static

from tui.shell.active_actions import Action, grouped_actions


class HelpScreen(ModalScreen[None]):
    """Lists the keys of `below` with their actions, the nearest to the focus first; ?, escape, enter or q closes it."""

    DEFAULT_CSS = """
    HelpScreen {
        align: center middle;
        #help {
            width: 76; height: auto; max-height: 90%; padding: 1 2;
            border: round $accent; background: $surface; border-subtitle-color: $text-muted;
            scrollbar-size-vertical: 1;
        }
        Static { height: auto; margin: 0 0 1 0; }
        .head { color: $primary; text-style: bold; margin: 0; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,f1,enter,q", "dismiss", "close", key_display="esc"),
        Binding("down,j", "scroll(1)", show=False),
        Binding("up,k", "scroll(-1)", show=False),
        Binding("pagedown", "scroll(10)", show=False),
        Binding("pageup", "scroll(-10)", show=False),
    ]

    def __init__(self, below: Screen[Any]) -> None:
        super().__init__()
        mode = str(getattr(below, "mode", ""))
        self._title = f"{mode.capitalize()} · help" if mode else "help"
        self._words = _words(below)
        self._groups = list(grouped_actions(below))

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="help", can_focus=False) as panel:
            panel.border_title = self._title
            panel.border_subtitle = "esc closes"
            for words in self._words:
                yield Static(Content(words), classes="words")
            for head, actions in self._groups:
                yield Static(head, classes="head")
                yield Static(_table(actions))

    def action_scroll(self, lines: int) -> None:
        """Scroll down by `lines`, up if negative."""
        self.query_one("#help").scroll_relative(y=lines, animate=False)


def _words(below: Screen[Any]) -> list[str]:
    """Return PURPOSE and HELP of the screen, and HELP of its focused widget."""
    words = [str(getattr(below, "PURPOSE", ""))]
    nodes = [below, *([below.focused] if below.focused else [])]
    for node in nodes:
        help_text = type(node).__dict__.get("HELP") or getattr(node, "HELP", None)
        words.append(" ".join(str(help_text).split()) if help_text else "")
    return [text for text in dict.fromkeys(words) if text]


def _table(actions: Sequence[Action]) -> Content:
    keys = [" ".join(action.keys) for action in actions]
    width = max(12, *(len(text) for text in keys))
    lines = []
    for text, action in zip(keys, actions, strict=True):
        style = "" if action.enabled else "dim"
        lines.append(Content.assemble((text.rjust(width), "bold $accent"), "  ", (action.text, style)))
    return Content("\n").join(lines)
