"""What the doctor knows of a training, as frozen structs: the plan, the start, the course, the result.

Each later stage holds the earlier ones, so that a rule sees everything that is known when it judges.
"""

import math
import statistics
from collections.abc import Iterator
from functools import cached_property

import msgspec

from engine.data import DatasetInfo
from engine.doctor.data_facts import DataFacts
from engine.errors import Problem
from engine.events import Epoch, Finished, Layers
from engine.experiment.experiment import Experiment
from engine.nn.activations import Activation, Linear
from engine.nn.specs import DenseSpec

OPENING = 10
"""Updates whose mean loss stands for that of the weights that somebody else has trained."""


class Gap(msgspec.Struct, frozen=True):
    """Values in a file that are NaN or infinite."""

    count: int
    samples: int
    """Rows that hold one."""
    features: tuple[int, ...]
    """Columns that hold one, counted from 0; empty where it is the targets."""
    array: str
    """`x`, `y`, ..."""
    counts: tuple[int, ...] = ()
    """How many in each of those columns."""


class PlannedDense(msgspec.Struct, frozen=True):
    """A dense layer of the plan and where it stands."""

    index: int
    """In `network.layers`, counted from 0."""
    spec: DenseSpec

    @property
    def key(self) -> str:
        """`network.layers[0]`"""
        return f"network.layers[{self.index}]"

    @property
    def name(self) -> str:
        """`layers.0`"""
        return f"layers.{self.index}"

    @property
    def activation(self) -> str:
        """The name of its activation."""
        return self._activation.name

    @property
    def value_range(self) -> tuple[float, float]:
        """Least and greatest output."""
        return self._activation.value_range

    @property
    def can_be_off(self) -> bool:
        """True if a unit can be dead: output and slope 0 for every sample."""
        return self._activation.can_be_off

    @property
    def _activation(self) -> Activation:
        return self.spec.activation or Linear()


class Plan(msgspec.Struct, frozen=True, dict=True):
    """What is known before any training."""

    experiment: Experiment
    """Resolved, perhaps forced."""
    info: DatasetInfo
    problems: tuple[Problem, ...] = ()
    """What `engine.experiment.checks` refuses unless forced."""
    facts: DataFacts | None = None
    """None: the data could not be read."""
    gap: Gap | None = None

    @cached_property
    def dense(self) -> tuple[PlannedDense, ...]:
        """The dense layers in order; the last is the output."""
        layers = enumerate(self.experiment.network.layers)
        return tuple(PlannedDense(index, spec) for index, spec in layers if isinstance(spec, DenseSpec))

    @property
    def hidden(self) -> tuple[PlannedDense, ...]:
        """The dense layers but for the output."""
        return self.dense[:-1]

    @property
    def output(self) -> PlannedDense:
        """The last layer."""
        return self.dense[-1]

    @property
    def loss(self) -> str:
        """The loss by name."""
        return self.experiment.network.loss.name if self.experiment.network.loss else ""

    @property
    def learns_by_gradient(self) -> bool:
        """Whether rates and gradients mean what they mean in gradient descent; the perceptron's rule has neither."""
        loss, optimizer = self.experiment.network.loss, self.experiment.training.optimizer
        return (loss is None or loss.follows_gradient) and optimizer.follows_gradient

    @property
    def total_steps(self) -> int | None:
        """Updates that the training will make; None where the data could not be read."""
        if self.facts is None:
            return None
        n = self.facts.train
        batch = min(self.experiment.training.batch_size or n, n)
        return self.experiment.training.epochs * math.ceil(n / batch)

    @property
    def chance(self) -> float | None:
        """Accuracy of always guessing the most frequent class."""
        counts = self.facts.class_counts if self.facts else ()
        return max(counts) / sum(counts) if counts else None


class WeightFacts(msgspec.Struct, frozen=True):
    """A dense layer's weights before the first update."""

    index: int
    zero: bool
    alike: float
    """Share of the units that start exactly as another one: same weights in, same bias, same weights out."""
    alike_in: float
    """The same, whatever goes out of them."""
    gain: float
    """Root mean square of the weights over what keeps the signal's variance through the layer's activation."""
    bias: float
    """Mean of the biases."""


class Overfit(msgspec.Struct, frozen=True):
    """An attempt to learn a handful of samples by heart."""

    samples: int
    steps: int
    first_loss: float
    last_loss: float | None
    """None: NaN or infinite."""
    accuracy: float | None


class Start(msgspec.Struct, frozen=True):
    """The network before its first update."""

    plan: Plan
    weights: tuple[WeightFacts, ...]
    layers: Layers
    loss: float | None
    """Over the probe, as the network judges: dropout off. None: NaN or infinite."""
    logit_spread: float | None
    """Mean deviation of the scores within a sample's row; within the column where there is one output."""
    overfit: Overfit | None = None


class BadTensor(msgspec.Struct, frozen=True):
    """Where the first NaN or infinity appeared."""

    step: int
    layer: str
    tensor: str
    """activation, loss, gradient or weight"""


class Course(msgspec.Struct, frozen=True, dict=True):
    """A training so far, or whole."""

    start: Start
    losses: tuple[float, ...] = ()
    """Of the updates in order (means of groups in a long run); NaN where it was not finite."""
    steps: int = 0
    began: int = 0
    """Updates before the first of these losses; not 0 where the training goes on with another one's weights."""
    epochs: tuple[Epoch, ...] = ()
    layers: tuple[Layers, ...] = ()
    finished: Finished | None = None
    bad: BadTensor | None = None

    @property
    def plan(self) -> Plan:
        """What was planned."""
        return self.start.plan

    @property
    def diverged(self) -> bool:
        """Whether the trainer gave up because the numbers were not finite or huge."""
        return self.finished is not None and self.finished.state == "diverged"

    @property
    def is_over(self) -> bool:
        """Whether it ran its course."""
        return self.finished is not None and self.finished.state == "finished"

    @cached_property
    def first_loss(self) -> float | None:
        """The loss before the first update, over the probe; over the first batches of what goes on from elsewhere."""
        opening = [loss for loss in self.losses[:OPENING] if math.isfinite(loss)]
        return statistics.fmean(opening) if self.began and opening else self.start.loss

    @cached_property
    def last_loss(self) -> float | None:
        """The newest training loss: of the kept weights at the end, else the mean of the newest epoch."""
        if self.finished is not None and self.finished.train_loss is not None:
            return self.finished.train_loss
        return self.epochs[-1].train_loss if self.epochs else None

    @cached_property
    def relative_loss(self) -> float | None:
        """The newest training loss over that of the best constant answer: 1 is nothing learned, 0 everything."""
        baseline = self.plan.facts.baseline if self.plan.facts else None
        if self.last_loss is None or not baseline:
            return None
        return self.last_loss / baseline

    @cached_property
    def recent_loss(self) -> float | None:
        """The median of the newest updates' losses: a quarter of them, 50 at most; None where none was finite."""
        newest = [loss for loss in self.losses[-min(50, -(-len(self.losses) // 4)) :] if math.isfinite(loss)]
        return statistics.median(newest) if newest else None

    @cached_property
    def recent_fall(self) -> float:
        """The share that the validation loss (the training loss, where there is none) lost in the newest quarter."""
        losses = self.validation_losses or self.train_losses
        if len(losses) < 2:
            return 0.0
        before = losses[-1 - max(1, len(losses) // 4)]
        return 1 - losses[-1] / before if before > 0 else 0.0

    @property
    def is_stuck(self) -> bool:
        """Whether it is about as good as a constant answer, or worse."""
        return self.relative_loss is not None and self.relative_loss > 0.9

    @cached_property
    def train_losses(self) -> tuple[float, ...]:
        """Of the epochs, NaN where not finite."""
        return tuple(_number(epoch.train_loss) for epoch in self.epochs)

    @cached_property
    def validation_losses(self) -> tuple[float, ...]:
        """Of the epochs; empty where nothing is held out."""
        if any(epoch.validation_loss is None for epoch in self.epochs):
            return ()
        return tuple(_number(epoch.validation_loss) for epoch in self.epochs)

    def later_layers(self, after: int = 10) -> Iterator[Layers]:
        """Yield the measurements from a step on: the first updates are like no others."""
        return (layers for layers in self.layers if layers.step >= after)


class ClassResult(msgspec.Struct, frozen=True):
    """How one class fared."""

    name: str
    samples: int
    recognised: int
    guessed: int
    """How often the network said so."""


class Result(msgspec.Struct, frozen=True):
    """The trained network judged on samples it has not learned from (on all it has, where there are no others)."""

    course: Course
    classes: tuple[ClassResult, ...] = ()
    confidence: float | None = None
    """Mean probability of the guessed class; None where the outputs are no probabilities."""
    accuracy: float | None = None
    calibration_error: float | None = None
    """Expected calibration error over 10 bins of confidence."""
    samples: int = 0
    bad_layer: str | None = None
    """The first layer with a NaN or an infinity among its weights; then nothing else is known."""

    @property
    def plan(self) -> Plan:
        """What was planned."""
        return self.course.plan


def _number(value: float | None) -> float:
    return math.nan if value is None else value
