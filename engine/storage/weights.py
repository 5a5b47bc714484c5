"""Weights on disk: a safetensors file that PyTorch can read, with everything that a resume needs.

Tensors, each contiguous:
- the parameters by name, in torch's shapes: `layers.0.weight` (n_out, n_in), `layers.0.bias` (n_out,), ...
- the buffers: `layers.1.running_mean`, `layers.1.running_var`; without torch's `num_batches_tracked`, which our
  computation does not need and whose absence torch reads as 0
- the optimizer's vectors as `optimizer.NAME` and, with early stopping, the best parameters as `best.theta`: both
  (n_parameters,), in the order of `torch.nn.utils.parameters_to_vector`; the best buffers as `best.buffers`, (n_buffers,)

Metadata, each a string: `nnterm` (version of the format), `experiment`, `input_shape`, `input_range` (lowest and
highest training input), `position`, `learning_rate`, `optimizer` (number of updates), `rng` (states of random
generators), all JSON; `sha256` of the payload and `sha256_metadata` of the other entries as sorted JSON.
"""

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from engine.arrays import Array
from engine.data.spec import DataSpec
from engine.errors import CheckpointError, NntermError
from engine.experiment.experiment import Experiment
from engine.experiment.parsing import build_section
from engine.experiment.specs import TrainingSpec
from engine.files.atomic import PRIVATE, SHARED, reason_of
from engine.nn.input_range import InputRange
from engine.nn.layers import sizes_of
from engine.nn.network import Network
from engine.nn.torch_order import from_torch_order, to_torch_order
from engine.optim.optimizer import OptimizerState
from engine.storage.sealed_file import DAMAGED, FOREIGN, read_metadata, read_sealed, write_sealed
from engine.training.position import Position
from engine.words import counted


@dataclass(frozen=True)
class Snapshot:
    """The state of a training, as a file holds it; None: not stored."""

    network: Network
    experiment: Experiment
    position: Position | None = None
    optimizer_state: OptimizerState | None = None
    learning_rate: float | None = None
    """Learning rate as last set, before the schedule."""
    best_state: Array | None = field(default=None, repr=False)
    """Best state so far, (n_parameters + n_buffers,) as `network.state`."""


def save_network(
    path: str | Path,
    network: Network,
    experiment: Experiment | None = None,
    optimizer_state: OptimizerState | None = None,
    position: Position | None = None,
    *,
    learning_rate: float | None = None,
    best_state: Array | None = None,
    durable: bool = True,
) -> None:
    """Write `network` to `path`, whole or not at all; the other values if given.

    Args:
        experiment: None: the network alone; the experiment that `load_network` returns then names no dataset.
        best_state: best state so far, (n_parameters + n_buffers,) as `network.state`.
        durable: True: wait until the file is on the disk.

    Raises:
        CheckpointError: it cannot be written.
    """
    if isinstance(path, Network):
        raise CheckpointError("save_network takes the path first", "call save_network(path, network)")
    experiment = experiment or _of_network(network)
    snapshot = Snapshot(network, experiment, position, optimizer_state, learning_rate, best_state)
    try:
        write_snapshot(Path(path), snapshot, durable=durable, mode=SHARED)
    except OSError as error:
        message = f"cannot write {path}: {reason_of(error)}"
        raise CheckpointError(message, "choose another location, or free disk space") from None


def _of_network(network: Network) -> Experiment:
    """Return an experiment with the network, its seed and its dtype, and without data."""
    training = TrainingSpec(dtype="float64" if network.dtype == np.float64 else "float32")
    return Experiment(seed=network.seed, data=DataSpec(dataset=""), network=network.spec, training=training)


def write_snapshot(path: Path, snapshot: Snapshot, *, durable: bool = True, mode: int = PRIVATE) -> None:
    """Write a snapshot to `path`, whole or not at all.

    Args:
        durable: True: wait until the file is on the disk.
        mode: permissions of a new file.

    Raises:
        OSError: it cannot be written.
    """
    write_sealed(path, _tensors(snapshot), _metadata(snapshot), durable=durable, mode=mode)


def load_network(path: str | Path) -> tuple[Network, Experiment]:
    """Return the network and the experiment of a saved file; its data may be missing.

    Raises:
        CheckpointError: the file is missing, damaged, foreign, or does not fit its own experiment.
    """
    snapshot = load_snapshot(path)
    return snapshot.network, snapshot.experiment


def verify_file(path: Path) -> None:
    """Read a saved file; CheckpointError if its content is not as it was written."""
    read_sealed(path)


def read_position(path: Path) -> Position | None:
    """Return the position of the training in a saved file, None if not stored; only the header is read.

    Raises:
        CheckpointError: the file is missing, cut off, foreign, or its header is damaged.
    """
    text = read_metadata(path).get("position")
    try:
        return _position(text)
    except _UNUSABLE as error:
        raise CheckpointError(f"{path}: its metadata cannot be used: {error}", DAMAGED) from None


def load_snapshot(path: str | Path) -> Snapshot:
    """Return the content of a saved file.

    Raises:
        CheckpointError: the file is missing, damaged, foreign, or does not fit its own experiment.
    """
    path = Path(path)
    metadata, tensors = read_sealed(path)
    try:
        return _snapshot(path, metadata, tensors)
    except _UNUSABLE as error:
        if isinstance(error, CheckpointError):
            raise
        reason = error.message if isinstance(error, NntermError) else error
        raise CheckpointError(f"{path}: its metadata cannot be used: {reason}", DAMAGED) from None


def _tensors(snapshot: Snapshot) -> dict[str, Array]:
    network = snapshot.network
    tensors = {name: np.ascontiguousarray(view) for name, view in _views(network)}
    if snapshot.optimizer_state is not None:
        for name, vector in snapshot.optimizer_state.vectors.items():
            tensors[f"optimizer.{name}"] = to_torch_order(network, vector)
    if snapshot.best_state is not None:
        theta, buffers = np.split(snapshot.best_state, [network.n_parameters])
        tensors["best.theta"] = to_torch_order(network, theta)
        tensors |= {"best.buffers": buffers} if len(buffers) else {}
    return tensors


def _views(network: Network) -> Iterator[tuple[str, Array]]:
    """Yield name and view of all parameters and buffers."""
    yield from ((name, view) for name, view, _ in network.parameters())
    yield from network.named_buffers()


def _metadata(snapshot: Snapshot) -> dict[str, str]:
    values: dict[str, Any] = {
        "experiment": snapshot.experiment.to_raw(),
        "input_shape": snapshot.network.input_shape,
        "rng": {},  # empty: all randomness follows from (seed, epoch)
    }
    if snapshot.position is not None:
        values["position"] = _without_infinities(msgspec.to_builtins(snapshot.position))
    if snapshot.optimizer_state is not None:
        values["optimizer"] = {"updates": snapshot.optimizer_state.updates}
    if snapshot.network.input_range is not None:
        values["input_range"] = snapshot.network.input_range.to_json()
    if snapshot.learning_rate is not None:
        values["learning_rate"] = snapshot.learning_rate
    return {key: json.dumps(value) for key, value in values.items()}


def _without_infinities(value: Any) -> Any:
    """Return plain values with infinities and NaN as strings, since JSON has no numbers for them."""
    if isinstance(value, dict):
        return {key: _without_infinities(item) for key, item in value.items()}
    return str(value) if isinstance(value, float) and not np.isfinite(value) else value


_UNUSABLE = (
    msgspec.MsgspecError,
    LookupError,
    TypeError,
    ValueError,
    ArithmeticError,
    RecursionError,
    MemoryError,
    NntermError,
)
"""Errors that forged metadata may raise."""


def _snapshot(path: Path, metadata: Mapping[str, str], tensors: Mapping[str, Array]) -> Snapshot:
    experiment = _experiment(json.loads(metadata["experiment"]))
    shape = msgspec.json.decode(metadata["input_shape"], type=tuple[int, ...])
    dtype = next((str(tensor.dtype) for name, tensor in tensors.items() if name.startswith("layers.")), "")
    _check_size(path, experiment, shape, tensors)
    network = Network(experiment.network, shape, experiment.seed, dtype or "float32")
    network.input_range = InputRange.from_json(
        json.loads(metadata.get("input_range", "null")), network.n_features
    )
    optimizer = metadata.get("optimizer")
    state = None if optimizer is None else experiment.training.optimizer.start(network.theta)
    _check_fit(path, tensors, _expected_shapes(network, state, "best.theta" in tensors))
    for name, view in _views(network):
        view[...] = tensors[name]
    if state is not None and optimizer is not None:
        state.updates = _count(json.loads(optimizer)["updates"], "number of updates")
        for name, vector in state.vectors.items():
            vector[:] = from_torch_order(network, tensors[f"optimizer.{name}"])
    return Snapshot(
        network=network,
        experiment=experiment,
        position=_position(metadata.get("position")),
        optimizer_state=state,
        learning_rate=_learning_rate(metadata.get("learning_rate")),
        best_state=_best_state(network, tensors),
    )


def _best_state(network: Network, tensors: Mapping[str, Array]) -> Array | None:
    if "best.theta" not in tensors:
        return None
    theta = from_torch_order(network, tensors["best.theta"])
    return np.concatenate([theta, tensors.get("best.buffers", network.buffers)])


def _experiment(raw: dict[str, Any]) -> Experiment:
    found: list[Any] = []
    experiment = build_section(Experiment, raw, "", found)
    if experiment is None:
        raise CheckpointError(found[0].message, found[0].hint)
    return experiment


def _position(text: str | None) -> Position | None:
    if text is None:
        return None
    position = msgspec.convert(json.loads(text), Position, strict=False)
    for name in ("step", "epoch", "cursor"):
        _count(getattr(position, name), name)
    return position


def _learning_rate(text: str | None) -> float | None:
    if text is None:
        return None
    rate = float(json.loads(text))
    if not (math.isfinite(rate) and rate > 0):
        raise ValueError(f"a learning rate of {rate}")
    return rate


def _count(value: Any, name: str) -> int:
    count = int(value)
    if count < 0:
        raise ValueError(f"{name} is {count}")
    return count


def _expected_shapes(
    network: Network, state: OptimizerState | None, has_best: bool
) -> dict[str, tuple[int, ...]]:
    shapes = {name: view.shape for name, view in _views(network)}
    vectors: Iterable[str] = state.vectors if state is not None else ()
    names = [f"optimizer.{name}" for name in vectors] + ["best.theta"] * has_best
    if has_best and len(network.buffers):
        shapes["best.buffers"] = network.buffers.shape
    return shapes | dict.fromkeys(names, network.theta.shape)


def _check_size(
    path: Path, experiment: Experiment, shape: tuple[int, ...], tensors: Mapping[str, Array]
) -> None:
    """Raise a CheckpointError unless the network has as many parameters as are stored, before it is made."""
    if not shape or min(shape) < 1:
        raise CheckpointError(f"{path}: its metadata cannot be used: an input of shape {shape}", DAMAGED)
    stored = sum(tensor.size for name, tensor in tensors.items() if name.startswith("layers."))
    expected = sum(size.parameters for _, size in sizes_of(experiment.network, math.prod(shape)))
    if expected > stored:  # buffers are stored too: `_check_fit` compares tensor by tensor
        message = f"{path} does not fit its network: it holds {stored:,} of {counted(expected, 'parameter')}"
        raise CheckpointError(message, FOREIGN)


def _check_fit(path: Path, tensors: Mapping[str, Array], expected: Mapping[str, tuple[int, ...]]) -> None:
    """Raise a CheckpointError for the first tensor that is missing, unexpected, or of another shape or type."""
    for name in [*expected, *tensors]:
        if name not in tensors:
            raise CheckpointError(f"{path} does not fit its network: {name} is missing", FOREIGN)
        if name not in expected:
            raise CheckpointError(f"{path} does not fit its network: it has no {name}", FOREIGN)
        if tensors[name].shape != expected[name]:
            shapes = f"{tensors[name].shape}, the network's {expected[name]}"
            raise CheckpointError(f"{path} does not fit its network: {name} has shape {shapes}", FOREIGN)
        if tensors[name].dtype.kind != "f":
            raise CheckpointError(f"{path}: {name} does not contain real numbers", FOREIGN)
