"""Completion of paths while they are typed."""

import asyncio
import os
from pathlib import Path

from textual.suggester import Suggester


class PathSuggester(Suggester):
    """Suggests the first file with the suffix, or the first folder, that starts with the last part of the typed path.

    Args:
        suffix: of the files to suggest, for example `.npz`.
    """

    def __init__(self, suffix: str) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._suffix = suffix

    async def get_suggestion(self, value: str) -> str | None:
        """Return the completed path; None if nothing matches."""
        return await asyncio.to_thread(complete_path, value, self._suffix)


def complete_path(text: str, suffix: str) -> str | None:
    """Return `text` with its last part completed to a folder or a file with `suffix`; None if nothing matches."""
    folder, begun = os.path.split(text)
    if not text or (not begun and not folder):
        return None
    try:
        with os.scandir(Path(folder or ".").expanduser()) as entries:
            names = sorted(
                _name(entry) for entry in entries if entry.name.startswith(begun) and _fits(entry, suffix)
            )
    except (OSError, RuntimeError, ValueError):  # not there, no such user, a null byte
        return None
    names = [name for name in names if begun or not name.startswith(".")]
    return os.path.join(folder, names[0]) if names else None  # noqa: PTH118 - keeps "./" and "~" as typed


def _name(entry: "os.DirEntry[str]") -> str:
    return f"{entry.name}{os.sep}" if entry.is_dir() else entry.name


def _fits(entry: "os.DirEntry[str]", suffix: str) -> bool:
    return entry.is_dir() or entry.name.endswith(suffix)
