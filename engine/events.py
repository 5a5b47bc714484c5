"""What happens in a training, as frozen structs: one JSON object each in a run's `events.jsonl`.

Losses and accuracies are means over samples; accuracies are shares from 0 to 1; None stands for "there is none"
(a regression has no accuracy, a data set without a held-out part no validation). Times are Unix seconds.
"""

from typing import Any, Literal

import msgspec

FinalState = Literal["finished", "stopped", "diverged"]


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag=str.lower):
    """Something that happened at `time`, after `step` updates."""

    time: float
    step: int


class Started(Event, frozen=True):
    """A worker began (or took over) the run."""

    run: str
    experiment: dict[str, Any]
    n_parameters: int
    train_samples: int
    validation_samples: int
    test_samples: int
    steps_per_epoch: int
    epochs: int
    chance: float | None = None
    """Accuracy of always guessing the most frequent class."""
    backend: str = "numpy"
    device: str = "cpu"
    dtype: str = "float32"
    threads: int = 1
    blas: str = ""
    pid: int = 0
    host: str = ""
    version: str = ""


class Steps(Event, frozen=True):
    """A chunk of updates; `step` is the number of updates before the first of them."""

    losses: list[float | None]
    """Training loss of each update's batch, before the update."""
    seconds: float
    epoch: int
    """The epoch they belong to, counted from 1."""
    learning_rate: float
    """At the last of them."""


class Epoch(Event, frozen=True):
    """An epoch ended; the training figures are means over its batches while it learned."""

    epoch: int
    """Counted from 1."""
    train_loss: float | None
    train_accuracy: float | None
    validation_loss: float | None
    validation_accuracy: float | None
    learning_rate: float
    samples_per_s: float
    seconds: float


class Checkpoint(Event, frozen=True):
    """Weights were written to `path`, relative to the run folder."""

    path: str
    reason: str


class Command(Event, frozen=True):
    """A request was applied, or refused with a reason."""

    command: str
    key: str | None = None
    value: Any = None
    refused: str | None = None


class Resumed(Event, frozen=True):
    """A worker took the run up again from a checkpoint; events after `step` before this one no longer count."""

    path: str


class Finding(Event, frozen=True):
    """The doctor's word; see `docs` of the design, section 9."""

    code: str
    severity: Literal["info", "warning", "error"]
    message: str
    layer: str | None = None
    evidence: dict[str, Any] = {}
    remedy: dict[str, Any] = {}


class Finished(Event, frozen=True):
    """Training ended; figures over whole splits with the weights that were kept."""

    state: FinalState
    train_loss: float | None
    train_accuracy: float | None
    validation_loss: float | None
    validation_accuracy: float | None
    test_loss: float | None
    test_accuracy: float | None
    epochs: int
    """Epochs completed."""
    steps: int
    seconds: float
    """Spent in training and evaluation, pauses left out."""
    run: str = ""
    reason: str = ""
    """Why it ended, where that needs a word."""


class Failed(Event, frozen=True):
    """The worker broke down."""

    message: str
    hint: str = ""
    traceback: str = ""


AnyEvent = Started | Steps | Epoch | Checkpoint | Command | Resumed | Finding | Finished | Failed
"""Everything that `events.jsonl` may hold; readers pass over types that they do not know."""
