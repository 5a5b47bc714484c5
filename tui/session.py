"""The user's choices so far; screens read them when they appear, and change them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from textual.dom import DOMNode
from textual.signal import Signal


class Session:
    """The selected dataset, draft and run. Owned by the app, changed by its screens.

    Assigning to an attribute notifies the subscribers with the attribute's name.
    """

    home: Path | None
    """The folder of the runs; None: the default home."""
    dataset: str | None
    """A registered name or a path, once chosen on the Data screen."""
    draft: dict[str, Any] | None
    """The plain tables of the experiment on the Build screen, valid or not."""
    run: str | None
    """The name of the run that the Train screen watches."""
    check_run: bool
    """True if the Gradients screen checks the run instead of the draft."""
    measures: bool
    """True if runs that this app starts measure their layers and consult the doctor."""

    def __init__(self, home: Path | None = None) -> None:
        self.home = home
        self._held: dict[str, None] = {}  # in the order of their arrival
        self.dataset = self.draft = self.run = None
        self.check_run = False
        self.measures = True
        self._changed: Signal[str] | None = None

    @property
    def held(self) -> list[str]:
        """The runs that this app has started or watched, the oldest first; leaving asks about those still training."""
        return list(self._held)

    def remember(self, name: str) -> None:
        """Add a run to those that this app has started or watched."""
        self._held[name] = None

    def forget(self, name: str) -> None:
        """Remove a run from `held`, and stop watching it."""
        self._held.pop(name, None)
        if self.run == name:
            self.run = None

    def rename(self, name: str, new: str) -> None:
        """Replace the name of a run that was renamed."""
        self._held = {new if held == name else held: None for held in self._held}
        if self.run == name:
            self.run = new

    def look_at(self, mode: str) -> None:
        """Let the Gradients screen check what the user looks at: the run on Train and Inspect, the draft on Build."""
        checks_run = self.run is not None if mode in ("train", "inspect") else self.check_run
        checks_run = checks_run and not (mode == "build" and self.draft is not None)
        if checks_run != self.check_run:
            self.check_run = checks_run

    def announce_through(self, node: DOMNode) -> None:
        """Publish changes from now on as signals of `node`, the app."""
        self._changed = Signal(node, "session")

    def subscribe(self, node: DOMNode, callback: Callable[[str], object]) -> None:
        """Call `callback` with an attribute's name after each change, for as long as `node` is mounted."""
        if self._changed is not None:
            self._changed.subscribe(node, callback)

    def __setattr__(self, name: str, value: object) -> None:
        super().__setattr__(name, value)
        if name == "run" and isinstance(value, str):
            self.remember(value)
        changed = self.__dict__.get("_changed")
        if changed is not None and not name.startswith("_"):
            changed.publish(name)
