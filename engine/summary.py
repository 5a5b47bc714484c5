"""What a network will be, before it is built: shapes, parameters, memory and work."""

import math

import msgspec

from engine.data import describe
from engine.experiment import Experiment


class LayerSummary(msgspec.Struct, frozen=True):
    """One layer in numbers; floating-point operations count a multiply and an add as two."""

    name: str
    kind: str
    n_in: int
    n_out: int
    activation: str
    initializer: str
    parameters: int
    flops: int
    """Forward, per sample."""


class NetworkSummary(msgspec.Struct, frozen=True):
    """A network in numbers."""

    input_shape: tuple[int, ...]
    layers: tuple[LayerSummary, ...]
    parameters: int
    parameter_bytes: int
    training_bytes: int
    """Parameters, gradient, optimizer vectors and the work arrays of one batch."""
    forward_flops: int
    """Per sample."""
    training_flops: int
    """Per sample: forward, and the two products of backward (the first layer needs but one)."""
    steps_per_epoch: int
    total_steps: int
    loss: str


def summarise(experiment: Experiment) -> NetworkSummary:
    """Return the numbers of a resolved experiment, without building it or reading its data."""
    info = describe(experiment.data)
    layers: list[LayerSummary] = []
    n_in = math.prod(info.input_shape)
    for i, spec in enumerate(experiment.network.layers):
        activation = spec.activation.name if spec.activation else "auto"
        initializer = spec.init.name if spec.init else "auto"
        products = 2 * n_in * spec.units
        layers.append(
            LayerSummary(
                name=f"layers.{i}",
                kind="dense",
                n_in=n_in,
                n_out=spec.units,
                activation=activation,
                initializer=initializer,
                parameters=n_in * spec.units + spec.units,
                flops=products + 2 * spec.units,  # bias and activation
            )
        )
        n_in = spec.units
    return _totals(experiment, layers, info.input_shape, _train_samples(experiment, info.samples, info.kind))


def _train_samples(experiment: Experiment, samples: int, kind: str) -> int:
    if kind == "gate":
        return samples
    kept = min(samples, experiment.data.limit or samples)
    return max(1, kept - round(kept * experiment.data.validation))


def _totals(
    experiment: Experiment, layers: list[LayerSummary], input_shape: tuple[int, ...], n: int
) -> NetworkSummary:
    training = experiment.training
    item = 8 if training.dtype == "float64" else 4
    parameters = sum(layer.parameters for layer in layers)
    m = min(training.batch_size or n, n)
    per_sample = 2 * layers[0].n_in + sum(5 * layer.n_out + layer.n_in for layer in layers)
    vectors = 3 + len(training.optimizer.state_names)
    forward = sum(layer.flops for layer in layers)
    backward = sum(4 * layer.n_in * layer.n_out for layer in layers) - 2 * layers[0].n_in * layers[0].n_out
    steps = math.ceil(n / m)
    return NetworkSummary(
        input_shape=input_shape,
        layers=tuple(layers),
        parameters=parameters,
        parameter_bytes=parameters * item,
        training_bytes=(parameters * vectors + m * per_sample) * item,
        forward_flops=forward,
        training_flops=forward + backward,
        steps_per_epoch=steps,
        total_steps=steps * training.epochs,
        loss=experiment.network.loss.name if experiment.network.loss else "auto",
    )
