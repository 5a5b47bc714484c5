"""The keys of the Train screen that work in each state of a run, and the reason why another one does nothing."""

from collections.abc import Mapping
from typing import Literal

from tui.follow.pending_commands import PendingCommands
from tui.follow.run_figures import RunFigures

Phase = Literal["none", "running", "paused", "stopping", "over"]
"""No run; training (or starting); paused; told to stop; ended in whatever state."""

TRAINING: frozenset[Phase] = frozenset({"running", "paused"})
PHASES: Mapping[str, frozenset[Phase]] = {
    "pause": frozenset({"running"}),
    "resume": frozenset({"paused"}),
    "resume_ended": frozenset({"over"}),
    "step": TRAINING,
    "rate": TRAINING,
    "checkpoint": TRAINING,
    "measure": TRAINING,
    "stop": TRAINING,
    "pace": TRAINING,
    "pace_again": frozenset({"over"}),
}
"""The phases in which an action that steers a training is possible."""
ENDED = {
    "finished": "has finished",
    "stopped": "is stopped",
    "diverged": "has diverged",
    "failed": "has failed",
}
"""The states of a run that is over, in a sentence; any other is lost."""

DOES = {
    "space": "pause or resume",
    "s": "step",
    "x": "stop",
    "plus": "change the learning rate of",
    "equals_sign": "change the learning rate of",
    "minus": "change the learning rate of",
    "underscore": "change the learning rate of",
    "c": "save",
    "I": "measure",
    "left_parenthesis": "slow down",
    "right_parenthesis": "speed up",
}
"""Verbs for the keys that steer a training."""
NEED_A_RUN = frozenset(["d", "e", "g", "i", "r", "b", "B", "D", "Y", "Z"])
"""Keys that act on the run shown, whatever its state."""


def phase_of(figures: RunFigures | None, pending: PendingCommands) -> Phase:
    """Return the phase of a run, with the commands that its worker has not answered yet."""
    if figures is None:
        return "none"
    if figures.is_over:
        return "over"
    if figures.is_stopping or pending.will_stop:
        return "stopping"
    return "paused" if pending.is_paused(figures) else "running"


def why_not(key: str, phase: Phase, figures: RunFigures | None) -> str:
    """Return why a key can do nothing now, in a sentence; empty for a key that the screen does not know."""
    if figures is None:
        return "No run is open: 6 lists the runs." if key in DOES or key in NEED_A_RUN else ""
    name = figures.name
    if key == "right_parenthesis" and phase in TRAINING:
        return "The training runs at full speed; ( slows it down."
    if key == "enter" and phase != "over":
        return "The training is not over yet; g checks the gradients now."
    if key == "b":
        return "There is no other run to compare with."
    if key not in DOES:
        return f"{name} has no figures yet." if key in NEED_A_RUN else ""
    if phase == "stopping":
        return f"{name} is stopping: it evaluates the network and saves a checkpoint."
    state = ENDED.get(figures.state, "has lost its worker")
    return f"{name} {state}: there is no training to {DOES[key].removesuffix(' of')}. Space continues it, r retrains."
