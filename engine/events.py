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
    """Of each process."""
    processes: int = 1
    """That share each batch."""
    blas: str = ""
    """What multiplies matrices, with its version: a matrix library, or PyTorch."""
    pid: int = 0
    host: str = ""
    version: str = ""
    parent: str = ""
    """The run that this one was forked from."""
    data_sha256: str = ""
    """Of the user's own data file, in hex; empty for a registered dataset."""


class Buckets(msgspec.Struct, frozen=True):
    """Losses of very many updates, `size` of them to a bucket and the rest in the last; None: none was finite."""

    size: int
    count: int
    """Updates in all."""
    minimum: list[float | None]
    mean: list[float | None]
    maximum: list[float | None]


class Steps(Event, frozen=True):
    """A chunk of updates; `step` is the number of updates before the first of them."""

    losses: list[float | None]
    """Training loss of each update's batch, before the update; empty where there are buckets."""
    seconds: float
    epoch: int
    """The epoch they belong to, counted from 1."""
    learning_rate: float
    """At the last of them."""
    buckets: Buckets | None = None
    """In a long run, and in a condensed one, the losses in groups."""

    @property
    def count(self) -> int:
        """How many updates it tells of."""
        return len(self.losses) if self.buckets is None else max(0, self.buckets.count)

    @property
    def means(self) -> list[float | None]:
        """The losses, or the means of their buckets."""
        return self.losses if self.buckets is None else self.buckets.mean


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
    read: int | None = None
    """Bytes of `commands.jsonl` up to and with this request; None where it did not come from there."""
    replayed: bool = False
    """Whether it was applied before, in steps that a crash took back."""


class AppliedChange(msgspec.Struct, frozen=True):
    """A change that was applied at a step, to be applied there again."""

    step: int
    key: str
    value: Any


class Resumed(Event, frozen=True):
    """A worker took the run up again from a checkpoint; events after `step` before this one no longer count."""

    path: str
    """The checkpoint, relative to the run folder; empty: there was none, and the run begins again."""
    kept: int | None = None
    """Bytes of `events.jsonl` that still count; what lies between them and this event does not."""
    commands: list[AppliedChange] = []
    """What was steered in the steps that no longer count, and will be again."""


class LayerFigures(msgspec.Struct, frozen=True, kw_only=True):
    """One layer over a probe of samples; None: there is no such figure, or it was NaN or infinite."""

    name: str
    """`layers.0`"""
    kind: str
    """Its type in the experiment file: dense, batchnorm, ..."""
    units: int
    activation_mean: float | None
    """Of its outputs; of the logits in a last layer whose activation is part of the loss."""
    activation_std: float | None
    dead: float | None
    """Share of units that were never active over the window; only where an activation can be off (relu)."""
    saturated: float | None
    """Share of outputs in the flat ends; only where an activation has them (sigmoid, tanh)."""
    gradient_norm: float | None
    """Of the weights' gradient, the bias left out."""
    weight_norm: float | None
    update_ratio: float | None
    """Norm of the weights' next update over that of the weights."""


class Layers(Event, frozen=True):
    """The layers' figures after `step` updates, over a fixed probe of training samples; see `engine.doctor.telemetry`."""

    layers: list[LayerFigures]
    loss: float | None
    """Over the probe."""
    loss_after: float | None
    """Over the probe after one more update made from it: higher than `loss` where that update oversteps."""
    learning_rate: float
    seconds: float
    """That the measurement took."""


class Finding(Event, frozen=True):
    """The doctor's word: what is wrong, by which figures, and what mends it; see `docs/diagnosis.md`."""

    code: str
    severity: Literal["info", "warning", "error"]
    message: str
    """One sentence."""
    layer: str | None = None
    evidence: dict[str, Any] = {}
    remedy: dict[str, Any] = {}
    """Changes to the experiment, as `--set` takes them; empty where no setting mends it."""
    reference: str = ""
    """Where the rule or its threshold was published."""
    cause: str = ""
    """Code of the finding that explains this one, which is then a symptom."""


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


AnyEvent = Started | Steps | Epoch | Layers | Checkpoint | Command | Resumed | Finding | Finished | Failed
"""Everything that `events.jsonl` may hold; readers pass over types that they do not know."""
