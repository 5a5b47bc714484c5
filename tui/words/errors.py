"""Errors of the engine as text for a notification or a message line."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.errors import NntermError


def error_text(error: "NntermError") -> str:
    """Return the message of `error` and, on a line of its own, its hint if it has one."""
    return f"{error.message}\n{error.hint}".strip()
