"""The last line of every top-level screen: the keys that are available now."""

from typing import Any

from textual.content import Content
from textual.screen import Screen
from textual.style import Style
from textual.widget import Widget

_GAP = "  "


class KeyBar(Widget):
    """Shows the bindings with `show` set, as many as fit; the app's own stand at the end and always fit.

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
        room = self.size.width - 1 - sum(key.cell_length + len(_GAP) for key in everywhere)
        shown = []
        for key in here:
            room -= key.cell_length + len(_GAP)
            if room < 0:
                break
            shown.append(key)
        return Content.assemble(" ", Content(_GAP).join([*shown, *everywhere]))

    def _keys(self) -> tuple[list[Content], list[Content]]:
        """Return the keys of the focused widget and the screen, and those of the app, each action once."""
        here: dict[str, Content] = {}
        everywhere: dict[str, Content] = {}
        for active in self.screen.active_bindings.values():
            binding = active.binding
            keys = everywhere if active.node is self.app else here
            if binding.show and binding.action not in here and binding.action not in everywhere:
                key = self.app.get_key_display(binding)
                words = Content.styled(binding.description, "" if active.enabled else "dim")
                press = Style.from_meta({"@click": f"app.simulate_key({binding.key!r})"})
                keys[binding.action] = Content.assemble((key, "bold $accent"), " ", words.stylize(press))
        return list(here.values()), list(everywhere.values())
