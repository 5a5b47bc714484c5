"""The state of a run at a glance, and stopping it, from anywhere in the app."""

from dataclasses import dataclass
from pathlib import Path

from tui.follow.current_epoch import current_epoch


@dataclass(frozen=True)
class RunGlance:
    """The state and the progress of a run."""

    state: str
    is_over: bool
    epoch: int = 0
    """The current epoch, from 1; 0: not known yet."""
    epochs: int = 0

    def line(self, name: str) -> str:
        """Return `mnist-1 · running · 3/10 epochs`: those that are complete."""
        progress = f" · {self.epoch:,}/{self.epochs:,} epochs" if self.epochs and not self.is_over else ""
        return f"{name} · {self.state}{progress}"


class RunGlances:
    """Reads and stops runs through their folders; tests replace it.

    Both calls use files: not for the event loop.
    """

    def glance(self, name: str, home: Path | None) -> RunGlance | None:
        """Return the state of the run; None if it is missing or cannot be read."""
        from engine.errors import NntermError
        from engine.runs import Run

        try:
            status = Run.open(name, home).status()
        except NntermError:
            return None
        epoch = current_epoch(status.step, status.steps_per_epoch, status.epochs)
        return RunGlance(status.state, status.is_over, epoch, status.epochs)

    def stop(self, name: str, home: Path | None) -> str:
        """Tell the run to save a checkpoint and stop; return an error message, empty on success."""
        from engine.errors import NntermError
        from engine.runs import Run

        try:
            Run.open(name, home).command("stop")
        except NntermError as error:
            return error.message
        return ""
