"""Checks of a resolved experiment: each problem has a reason, a hint and, where there is one, a suggested fix."""

import os
import re
from collections.abc import Iterator

from msgspec.structs import replace

from engine.data import DatasetInfo
from engine.data.spec import DataSpec
from engine.errors import Problem, did_you_mean
from engine.experiment.parsing import show, to_plain
from engine.experiment.specs import TrainingSpec
from engine.nn.activations import Activation, Relu, Sigmoid, Softmax, Step
from engine.nn.initializers import Uniform
from engine.nn.layers import sizes_of
from engine.nn.loss import Loss
from engine.nn.losses import BinaryCrossEntropy, CrossEntropy
from engine.nn.specs import DenseSpec, LayerSpec, NetworkSpec
from engine.optim.optimizers import Sgd
from engine.words import counted


def find_problems(
    network: NetworkSpec, training: TrainingSpec, data: DataSpec, info: DatasetInfo
) -> list[Problem]:
    """Return all problems of a resolved experiment, the most fundamental first."""
    found = [
        *_check_last(network, info),
        *_check_units(network, info),
        *_check_output_and_loss(network, info),
        *_check_hidden(network),
        *_check_training(network, training),
        *_check_batches(network, training),
        *_check_device(training),
        *_check_splits(training, data, info),
        *_check_memory(network, training, info),
    ]
    return [_with_force_hint(problem) for problem in found]


_FORCE = "; or force = true (--force) to train anyway"


def _with_force_hint(problem: Problem) -> Problem:
    """Return a problem with a mention of `force` in its hint if it is forceable."""
    if not problem.forceable or _FORCE in problem.hint:
        return problem
    return replace(problem, hint=f"{problem.hint}{_FORCE}")


def _check_last(network: NetworkSpec, info: DatasetInfo) -> Iterator[Problem]:
    """Check that the last layer is dense, since the loss needs its outputs."""
    *before, last = network.layers
    if isinstance(last, DenseSpec):
        return
    kind, why = last.kind(), last.why_not_last
    key = f"network.layers[{len(before)}].type"
    dense = [i for i, layer in enumerate(before) if isinstance(layer, DenseSpec)]
    layers = list(network.layers)
    if len(dense) > 1 and network.layers[dense[-1]].outline == str(info.n_outputs):
        hint = f"remove it, or move it before the output layer, network.layers[{dense[-1]}]"
        layers = [*layers[: dense[-1]], _as_output(network.layers[dense[-1]])]
    else:
        hint = f'add an output layer after it: {{ type = "dense", units = {info.n_outputs} }}'
        layers = [*layers, DenseSpec(units=info.n_outputs)]
    remedy: dict[str, object] = {"network.layers": [to_plain(layer) for layer in layers]}
    yield Problem(key, f'{key} = "{kind}": the last layer must be dense; {why}', hint, remedy)


def _as_output(layer: LayerSpec) -> LayerSpec:
    """Return a hidden layer as the last one: a default activation (relu) and the initialiser become "auto" again."""
    is_default = isinstance(layer, DenseSpec) and isinstance(layer.activation, Relu)
    return replace(layer, activation=None, init=None) if is_default else layer


def _check_units(network: NetworkSpec, info: DatasetInfo) -> Iterator[Problem]:
    *hidden, last = network.layers
    for i, layer in enumerate(hidden):
        if isinstance(layer, DenseSpec) and layer.units < 1:
            key = f"network.layers[{i}].units"
            reason = f"{key} = {layer.units}: a hidden layer needs at least 1 unit"
            yield Problem(key, reason, f"set {key} = 16, for example", {key: 16})
    if not isinstance(last, DenseSpec):
        return
    key = f"network.layers[{len(hidden)}].units"
    pair = info.task == "binary" and last.units == 2 and isinstance(network.loss, CrossEntropy)
    if last.units == info.n_outputs or pair:
        return
    what = {
        "classification": f"{info.name} has {counted(info.n_outputs, 'class', 'classes')}",
        "binary": f"{info.name} is a binary task, which needs 1 output",
        "regression": f"{info.name} has {counted(info.n_outputs, 'target value')}",
    }[info.task]
    has_spare_outputs = info.task != "regression" and last.units >= max(2, info.n_outputs)
    yield Problem(
        key,
        f"{key} = {last.units}, but {what}",
        f"set {key} = {info.n_outputs}",
        {key: info.n_outputs},
        forceable=has_spare_outputs,
    )


def _check_output_and_loss(network: NetworkSpec, info: DatasetInfo) -> Iterator[Problem]:
    last = network.layers[-1]
    loss = network.loss
    if loss is None:
        raise TypeError("the network has not been resolved")
    if not isinstance(last, DenseSpec):
        return
    key = f"network.layers[{len(network.layers) - 1}].activation"
    if info.task == "regression" and loss.compares_classes:
        yield Problem(
            "network.loss",
            f'network.loss = "{loss.name}" compares classes, but {info.name} is a regression',
            'set network.loss = "mse"',
            {"network.loss": "mse", key: "linear"},
            forceable=not isinstance(loss, CrossEntropy),
        )
        return
    yield from _check_pair(last, loss, key, info)


def _check_pair(last: DenseSpec, loss: Loss, key: str, info: DatasetInfo) -> Iterator[Problem]:
    activation = last.activation
    fix = _output_fix(last, loss, key, info)
    if isinstance(activation, Softmax) and last.units == 1:
        reason = f'{key} = "softmax" over a single output is always 1, whatever the input'
        yield _with_fix(key, reason, fix)
        return
    jumps = activation is not None and activation.jumps and activation.name != loss.link
    if jumps or (loss.output_needed and not _is_output_of(activation, loss)):
        problem = _with_fix(key, _mismatch(activation, loss, key), fix)
        yield problem if jumps else replace(problem, hint=f"{problem.hint}{_FORCE}; {_computed_anyway(loss)}")
    elif isinstance(loss, CrossEntropy) and last.units == 1:
        reason = 'network.loss = "cross_entropy" over a single output is always 0: there is no other class'
        yield _with_fix("network.loss", reason, fix)


def _is_output_of(activation: Activation | None, loss: Loss) -> bool:
    """Return whether the activation is the loss's link, or linear, so that its outputs are scores, or spans them."""
    if activation is None or activation.is_linear or activation.name == loss.link:
        return activation is not None
    low, high = activation.value_range
    return loss.output_span is not None and low <= loss.output_span[0] and high >= loss.output_span[1]


def _mismatch(activation: Activation | None, loss: Loss, key: str) -> str:
    """Return the reason that the last activation and the loss are incompatible."""
    name = activation.name if activation else "auto"
    pair = f'{key} = "{name}" is incompatible with network.loss = "{loss.name}"'
    if activation is not None and activation.jumps:
        return f"{pair}: the derivative of {name} is 0, so that no gradient reaches the weights"
    if isinstance(activation, Softmax) and isinstance(loss, BinaryCrossEntropy):
        return f"{pair}: this loss treats each output as an independent probability, but softmax outputs sum to 1"
    return f"{pair}: this loss needs {loss.output_needed}"


def _computed_anyway(loss: Loss) -> str:
    """Return what a loss makes of outputs that are not of its kind: it takes them as scores."""
    return f"the loss then applies {loss.link} to these outputs, so that it may still learn, but worse"


def _output_fix(last: DenseSpec, loss: Loss, key: str, info: DatasetInfo) -> dict[str, object]:
    """Return the fix of an output: softmax, sigmoid and step keep their place and set the loss, others change."""
    if info.task == "regression":
        return {key: "linear"}
    if (last.units == 1 and isinstance(loss, CrossEntropy)) or isinstance(last.activation, Softmax):
        single: dict[str, object] = {key: "sigmoid", "network.loss": "binary_cross_entropy"}
        return single if last.units == 1 else {"network.loss": "cross_entropy"}
    if isinstance(last.activation, Step):
        return {"network.loss": "perceptron", "training.optimizer.name": "perceptron"}
    if isinstance(last.activation, Sigmoid) and info.task == "binary":
        return {"network.loss": "binary_cross_entropy"}
    return {key: loss.link}


def _with_fix(key: str, reason: str, remedy: dict[str, object], forceable: bool = True) -> Problem:
    """Return a problem whose hint is its suggested fix in words."""
    hint = "set " + " and ".join(f"{name} = {show(value)}" for name, value in remedy.items())
    return Problem(key, reason, hint, remedy, forceable)


def _check_hidden(network: NetworkSpec) -> Iterator[Problem]:
    for i, layer in enumerate(network.layers):
        key = f"network.layers[{i}]"
        is_hidden = i < len(network.layers) - 1
        activation = getattr(layer, "activation", None)
        if isinstance(activation, Activation) and activation.jumps and is_hidden:
            reason = f'{key}.activation = "{activation.name}" has derivative 0: no gradient reaches the previous layers'
            remedy: dict[str, object] = {f"{key}.activation": "tanh"}
            yield Problem(
                f"{key}.activation", reason, f'set {key}.activation = "tanh"', remedy, forceable=True
            )
        for name in ("init", "bias"):
            drawn = getattr(layer, name, None)
            if isinstance(drawn, Uniform) and drawn.low > drawn.high:
                where = f"{key}.{name}"
                remedy = {f"{where}.low": drawn.high, f"{where}.high": drawn.low}
                reason = f"{where}: low = {drawn.low} is above high = {drawn.high}"
                yield Problem(where, reason, "swap them", remedy)


def _check_training(network: NetworkSpec, training: TrainingSpec) -> Iterator[Problem]:
    optimizer = training.optimizer
    if not optimizer.follows_gradient and (network.loss is None or network.loss.follows_gradient):
        loss = network.loss.name if network.loss else "auto"
        reason = (
            f'training.optimizer.name = "{optimizer.name}" is a rule for step outputs and the perceptron loss, '
            f'but network.loss = "{loss}"'
        )
        yield Problem(
            "training.optimizer.name",
            reason,
            'set training.optimizer.name = "sgd"',
            {"training.optimizer.name": "sgd"},
            forceable=True,
        )
    if isinstance(optimizer, Sgd) and optimizer.nesterov and not optimizer.momentum:
        remedy: dict[str, object] = {"training.optimizer.momentum": 0.9}
        reason = "training.optimizer.nesterov = true needs momentum, which is 0"
        yield Problem("training.optimizer.nesterov", reason, "set training.optimizer.momentum = 0.9", remedy)


def _check_batches(network: NetworkSpec, training: TrainingSpec) -> Iterator[Problem]:
    norms = [i for i, layer in enumerate(network.layers) if layer.normalises]
    if norms and training.batch_size == 1:
        reason = (
            f"training.batch_size = 1: a single sample has no variance, so that network.layers[{norms[0]}] "
            f"({network.layers[norms[0]].kind()}) cannot normalise, and its running mean and variance "
            "would never change"
        )
        yield _with_fix("training.batch_size", reason, {"training.batch_size": 32})


DEVICES = ("auto", "cpu", "cuda", "mps", "xpu")
"""Kinds of device that PyTorch may support; cuda and xpu take an index, as in `cuda:1`."""
_DEVICE = re.compile(r"auto|cpu|mps|(cuda|xpu)(:\d{1,3})?")


def _check_device(training: TrainingSpec) -> Iterator[Problem]:
    """Check the device's name, and that settings for PyTorch are used with the torch backend."""
    device, processes = training.device, training.processes
    if not _DEVICE.fullmatch(device):
        reason = f'training.device = "{device}" is not a device'
        yield Problem("training.device", reason, did_you_mean(device, DEVICES), {"training.device": "auto"})
        return
    if training.backend == "torch":
        yield from _check_processes(training)
        return
    wants_torch = {
        "device": (device not in ("auto", "cpu"), "NumPy runs on the CPU only", "auto"),
        "processes": (processes > 1, "NumPy trains in a single process", 1),
        "compile": (training.compile, "NumPy has nothing to compile", False),
    }
    for name, (is_set, why, instead) in wants_torch.items():
        if is_set:
            key = f"training.{name}"
            reason = f"{key} = {show(getattr(training, name))} requires PyTorch: {why}"
            hint = f'set training.backend = "torch", or {key} = {show(instead)}'
            yield Problem(key, reason, hint, {"training.backend": "torch"})


def _check_processes(training: TrainingSpec) -> Iterator[Problem]:
    processes, size = training.processes, training.batch_size
    key = "training.processes"
    if processes > 1 and (":" in training.device or training.device == "mps"):
        reason = f'{key} = {processes}: each needs its own device, but training.device = "{training.device}"'
        kind = training.device.partition(":")[0]
        hint = f'set training.device = "{kind}"' if kind != "mps" else f"set {key} = 1"
        yield Problem(key, reason, hint, {"training.device": kind} if kind != "mps" else {key: 1})
    if 0 < size < processes:
        reason = f"{key} = {processes}, but training.batch_size = {size}: some would get no samples"
        yield _with_fix(key, reason, {key: size}, forceable=False)


def _check_splits(training: TrainingSpec, data: DataSpec, info: DatasetInfo) -> Iterator[Problem]:
    if training.patience and not data.validation and info.kind != "gate":
        reason = "training.patience uses the validation loss, but data.validation = 0 holds out no samples"
        remedy: dict[str, object] = {"data.validation": 0.1}
        yield Problem(
            "training.patience", reason, "set data.validation = 0.1, or training.patience = 0", remedy
        )


def _check_memory(network: NetworkSpec, training: TrainingSpec, info: DatasetInfo) -> Iterator[Problem]:
    parameters = sum(size.parameters for _, size in sizes_of(network, info.n_features))
    vectors = 3 + len(training.optimizer.state_names)  # theta, grad, scratch and the optimizer's state
    needed = parameters * vectors * (8 if training.dtype == "float64" else 4)
    installed = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    if needed > installed:
        reason = (
            f"network.layers: {counted(parameters, 'parameter')} take {needed / 2**30:,.0f} GiB to train, "
            f"more than the {installed / 2**30:,.0f} GiB of this machine"
        )
        yield Problem("network.layers", reason, "use fewer units")
