"""What a network will be, before it is built: shapes, parameters, memory and work."""

import math
from collections.abc import Sequence

import msgspec

from engine.data import describe
from engine.experiment.experiment import Experiment
from engine.nn.layers import Size, sizes_of
from engine.nn.specs import DenseSpec, LayerSpec


class LayerSummary(msgspec.Struct, frozen=True):
    """One layer in numbers; floating-point operations count a multiply and an add as two."""

    name: str
    kind: str
    n_in: int
    n_out: int
    activation: str
    """Empty where the layer has none."""
    initializer: str
    """Of the weights; empty where none are drawn."""
    parameters: int
    flops: int
    """Forward, per sample."""
    short: str = ""
    """The kind in few characters; empty for a layer that its activation describes."""
    keeps_shape: bool = False
    """True if unit k of the output belongs to unit k of the input."""


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
    """Per sample: forward and backward; the first layer needs no gradient for its input."""
    steps_per_epoch: int
    total_steps: int
    loss: str


def summarise(experiment: Experiment) -> NetworkSummary:
    """Return the numbers of a resolved experiment, without building it or reading its data."""
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
    """What a layer has chosen for a field; "" where it has no such field."""
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
