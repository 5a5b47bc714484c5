"""Follows a run until the training ends or the user detaches."""

import time
from typing import TYPE_CHECKING

from engine.errors import NntermError
from engine.events import Failed, Finding, Finished, Resumed
from engine.files.regular import last_lines
from tui.cli import output
from tui.cli.display import Display, JsonDisplay, PlainDisplay
from tui.cli.event_lines import summary
from tui.cli.interrupts import Interrupts

if TYPE_CHECKING:
    from engine.experiment.experiment import Experiment
    from engine.runs import Run

FRAME_S = 0.15
"""Seconds between two frames, about 6 a second."""
SLOW_FRAME_S = 1.0
"""Seconds between two frames with `--low-bandwidth`."""
LOOK_S = 1.0
"""Seconds between two checks that the worker is alive."""
CLOSING_S = 20.0
"""Seconds that the worker may take to close its files after the last event."""
LOG_LINES = 8
HINT = "Ctrl-C saves a checkpoint and stops; closing the terminal does not stop it"


class WorkerError(NntermError):
    """The worker crashed or is gone, through no mistake of the user's."""

    exit_code = output.ExitCode.NO


def choose_display(run: "Run", as_json: bool, plain: bool, hint: str, low_bandwidth: bool = False) -> Display:
    """Return the display that suits stdout: JSON if requested, live on a terminal, else plain lines."""
    if as_json:
        return JsonDisplay(run.name)
    if plain or not output.is_live():
        return PlainDisplay(run.name, quiet=plain)
    from tui.cli.live import LiveDisplay

    return LiveDisplay(output.console(), run.name, hint, SLOW_FRAME_S if low_bandwidth else 0.0)


def follow(
    run: "Run",
    display: Display,
    interrupts: Interrupts,
    *,
    stops: bool,
    opening: str = "",
    offset: int = 0,
) -> int:
    """Show a run until it ends, write how it ended, and return the exit code.

    Args:
        opening: the first line.
        offset: bytes of the event file to skip.
        stops: True: the first Ctrl-C stops the training and a second one detaches; False: the first detaches.

    Raises:
        NntermError: the worker found a mistake in the data or the experiment.
        WorkerError: the worker crashed or is gone.
    """
    follower = RunFollower(run, display, interrupts, stops, offset)
    try:
        with display:
            if opening:
                display.say(opening)
            follower.until_over()
        return follower.conclude()
    except (output.ReaderGone, OSError):
        output.note(
            f"the output cannot be written any more; the training continues: nnterm attach {run.address}"
        )
        raise


def follow_started(
    run: "Run",
    experiment: "Experiment",
    interrupts: Interrupts,
    *,
    verb: str = "",
    offset: int = 0,
    detach: bool,
    json: bool,
    plain: bool,
) -> int:
    """Follow a run whose worker was just started; with `detach`, write that it trains in the background.

    Args:
        experiment: the run's experiment, for the first line.
        verb: follows the run's name in the first line.
        offset: bytes of the event file to skip.
    """
    from tui.words.figures import headline

    if detach:
        if json:
            output.json_line({"type": "launched", "run": run.name, "path": str(run.path)})
        else:
            output.line(f"{run.name} is training in the background, in {run.path}")
            output.line(
                f"follow it with: nnterm attach {run.address}; stop it with: nnterm stop {run.address}"
            )
        return output.ExitCode.DONE
    display = choose_display(run, json, plain, HINT)
    opening = "" if json else f"{f'{run.name} {verb}'.rstrip()}: {headline(experiment)}"
    return follow(run, display, interrupts, stops=True, opening=opening, offset=offset)


class RunFollower:
    """Follows one run; owns the number of findings, the last event and what Ctrl-C has requested."""

    def __init__(
        self, run: "Run", display: Display, interrupts: Interrupts, stops: bool, offset: int = 0
    ) -> None:
        self._run, self._display, self._interrupts, self._stops = run, display, interrupts, stops
        self._events = run.follow(offset)
        self._ending: Finished | Failed | None = None
        self._found = 0
        self._stop_requested = False
        self._left = False

    def until_over(self) -> None:
        """Show events until the last one, until the worker is gone, or until the user detaches."""
        next_look = 0.0
        while True:
            gone, now = False, time.monotonic()
            if now >= next_look:
                gone, next_look = self._run.status().is_over, now + LOOK_S
            self._show_new_events()
            self._display.refresh()
            self._handle_interrupts()
            if self._ending or self._left or gone:
                break
            time.sleep(FRAME_S)
        if self._ending:
            self._wait_for_worker()

    def _show_new_events(self) -> None:
        offset = -1
        while self._events.offset != offset:
            offset = self._events.offset
            for event in self._events.poll():
                self._display.show(event)
                if isinstance(event, Finished | Failed):
                    self._ending = event
                elif isinstance(event, Finding):
                    self._found += bool(event.reference)  # without one it is a remark
                elif isinstance(event, Resumed):
                    self._ending = None

    def _handle_interrupts(self) -> None:
        presses = self._interrupts.count
        if presses > 1 or (presses and not self._stops):
            self._left = True
        elif presses and not self._stop_requested:
            self._stop_requested = True
            self._run.command("stop")
            self._display.say("stopping: the worker saves a checkpoint (Ctrl-C again detaches)")

    def _wait_for_worker(self) -> None:
        """Wait until the checkpoint and the status are written, so that the next command finds them."""
        deadline = time.monotonic() + CLOSING_S
        while not self._run.status().is_over and time.monotonic() < deadline and self._interrupts.count < 2:
            time.sleep(FRAME_S / 3)
        self._show_new_events()

    def conclude(self) -> int:
        """Write how the run ended and return the exit code; raises as `follow`."""
        if isinstance(self._ending, Finished):
            return self._conclude_finished(self._ending)
        if isinstance(self._ending, Failed):
            raise self._failure(self._ending)
        if self._left:
            self._display.say(f"the training continues; follow it with: nnterm attach {self._run.address}")
            self._display.say(f"stop it with: nnterm stop {self._run.address}")
            return output.ExitCode.INTERRUPTED
        state = self._run.status().state
        raise WorkerError(
            f"{self._run.name} is {state}: its worker has gone without a final status{self._log()}"
        )

    def _conclude_finished(self, event: Finished) -> int:
        if not isinstance(self._display, JsonDisplay):
            for text in summary(event):
                output.line(text)
            output.line(f"run {self._run.name} in {self._run.path}")
            if self._found:
                output.line(f"causes, explanations and fixes: nnterm diagnose {self._run.address}")
        if event.state == "diverged":
            return output.ExitCode.NO
        return output.ExitCode.INTERRUPTED if self._stop_requested else output.ExitCode.DONE

    def _failure(self, event: Failed) -> NntermError:
        if not event.traceback:
            return NntermError(event.message, event.hint)
        return WorkerError(f"the worker failed: {event.message}{self._log()}", event.hint)

    def _log(self) -> str:
        """Return the last lines of the worker's log, to append to a message."""
        path = self._run.path / "worker.log"
        lines = last_lines(path, LOG_LINES)
        return "\n".join(["", *lines[-LOG_LINES:], f"the worker's log: {path}"])
