"""Paths as users write them."""

from pathlib import Path


def expanded(name: str) -> Path:
    """Return the path that `name` stands for, with `~` replaced; unchanged if there is no such user."""
    try:
        return Path(name).expanduser()
    except RuntimeError:
        return Path(name)
