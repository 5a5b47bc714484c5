"""Saved weights: they are restored bit by bit, PyTorch reads them, and a damaged file is never loaded."""

import errno
import os
from pathlib import Path

import msgspec
import numpy as np
import pytest
import safetensors.numpy

import engine
from engine.errors import CheckpointError
from engine.experiment.experiment import Experiment
from engine.nn.network import Network
from engine.storage.weights import load_network, load_snapshot, save_network
from engine.training.trainer import Trainer
from tests.engine.oracles import torch


def train_a_little(optimizer: str = "adam", dtype: str = "float32") -> Trainer:
    """Return a trainer in the middle of an epoch."""
    experiment = Experiment.quick(
        "blobs", [4], optimizer=optimizer, epochs=3, dtype=dtype, patience=2, batch_size=32, lr=0.01
    )
    data = engine.load_data(experiment.data)
    network = Network(experiment.network, data.input_shape, seed=1, dtype=dtype)
    trainer = Trainer(experiment, network, data)
    events = iter(trainer)
    while trainer.position.epoch < 1:
        next(events)
    trainer.single_step()
    next(events)  # the epoch's event
    next(events)
    assert trainer.position.cursor == 32
    return trainer


def save(path: Path, trainer: Trainer) -> None:
    save_network(
        path,
        trainer.network,
        trainer.experiment,
        trainer.optimizer_state,
        trainer.position,
        learning_rate=0.123456789,
        best_state=trainer.best_state,
    )


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("optimizer", ["sgd", "rmsprop", "adagrad", "adam", "adamw"])
def test_the_same_bits_come_back(tmp_path: Path, optimizer: str, dtype: str) -> None:
    trainer = train_a_little(optimizer, dtype)
    save(tmp_path / "w.safetensors", trainer)
    loaded = load_snapshot(tmp_path / "w.safetensors")

    assert loaded.network.theta.dtype == dtype
    assert loaded.network.theta.tobytes() == trainer.network.theta.tobytes()
    assert loaded.experiment == trainer.experiment
    assert loaded.position == trainer.position
    assert loaded.learning_rate == 0.123456789
    assert loaded.optimizer_state is not None
    assert loaded.optimizer_state.updates == trainer.optimizer_state.updates > 1
    vectors = trainer.optimizer_state.vectors
    assert set(loaded.optimizer_state.vectors) == set(vectors)
    for name, vector in vectors.items():
        assert np.any(vector)
        assert loaded.optimizer_state.vectors[name].tobytes() == vector.tobytes()
    assert trainer.best_state is not None
    assert loaded.best_state is not None
    assert loaded.best_state.tobytes() == trainer.best_state.tobytes()


def test_infinities_of_the_position_are_restored(tmp_path: Path) -> None:
    trainer = train_a_little()
    position = msgspec.structs.replace(trainer.position, best_loss=np.inf, loss_sum=np.nan)
    save_network(tmp_path / "w", trainer.network, trainer.experiment, position=position)
    loaded = load_snapshot(tmp_path / "w").position
    assert loaded is not None
    assert loaded.best_loss == np.inf
    assert np.isnan(loaded.loss_sum)


def test_linear_layers_of_torch_take_the_tensors_unchanged(tmp_path: Path) -> None:
    from safetensors.torch import load_file

    trainer = train_a_little()
    network = trainer.network
    save(tmp_path / "w.safetensors", trainer)
    tensors = load_file(tmp_path / "w.safetensors")

    layers = [torch.nn.Linear(layer.n_in, layer.n_out) for layer in network.layers]
    for i, layer in enumerate(layers):
        prefix = f"layers.{i}."
        own = {name.removeprefix(prefix): t for name, t in tensors.items() if name.startswith(prefix)}
        layer.load_state_dict(own, strict=True)
    x = np.random.default_rng(0).normal(size=(7, network.n_features)).astype(np.float32)
    first, second = layers
    assert network.layers[0].activation.name == "tanh"
    logits = second(torch.tanh(first(torch.from_numpy(x))))
    np.testing.assert_allclose(logits.detach().numpy(), network.logits(x), rtol=1e-5, atol=1e-6)


def test_optimizer_vectors_are_in_the_order_of_torch(tmp_path: Path) -> None:
    from safetensors.torch import load_file

    trainer = train_a_little("adagrad")
    trainer.optimizer_state.vectors["square_sum"][:] = trainer.network.theta
    save(tmp_path / "w.safetensors", trainer)
    tensors = load_file(tmp_path / "w.safetensors")
    parameters = [tensors[name] for name, _, _ in trainer.network.parameters()]
    expected = torch.nn.utils.parameters_to_vector(parameters)
    assert torch.equal(tensors["optimizer.square_sum"], expected)


def test_weights_load_without_their_data(tmp_path: Path) -> None:
    data = tmp_path / "points.npz"
    np.savez(data, x=np.arange(40.0).reshape(20, 2), y=np.arange(20) % 2)
    experiment = Experiment.quick(str(data), [3])
    network = Network(experiment.network, (2,))
    save_network(tmp_path / "w.safetensors", network, experiment)
    data.unlink()
    loaded, found = load_network(tmp_path / "w.safetensors")
    assert found == experiment
    assert loaded.theta.tobytes() == network.theta.tobytes()


def test_every_truncation_is_detected(tmp_path: Path) -> None:
    whole, path = small_file(tmp_path)
    for size in range(len(whole)):
        path.write_bytes(whole[:size])
        assert_one_clear_line(path)
    path.write_bytes(whole + b"x")
    assert_one_clear_line(path)


def test_every_flipped_bit_is_detected(tmp_path: Path) -> None:
    whole, path = small_file(tmp_path)
    for i in range(len(whole)):
        path.write_bytes(whole[:i] + bytes([whole[i] ^ 1 << i % 8]) + whole[i + 1 :])
        assert_one_clear_line(path)
    path.write_bytes(whole)
    load_network(path)


@pytest.mark.parametrize(
    "content", [b"", b"\0" * 7, b"\xff" * 64, b"PK\x03\x04" * 20, (2**40).to_bytes(8, "little") + b"{}" * 50]
)
def test_other_files_are_foreign(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "w").write_bytes(content)
    assert_one_clear_line(tmp_path / "w")


def test_weights_of_another_program_are_foreign(tmp_path: Path) -> None:
    tensors = {"layers.0.weight": np.ones((2, 2), np.float32)}
    (tmp_path / "w").write_bytes(safetensors.numpy.save(tensors, {"format": "pt"}))
    with pytest.raises(CheckpointError, match="not written by nnterm"):
        load_network(tmp_path / "w")


def test_missing_files_and_folders_are_reported(tmp_path: Path) -> None:
    assert_one_clear_line(tmp_path / "none")
    assert_one_clear_line(tmp_path)


def test_weights_that_do_not_fit_their_experiment_are_refused(tmp_path: Path) -> None:
    experiment = Experiment.quick("moons", [4])
    other = Network(Experiment.quick("moons", [5]).network, (2,))
    save_network(tmp_path / "w", other, experiment)
    with pytest.raises(
        CheckpointError, match=r"does not fit its network: layers.0.weight has shape \(5, 2\)"
    ):
        load_network(tmp_path / "w")


def test_a_full_disk_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, path = small_file(tmp_path)

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    network, experiment = load_network(path)
    network.theta += 1
    with pytest.raises(CheckpointError, match="No space left on device"):
        save_network(path, network, experiment)
    assert path.read_bytes() == whole
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


def test_a_checkpoint_suffices_for_a_resume_with_the_same_bits(tmp_path: Path) -> None:
    trainer = train_a_little("adamw")
    save_path = tmp_path / "w.safetensors"
    trainer.learning_rate = 0.02
    snapshot_of_now = (trainer.position, trainer.learning_rate)
    save_network(
        save_path,
        trainer.network,
        trainer.experiment,
        trainer.optimizer_state,
        trainer.position,
        learning_rate=trainer.learning_rate,
        best_state=trainer.best_state,
    )
    *_, uninterrupted = trainer

    loaded = load_snapshot(save_path)
    assert (loaded.position, loaded.learning_rate) == snapshot_of_now
    assert loaded.position is not None
    assert loaded.optimizer_state is not None
    assert loaded.learning_rate is not None
    network = Network(loaded.experiment.network, loaded.network.input_shape, loaded.experiment.seed)
    resumed = Trainer(loaded.experiment, network, engine.load_data(loaded.experiment.data))
    resumed.restore(
        loaded.network.theta, loaded.position, loaded.optimizer_state, loaded.learning_rate, loaded.best_state
    )
    *_, last = resumed
    assert network.theta.tobytes() == trainer.network.theta.tobytes()
    ignored = {"time": 0.0, "seconds": 0.0}
    assert msgspec.structs.replace(last, **ignored) == msgspec.structs.replace(uninterrupted, **ignored)


def small_file(folder: Path) -> tuple[bytes, Path]:
    path = folder / "w.safetensors"
    experiment = Experiment.quick("xor", [2])
    network = Network(experiment.network, (2,))
    state = experiment.training.optimizer.start(network.theta)
    save_network(path, network, experiment, state)
    return path.read_bytes(), path


def assert_one_clear_line(path: Path) -> None:
    with pytest.raises(CheckpointError) as caught:
        load_network(path)
    assert str(path) in caught.value.message
    assert "\n" not in caught.value.message


def test_a_bare_network_is_saved_without_an_experiment(tmp_path: Path) -> None:
    spec = Experiment.quick("moons", layers=[4]).network
    network = Network(spec, (2,), seed=3, dtype="float64")
    save_network(tmp_path / "bare.safetensors", network)
    loaded, experiment = load_network(tmp_path / "bare.safetensors")
    assert (loaded.state == network.state).all()
    assert (loaded.seed, loaded.dtype, loaded.spec) == (3, network.dtype, spec)
    assert experiment.data.dataset == "", "it was trained on no registered dataset"
    with pytest.raises(engine.DataError, match='"" is not a dataset'):
        engine.load_data(experiment.data)
    with pytest.raises(CheckpointError, match="the path first"):
        save_network(network, tmp_path / "bare.safetensors")  # type: ignore[arg-type]
