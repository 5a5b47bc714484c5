"""The user's settings, and the file that keeps them: config.toml."""

from tui.config.file import SettingsFile, settings_path
from tui.config.settings import Settings, SettingsError

__all__ = ["Settings", "SettingsError", "SettingsFile", "settings_path"]
