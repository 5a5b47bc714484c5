"""What the app has chosen so far; screens read it when they appear, and change it as the user goes on."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from textual.dom import DOMNode
from textual.signal import Signal


class Session:
    """The thread of the app: a dataset, a draft of an experiment, a run. Owned by the app, changed by its screens.

    Assigning to an attribute tells those who have subscribed, by the attribute's name.
    """

    home: Path | None
    """Where runs live; None: the default home."""
    dataset: str | None
    """A registered name or a path, once chosen on the Data screen."""
    draft: dict[str, Any] | None
    """The experiment's plain tables as the Build screen has them, sensible or not."""
    run: str | None
    """The name of the run that the Train screen watches."""
    check_run: bool
    """Whether Gradients looks at the run instead of the draft."""
    measures: bool
    """Whether a training that this app starts has its layers measured and the doctor asked."""

    def __init__(self, home: Path | None = None) -> None:
        self.home = home
        self._held: dict[str, None] = {}  # in the order in which they came
        self.dataset = self.draft = self.run = None
        self.check_run = False
        self.measures = True
        self._changed: Signal[str] | None = None

    @property
    def held(self) -> list[str]:
        """The runs that this app has started or watched, the oldest first: leaving asks about those that train."""
        return list(self._held)

    def remember(self, name: str) -> None:
        """Count a run among those that this app has to do with."""
        self._held[name] = None

    def forget(self, name: str) -> None:
        """Let go of a run; it is no longer watched either."""
        self._held.pop(name, None)
        if self.run == name:
            self.run = None

    def rename(self, name: str, new: str) -> None:
        """Follow a run that was given another name."""
        self._held = {new if held == name else held: None for held in self._held}
        if self.run == name:
            self.run = new

    def announce_through(self, node: DOMNode) -> None:
        """Tell changes from now on in the name of `node`, the app."""
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
