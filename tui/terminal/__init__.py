"""The layer between the app and its terminal: themes, and the stream of changes."""

from tui.terminal.terminal_app import TerminalApp
from tui.terminal.theme_commands import ThemeCommands

__all__ = ["TerminalApp", "ThemeCommands"]
