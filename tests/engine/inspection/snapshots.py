"""Snapshots of networks whose answers can be worked out by hand: their outputs are their inputs."""

from typing import Any

import numpy as np

from engine.data import Data, Scaler, Split, load_data
from engine.data.info import DatasetInfo, Kind, Suggestion, Task
from engine.experiment.experiment import Experiment
from engine.experiment.resolve import resolve_network
from engine.inspection.messages import Moment
from engine.inspection.snapshot import NetworkSnapshot
from engine.nn.network import Network
from engine.nn.specs import DenseSpec, NetworkSpec

NO_SCALE = Scaler("none", np.zeros(()), np.ones(()))


def make_data(
    x: Any,
    y: Any,
    *,
    names: tuple[str, ...] = (),
    kind: Kind = "table",
    test: bool = True,
    shape: tuple[int, ...] | None = None,
    scaler: Scaler = NO_SCALE,
) -> Data:
    """Return samples (m, n) as the test split, or else as the training split; the other splits are empty."""
    rows = np.asarray(x, np.float32).reshape(len(x), -1)
    labels = np.asarray(y, np.int64) if names else np.asarray(y, np.float32).reshape(len(x), -1)
    task: Task = "regression" if not names else "classification"
    n_outputs = len(names) if names else labels.shape[1]
    shape = shape or (rows.shape[1],)
    info = DatasetInfo(
        "made", "Made", task, kind, len(x), len(x), shape, n_outputs, names, 0, "", "", "",
        Suggestion((), "relu", "sgd", 0.1, 8, 1),
    )  # fmt: skip
    full = Split(rows, labels, shape, scaler)
    empty = Split(rows[:0], labels[:0], shape, scaler)
    return Data(info, full, empty, full if test else empty, scaler)


def identity(data: Data) -> Network:
    """Return a network without a hidden layer whose scores are its inputs."""
    spec = resolve_network(NetworkSpec(layers=(DenseSpec(),)), data.info)
    network = Network(spec, data.input_shape, dtype="float64")
    network.last.weight[...] = np.eye(network.n_outputs, network.n_features)
    network.last.bias[...] = 0
    return network


def snapshot_of(data: Data, network: Network | None = None) -> NetworkSnapshot:
    """Return a snapshot of a network, the identity by default."""
    network = network or identity(data)
    return NetworkSnapshot(network, Experiment(), Moment(0, 0), lambda: data)


def scores_for(guesses: list[int], n: int, strength: float = 5.0) -> np.ndarray:
    """Return inputs for which the identity predicts these classes."""
    scores: np.ndarray = np.zeros((len(guesses), n))
    scores[np.arange(len(guesses)), guesses] = strength
    return scores


def bundled_digits(count: int) -> np.ndarray:
    """Return the first test digits of MNIST, (count, 28, 28), 0 to 255."""
    rows = load_data(Experiment.quick("mnist", [8]).data).test.stored()[0]
    return np.asarray(rows[:count], np.float64).reshape(count, 28, 28)
