"""Going back from a view: to the one before, and from the first one to the screen before."""

from inspect import isawaitable
from typing import Any

from textual.app import App


class ViewHistory:
    """The names of the earlier views, the newest last, each once."""

    def __init__(self) -> None:
        self._names: list[str] = []

    def leave(self, name: str, towards: str) -> None:
        """Remember the view that is left; a view that is opened again is no longer one to go back to."""
        self._names = [*(one for one in self._names if one not in (name, towards)), name]

    def back(self) -> str | None:
        """Return the view to go back to, and forget it; None without one."""
        return self._names.pop() if self._names else None

    def clear(self) -> None:
        """Forget the views: the screen was entered from elsewhere."""
        self._names.clear()


async def leave(app: App[Any]) -> None:
    """Go back to the screen before; to the list of runs if the app does not remember any."""
    go_back = getattr(app, "go_back", None)
    if go_back is None:
        await app.run_action("app.switch_mode('runs')")
    elif isawaitable(done := go_back()):
        await done
