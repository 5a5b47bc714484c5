"""The layer between the app and its terminal: themes, and the stream of changes."""

from tui.terminal.terminal_app import TerminalApp

__all__ = ["TerminalApp"]
