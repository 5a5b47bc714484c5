"""The actions that have a key now, for the help and the palette."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from textual.app import App
from textual.binding import ActiveBinding
from textual.dom import DOMNode
from textual.screen import Screen

from tui.actions import MOVE

TEXTUAL_WORDS = {
    "app.focus_next": "to the next panel",
    "app.focus_previous": "to the previous panel",
    "screen.copy_text": "copy the selected text",
}
"""Our descriptions of the bindings that Textual adds to every screen; the palette omits them."""


@dataclass
class Action:
    """An available action: the node that declares it, its text and its keys."""

    node: DOMNode
    text: str
    action: str
    enabled: bool
    is_move: bool
    keys: list[str] = field(default_factory=list)


def active_actions(screen: Screen[Any]) -> list[Action]:
    """Return the actions of `screen` and its focused widget, each once, the nearest to the focus first."""
    actions: dict[tuple[int, str], Action] = {}
    for active in screen.active_bindings.values():
        binding = active.binding
        text = TEXTUAL_WORDS.get(binding.action) or binding.tooltip or binding.description
        if text and not binding.system:
            action = actions.setdefault((id(active.node), binding.action), _action(active, text))
            key = screen.app.get_key_display(binding)
            if key not in action.keys:
                action.keys.append(key)
    return list(actions.values())


def _action(active: ActiveBinding, text: str) -> Action:
    binding = active.binding
    is_move = binding.group is MOVE or binding.action in TEXTUAL_WORDS
    return Action(active.node, text, binding.action, active.enabled, is_move)


def grouped_actions(screen: Screen[Any]) -> Iterator[tuple[str, list[Action]]]:
    """Yield the help's headings with their actions: of the focused widget, the screen, the app."""
    actions = active_actions(screen)
    heads = {"here": "where you are", "screen": "this screen", "app": "everywhere"}
    for kind, head in heads.items():
        group = [action for action in actions if _kind(action.node) == kind]
        if group:
            yield head, group


def _kind(node: DOMNode) -> str:
    if isinstance(node, App):
        return "app"
    return "screen" if isinstance(node, Screen) else "here"
