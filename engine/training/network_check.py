"""The check that a trainer makes of its network: it must be the one that the experiment describes."""

import math
from collections.abc import Iterator

from engine.data import Data
from engine.errors import DataError, ExperimentError, Problem
from engine.experiment.experiment import Experiment
from engine.experiment.parsing import show, to_plain
from engine.nn.network import Network
from engine.nn.specs import LayerSpec, NetworkSpec
from engine.words import counted

HINT = "build it with Network.of(experiment, data); trained weights are copied with network.state[:] = trained.state"


def refuse_other_network(experiment: Experiment, network: Network, data: Data) -> None:
    """Pass where `network` computes what `experiment` describes, for samples of the shape of `data`.

    First weights do not count: a network may come with trained ones.

    Raises:
        ExperimentError: dtype, layers, loss or input shape differ; all differences at once.
    """
    problems = list(_differences(experiment, network, data))
    if problems:
        raise ExperimentError(problems)


def refuse_other_data(network: Network, data: Data) -> None:
    """Raise a DataError unless `network` takes the samples of `data` and gives as many outputs as they ask for."""
    features = math.prod(data.input_shape)
    hint = "has the file changed since the training? restore it, or train again"
    if network.n_features != features:
        raise DataError(
            f"{data.info.name} has {counted(features, 'feature')}, the network takes {network.n_features:,}",
            hint,
        )
    if len(data.class_names) > max(2, network.n_outputs) or (
        data.task == "regression" and data.n_outputs != network.n_outputs
    ):
        raise DataError(
            f"{data.info.name} needs {counted(data.n_outputs, 'output')}, the network has {network.n_outputs:,}",
            hint,
        )
    if (
        data.task == "regression" and network.loss.compares_classes
    ):  # classes may be trained with squared error
        raise DataError(f"{data.info.name} is a {data.task}, the network was trained for another task", hint)


def computes_the_same(one: NetworkSpec, other: NetworkSpec) -> bool:
    """Return True if two specs describe networks of the same layers and loss; initialisers do not count."""
    pairs = zip(one.layers, other.layers, strict=False)
    return (
        len(one.layers) == len(other.layers)
        and one.loss == other.loss
        and not any(_changed_fields(*pair) for pair in pairs)
    )


def _differences(experiment: Experiment, network: Network, data: Data) -> Iterator[Problem]:
    wanted, dtype = experiment.network, experiment.training.dtype
    if network.dtype.name != dtype:
        yield _problem(
            "training.dtype", f'the network computes in {network.dtype.name}, training.dtype = "{dtype}"'
        )
    if network.n_features != math.prod(data.input_shape):
        yield _problem(
            "data",
            f"the network expects {counted(network.n_features, 'feature')}, "
            f"the data have {math.prod(data.input_shape):,}",
        )
    ours, theirs = network.spec.layers, wanted.layers
    if len(ours) != len(theirs):
        yield _problem(
            "network.layers", f"the network has {counted(len(ours), 'layer')}, the experiment {len(theirs)}"
        )
    for i, (one, other) in enumerate(zip(ours, theirs, strict=False)):
        for name, (given, asked) in _changed_fields(one, other).items():
            key = f"network.layers[{i}].{name}"
            yield _problem(key, f"{key} is {show(given)} in the network, {show(asked)} in the experiment")
    if wanted.loss is not None and network.loss != wanted.loss:
        reason = f'the network has the loss "{network.loss.name}", network.loss = "{wanted.loss.name}"'
        yield _problem("network.loss", reason)


def _changed_fields(one: LayerSpec, other: LayerSpec) -> dict[str, tuple[object, object]]:
    """Return the fields in which two layers compute differently; initialisers do not count."""
    ours, theirs = to_plain(one), to_plain(other)
    if one.kind() != other.kind():
        return {"type": (one.kind(), other.kind())}
    names = [name for name in ours if name not in ("init", "bias")]
    return {name: (ours[name], theirs[name]) for name in names if ours[name] != theirs[name]}


def _problem(key: str, reason: str) -> Problem:
    return Problem(key, reason, HINT)
