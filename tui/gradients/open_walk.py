"""Opens the walk through a training step that a run has just made; called by the Train screen."""

from tui.gradients.walk_screen import WalkScreen
from tui.processes.check_subject import CheckSubject
from tui.shell.lab import LabApp


def open_walk(app: LabApp, run: str, step: int) -> None:
    """Show how `run` made its update number `step`; escape returns to the screen that is shown now.

    Args:
        step: the number of updates that the run has made after it, as its status says; at least 1.
    """
    app.push_screen(WalkScreen(CheckSubject(run, step=step)))
