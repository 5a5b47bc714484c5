"""The settings file: where it is, how it is read, and how a single setting is changed without losing comments."""

import os
from pathlib import Path
from typing import Any

from engine.errors import NntermError, Problem
from engine.experiment.toml_reader import parse_toml
from engine.files.atomic import read_limited, reason_of, replace_file
from engine.files.user_path import expanded
from engine.printable import printable
from tui.config.settings import Settings, SettingsError, read_settings

LARGEST_BYTES = 1_000_000


def settings_path() -> Path:
    """Return the path of the settings: $NNTERM_CONFIG, or config.toml where the platform keeps settings."""
    named = os.environ.get("NNTERM_CONFIG")
    if named:
        return expanded(named)
    import platformdirs

    return platformdirs.user_config_path("nnterm") / "config.toml"


class SettingsFile:
    """The settings and their file; `None`: settings that last as long as the app."""

    def __init__(self, path: Path | None = None, settings: Settings | None = None) -> None:
        self.path = path
        self.settings = settings or Settings()

    @classmethod
    def load(cls, path: Path | None = None) -> "SettingsFile":
        """Return the settings of a file, of `settings_path()` if None; the defaults if there is no such file.

        Raises:
            SettingsError: the file cannot be read, is no TOML, or breaks the rules.
        """
        path = path or settings_path()
        return cls(path, read_settings(_tables(_text(path), path), str(path)))

    def override(self, **values: Any) -> None:
        """Replace settings for as long as the app runs; the file keeps its own.

        Raises:
            SettingsError: a value is not allowed.
        """
        mine = {name: getattr(self.settings, name) for name in self.settings.__struct_fields__}
        self.settings = read_settings({**mine, **values})

    def change(self, **values: Any) -> None:
        """Change settings, here and in the file; other lines of the file and its comments stay.

        Raises:
            SettingsError: a value is not allowed, or the file was broken meanwhile: it is not overwritten.
            NntermError: the file cannot be written.
        """
        plain = {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}
        before = self.settings
        self.override(**values)
        changed, self.settings = self.settings, before
        if self.path is not None:
            self._write(plain)
        self.settings = changed

    def _write(self, values: dict[str, Any]) -> None:
        import tomlkit

        path = self.path or settings_path()
        text = _text(path)
        read_settings(_tables(text, path), str(path))
        document = tomlkit.parse(text)
        for name, value in values.items():
            document[name] = value
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            target = path.resolve()  # a link to the file stays a link
            replace_file(target, [tomlkit.dumps(document).encode()])
        except OSError as error:
            raise NntermError(f"the settings cannot be written to {path}: {reason_of(error)}") from None


def _text(path: Path) -> str:
    try:
        if path.is_fifo():  # would be waited for
            raise OSError(None, "it is a pipe")
        return read_limited(path, LARGEST_BYTES, any_kind=True).decode()
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError as error:
        problem = Problem("", f"is not UTF-8 (byte {error.start})", "save it as UTF-8")
        raise SettingsError([problem], str(path)) from None
    except OSError as error:
        raise NntermError(f"the settings cannot be read from {path}: {reason_of(error)}") from None


def _tables(text: str, path: Path) -> dict[str, Any]:
    try:
        return parse_toml(text)
    except (ValueError, RecursionError) as error:
        problem = Problem(
            "", f"is not valid TOML: {printable(str(error))}", "correct that line, or remove it"
        )
        raise SettingsError([problem], str(path)) from None
