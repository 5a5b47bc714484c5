"""The events of a training, as frozen structs: one JSON object each in a run's `events.jsonl`.

Losses and accuracies are means over samples; accuracies are shares from 0 to 1; None: there is no such figure
(a regression has no accuracy, a dataset without a validation split no validation loss). Times are Unix seconds.
"""

from typing import Any, Literal

import msgspec

from engine.words import counted

FinalState = Literal["finished", "stopped", "diverged"]


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag=str.lower):
    """An event at `time`, Unix seconds, after `step` updates."""

    time: float
    step: int

    def __repr__(self) -> str:
        values = {name: getattr(self, name) for name in self.__struct_fields__ if name != "time"}
        shown = [f"{name}={_brief(value)}" for name, value in values.items() if value not in ("", None)]
        return f"{type(self).__name__}({', '.join(shown)})"


def _brief(value: object) -> str:
    """Return a value for a line: a number to 6 digits, a table or a list by its length, a text to 60 characters."""
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, dict | list) and len(value) > 2:
        kind, what = ("{}", "keys") if isinstance(value, dict) else ("[]", "entries")
        return f"{kind[0]}{len(value)} {what}{kind[1]}"
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


class Started(Event, frozen=True):
    """A worker started or resumed the run."""

    run: str
    experiment: dict[str, Any]
    n_parameters: int
    train_samples: int
    validation_samples: int
    test_samples: int
    steps_per_epoch: int
    epochs: int
    chance: float | None = None
    """Accuracy of always predicting the most frequent class."""
    backend: str = "numpy"
    device: str = "cpu"
    dtype: str = "float32"
    threads: int = 1
    """Threads of each process."""
    processes: int = 1
    """Processes that share each batch."""
    blas: str = ""
    """Name and version of the library that multiplies matrices: BLAS, or PyTorch."""
    pid: int = 0
    host: str = ""
    version: str = ""
    parent: str = ""
    """Name of the run that this one was forked from; empty if it is no fork."""
    data_sha256: str = ""
    """SHA-256 of the user's own data file, in hex; empty for a registered dataset."""


class Buckets(msgspec.Struct, frozen=True):
    """Losses in groups of `size` updates, the last with the rest; None: no loss of the group was finite."""

    size: int
    """Updates per group."""
    count: int
    """Updates in total."""
    minimum: list[float | None]
    mean: list[float | None]
    maximum: list[float | None]


class Steps(Event, frozen=True):
    """A chunk of updates; `step` is the number of updates before the first of them."""

    losses: list[float | None]
    """Training loss of each update's batch, before the update, to 6 digits; None where it was not finite.

    Empty if there are buckets.
    """
    seconds: float
    """Duration of the updates."""
    epoch: int
    """Epoch of the first update, counted from 1."""
    learning_rate: float
    """Learning rate of the last update."""
    buckets: Buckets | None = None
    """The losses in groups: in a long run, and in a digest."""

    def __repr__(self) -> str:
        known = [loss for loss in self.means if loss is not None]
        loss = f"mean loss {sum(known) / len(known):.6g}" if known else "no finite loss"
        rate = f"learning_rate={self.learning_rate:g}"
        return f"Steps(step={self.step}, epoch={self.epoch}, {counted(self.count, 'update')}, {loss}, {rate})"

    @property
    def count(self) -> int:
        """Number of updates."""
        return len(self.losses) if self.buckets is None else max(0, self.buckets.count)

    @property
    def means(self) -> list[float | None]:
        """The losses, or the mean loss of each bucket."""
        return self.losses if self.buckets is None else self.buckets.mean


class Epoch(Event, frozen=True):
    """The end of an epoch; the training figures are means over its batches, each before its update."""

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
    """A checkpoint was written."""

    path: str
    """Its file, relative to the run folder."""
    reason: str
    """best, last, epoch, time, command or diverged."""


class Command(Event, frozen=True):
    """A request was applied, or refused with a reason."""

    command: str
    key: str | None = None
    value: Any = None
    refused: str | None = None
    read: int | None = None
    """Bytes of `commands.jsonl` up to the end of this request; None if it did not come from that file."""
    replayed: bool = False
    """True if it had been applied before, at this step, in updates that a crash rolled back."""


class AppliedChange(msgspec.Struct, frozen=True):
    """A change to a setting that was applied at `step`, and is to be applied there again."""

    step: int
    key: str
    value: Any


class Resumed(Event, frozen=True):
    """A worker resumed the run from a checkpoint; earlier events after `step` are rolled back."""

    path: str
    """The checkpoint, relative to the run folder; empty: no checkpoint was usable, and the run starts again."""
    kept: int | None = None
    """Bytes of `events.jsonl` that are still valid; events between them and this one are rolled back."""
    commands: list[AppliedChange] = []
    """Changes in the updates that are rolled back, to be applied again at their steps."""


class LayerFigures(msgspec.Struct, frozen=True, kw_only=True):
    """Statistics of one layer over a probe of samples; None: not defined for this layer, or not finite."""

    name: str
    """Name in the network, for example `layers.0`."""
    kind: str
    """Type in the experiment file: dense, batchnorm, ..."""
    units: int
    activation_mean: float | None
    """Mean of the outputs; of the logits in a last layer whose activation is part of the loss."""
    activation_std: float | None
    """Standard deviation of the same."""
    dead: float | None
    """Share of units that were never active over the window; only for activations that can be off (relu)."""
    saturated: float | None
    """Share of outputs in the flat ends; only for activations that have them (sigmoid, tanh)."""
    gradient_norm: float | None
    """Euclidean norm of the gradient of the weights, without the bias."""
    weight_norm: float | None
    """Euclidean norm of the weights, without the bias."""
    update_ratio: float | None
    """Norm of the weights' next update divided by the norm of the weights."""


class Layers(Event, frozen=True):
    """Layer statistics after `step` updates, over a fixed probe of training samples; see `engine.doctor.telemetry`."""

    layers: list[LayerFigures]
    loss: float | None
    """Loss over the probe."""
    loss_after: float | None
    """Loss over the probe after one more update computed from it: above `loss` if that update oversteps."""
    learning_rate: float
    seconds: float
    """Duration of the measurement."""
    planned: bool = True
    """True at the steps at which every training is measured, False for one more when there was time. The doctor judges
    by the former alone, so that its findings do not depend on the computer's speed."""


class Finding(Event, frozen=True):
    """A finding of the doctor: a problem, the evidence and a suggested fix; see `docs/diagnosis.md`."""

    code: str
    severity: Literal["info", "warning", "error"]
    message: str
    """One sentence."""
    layer: str | None = None
    evidence: dict[str, Any] = {}
    remedy: dict[str, Any] = {}
    """Suggested fix: changes to the experiment, as `--set` takes them; empty if no setting fixes the problem."""
    reference: str = ""
    """Publication of the rule or of its threshold."""
    cause: str = ""
    """Code of the finding that causes this one; empty if this one is a cause itself."""


class Finished(Event, frozen=True):
    """The end of a training, with the figures of the final weights over whole splits."""

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
    """Duration of training and evaluation, pauses excluded."""
    run: str = ""
    reason: str = ""
    """Reason for an early end; empty after the last epoch, and after a stop by request."""


class Failed(Event, frozen=True):
    """The worker failed."""

    message: str
    hint: str = ""
    traceback: str = ""


AnyEvent = Started | Steps | Epoch | Layers | Checkpoint | Command | Resumed | Finding | Finished | Failed
"""Any event of `events.jsonl`; readers skip types that they do not know."""
