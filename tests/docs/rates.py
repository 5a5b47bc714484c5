"""Measurements of the course's network at learning rates from 0.01 to 10, for `tests.docs.architecture_notes`."""

import math
import statistics
from collections.abc import Iterator

import numpy as np

from engine.arrays import Array
from engine.data import Data, load_data
from engine.doctor import Doctor, arrange
from engine.doctor.gather import plan_of
from engine.doctor.live_telemetry import live_telemetry
from engine.doctor.telemetry import Telemetry, probe_of
from engine.events import Finding, Finished, Layers, Steps
from engine.experiment.experiment import Experiment
from engine.experiment.presets import PRESETS
from engine.nn.network import Network
from engine.training.batches import BatchSource
from engine.training.trainer import Trainer
from tests.docs.curvature import ROUNDS, curvature_along, sharpness
from tests.docs.rate_figures import Edge, RecordedFinding, Slope, Training, Unguarded

RATES = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
EPOCHS = 3
COLUMNS = 64
"""Points of a loss curve."""
EVERY = 100
"""Updates between two measurements of the layers."""
UNGUARDED = 400
"""Updates of the bare loop."""
EARLY = 64
"""The first of those updates, which are drawn."""


def experiment_at(rate: float, *, limit: int = 0, **training: int) -> Experiment:
    """Return the course's network with another learning rate."""
    raw = PRESETS[0].experiment().with_changes({"training.optimizer.lr": rate, "data.limit": limit})
    return raw.with_changes({f"training.{key}": value for key, value in training.items()})


def train(
    experiment: Experiment, measured_at: tuple[float, ...] = (0.1, 0.33, 0.67), rounds: int = ROUNDS
) -> Training:
    """Train with the doctor and return the figures.

    Args:
        experiment: its learning rate is recorded.
        measured_at: shares of the training after which the sharpness is measured, besides start and end; at a measurement
            of the layers, which comes at the same step on every machine.
        rounds: of `sharpness`.
    """
    plan, data = plan_of(experiment)
    assert data is not None
    network = Network(experiment.network, data.input_shape, experiment.seed, experiment.training.dtype)
    trainer = Trainer(experiment, network, data)
    telemetry = Telemetry(network, data, experiment.training, every=EVERY)
    sharp = _Sharpness(experiment, data, rounds)
    losses: list[float | None] = []
    layers: list[Layers] = []
    findings: list[Finding] = []
    curvature = [(0, sharp.at(network))]
    due = [share * trainer.total_steps for share in measured_at]
    end: Finished | None = None
    for event in live_telemetry(trainer, Doctor(plan, network, data), telemetry):
        match event:
            case Steps():
                losses += event.means
            case Layers():
                layers.append(event)
                if due and event.step >= due[0]:
                    curvature.append((event.step, sharp.at(network)))
                    due = [step for step in due if step > event.step]
            case Finding():
                findings.append(event)
            case Finished():
                end = event
    assert end is not None
    if end.state == "finished":
        curvature.append((end.steps, sharp.at(network)))
    return Training(
        rate=experiment.training.optimizer.lr,
        state=end.state,
        steps=end.steps,
        losses=_means(losses, COLUMNS),
        train_loss=_rounded(end.train_loss),
        validation_accuracy=_rounded(end.validation_accuracy, 4),
        test_accuracy=_rounded(end.test_accuracy, 4),
        update_ratio=_rounded(_median_update(layers)),
        dead=[_short(layer.dead) for layer in layers[-1].layers if layer.dead is not None],
        sharpness=curvature,
        origin=trainer.origin.describe() if trainer.origin else "",
        origin_step=trainer.origin.step if trainer.origin else None,
        findings=[
            RecordedFinding(f.code, f.severity, f.message, f.remedy, f.cause) for f in arrange(findings)
        ],
    )


class _Sharpness:
    """Measures the sharpness over the probe in a float64 network of its own."""

    def __init__(self, experiment: Experiment, data: Data, rounds: int) -> None:
        self._rounds = rounds
        self._network = Network(experiment.network, data.input_shape, experiment.seed, "float64")
        self._rows, self._targets = probe_of(self._network, data)

    def at(self, network: Network) -> float:
        theta = network.theta.astype(np.float64)
        return _short(sharpness(self._network, theta, self._rows, self._targets, self._rounds))


@np.errstate(all="ignore")
def run_unguarded(experiment: Experiment, data: Data, updates: int = UNGUARDED) -> Unguarded:
    """Make the training's first updates in a bare loop, even if they diverge."""
    network = Network(experiment.network, data.input_shape, experiment.seed, experiment.training.dtype)
    rows, targets = probe_of(network, data)
    rate = network.dtype.type(experiment.training.optimizer.lr)
    losses: list[float] = []
    after: list[float] = []
    norms: list[float] = []
    for batch, targets_of_batch in _batches(network, experiment, data, updates):
        losses.append(network.learn_from(batch, targets_of_batch))
        norms.append(float(np.linalg.norm(network.grad)))
        network.theta -= rate * network.grad
        if len(losses) <= EARLY:
            after.append(float(network.loss.value(network.scores(batch), targets_of_batch)))
    early = losses[:EARLY]
    last = network.learn_from(rows, targets)
    return Unguarded(
        rate=experiment.training.optimizer.lr,
        losses=[_rounded(loss) for loss in early],
        rises=_short(
            sum(not late <= early_loss for early_loss, late in zip(early, after, strict=True)) / len(early)
        ),
        first_before=_short(losses[0]),
        first_after=_short(after[0]),
        largest_gradient=_short(max(norm for norm in norms[:EARLY] if math.isfinite(norm))),
        last_loss=_rounded(last),
        largest_weight=_rounded(float(np.abs(network.theta).max())),
        dead=[_short(float(np.mean(layer.output.max(axis=0) <= 0))) for layer in network.layers[:-1]],
        first_bad=next((i for i, loss in enumerate(losses) if not math.isfinite(loss)), None),
    )


def _batches(
    network: Network, experiment: Experiment, data: Data, updates: int
) -> Iterator[tuple[Array, Array]]:
    """Yield the batches of the first epoch, in the trainer's order."""
    size = experiment.training.batch_size
    source = BatchSource(network, data, size, experiment.seed, classifies=True)
    source.start_epoch(0, records=False)
    for step in range(updates):
        yield source.take(step * size)


def with_squared_error(experiment: Experiment) -> Experiment:
    """Return the experiment with linear outputs and squared error."""
    last = len(experiment.network.layers) - 1
    return experiment.with_changes(
        {"force": True, "network.loss": "mse", f"network.layers[{last}].activation": "linear"}
    )


def loss_along_gradient(experiment: Experiment, data: Data, points: int = COLUMNS) -> Slope:
    """Return the loss over the probe after one step at each learning rate from the first weights, in float64."""
    network = Network(experiment.network, data.input_shape, experiment.seed, "float64")
    rows, targets = probe_of(network, data)
    theta = network.theta.copy()
    start = network.learn_from(rows, targets)
    gradient = network.grad.copy()
    rates = [float(rate) for rate in np.geomspace(0.01, 10, points)]
    losses = []
    for rate in rates:
        network.theta[:] = theta - rate * gradient
        losses.append(_short(float(network.loss.value(network.scores(rows), targets))))
    along = curvature_along(network, theta, gradient, rows, targets)
    sharp = sharpness(network, theta, rows, targets)
    return Slope([_short(rate) for rate in rates], losses, _short(start), _short(along), _short(sharp))


def descend(experiment: Experiment, updates: int, every: int) -> Edge:
    """Train with all samples as one batch, in float64, and measure the sharpness after every `every` updates."""
    data = load_data(experiment.data)
    network = Network(experiment.network, data.input_shape, experiment.seed, "float64")
    other = network.copy()
    rows, targets = probe_of(network, data, len(data.train))
    rate = experiment.training.optimizer.lr
    edge = Edge(rate, [], [], [])
    for step in range(updates + 1):
        loss = network.learn_from(rows, targets)
        if step % every == 0:
            edge.steps.append(step)
            edge.losses.append(_short(loss))
            edge.sharpness.append(_short(sharpness(other, network.theta, rows, targets, rounds=10)))
        network.theta -= rate * network.grad
    return edge


def _median_update(layers: list[Layers]) -> float | None:
    """Return the median over the measurements after the first steps of the layer that changes most."""
    largest = [
        max(ratios)
        for seen in layers
        if seen.step >= 10
        and (ratios := [layer.update_ratio for layer in seen.layers if layer.update_ratio is not None])
    ]
    return statistics.median(largest) if largest else None


def _means(losses: list[float | None], parts: int) -> list[float | None]:
    """Return the means of equal parts, or the single losses if there are few."""
    known = [math.nan if loss is None else loss for loss in losses]
    if len(known) <= parts:
        return [_rounded(loss) for loss in known]
    return [_rounded(float(np.mean(part))) for part in np.array_split(known, parts)]


def _rounded(value: float | None, digits: int = 3) -> float | None:
    return None if value is None or not math.isfinite(value) else _short(value, digits)


def _short(value: float, digits: int = 3) -> float:
    return float(f"{value:.{digits}g}")
