"""Changed settings as text: old and new values."""

from typing import Any

from textual.content import Content

from tui.words.changes import Changes


def difference(changes: Changes) -> Content:
    """Return a line per key: `key  old  →  new`."""
    width = max((len(key) for key in changes), default=0)
    lines = [
        Content.assemble(
            key.ljust(width + 2),
            (shown(before), "$text-error"),
            "  →  ",
            (shown(after), "bold $text-success"),
        )
        for key, (before, after) in changes.items()
    ]
    return Content("\n").join(lines)


def shown(value: Any) -> str:
    """Return a value of an experiment as short text."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        options = ", ".join(f"{key} {shown(item)}" for key, item in value.items() if key != "name")
        name = str(value.get("name", value.get("type", "")))
        return f"{name} ({options})" if options else name
    if isinstance(value, list):
        return f"{len(value)}: " + ", ".join(shown(item) for item in value)
    return f"{value:.6g}" if isinstance(value, float) else str(value)
