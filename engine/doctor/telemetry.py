"""Measurements of a network over a probe: activations, gradients, weights and next update of each layer.

`Telemetry` copies the state of the trained network into a network of its own, so that a training has the same bits
with and without it.
"""

import copy
import math
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.arrays import AnyArray, Array
from engine.data import Data
from engine.events import LayerFigures, Layers
from engine.experiment.specs import TrainingSpec
from engine.finite import finite
from engine.nn.activations import Activation
from engine.nn.layers import Layer
from engine.nn.network import Network
from engine.optim.optimizer import OptimizerState, clip_by_norm

PROBE, SMALL_PROBE = 500, 128
"""Training samples that are measured, at most; the second for a large network."""
PROBE_WORK = 1e8
"""Samples times parameters up to which a network is not large: about 20 ms per measurement."""
WINDOW = 3
"""Consecutive measurements in which a unit must be off to count as dead."""
BUDGET = 0.012
"""Share of the training's time that measuring may take."""
ALLOWANCE_S = 0.05
"""Seconds allowed once beyond the budget, so that the first steps are measured."""
FIRST_STEPS = (0, 10, 20, 40, 80, 160)
"""Steps of the first planned measurements: most problems arise early."""
GROWTH = (3, 2)
"""Each later planned step is 3/2 of the one before: 8 more up to step 5,000, 16 up to 100,000."""
SPACING_S, SPACING = 0.2, 0.001
"""Training time between two measurements: the first in seconds, the second as a share of the time so far, whichever is
longer. That makes 1,000 in 200 seconds, and 1,000 more each time the training gets 2.7 times as long."""


@np.errstate(over="ignore", invalid="ignore")
def measure_layers(network: Network, rows: Array, targets: Array) -> tuple[LayerFigures, ...]:
    """Return the figures of each layer with parameters after a forward and a backward pass over a probe.

    Costs about 5 % more than a training step on the probe. Afterwards `network.grad` holds the probe's gradient;
    parameters and running statistics are unchanged.

    Args:
        rows: (m, n_features + 1), ones in the last column, as `network.as_rows` makes them.
        targets: (m, n_outputs), as `network.encode` makes them.
    """
    return _measure(network, rows, targets)[0]


def active_units(network: Network) -> dict[str, NDArray[np.bool_]]:
    """Return, for each layer that can be off, the units active for any sample of the newest pass, (n_out,)."""
    return {
        layer.name: layer.output.max(axis=0) > 0
        for layer in network.layers
        if layer.activation.can_be_off and _has_output(network, layer)
    }


def _measure(network: Network, rows: Array, targets: Array) -> tuple[tuple[LayerFigures, ...], float]:
    """Return the figures and the loss from one pass in training mode that leaves running statistics unchanged."""
    with network.in_mode(training=True):
        loss = network.learn_from(rows, targets)
    return tuple(_figures(network, layer) for layer in _layers_with_parameters(network)), loss


class Telemetry:
    """Measures a network on a schedule, over a fixed probe of training samples; owns a copy of the network.

    Args:
        network: the trained network; copied here for its shape, and its state at each measurement.
        every: updates between two measurements after the first few; 0: by time, within `BUDGET`.
        clock: returns the Unix time of an event, in seconds.
        timer: returns seconds, for the budget.
    """

    def __init__(
        self,
        network: Network,
        data: Data,
        training: TrainingSpec,
        *,
        every: int = 0,
        clock: Callable[[], float] = time.time,
        timer: Callable[[], float] = time.perf_counter,
    ) -> None:
        size = max(SMALL_PROBE, min(PROBE, int(PROBE_WORK / max(1, network.n_parameters))))
        self.rows, self.targets = probe_of(network, data, size)
        """Rows (m, n_features + 1) and targets (m, n_outputs) of the probe."""
        self._network = network.copy()
        self._training, self._every = training, every
        self._clock, self._timer = clock, timer
        self._dead = DeadUnits()
        self._next_step, self._next_s = -1, 0.0
        self._began_s: float | None = None
        self._spent_s = self._cost_s = 0.0

    def is_due(self, step: int, trained_s: float) -> bool:
        """Return True if it is time to measure, after `step` updates that took `trained_s` seconds."""
        if self._began_s is None:
            self._began_s = trained_s  # earlier training time does not count towards the budget
        if self._every:
            return step >= self._next_step
        budget_s = ALLOWANCE_S + BUDGET * (trained_s - self._began_s)
        has_time = trained_s >= self._next_s and self._spent_s + self._cost_s <= budget_s
        return has_time or self._is_planned(step)

    def steps_to_go(self, step: int) -> int | None:
        """Return the updates until `is_due` must be asked again, for `Trainer.yield_within`; None: any number."""
        if self._every:
            return self._next_step - step
        return next_planned(step) - step

    def measure(
        self, step: int, state: Array, optimizer_state: OptimizerState, rate: float, trained_s: float = 0.0
    ) -> Layers:
        """Return the figures after `step` updates.

        Args:
            state: the network's, (n_parameters + n_buffers,); copied.
            optimizer_state: copied, to compute the next update.
            rate: the learning rate of that update.
            trained_s: seconds that the updates took; sets the time of the next measurement.
        """
        started = self._timer()
        np.copyto(self._network.state, state)
        self._network.set_step(step)
        planned = self._is_planned(step)
        figures, loss, loss_after = self._look(optimizer_state, rate, planned)
        self._cost_s = self._timer() - started
        self._spent_s += self._cost_s
        self._next_step = next((at for at in FIRST_STEPS if at > step), step + self._every)
        self._next_s = trained_s + max(SPACING_S, SPACING * trained_s)
        return Layers(
            time=self._clock(),
            step=step,
            layers=figures,
            loss=loss,
            loss_after=loss_after,
            learning_rate=rate,
            seconds=round(self._cost_s, 6),
            planned=planned,
        )

    def _is_planned(self, step: int) -> bool:
        return bool(self._every) or is_planned(step)

    @np.errstate(over="ignore", invalid="ignore", divide="ignore")
    def _look(
        self, optimizer_state: OptimizerState, rate: float, planned: bool
    ) -> tuple[list[LayerFigures], float | None, float | None]:
        network = self._network
        figures, loss = _measure(network, self.rows, self.targets)
        shares = self._dead.after(active_units(network), keep=planned)
        before = network.theta.copy()
        if self._training.clip_norm:
            clip_by_norm(network.grad, self._training.clip_norm)
        self._training.optimizer.update(network.theta, network.grad, copy.deepcopy(optimizer_state), rate)
        with network.in_mode(training=True):  # dropout uses the same masks before and after the update
            loss_after = network.loss.value(network.scores(self.rows), self.targets)
        network.theta -= before  # its views now hold the update
        ratios = {layer.name: _norm(_weight(layer)) for layer in _layers_with_parameters(network)}
        seen = [
            msgspec.structs.replace(
                layer, dead=shares.get(layer.name), update_ratio=_ratio(ratios[layer.name], layer.weight_norm)
            )
            for layer in figures
        ]
        return seen, finite(loss), finite(loss_after)


def is_planned(step: int) -> bool:
    """Return True for the steps at which every training is measured, whatever it costs."""
    return step == 0 or next_planned(step - 1) == step


def next_planned(step: int) -> int:
    """Return the first planned step after `step`."""
    first = next((at for at in FIRST_STEPS if at > step), None)
    if first is not None:
        return first
    planned, (times, over) = FIRST_STEPS[-1], GROWTH
    while planned <= step:
        planned = planned * times // over
    return planned


class DeadUnits:
    """Units that were off in all of the newest planned measurements, and in the present one."""

    def __init__(self, window: int = WINDOW) -> None:
        self._seen: deque[dict[str, NDArray[np.bool_]]] = deque(maxlen=window)

    def after(self, active: dict[str, NDArray[np.bool_]], *, keep: bool = True) -> dict[str, float]:
        """Return each layer's share of units that were active in none of the newest measurements.

        Args:
            active: for each layer, the units that are not off for all samples, (n_out,).
            keep: True: the measurement counts in the next ones; they then do not depend on those in between.
        """
        newest = [*self._seen, active][-(self._seen.maxlen or 1) :]
        if keep:
            self._seen.append(active)
        return {name: self._share(name, newest) for name in active}

    @staticmethod
    def _share(name: str, newest: Sequence[dict[str, NDArray[np.bool_]]]) -> float:
        ever = np.logical_or.reduce([active[name] for active in newest])  # (n_out,)
        return float(1 - np.count_nonzero(ever) / len(ever))


def probe_of(network: Network, data: Data, size: int = PROBE) -> tuple[Array, Array]:
    """Return rows (m, n_features + 1) and targets (m, n_outputs) of at most `size` training samples, evenly spaced."""
    n = len(data.train)
    chosen = np.linspace(0, n - 1, min(size, n)).astype(np.int64)
    rows = network.empty_rows(len(chosen))
    values = np.empty((len(chosen), network.n_features), network.dtype)
    data.train.take(chosen, values)
    rows[:, :-1] = values
    targets: AnyArray = data.train.y[chosen]
    return rows, network.encode(targets)


def _layers_with_parameters(network: Network) -> Iterator[Layer]:
    return (layer for layer in network.layers if layer.n_parameters)


def _figures(network: Network, layer: Layer) -> LayerFigures:
    has_output = _has_output(network, layer)
    values = layer.output if has_output else layer.pre_activation  # (m, n_out)
    mean = float(values.mean())
    variance = float(np.vdot(values, values)) / values.size - mean * mean
    activation = layer.activation
    off = activation.can_be_off and has_output
    return LayerFigures(
        name=layer.name,
        kind=layer.kind,
        units=layer.n_out,
        activation_mean=finite(mean),
        activation_std=finite(math.sqrt(max(0.0, variance))),
        dead=float(np.count_nonzero(values.max(axis=0) <= 0) / layer.n_out) if off else None,
        saturated=_saturated(activation, values) if has_output else None,
        gradient_norm=finite(_norm(_weight_gradient(layer))),
        weight_norm=finite(_norm(_weight(layer))),
        update_ratio=None,
    )


def _has_output(network: Network, layer: Layer) -> bool:
    """Return True if the activation was computed; a loss that includes the last activation works on the logits."""
    return not (layer is network.last and network.scores_are_logits)


def _saturated(activation: Activation, values: Array) -> float | None:
    if activation.flat_ends is None:
        return None
    low, high = activation.flat_ends
    return float((np.count_nonzero(values < low) + np.count_nonzero(values > high)) / values.size)


def _weight(layer: Layer) -> Array:
    return next(view for _, view, _ in layer.parameters())


def _weight_gradient(layer: Layer) -> Array:
    return next(gradient for _, _, gradient in layer.parameters())


def _norm(values: Array) -> float:
    flat = values.ravel(order="K")
    return math.sqrt(float(np.vdot(flat, flat)))


def _ratio(update: float, weight: float | None) -> float | None:
    return finite(update / weight) if weight else None
