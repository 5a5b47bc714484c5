"""The last line of every top-level screen: the keys that are available now."""

from typing import Any

from textual.content import Content
from textual.screen import Screen
from textual.style import Style
from textual.widget import Widget

_GAP = "  "
ALWAYS = ("help", "quit")
"""Actions of the app that stand at the end of every line; its others are shown where there is room."""


class KeyBar(Widget):
    """Shows the enabled bindings with `show` set, as many as fit; help and quit stand at the end and always fit.

    One widget draws the whole line, so that a key press that moves the focus mounts and styles nothing.
    """

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    KeyBar {
        dock: bottom; height: 1; background: $panel;
        link-color: $text; link-background: $panel; link-style: none;
        link-color-hover: $text; link-background-hover: $boost; link-style-hover: none;
    }
    """

    def on_mount(self) -> None:
        """Redraw when the bindings change."""
        self.screen.bindings_updated_signal.subscribe(self, self._bindings_changed)

    def _bindings_changed(self, screen: Screen[Any]) -> None:
        if self.is_attached and screen is self.screen:
            self.refresh()

    def render(self) -> Content:
        """Return the line."""
        here, everywhere = self._keys()
        always = [key for action, key in everywhere.items() if action in ALWAYS]
        room = self.size.width - 1 - sum(_width(key) for key in always)
        shown = []
        for key in (*here, *(key for action, key in everywhere.items() if action not in ALWAYS)):
            room -= _width(key)
            if room < 0:
                break
            shown.append(key)
        return Content.assemble(" ", Content(_GAP).join([*shown, *always]))

    def _keys(self) -> tuple[list[Content], dict[str, Content]]:
        """Return the enabled keys of the focused widget and the screen, and those of the app, each action once."""
        here: dict[str, Content] = {}
        everywhere: dict[str, Content] = {}
        for active in self.screen.active_bindings.values():
            binding = active.binding
            keys = everywhere if active.node is self.app else here
            is_new = binding.action not in here and binding.action not in everywhere
            if binding.show and active.enabled and is_new:
                press = Style.from_meta({"@click": f"app.simulate_key({binding.key!r})"})
                words = Content(binding.description).stylize(press)
                keys[binding.action] = Content.assemble(
                    (self.app.get_key_display(binding), "bold $accent"), " ", words
                )
        return list(here.values()), everywhere


def _width(key: Content) -> int:
    return key.cell_length + len(_GAP)
