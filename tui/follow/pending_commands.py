"""What was asked of a run's worker and is not answered yet: keys answer at once, the worker a moment later."""

from tui.follow.run_figures import RunFigures

WORDS = {
    "pause": "pausing …",
    "resume": "going on …",
    "step": "stepping …",
    "stop": "stopping …",
    "checkpoint": "saving …",
    "set": "",
    "measure": "",
}
"""What stands in the place of the state until the worker has answered."""


class PendingCommands:
    """Commands under way for one run; owned by the screen that sends them."""

    def __init__(self) -> None:
        self._due: dict[str, int] = {}  # how many answers each command will have had when it is answered
        self.rate: float | None = None
        """The learning rate that was asked for, until it is in force."""
        self._will_pause: bool | None = None
        self._will_measure: bool | None = None

    def add(self, command: str, figures: RunFigures, value: float | bool | None = None) -> None:
        """Remember that `command` was sent, with a rate or with yes or no where it takes one."""
        before = max(self._due.pop(command, 0), figures.answered.get(command, 0))
        self._due[command] = before + 1
        if command == "set":
            self.rate = value
        if command == "measure":
            self._will_measure = bool(value)
        if command in ("pause", "resume", "step"):
            self._will_pause = command != "resume"

    def withdraw(self, command: str) -> None:
        """Forget a command that could not be sent."""
        self._due.pop(command, None)
        self._clear_answered()

    def settle(self, figures: RunFigures) -> None:
        """Forget what the worker has answered; one that is gone will answer nothing."""
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

    def is_paused(self, figures: RunFigures) -> bool:
        """Whether the run is paused, or will be when it has answered."""
        return figures.state == "paused" if self._will_pause is None else self._will_pause

    def is_measured(self, figures: RunFigures) -> bool:
        """Whether the layers are measured, or will be when the worker has answered."""
        return figures.measuring if self._will_measure is None else self._will_measure

    @property
    def words(self) -> str:
        """What is being done, the newest first; empty where nothing is."""
        return next((WORDS[command] for command in reversed(self._due) if WORDS[command]), "")
