"""The help: purpose of the screen below, its keys, and a glossary of the terms that it shows."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical, VerticalScroll
from textual.content import Content
from textual.events import Resize
from textual.screen import ModalScreen, Screen
from textual.widgets import Input, Static

from tui.glossary import TERMS, Term, matching, terms_of
from tui.shell.active_actions import Action, all_actions, moves

HEADS = {"panel": "This panel", "screen": "This screen", "app": "Everywhere"}
"""Headings of the keys, by the place where an action is declared."""
SIDE_BY_SIDE = 110
"""Columns from which the glossary stands beside the keys."""


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
        &.-wide #box { width: 96%; max-width: 150; }
        &.-wide #columns { layout: horizontal; }
        &.-wide #keys { padding: 0 3 0 0; }
    }
    """
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
        self._actions = all_actions(below)
        self._moves = list(moves(below))
        self._states: Mapping[str, str] = getattr(below, "KEY_STATES", {})
        self._shown, self._others = terms_of(mode, _text_on(below))
        self._query = query

    def compose(self) -> ComposeResult:
        with Vertical(id="box") as box:
            box.border_title = self._title
            box.border_subtitle = "/ search · ↑ ↓ scroll · esc close"
            yield Input(self._query, placeholder="a key, an action or a term", id="search")
            with VerticalScroll(id="help", can_focus=False), Container(id="columns"):
                yield Static(id="keys", markup=False)
                yield Static(id="glossary", markup=False)

    def on_mount(self) -> None:
        """Fill in the texts."""
        if self._query:
            self.action_search()
        self._fill()

    def on_resize(self, event: Resize) -> None:
        """Put the glossary beside the keys if there is room."""
        self.set_class(event.size.width >= SIDE_BY_SIDE, "-wide")

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
        query = self._query.casefold().strip()
        keys = Content("\n").join(self._key_lines(query))
        terms = Content("\n").join(self._glossary_lines(query))
        self.query_one("#keys", Static).update(keys)
        self.query_one("#keys").display = bool(keys.plain)
        self.query_one("#glossary", Static).update(
            terms if terms.plain or keys.plain else Content("Nothing found.")
        )
        self.query_one("#help").scroll_home(animate=False)

    def _key_lines(self, query: str) -> Iterator[Content]:
        if not query:
            for words in self._words:
                yield Content(words)
                yield Content("")
        width = max((len(_keys_of(action)) for action in self._actions), default=0)
        width = max(8, min(width, 16))
        for place, head in HEADS.items():
            lines = [
                _row(_keys_of(action), action.text, width, self._state_of(action))
                for action in sorted(self._actions, key=lambda action: not action.enabled)
                if action.place == place and _matches(query, action.text, action.name, *action.keys)
            ]
            if place == "app":
                lines += [_row(keys, text, width) for keys, text in self._moves if _matches(query, text)]
            if lines:
                yield Content.styled(head, "bold $primary")
                yield from lines
                yield Content("")

    def _state_of(self, action: Action) -> str:
        """Return "" for an action that is available now, else when it is."""
        if action.enabled:
            return ""
        return self._states.get(action.action.partition("(")[0], "not now")

    def _glossary_lines(self, query: str) -> Iterator[Content]:
        if query:
            yield from _terms("Glossary", matching(query, TERMS))
        else:
            yield from _terms("On this screen now", self._shown)
            yield from _terms("Also on this screen", self._others)


def _terms(head: str, terms: list[Term]) -> Iterator[Content]:
    if terms:
        yield Content.styled(head, "bold $primary")
    for term in terms:
        yield Content.assemble((term.name, "bold"), "  ", term.meaning, (_small_print(term), "$text-muted"))
    if terms:
        yield Content("")


def _small_print(term: Term) -> str:
    return term.text[len(term.meaning) :]


def _keys_of(action: Action) -> str:
    return " ".join(action.keys)


def _matches(query: str, *texts: str) -> bool:
    return all(any(word in text.casefold() for text in texts) for word in query.split())


def _row(keys: str, text: str, width: int, state: str = "") -> Content:
    words = Content.styled(f"{text} ({state})", "dim") if state else Content(text)
    return Content.assemble((keys.rjust(width), "dim" if state else "bold $accent"), "  ", words)


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
