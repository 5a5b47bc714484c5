"""The place that keeps the chosen columns of the table of runs: the user's settings, where the app has such."""

from collections.abc import Iterable
from typing import Any, Protocol, runtime_checkable

from textual.app import App


class _Settings(Protocol):
    columns: tuple[str, ...]


@runtime_checkable
class SettingsKeeper(Protocol):
    """The settings file of an app."""

    @property
    def settings(self) -> _Settings:
        """The present settings."""

    def change(self, **values: Any) -> None:
        """Change settings, and keep them."""


def _keeper(app: App[Any]) -> SettingsKeeper | None:
    keeper = getattr(app, "settings_file", None)
    return keeper if isinstance(keeper, SettingsKeeper) else None


def chosen_columns(app: App[Any]) -> tuple[str, ...]:
    """Return the keys of the columns that the user chose; empty: the table chooses."""
    keeper = _keeper(app)
    return tuple(keeper.settings.columns) if keeper else ()


def keep_columns(app: App[Any], keys: Iterable[str]) -> None:
    """Keep the keys of the chosen columns.

    Raises:
        NntermError: the settings cannot be written.
    """
    keeper = _keeper(app)
    if keeper is not None:
        keeper.change(columns=tuple(keys))
