"""Evidence on a training as frozen structs: the plan, the start, the course, the result.

Each stage holds the earlier ones, so that a rule has everything that is known at that stage.
"""

import math
import statistics
from collections.abc import Iterator
from functools import cached_property

import msgspec

from engine.data import DatasetInfo
from engine.doctor.data_facts import DataFacts
from engine.doctor.planned_dense import PlannedDense
from engine.errors import Problem
from engine.events import Epoch, Finished, Layers
from engine.experiment.experiment import Experiment
from engine.nn.specs import DenseSpec

OPENING = 10
"""Updates whose mean loss is the first loss of a training that continues from trained weights."""


class Gap(msgspec.Struct, frozen=True):
    """NaN and infinite values in a file."""

    count: int
    samples: int
    """Rows that contain one."""
    features: tuple[int, ...]
    """Columns of `x` that contain one, counted from 0; empty for targets."""
    array: str
    """Name of the array in the file: `x`, `y`, ..."""
    counts: tuple[int, ...] = ()
    """Count in each of those columns."""


class Plan(msgspec.Struct, frozen=True, dict=True):
    """Everything known before the training."""

    experiment: Experiment
    """Resolved experiment; it may be forced."""
    info: DatasetInfo
    problems: tuple[Problem, ...] = ()
    """Problems that `engine.experiment.checks` refuses unless forced."""
    facts: DataFacts | None = None
    """Statistics of the data; None: the data could not be read."""
    gap: Gap | None = None

    @cached_property
    def dense(self) -> tuple[PlannedDense, ...]:
        """The dense layers in order; the last one is the output."""
        layers = enumerate(self.experiment.network.layers)
        return tuple(PlannedDense(index, spec) for index, spec in layers if isinstance(spec, DenseSpec))

    @property
    def hidden(self) -> tuple[PlannedDense, ...]:
        """The dense layers before the output."""
        return self.dense[:-1]

    @property
    def has_bend(self) -> bool:
        """True if anything before the output is nonlinear, the activation of a batch normalisation included."""
        before = self.experiment.network.layers[:-1]
        activations = (getattr(layer, "activation", None) for layer in before)
        is_linear = all(activation is None or activation.is_linear for activation in activations)
        return not (is_linear and all(layer.is_affine for layer in before))

    @property
    def output(self) -> PlannedDense:
        """The output layer."""
        return self.dense[-1]

    @property
    def loss(self) -> str:
        """Name of the loss, "" without one."""
        return self.experiment.network.loss.name if self.experiment.network.loss else ""

    @property
    def takes_values(self) -> bool:
        """True if the loss is one of a regression, whatever the task."""
        loss = self.experiment.network.loss
        return loss is not None and loss.takes_values

    @property
    def learns_by_gradient(self) -> bool:
        """True if learning rate and gradient have the meaning of gradient descent; False for the perceptron's rule."""
        loss, optimizer = self.experiment.network.loss, self.experiment.training.optimizer
        return (loss is None or loss.follows_gradient) and optimizer.follows_gradient

    @property
    def total_steps(self) -> int | None:
        """Updates of the whole training; None where the data could not be read."""
        if self.facts is None:
            return None
        n = self.facts.train
        batch = min(self.experiment.training.batch_size or n, n)
        return self.experiment.training.epochs * math.ceil(n / batch)

    @property
    def chance(self) -> float | None:
        """Accuracy of always predicting the most frequent class; None for a regression."""
        counts = self.facts.class_counts if self.facts else ()
        return max(counts) / sum(counts) if counts else None


class WeightFacts(msgspec.Struct, frozen=True):
    """Statistics of a dense layer's weights before the first update."""

    index: int
    zero: bool
    alike: float
    """Share of units that have a duplicate: equal incoming weights, bias and outgoing weights.

    0 if the outgoing weights are unknown, since a layer in between mixes the units.
    """
    alike_in: float
    """Share of units that have a duplicate among incoming weights and bias; outgoing weights may differ."""
    gain: float
    """Root mean square of the weights over the value that preserves the signal's variance through the activation."""
    bias: float
    """Mean bias."""
    offset: float = 0.0
    """Mean of the weights over their root mean square, -1 to 1; 0 where that many weights have such a mean by chance."""


class Overfit(msgspec.Struct, frozen=True):
    """Outcome of overfitting a small batch."""

    samples: int
    steps: int
    first_loss: float
    last_loss: float | None
    """None: not finite."""
    accuracy: float | None


class Start(msgspec.Struct, frozen=True):
    """The network before its first update."""

    plan: Plan
    weights: tuple[WeightFacts, ...]
    layers: Layers
    loss: float | None
    """Loss over the probe in evaluation mode (no dropout); None: not finite."""
    logit_spread: float | None
    """Mean standard deviation of the scores of one sample; of the whole column for a single output. None: not finite."""
    overfit: Overfit | None = None


class BadTensor(msgspec.Struct, frozen=True):
    """The tensor that first held NaN or infinity."""

    step: int
    layer: str
    tensor: str
    """One of activation, loss, gradient, weight."""


class Course(msgspec.Struct, frozen=True, dict=True):
    """A training so far, or a complete one."""

    start: Start
    losses: tuple[float, ...] = ()
    """Losses of the updates in order (means of equal groups in a long run); NaN where not finite."""
    steps: int = 0
    began: int = 0
    """Updates before the first of these losses; above 0 if the training continues from another one's weights."""
    epochs: tuple[Epoch, ...] = ()
    layers: tuple[Layers, ...] = ()
    finished: Finished | None = None
    bad: BadTensor | None = None

    @property
    def plan(self) -> Plan:
        """The plan of the training."""
        return self.start.plan

    @property
    def diverged(self) -> bool:
        """True if the trainer stopped because values were not finite or too large."""
        return self.finished is not None and self.finished.state == "diverged"

    @property
    def is_over(self) -> bool:
        """True if the training completed all its epochs or stopped early."""
        return self.finished is not None and self.finished.state == "finished"

    @cached_property
    def first_loss(self) -> float | None:
        """Loss before the first update, over the probe; over the first batches if it continues from other weights."""
        opening = [loss for loss in self.losses[:OPENING] if math.isfinite(loss)]
        return statistics.fmean(opening) if self.began and opening else self.start.loss

    @cached_property
    def last_loss(self) -> float | None:
        """Newest training loss: of the checkpoint that was kept at the end, else the mean of the newest epoch."""
        if self.finished is not None and self.finished.train_loss is not None:
            return self.finished.train_loss
        return self.epochs[-1].train_loss if self.epochs else None

    @cached_property
    def relative_loss(self) -> float | None:
        """Newest training loss over that of the best constant prediction: 1 is nothing learned, 0 everything."""
        baseline = self.plan.facts.baseline if self.plan.facts else None
        if self.last_loss is None or not baseline:
            return None
        return self.last_loss / baseline

    @cached_property
    def recent_loss(self) -> float | None:
        """Median loss of the newest updates (a quarter of them, 50 at most); None where none is finite."""
        newest = [loss for loss in self.losses[-min(50, -(-len(self.losses) // 4)) :] if math.isfinite(loss)]
        return statistics.median(newest) if newest else None

    @cached_property
    def recent_fall(self) -> float:
        """Relative fall of the validation (else training) loss over the newest quarter of the epochs."""
        losses = self.validation_losses or self.train_losses
        if len(losses) < 2:
            return 0.0
        before = losses[-1 - max(1, len(losses) // 4)]
        return 1 - losses[-1] / before if before > 0 else 0.0

    @property
    def is_stuck(self) -> bool:
        """True if the training loss is hardly better than that of a constant prediction, or worse."""
        return self.relative_loss is not None and self.relative_loss > 0.9

    @cached_property
    def train_losses(self) -> tuple[float, ...]:
        """Training loss of each epoch, NaN where not finite."""
        return tuple(_number(epoch.train_loss) for epoch in self.epochs)

    @cached_property
    def validation_losses(self) -> tuple[float, ...]:
        """Validation loss of each epoch; empty without validation samples."""
        if any(epoch.validation_loss is None for epoch in self.epochs):
            return ()
        return tuple(_number(epoch.validation_loss) for epoch in self.epochs)

    @cached_property
    def output_is_constant(self) -> bool:
        """True if a hidden layer is off for all samples, so that the output no longer depends on the inputs."""
        hidden = {layer.name for layer in self.plan.hidden}
        return bool(self.layers) and any(
            layer.dead == 1.0 for layer in self.layers[-1].layers if layer.name in hidden
        )

    def later_layers(self, after: int = 10) -> Iterator[Layers]:
        """Yield the measurements from step `after` on; the first updates are untypical."""
        return (layers for layers in self.layers if layers.step >= after)


class ClassResult(msgspec.Struct, frozen=True):
    """Prediction counts of one class."""

    name: str
    samples: int
    recognised: int
    guessed: int
    """Samples for which the network predicted it."""


class Result(msgspec.Struct, frozen=True):
    """The trained network on samples not used for training (on the training samples where there are no others)."""

    course: Course
    classes: tuple[ClassResult, ...] = ()
    confidence: float | None = None
    """Mean probability of the predicted class; None if the outputs are not probabilities."""
    accuracy: float | None = None
    calibration_error: float | None = None
    """Expected calibration error over 10 bins of confidence, 0 to 1."""
    samples: int = 0
    bad_layer: str | None = None
    """First layer with a NaN or infinite weight; the other fields are empty then."""

    @property
    def plan(self) -> Plan:
        """The plan of the training."""
        return self.course.plan


def _number(value: float | None) -> float:
    return math.nan if value is None else value
