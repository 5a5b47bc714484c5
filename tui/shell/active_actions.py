"""The actions of a screen and its focused widget, with their keys, for the help and the palette."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from textual.app import App
from textual.binding import Binding
from textual.dom import DOMNode
from textual.screen import Screen

from tui.actions import MOVE

MOVE_KEYS = ("up", "down", "left", "right", "h", "j", "k", "l", "pageup", "pagedown", "home", "end")
"""Keys that move a cursor or scroll; bindings of them without a tooltip are merged into one line of the help."""


@dataclass
class Action:
    """An action: the node that declares it, its text and its keys."""

    node: DOMNode
    name: str
    """The short description, as in the key bar."""
    text: str
    action: str
    enabled: bool
    keys: list[str] = field(default_factory=list)

    @property
    def place(self) -> str:
        """Where it is declared: "panel", "screen" or "app"."""
        if isinstance(self.node, App):
            return "app"
        return "screen" if isinstance(self.node, Screen) else "panel"


def active_actions(screen: Screen[Any]) -> list[Action]:
    """Return the enabled actions of `screen` and its focused widget, each once, the nearest to the focus first."""
    return [action for action in all_actions(screen) if action.enabled]


def all_actions(screen: Screen[Any]) -> list[Action]:
    """Return the actions with a text of ours, each once, also those that the present state disables."""
    actions: dict[tuple[int, str], Action] = {}
    active = screen.active_bindings
    for node, bindings in screen._modal_binding_chain:
        toolkit = toolkit_bindings(type(node))
        for key, binding in bindings:
            text = binding.tooltip or binding.description
            if not text or binding.system or (key, binding.action) in toolkit or is_move(key, binding):
                continue
            now = active.get(key)
            enabled = now is not None and now.enabled and now.node is node and now.binding is binding
            action = actions.setdefault(
                (id(node), binding.action), Action(node, binding.description, text, binding.action, False)
            )
            action.enabled |= enabled
            pair = " " in (binding.key_display or "")  # the key bar shows two actions as one: `← → step`
            shown = screen.app.get_key_display(replace(binding, key_display=None) if pair else binding)
            if shown not in action.keys:
                action.keys.append(shown)
    return list(actions.values())


def is_move(key: str, binding: Binding) -> bool:
    """Return whether a binding only moves a cursor or scrolls."""
    return binding.group is MOVE or (key in MOVE_KEYS and not binding.tooltip)


def moves(screen: Screen[Any]) -> Iterator[tuple[str, str]]:
    """Yield the keys that move a cursor now, and those that change the panel, each with their effect."""
    active = screen.active_bindings
    present = {
        key
        for key, now in active.items()
        if now.enabled and (is_move(key, now.binding) or _is_toolkit(now.node, key, now.binding))
    }
    parts = [
        " ".join(sign for key, sign in signs if key in present)
        for signs in (
            (("up", "↑"), ("down", "↓"), ("left", "←"), ("right", "→")),
            (("pageup", "pgup"), ("pagedown", "pgdn")),
            (("home", "home"), ("end", "end")),
            tuple((key, key) for key in "hjkl"),
        )
    ]
    if any(parts):
        yield " · ".join(part for part in parts if part), "move the cursor or scroll"
    if "tab" in active and active["tab"].binding.action == "app.focus_next" and _has_panels(screen):
        yield "tab · shift+tab", "next or previous panel"


def _has_panels(screen: Screen[Any]) -> bool:
    return len(screen.focus_chain) > 1


def _is_toolkit(node: DOMNode, key: str, binding: Binding) -> bool:
    return key in MOVE_KEYS and (key, binding.action) in toolkit_bindings(type(node))


def toolkit_bindings(cls: type[DOMNode]) -> set[tuple[str, str]]:
    """Return the keys and actions that a class inherits from Textual and none of our classes declares."""
    theirs: set[tuple[str, str]] = set()
    ours: set[tuple[str, str]] = set()
    for one in cls.__mro__:
        declared = Binding.make_bindings(vars(one).get("BINDINGS", ()))
        found = theirs if one.__module__.startswith("textual.") else ours
        found |= {(binding.key, binding.action) for binding in declared}
    return theirs - ours
