"""The lines of a run's event log: what repeats has one line that is renewed, so that the rest stays in sight."""

from engine.events import AnyEvent, Checkpoint, Epoch, Finding, Resumed, Started
from tui.words.events import EventLine, is_divergence, line_of, repeats, saved_step

MOST = 500
"""Maximum lines; the oldest are dropped."""


class EventLogLines:
    """The lines of the events given to `add`, oldest first."""

    def __init__(self) -> None:
        self._lines: list[EventLine] = []
        self._epochs = 0
        self._logged_checkpoint = ""
        self.diverged_at: int | None = None
        """The update in which the training diverged; None: it did not, or that is not known."""
        self.kept_step: int | None = None
        """The update of the last finite weights of a diverged training."""

    def add(self, event: AnyEvent, rate: float | None) -> None:
        """Add the line of an event, if it has one.

        Args:
            rate: the learning rate before the event.
        """
        self._note(event)
        line = line_of(event, rate, epochs=self._epochs, diverged_at=self.diverged_at)
        if line is not None and not repeats(event, self._logged_checkpoint):
            topic = "epoch" if isinstance(event, Epoch) else line.topic
            if topic:
                self._lines = [known for known in self._lines if known.topic != topic]
            self._lines.append(line)
            del self._lines[:-MOST]
        if isinstance(event, Checkpoint):
            self._logged_checkpoint = event.path

    def lines(self) -> tuple[EventLine, ...]:
        """Return the lines so far."""
        return tuple(self._lines)

    def _note(self, event: AnyEvent) -> None:
        match event:
            case Started():
                self._epochs = event.epochs
            case Finding() if is_divergence(event):
                self.diverged_at = event.step
            case Checkpoint(reason="diverged"):
                self.kept_step = saved_step(event)
            case Resumed():
                self.diverged_at = self.kept_step = None
