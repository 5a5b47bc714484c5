"""What the app asks about runs wherever the user is: how does mine stand, and stop it."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class RunGlance:
    """How a run stands, at a glance."""

    state: str
    is_over: bool
    epoch: int = 0
    epochs: int = 0

    def line(self, name: str) -> str:
        """Return `mnist-1 · running · epoch 3/10`."""
        progress = f" · epoch {self.epoch}/{self.epochs}" if self.epochs and not self.is_over else ""
        return f"{name} · {self.state}{progress}"


class RunGlances:
    """Reads and steers runs through their folders; tests put another in its place.

    Both calls read files: not for the event loop.
    """

    def glance(self, name: str, home: Path | None) -> RunGlance | None:
        """Return how the run stands; None where it is gone or cannot be read."""
        from engine.errors import NntermError
        from engine.runs import Run

        try:
            status = Run.open(name, home).status()
        except NntermError:
            return None
        return RunGlance(status.state, status.is_over, status.epoch, status.epochs)

    def stop(self, name: str, home: Path | None) -> str:
        """Ask the run to checkpoint and stop; return what stood in the way, or nothing."""
        from engine.errors import NntermError
        from engine.runs import Run

        try:
            Run.open(name, home).command("stop")
        except NntermError as error:
            return error.message
        return ""
