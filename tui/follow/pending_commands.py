"""Commands sent to a run's worker and not answered yet: the screen shows their effect at once."""

from tui.follow.run_figures import RunFigures

WORDS = {
    "pause": "pausing …",
    "resume": "resuming …",
    "step": "stepping …",
    "stop": "stopping …",
    "checkpoint": "saving …",
    "set": "",
    "measure": "",
    "pace": "",
}
"""Shown instead of the state until the worker has answered."""


class PendingCommands:
    """The unanswered commands of one run; owned by the screen that sends them."""

    def __init__(self) -> None:
        self._due: dict[str, int] = {}  # the number of answers at which each command is answered
        self.rate: float | None = None
        """The requested learning rate, until it is in effect."""
        self.pace: float | None = None
        """The requested pace, until it is in effect; None: none requested, or full speed."""
        self._will_pause: bool | None = None
        self._will_measure: bool | None = None

    def add(self, command: str, figures: RunFigures, value: float | bool | None = None) -> None:
        """Add a command that was sent, with its value: a learning rate, or True or False."""
        before = max(self._due.pop(command, 0), figures.answered.get(command, 0))
        self._due[command] = before + 1
        if command == "set":
            self.rate = value
        if command == "pace":
            self.pace = value
        if command == "measure":
            self._will_measure = bool(value)
        if command in ("pause", "resume", "step"):
            self._will_pause = command != "resume"

    def withdraw(self, command: str) -> None:
        """Remove a command that could not be sent."""
        self._due.pop(command, None)
        self._clear_answered()

    def settle(self, figures: RunFigures) -> None:
        """Remove the answered commands; all of them once the run has ended."""
        answered = figures.answered
        self._due = {
            command: due
            for command, due in self._due.items()
            if not figures.is_over and answered.get(command, 0) < due
        }
        self._clear_answered()

    def _clear_answered(self) -> None:
        if "set" not in self._due:
            self.rate = None
        if "measure" not in self._due:
            self._will_measure = None
        if not {"pause", "resume", "step"} & set(self._due):
            self._will_pause = None

    def pace_of(self, figures: RunFigures) -> float | None:
        """Return the pace of the run, or the one that it will have after the worker's answer; None: full speed."""
        return self.pace if "pace" in self._due else figures.pace

    @property
    def will_stop(self) -> bool:
        """True if a stop was requested and is not answered yet."""
        return "stop" in self._due

    @property
    def is_waiting(self) -> bool:
        """True if any command is not answered yet."""
        return bool(self._due)

    def is_paused(self, figures: RunFigures) -> bool:
        """Return True if the run is paused, or will be after the worker's answer."""
        return figures.state == "paused" if self._will_pause is None else self._will_pause

    def is_measured(self, figures: RunFigures) -> bool:
        """Return True if the layers are measured, or will be after the worker's answer."""
        return figures.measuring if self._will_measure is None else self._will_measure

    @property
    def words(self) -> str:
        """Text for the newest unanswered command; empty without one."""
        return next((WORDS[command] for command in reversed(self._due) if WORDS[command]), "")
