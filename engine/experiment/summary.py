"""Summary of a network before it is built: shapes, parameters, memory and FLOPs."""

import math
from collections.abc import Sequence

import msgspec

from engine.data import describe
from engine.experiment.experiment import Experiment
from engine.nn.layers import Size, sizes_of
from engine.nn.specs import DenseSpec, LayerSpec


class LayerSummary(msgspec.Struct, frozen=True):
    """Summary of one layer; a multiplication and an addition count as two FLOPs."""

    name: str
    """`layers.0`"""
    kind: str
    """Its `type` in the experiment file."""
    n_in: int
    n_out: int
    activation: str
    """Name; empty for a layer without activation."""
    initializer: str
    """Name of the weights' initialiser; empty for a layer without."""
    parameters: int
    flops: int
    """Forward pass, per sample."""
    short: str = ""
    """The kind, abbreviated; empty for a dense layer, which its activation describes."""
    keeps_shape: bool = False
    """True if output unit k is computed from input unit k."""


class NetworkSummary(msgspec.Struct, frozen=True):
    """Summary of a network."""

    input_shape: tuple[int, ...]
    """Shape of one sample."""
    layers: tuple[LayerSummary, ...]
    parameters: int
    parameter_bytes: int
    training_bytes: int
    """Memory of parameters, gradient, optimizer state and the work arrays of one batch."""
    forward_flops: int
    """Forward pass, per sample."""
    training_flops: int
    """Forward and backward pass, per sample; without the gradient with respect to the network's input."""
    steps_per_epoch: int
    total_steps: int
    loss: str
    """Name; "auto" before it is resolved."""


def summarise(experiment: Experiment) -> NetworkSummary:
    """Return the summary of a resolved experiment, without building the network or reading the samples.

    Raises:
        DataError: the dataset is unknown, missing or unreadable.
    """
    info = describe(experiment.data)
    sizes = list(sizes_of(experiment.network, info.n_features))
    layers = [
        _summarise_layer(i, spec, n_in, size)
        for i, (spec, (n_in, size)) in enumerate(zip(experiment.network.layers, sizes, strict=True))
    ]
    n = _train_samples(experiment, info.samples, info.kind)
    return _totals(experiment, layers, [size for _, size in sizes], info.input_shape, n)


def _summarise_layer(index: int, spec: LayerSpec, n_in: int, size: Size) -> LayerSummary:
    return LayerSummary(
        name=f"layers.{index}",
        kind=spec.kind(),
        n_in=n_in,
        n_out=size.n_out,
        activation=_name_of(spec, "activation"),
        initializer=_name_of(spec, "init"),
        parameters=size.parameters,
        flops=size.forward_flops,
        short="" if isinstance(spec, DenseSpec) else spec.short or spec.kind(),
        keeps_shape=spec.keeps_shape,
    )


def _name_of(spec: LayerSpec, field: str) -> str:
    """Return the name of the member that a layer has in a field; "" if the layer has no such field."""
    if field not in spec.__struct_fields__:
        return ""
    chosen = getattr(spec, field)
    return "auto" if chosen is None else str(chosen.name)


def _train_samples(experiment: Experiment, samples: int, kind: str) -> int:
    if kind == "gate":
        return samples
    kept = min(samples, experiment.data.limit or samples)
    return max(1, kept - round(kept * experiment.data.validation))


def _totals(
    experiment: Experiment,
    layers: Sequence[LayerSummary],
    sizes: Sequence[Size],
    input_shape: tuple[int, ...],
    n: int,
) -> NetworkSummary:
    training = experiment.training
    item = 8 if training.dtype == "float64" else 4
    parameters = sum(layer.parameters for layer in layers)
    m = min(training.batch_size or n, n)
    per_sample = 2 * layers[0].n_in + sum(size.work_floats for size in sizes)
    vectors = 3 + len(training.optimizer.state_names)
    forward = sum(layer.flops for layer in layers)
    backward = sum(size.backward_flops for size in sizes) - sizes[0].input_flops
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
