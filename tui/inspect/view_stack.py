"""Where the views stand: one is seen at a time, each is made when it is first wanted."""

import asyncio
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
from tui.inspect.preload import preload
from tui.inspect.registry import find_entry
from tui.inspect.view import InspectView


class ViewStack(Container):
    """Holds the views; in the place of one that has nothing to show it says why."""

    DEFAULT_CSS = """
    ViewStack { height: 1fr; }
    ViewStack #why-not { display: none; padding: 1 4; text-align: center; }
    """

    current_name: str = ""

    def compose(self) -> ComposeResult:
        yield Static(classes="empty", id="why-not")

    def on_mount(self) -> None:
        """Load the views before they are asked for."""
        self._preload()

    @work(thread=True)
    def _preload(self) -> None:
        worker = get_current_worker()
        preload(lambda: worker.is_cancelled)

    @property
    def current(self) -> InspectView | None:
        """The view that is seen; None where it is not made yet."""
        return self.view(self.current_name)

    def view(self, name: str) -> InspectView | None:
        """Return a view that is made, to its last part."""
        view = self._begun(name)
        return view if view is not None and view.is_mounted else None

    def _begun(self, name: str) -> InspectView | None:
        return next(iter(self.query(f"#view-{name}").results(InspectView)), None) if name else None

    async def open(self, name: str, given: dict[str, Any] | None = None) -> InspectView:
        """Bring a view onto the screen and give it the keys.

        Args:
            given: what another view hands over to it.
        """
        self.current_name = name
        view = self._begun(name)
        if view is None:
            entry = find_entry(name)
            await asyncio.to_thread(import_module, entry.module)
            view = entry.make()
            self.mount(view)
        await AwaitMount(self, [view])  # of this call, or of one that was given up
        if given is not None:
            view.take(given)
        self._bring()
        target = next(iter(view.query(view.OWN_FOCUS)), view) if view.OWN_FOCUS else view
        self.screen.set_focus(None if view.why_not else target, scroll_visible=False)
        return view

    async def clear(self) -> None:
        """Forget all views: another run is looked into."""
        await self.query(InspectView).remove()
        self.say("")

    def put(self, name: str, answer: Any) -> None:
        """Show an answer in its view, or why there is none."""
        view = self.view(name)
        if view is None:
            return
        if isinstance(answer, Unseen):
            view.why_not = answer.reason
        else:
            view.why_not = ""
            view.show(answer)
        self._bring()

    def say(self, reason: str) -> None:
        """Say why there is nothing to see; "" says nothing."""
        words = self.query_one("#why-not", Static)
        words.update(Content(reason))
        words.display = bool(reason)

    def _bring(self) -> None:
        current = self.current
        for view in self.query(InspectView):
            view.display = view is current and not view.why_not
        self.say(current.why_not if current else "")
