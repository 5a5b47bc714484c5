"""The walk as a stream of events, printed by `nnterm check --explain --json` and read by the app."""

from collections.abc import Callable, Iterator

import msgspec
import numpy as np

from engine.arrays import AnyArray, Labels
from engine.data import Data, Split
from engine.errors import DataError
from engine.experiment.experiment import Experiment
from engine.glassbox.flow import POINTS_KEPT, input_values, surroundings
from engine.glassbox.registry import lesson_for
from engine.glassbox.steps import ExplainEvent, ExplainFinished, ExplainStarted, LayerOutline, WalkFlow
from engine.glassbox.update import UpdateRule
from engine.glassbox.walk import AGREES, Walk
from engine.gradcheck.checker import architecture_of
from engine.nn.network import Network
from engine.words import counted

LEARNING_RATE = 0.1
"""The learning rate of the update shown, if no experiment sets one."""


CANDIDATES = 64
"""Number of samples among which the one to walk is chosen."""
FEW_INPUTS = 8
"""Number of inputs up to which each one is to be different from 0; of more, one is enough."""


class ExplainOptions(msgspec.Struct, frozen=True, kw_only=True):
    """The samples of a walk, and the learning rate of its update."""

    sample: int | None = None
    """Index of the first sample in the training split, from 0; None: 0, and of a single one the first that shows most."""
    samples: int = 1
    """Number of consecutive samples."""
    lr: float | None = None
    """Learning rate of the update at the end; None: the experiment's, or 0.1."""


def explain(
    subject: Experiment | Network, data: Data, options: ExplainOptions | None = None
) -> Iterator[ExplainEvent]:
    """Walk training samples through an experiment's network at its initialisation, or through a given network.

    Args:
        subject: a network is unchanged.
        data: the samples are taken from its training split.
        options: the samples, and the learning rate.

    Raises:
        DataError: a sample does not exist, or the data do not fit the network.
    """
    options = options or ExplainOptions()
    chosen = _chosen(data.train, options)
    if isinstance(subject, Network):
        network, lr = subject, LEARNING_RATE
    else:
        network, lr = Network.of(subject, data), subject.training.optimizer.lr
    yield from walk_batch(network, data, chosen, UpdateRule.plain(options.lr or lr))


def walk_batch(
    network: Network,
    data: Data,
    chosen: Labels,
    rule: UpdateRule,
    *,
    number: int = 0,
    subject: str = "",
    remark: str = "",
    compare: Callable[[Walk], str] = lambda walk: "",
) -> Iterator[ExplainEvent]:
    """Walk a batch of training samples through a network and its update.

    Args:
        network: unchanged.
        chosen: indices of the samples in the training split, (m,).
        rule: the update.
        number: of updates made before, from which random masks follow.
        subject: the weights in words.
        remark: a sentence that ends the explanation of the update.
        compare: returns why the walk's result is wrong, "" if it is right.

    Raises:
        DataError: the data do not fit the network.
    """
    x = np.empty((len(chosen), int(np.prod(data.input_shape))), np.float64)
    data.train.take(chosen, x)
    y = data.train.y[chosen]
    walk = Walk(network, x, y, rule, number=number, remark=remark)
    yield ExplainStarted(
        architecture=architecture_of(network),
        layers=tuple(_outline(network, i) for i in range(len(network.layers))),
        loss=network.loss.name,
        samples=tuple(chosen.tolist()),
        of_samples=len(data.train),
        targets=tuple(_target(value, data.class_names) for value in y),
        steps=len(walk.steps),
        limits=walk.limits,
        subject=subject,
    )
    yield WalkFlow(
        input=input_values(x),
        input_shape=tuple(data.input_shape),
        layers=walk.flow,
        points=_points(data),
    )
    yield from walk.steps
    yield _finished(walk, compare(walk))


def _points(data: Data) -> tuple[tuple[float, float, int], ...]:
    """Return some training samples of data with two features; none of other data."""
    if int(np.prod(data.input_shape)) != 2:
        return ()
    n = len(data.train)
    some = np.unique(np.linspace(0, n - 1, min(n, POINTS_KEPT)).astype(int))
    x = np.empty((len(some), 2), np.float64)
    data.train.take(some, x)
    return surroundings(x, data.train.y[some])


def _chosen(split: Split, options: ExplainOptions) -> Labels:
    n, count = len(split), options.samples
    first = _most_telling(split) if options.sample is None and count == 1 else options.sample or 0
    if not 0 <= first < n:
        raise DataError(
            f"there is no sample {first:,}: the training split has {counted(n, 'sample')}",
            f"samples are numbered 0 to {n - 1:,}",
        )
    if count < 1 or first + count > n:
        raise DataError(
            f"there are no {counted(count, 'sample')} from number {first:,} on: the training split has {n:,}",
            f"from {first:,} on there are {n - first:,}",
        )
    return np.arange(first, first + count)


def _most_telling(split: Split) -> int:
    """Return the first of some samples with the fewest inputs of 0: at those, all products and weight gradients are 0."""
    some = np.arange(min(len(split), CANDIDATES))
    x = np.empty((len(some), int(np.prod(split.input_shape))), np.float64)
    split.take(some, x)
    not_zero = np.count_nonzero(x, axis=1)
    enough = x.shape[1] if x.shape[1] <= FEW_INPUTS else 1
    return int(np.minimum(not_zero, enough).argmax()) if len(some) else 0


def _outline(network: Network, i: int) -> LayerOutline:
    layer = network.layers[i]
    kind = lesson_for(layer, 1).kind
    return LayerOutline(layer.name, kind, layer.n_in, layer.n_out, layer.activation.name)


def _target(value: AnyArray, names: tuple[str, ...]) -> str:
    if np.ndim(value) == 0 and np.issubdtype(np.asarray(value).dtype, np.integer):
        known = int(value) < len(names)
        name = names[int(value)] if known else str(int(value))
        return f"class {int(value)}" + (f" ({name})" if name != str(int(value)) else "")
    return ", ".join(f"{one:.4g}" for one in np.ravel(value).tolist())


def _finished(walk: Walk, wrong_result: str) -> ExplainFinished:
    """Return the verdict: the walk against the network's own gradients, finite differences, and `wrong_result`."""
    differences = {name: walk.difference(name) for name in walk.gradients}
    wrong = [name for name, ratio in differences.items() if not ratio <= AGREES]
    bad = [name for name, array in walk.gradients.items() if not np.isfinite(array).all()]
    if bad:
        return ExplainFinished(
            passed=False, message=f"the gradient of {bad[0]} is not finite: see its steps for NaN or Inf"
        )
    if walk.disagreements:
        return ExplainFinished(passed=False, message=walk.disagreements[0])
    if wrong:
        shown = ", ".join(f"{name} (norm ratio {differences[name]:.1e})" for name in wrong)
        return ExplainFinished(
            passed=False, message=f"the network's own gradient differs from this walk in {shown}"
        )
    if wrong_result:
        return ExplainFinished(passed=False, message=wrong_result)
    largest = max(differences.values(), default=0.0)
    count = len(differences)
    tensors = "the only parameter tensor" if count == 1 else f"all {counted(count, 'parameter tensor')}"
    return ExplainFinished(
        passed=True,
        message=f"the network's own gradients agree for {tensors} (norm ratio at most {largest:.0e}), and finite "
        "differences confirm the derivatives",
    )
