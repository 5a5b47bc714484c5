"""The help: purpose of the screen below, its keys, and a glossary of the terms that it shows."""

from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical, VerticalScroll
from textual.content import Content
from textual.events import Resize
from textual.message import Message
from textual.screen import ModalScreen, Screen
from textual.widgets import Input, Static

from tui.glossary import terms_of
from tui.shell.active_actions import all_actions, moves
from tui.shell.help_text import HelpKeys, glossary_lines

SIDE_BY_SIDE = 110
"""Columns from which the glossary stands beside the keys."""
_BETWEEN = 4
"""Columns between the two."""


class _Columns(Container):
    """The two columns; reports each change of their width, with the scroll bar or without."""

    class Resized(Message):
        """The columns have another width."""

    def on_resize(self) -> None:
        """Report the size."""
        self.post_message(self.Resized())


class HelpScreen(ModalScreen[None]):
    """Lists the keys of `below` and explains the terms that it shows; `/` searches both.

    Args:
        query: the words that the search starts with.
    """

    DEFAULT_CSS = """
    HelpScreen {
        align: center middle;
        #box {
            width: 76; height: auto; max-height: 92%; padding: 0 2;
            border: round $accent; background: $surface; border-subtitle-color: $text-muted;
        }
        #search { display: none; height: 3; border: round $border; }
        #help { height: auto; max-height: 100%; padding: 1 0 0 0; scrollbar-size-vertical: 1; }
        #columns { height: auto; layout: vertical; }
        #keys, #glossary { width: 1fr; height: auto; }
        Static { height: auto; margin: 0 0 1 0; }
        &.-wide {
            #box { width: 96%; max-width: 150; }
            #columns { layout: horizontal; }
            #keys { padding: 0 4 0 0; }
        }
    }
    """
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "close"),
        Binding("q,question_mark,f1,enter", "dismiss", "close"),
        Binding("slash", "search", "search", key_display="/"),
        Binding("down,j", "scroll(1)", "down", show=False),
        Binding("up,k", "scroll(-1)", "up", show=False),
        Binding("pagedown", "scroll(10)", "page down", show=False),
        Binding("pageup", "scroll(-10)", "page up", show=False),
        Binding("home", "scroll(-9999)", "top", show=False),
        Binding("end", "scroll(9999)", "bottom", show=False),
    ]

    def __init__(self, below: Screen[Any], query: str = "") -> None:
        super().__init__()
        mode = str(getattr(below, "mode", ""))
        self._title = f"Help · {mode.capitalize()}" if mode else "Help"
        self._words = _words(below)
        self._keys = HelpKeys(all_actions(below), list(moves(below)), getattr(below, "KEY_STATES", {}))
        self._shown, self._others = terms_of(mode, _text_on(below))
        self._query = query
        self._width = 0

    def compose(self) -> ComposeResult:
        with Vertical(id="box") as box:
            box.border_title = self._title
            box.border_subtitle = "/ search · ↑ ↓ scroll · esc close"
            yield Input(self._query, placeholder="a key, an action or a term", id="search")
            with VerticalScroll(id="help", can_focus=False), _Columns(id="columns"):
                yield Static(id="keys", markup=False)
                yield Static(id="glossary", markup=False)

    def on_mount(self) -> None:
        """Fill in the texts."""
        if self._query:
            self.action_search()

    def on_resize(self, event: Resize) -> None:
        """Put the glossary beside the keys if there is room."""
        self.set_class(event.size.width >= SIDE_BY_SIDE, "-wide")

    @on(_Columns.Resized)
    def _columns_resized(self, event: _Columns.Resized) -> None:
        event.stop()
        width = self.query_one(_Columns).content_size.width
        if width != self._width:
            self._width = width
            self._fill()

    def action_scroll(self, lines: int) -> None:
        """Scroll down by `lines`, up if negative."""
        self.query_one("#help").scroll_relative(y=lines, animate=False)

    def action_search(self) -> None:
        """Open the search field."""
        field = self.query_one("#search", Input)
        field.display = True
        field.focus()

    def action_close(self) -> None:
        """End the search, or close the help."""
        field = self.query_one("#search", Input)
        if not field.display:
            self.dismiss()
            return
        field.value, field.display = "", False
        self.set_focus(None)

    @on(Input.Changed, "#search")
    def _search_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._query = event.value
        self._fill()

    @on(Input.Submitted, "#search")
    def _search_done(self, event: Input.Submitted) -> None:
        """Let the keys scroll again; the search stays."""
        event.stop()
        self.set_focus(None)

    def _fill(self) -> None:
        """Write both columns for their present width."""
        query = self._query.strip()
        width = self._width
        if not width:
            return
        if self.has_class("-wide"):
            width = width // 2 - _BETWEEN
        words = (
            []
            if query
            else [line for text in self._words for line in (*Content(text).wrap(width), Content(""))]
        )
        keys = [*words, *self._keys.lines(query, width)]
        terms = list(glossary_lines(query, self._shown, self._others, width))
        self.query_one("#keys", Static).update(Content("\n").join(keys))
        self.query_one("#keys").display = bool(keys)
        nothing = [] if keys or terms else [Content("Nothing found.")]
        self.query_one("#glossary", Static).update(Content("\n").join([*terms, *nothing]))
        self.query_one("#help").scroll_home(animate=False)


def _words(below: Screen[Any]) -> list[str]:
    """Return PURPOSE and HELP of the screen, and HELP of its focused widget."""
    words = [str(getattr(below, "PURPOSE", ""))]
    nodes = [below, *([below.focused] if below.focused else [])]
    for node in nodes:
        help_text = type(node).__dict__.get("HELP") or getattr(node, "HELP", None)
        words.append(" ".join(str(help_text).split()) if help_text else "")
    return [text for text in dict.fromkeys(words) if text]


def _text_on(below: Screen[Any]) -> str:
    """Return the text that the screen shows now, line by line."""
    strips = below._compositor.render_strips() if below.size.width else []
    return "\n".join(strip.text for strip in strips)
