"""The stack of views: one is visible at a time; each is created when it is first opened."""

import asyncio
from collections.abc import Callable
from importlib import import_module
from typing import Any

from textual import work
from textual.app import ComposeResult
from textual.containers import Container
from textual.content import Content
from textual.widget import AwaitMount
from textual.widgets import Static
from textual.worker import get_current_worker

from engine.inspection.messages import Unseen
from engine.inspection.registry import VIEWS, view_module
from tui.inspect.registry import ENTRIES, find_entry
from tui.inspect.view import InspectView

DRAWS_WITH = (
    "tui.charts.confusion",
    "tui.charts.function_plot",
    "tui.charts.gallery",
    "tui.charts.scatter",
    "tui.charts.signed",
    "tui.charts.territory",
    "tui.charts.weight_picture",
    "tui.charts.plot",
)
"""Modules that views import at their first drawing."""


class ViewStack(Container):
    """Holds the views; shows the reason instead of a view that has nothing to show."""

    DEFAULT_CSS = """
    ViewStack { height: 1fr; }
    ViewStack #why-not { display: none; padding: 1 4; text-align: center; }
    """

    current_name: str = ""

    def compose(self) -> ComposeResult:
        yield Static(classes="empty", id="why-not")

    def on_mount(self) -> None:
        """Load the modules of the views in advance."""
        self._preload()

    @work(thread=True)
    def _preload(self) -> None:
        worker = get_current_worker()
        preload(lambda: worker.is_cancelled)

    @property
    def current(self) -> InspectView | None:
        """The visible view; None if it is not mounted yet."""
        return self.view(self.current_name)

    def view(self, name: str) -> InspectView | None:
        """Return a view that is completely mounted; None if it is not."""
        view = self._find(name)
        return view if view is not None and view.is_mounted else None

    def _find(self, name: str) -> InspectView | None:
        return next(iter(self.query(f"#view-{name}").results(InspectView)), None) if name else None

    async def open(self, name: str, given: dict[str, Any] | None = None) -> InspectView:
        """Show a view, created at first use, and focus it.

        Args:
            given: values that another view passes to it.
        """
        self.current_name = name
        view = self._find(name)
        if view is None:
            entry = find_entry(name)
            await asyncio.to_thread(import_module, entry.module)
            view = entry.make()
            self.mount(view)
        await AwaitMount(self, [view])  # of this call, or of a cancelled one
        if given is not None:
            view.accept(given)
        self._update_display()
        target = next(iter(view.query(view.OWN_FOCUS)), view) if view.OWN_FOCUS else view
        self.screen.set_focus(None if view.empty_reason else target, scroll_visible=False)
        return view

    async def clear(self) -> None:
        """Remove all views, for another run."""
        await self.query(InspectView).remove()
        self.show_message("")

    def show_answer(self, name: str, answer: Any) -> None:
        """Show an answer in its view, or the reason for its absence."""
        view = self.view(name)
        if view is None:
            return
        if isinstance(answer, Unseen):
            view.empty_reason = answer.reason
        else:
            view.empty_reason = ""
            view.show(answer)
        self._update_display()

    def show_message(self, reason: str) -> None:
        """Show a message instead of a view; "" hides it."""
        words = self.query_one("#why-not", Static)
        words.update(Content(reason))
        words.display = bool(reason)

    def _update_display(self) -> None:
        current = self.current
        for view in self.query(InspectView):
            view.display = view is current and not view.empty_reason
        self.show_message(current.empty_reason if current else "")


def preload(is_cancelled: Callable[[], bool]) -> None:
    """Import the views and what they draw with until `is_cancelled`; in a thread, since imports block."""
    screens = (entry.module for entry in ENTRIES)
    for module in (*screens, *map(view_module, VIEWS), *DRAWS_WITH):
        if is_cancelled():
            return
        import_module(module)
