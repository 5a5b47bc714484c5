"""The part of the app that faces the terminal: the theme in which it is shown."""

import os
from collections.abc import Sequence
from typing import Any

from textual import events
from textual.app import App
from textual.filter import LineFilter, Monochrome

from engine.errors import NntermError
from tui.config import Settings, SettingsFile
from tui.terminal.memory import IdleCollector
from tui.terminal.paced_app import PacedApp
from tui.theme import THEMES, ColourRange, ThemeColours, chosen, shown_as

LOOK_S = 3.0
"""Seconds between two looks whether it is time to collect garbage."""


class TerminalApp(PacedApp):
    """An app in one of our themes, with the user's settings.

    Args:
        settings_file: the settings and where they are kept; None: the defaults, kept nowhere.
    """

    def __init__(self, settings_file: SettingsFile | None = None) -> None:
        super().__init__()
        self.settings_file = settings_file or SettingsFile()
        self._collector = IdleCollector()
        self._take_settings()
        self._color_system: str | None = "truecolor"
        self._asked_for_no_color = "NO_COLOR" in os.environ
        self._theme_colours: dict[str, ThemeColours] = {}
        self._set_theme(self._theme_for(self.settings.theme))

    @property
    def settings(self) -> Settings:
        """The user's settings."""
        return self.settings_file.settings

    def save_settings(self, **values: Any) -> None:
        """Change settings and keep them in the settings file; a file that cannot be written is a notice."""
        try:
            self.settings_file.change(**values)
        except NntermError as error:
            self.notify(f"not kept: {error.message}", severity="warning", markup=False)

    def _take_settings(self) -> None:
        self.frame_s = self.settings.frame_s
        self.few_bytes = self.settings.low_bandwidth
        self.set_keymap(self.settings.keys)

    # memory

    def on_mount(self) -> None:
        """Collect garbage while no key is pressed."""
        if not self.is_headless:
            self._collector.start()
            self.set_interval(LOOK_S, self._look_at_memory)

    def on_unmount(self) -> None:
        """Leave garbage to Python again."""
        if not self.is_headless:
            self._collector.stop()

    def _look_at_memory(self) -> None:
        self._collector.look(freezes=len(self.screen_stack) == 1)

    async def on_event(self, event: events.Event) -> None:
        """Take note of keys."""
        if isinstance(event, events.Key):
            self._collector.key()
        await super().on_event(event)

    # themes

    def _set_theme(self, name: str) -> None:
        """Set the theme before the first paint; assigning to `theme` would parse all styles again."""
        for look in THEMES.values():
            self.register_theme(look.theme)
        self.no_color = THEMES[name].palette is not ColourRange.RGB
        self.set_reactive(App.theme, name)
        self.stylesheet.set_variables(self.get_css_variables())

    def _theme_for(self, setting: str) -> str:
        return shown_as(setting, self._color_system, self._asked_for_no_color)

    def adapt_to_terminal(self) -> None:
        """Show no more colours than the terminal has; call it before the app runs."""
        self._color_system = self.console.color_system
        self._set_theme(self._theme_for(self.settings.theme))

    def choose_theme(self, name: str) -> None:
        """Show a theme, and keep it in the settings."""
        shown = self._theme_for(name)
        if shown != name:
            why = "NO_COLOR is set" if self._asked_for_no_color else "this terminal has 16 colours"
            self.notify(f"{why}: the theme stays {shown}", severity="warning", markup=False)
        self.theme = shown
        self.save_settings(theme=name)

    def _watch_theme(self, theme_name: str) -> None:
        self.no_color = chosen(theme_name).palette is not ColourRange.RGB
        super()._watch_theme(theme_name)
        self.call_next(self._repaint_all)

    def _repaint_all(self) -> None:
        """Draw every screen anew: a theme may differ from the last one only in what the filter makes of its colours."""
        for stack in self._screen_stacks.values():
            for screen in stack:
                for node in screen.walk_children(with_self=True):
                    node.notify_style_update()
                    node.refresh(layout=node is screen)

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Return Textual's filters and that of the theme."""
        look = chosen(self.theme)
        mine = self._theme_colours.setdefault(look.name, ThemeColours(look))
        if look.palette is ColourRange.RGB:
            return [*(one for one in super().get_line_filters() if not isinstance(one, Monochrome)), mine]
        return [mine]
