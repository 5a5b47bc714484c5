"""A training in NumPy and in PyTorch: equal figures, events and checkpoints, in both directions."""

import math
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import engine
from engine.errors import DeviceError
from engine.events import Epoch, Event, Finished, Steps
from engine.experiment.experiment import Experiment
from engine.nn.network import Network
from engine.storage.weights import load_snapshot, save_network
from engine.torch import library
from engine.torch.devices import choose as devices
from engine.torch.devices.choose import Device
from engine.torch.library import NoTwinError
from engine.training.trainer import Trainer
from tests.engine.oracles import torch

MIXED = """network.layers=[
  {type="dense", units=12}, {type="batchnorm", activation="relu"}, {type="dropout", rate=0.3},
  {type="dense", units=8, activation="tanh"}, {type="dense", units=%d}]"""
BASE: dict[str, Any] = {"batch_size": 64, "epochs": 2, "dtype": "float64"}
"""900 training samples of moons in batches of 64; the last batch of an epoch has 4."""


def make(backend: str, dataset: str = "moons", layers: tuple[int, ...] = (8, 6), **options: Any) -> Trainer:
    chunk_s = options.pop("chunk_s", 600.0)
    experiment = Experiment.quick(dataset, layers, backend=backend, device="cpu", **{**BASE, **options})
    data = engine.load_data(experiment.data)
    network = Network(experiment.network, data.input_shape, experiment.seed, experiment.training.dtype)
    return Trainer(experiment, network, data, chunk_s=chunk_s)


def both(dataset: str = "moons", layers: tuple[int, ...] = (8, 6), **options: Any) -> tuple[Trainer, Trainer]:
    return make("numpy", dataset, layers, **options), make("torch", dataset, layers, **options)


def figures(events: list[Event]) -> list[float]:
    """Return all figures of the events, one after another."""
    found: list[float | None] = []
    for event in events:
        if isinstance(event, Steps):
            found += [*event.losses, event.learning_rate]
        if isinstance(event, Epoch | Finished):
            names = [f"{split}_{what}" for split in ("train", "validation") for what in ("loss", "accuracy")]
            found += [getattr(event, name) for name in names]
    return [figure for figure in found if figure is not None]


def relative_distance(one: np.ndarray[Any, Any], other: np.ndarray[Any, Any]) -> float:
    return float(np.linalg.norm(one - other) / np.linalg.norm(one))


def assert_same_training(ours: Trainer, theirs: Trainer, tolerance: float = 1e-9) -> None:
    expected, got = list(ours), list(theirs)
    assert relative_distance(ours.network.state, theirs.network.state) < tolerance
    assert [type(event) for event in got] == [type(event) for event in expected]
    assert figures(got) == pytest.approx(figures(expected), rel=max(tolerance, 2e-6), abs=1e-12)
    assert theirs.optimizer_state.updates == ours.optimizer_state.updates
    for name, vector in ours.optimizer_state.vectors.items():
        assert relative_distance(vector, theirs.optimizer_state.vectors[name]) < tolerance, name
    assert theirs.position.correct == ours.position.correct


OPTIMIZERS: dict[str, dict[str, Any]] = {
    "sgd": {"optimizer": "sgd", "lr": 0.05},
    "sgd with weight decay": {"optimizer": "sgd", "lr": 0.05, "weight_decay": 0.01},
    "momentum": {"optimizer": "sgd", "lr": 0.05, "momentum": 0.9, "weight_decay": 0.01},
    "nesterov": {"optimizer": "sgd", "lr": 0.05, "momentum": 0.9, "nesterov": True},
    "rmsprop": {"optimizer": "rmsprop", "lr": 0.01, "weight_decay": 0.01},
    "adagrad": {"optimizer": "adagrad", "lr": 0.05, "weight_decay": 0.01},
    "adam": {"optimizer": "adam", "lr": 0.01, "weight_decay": 0.01},
    "adamw": {"optimizer": "adamw", "lr": 0.01},
}


@pytest.mark.parametrize("options", OPTIMIZERS.values(), ids=OPTIMIZERS)
def test_every_optimizer_gives_the_same_weights(options: dict[str, Any]) -> None:
    assert_same_training(*both(**options))


@pytest.mark.parametrize(
    "options",
    [
        {"schedule": {"name": "cosine", "warmup": 7}},
        {"schedule": {"name": "one_cycle"}},
        {"schedule": {"name": "step", "every": 1, "gamma": 0.5}},
        {"schedule": {"name": "exponential", "gamma": 0.8}},
        {"schedule": {"name": "plateau", "patience": 0, "threshold": 0.5}, "epochs": 5},
        {"clip_norm": 0.05},
        {"batch_size": 0, "epochs": 5},
        {"batch_size": 1, "limit": 60},
        {"patience": 1, "lr": 3.0, "epochs": 40, "force": True},
    ],
    ids=["cosine", "one_cycle", "step", "exponential", "plateau", "clip", "full", "stochastic", "patience"],
)
def test_every_way_to_train_gives_the_same_weights(options: dict[str, Any]) -> None:
    assert_same_training(*both(**{"optimizer": "sgd", "lr": 0.1, **options}))


@pytest.mark.parametrize(("dataset", "outputs"), [("moons", 1), ("blobs", 0), ("sine", 1)])
def test_every_task_with_masks_and_running_statistics(dataset: str, outputs: int) -> None:
    # not adam: before batch normalisation a bias's gradient is only rounding errors, which it scales to full steps
    mixed = [MIXED.replace("\n", "") % outputs]
    ours, theirs = both(dataset, optimizer="sgd", momentum=0.9, lr=0.01, overrides=mixed)
    start = ours.network.buffers.copy()
    assert_same_training(ours, theirs)
    assert relative_distance(start, theirs.network.buffers) > 0.1, "the running statistics must have moved"


def test_the_perceptron_rule_and_outputs_apart_from_the_loss() -> None:
    assert_same_training(*both("and", (), optimizer="perceptron", batch_size=0, epochs=9))
    odd = [
        "network.loss=mse",
        'network.layers=[{units=4, activation="tanh"}, {units=1, activation="sigmoid"}]',
    ]
    assert_same_training(*both(optimizer="sgd", lr=0.1, overrides=odd))


@pytest.mark.parametrize("scale", ["unit", "standard", "none"])
def test_pixels_are_scaled_alike(scale: str) -> None:
    lr = 1e-4 if scale == "none" else 0.05
    options = {"limit": 300, "epochs": 1, "optimizer": "sgd", "lr": lr, "scale": scale}
    assert_same_training(*both("mnist", (16,), **options))


def test_float32_stays_close() -> None:
    ours, theirs = both("blobs", (16,), optimizer="adam", lr=0.01, dtype="float32")
    expected, got = list(ours), list(theirs)
    assert figures(got) == pytest.approx(figures(expected), rel=2e-4)
    assert theirs.network.theta.dtype == np.float32
    assert relative_distance(ours.network.theta, theirs.network.theta) < 1e-4


@pytest.mark.parametrize("lr", [1e6, 1e300])
def test_a_divergence_goes_back_to_the_same_weights(lr: float) -> None:
    ours, theirs = both(layers=(16, 16), optimizer="sgd", lr=lr, epochs=20, force=True, chunk_s=0.0)
    *_, expected = ours
    *_, finished = theirs
    assert isinstance(finished, Finished)
    assert isinstance(expected, Finished)
    assert (finished.state, finished.steps, finished.reason) == (
        expected.state,
        expected.steps,
        expected.reason,
    )
    assert finished.state == "diverged"
    assert theirs.has_diverged
    assert (
        theirs.good_position == pytest.approx(ours.good_position)
        or theirs.good_position.step == ours.good_position.step
    )
    assert relative_distance(ours.network.theta, theirs.network.theta) < 1e-9
    assert finished.test_loss is not None
    assert math.isfinite(finished.test_loss)


@pytest.mark.parametrize("chunk_s", [0.0, 1e-3])
def test_the_length_of_a_chunk_changes_no_bit(chunk_s: float) -> None:
    mixed = [MIXED.replace("\n", "") % 1]
    options: dict[str, Any] = {"optimizer": "adam", "lr": 0.01, "dtype": "float32", "overrides": mixed}
    chopped, whole = make("torch", **options, chunk_s=chunk_s), make("torch", **options)
    assert figures([e for e in chopped if isinstance(e, Epoch)]) == figures(
        [e for e in whole if isinstance(e, Epoch)]
    )
    assert chopped.network.state.tobytes() == whole.network.state.tobytes()


def test_a_single_step_and_a_new_rate_take_effect() -> None:
    trainers = both(optimizer="sgd", lr=0.05, epochs=1)
    for trainer in trainers:
        events = iter(trainer)
        trainer.single_step()
        first = next(events)
        assert isinstance(first, Steps)
        assert len(first.losses) == 1
        trainer.learning_rate = 0.5
        list(events)
    assert relative_distance(*(trainer.network.theta for trainer in trainers)) < 1e-9


@pytest.mark.parametrize(("first", "then"), [("torch", "torch"), ("numpy", "torch"), ("torch", "numpy")])
def test_a_checkpoint_of_one_resumes_in_the_other(first: str, then: str, tmp_path: Path) -> None:
    mixed = [MIXED.replace("\n", "") % 1]
    options: dict[str, Any] = {"optimizer": "adam", "lr": 0.01, "patience": 9, "overrides": mixed}
    whole, begun = make(then, **options), make(first, **options)
    begun.yield_within(20)  # in the second epoch, of 15 updates each
    for event in begun:
        if isinstance(event, Steps) and begun.position.step >= 15:
            break
        begun.yield_within(20 - begun.position.step)
    begun.single_step()
    path = tmp_path / "a.safetensors"
    save_network(
        path,
        begun.network,
        begun.experiment,
        begun.optimizer_state,
        begun.position,
        learning_rate=begun.learning_rate,
        best_state=begun.best_state,
    )
    kept = load_snapshot(path)
    assert kept.position is not None
    assert kept.optimizer_state is not None
    assert 15 <= kept.position.step < 30
    resumed = make(then, **options)
    resumed.restore(kept.network.state, kept.position, kept.optimizer_state, 0.01, kept.best_state)
    expected, got = list(whole)[-1], list(resumed)[-1]
    if first == then:
        assert resumed.network.state.tobytes() == whole.network.state.tobytes()
    assert relative_distance(whole.network.state, resumed.network.state) < 1e-9
    assert figures([got]) == pytest.approx(figures([expected]), rel=1e-9)


def test_the_facts_name_the_device() -> None:
    facts = make("torch", dtype="float32").backend.facts
    assert (facts.backend, facts.device, facts.dtype) == ("torch", "cpu", "float32")
    assert facts.library == f"torch {torch.version.__version__}"
    assert (facts.threads, facts.processes, facts.note) == (1, 1, "")
    ours = make("numpy").backend.facts
    assert (ours.backend, ours.device, ours.dtype) == ("numpy", "cpu", "float64")


def test_the_number_of_threads_is_restored() -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    trainer = make("torch", epochs=1)
    seen = {torch.get_num_threads() for _ in trainer}
    assert seen == {1}
    assert torch.get_num_threads() == 2
    torch.set_num_threads(before)


def test_threads_of_pytorch_are_those_of_the_experiment() -> None:
    trainers = [make("torch", epochs=1, threads=2, dtype="float32") for _ in range(2)]
    seen = [{torch.get_num_threads() for _ in trainer} for trainer in trainers]
    assert seen == [{2}, {2}]
    assert trainers[0].backend.facts.threads == 2
    assert trainers[0].network.state.tobytes() == trainers[1].network.state.tobytes()


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_the_trial_of_threads_changes_nothing(optimizer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    plain, tried = (make("torch", epochs=1, optimizer=optimizer, overrides=[MIXED % 1]) for _ in range(2))
    assert tried.backend.thread_trial() is None  # the network is small
    monkeypatch.setattr("engine.training.threads.LARGE_FLOPS", 0)
    trial = tried.backend.thread_trial()
    assert trial is not None
    before = torch.get_num_threads()
    assert min(trial(2), trial(1), trial(2)) > 0
    assert torch.get_num_threads() == before
    for trainer in (plain, tried):
        for _ in trainer:
            pass
    assert plain.network.state.tobytes() == tried.network.state.tobytes()


@pytest.fixture
def only_mps(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with an Apple GPU."""
    found = [Device("cpu", "CPU", ("float64", "float32")), Device("mps", "Apple GPU (MPS)", ("float32",))]
    monkeypatch.setattr(devices, "list_devices", lambda: found)


@pytest.mark.usefixtures("only_mps")
def test_float64_falls_back_to_the_cpu_where_the_gpu_has_none() -> None:
    experiment = Experiment.quick("moons", [4], backend="torch", dtype="float64", epochs=1)
    data = engine.load_data(experiment.data)
    network = Network(experiment.network, data.input_shape, 0, "float64")
    trainer = Trainer(experiment, network, data)
    assert trainer.backend.facts.device == "cpu"
    assert trainer.backend.facts.note == "mps has no float64: computed on the CPU instead"
    assert isinstance(list(trainer)[-1], Finished)


def test_a_device_that_is_not_here_names_those_that_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "list_devices", lambda: [Device("cpu", "CPU", ("float64", "float32"))])
    with pytest.raises(DeviceError, match='there is no device "xpu"') as raised:
        make_on("xpu")
    assert "available here: cpu" in raised.value.hint


def make_on(device: str) -> Trainer:
    experiment = Experiment.quick("moons", [4], backend="torch", device=device)
    data = engine.load_data(experiment.data)
    return Trainer(experiment, Network(experiment.network, data.input_shape), data)


def test_without_torch_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> None:
        raise NoTwinError("PyTorch is not installed", library.INSTALL)

    monkeypatch.setattr("engine.torch.backend.load_torch", missing)
    with pytest.raises(DeviceError, match="PyTorch is not installed") as raised:
        make("torch")
    assert "pip install torch" in raised.value.hint


@pytest.mark.filterwarnings("ignore:The .grad attribute of a Tensor that is not a leaf")  # read by dynamo
def test_a_compiled_network_gives_the_same_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compiled by torch's debugging compiler, since the code generator takes half a minute."""
    monkeypatch.setattr("torch.compile", partial(torch.compile, backend="aot_eager"))
    mixed = [MIXED.replace("\n", "") % 1]
    ours = make("numpy", optimizer="sgd", lr=0.01, epochs=1, overrides=mixed)
    theirs = make("torch", optimizer="sgd", lr=0.01, epochs=1, overrides=[*mixed, "training.compile=true"])
    assert_same_training(ours, theirs)


def test_a_failing_compiler_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(module: Any, inputs: Any) -> None:
        raise OSError("no C++ compiler")

    monkeypatch.setattr("torch.compile", partial(torch.compile, backend=failing))
    with pytest.raises(DeviceError, match=r"torch.compile fails here: .*no C\+\+ compiler") as raised:
        list(make("torch", overrides=["training.compile=true"]))
    assert raised.value.hint == "set training.compile = false"


def test_the_accelerator_gives_the_same_figures() -> None:
    if not torch.accelerator.is_available():
        pytest.skip("no accelerator here")
    options: dict[str, Any] = {**BASE, "optimizer": "adam", "lr": 0.01, "dtype": "float32"}
    ours = make("numpy", "blobs", (16,), **options)
    experiment = ours.experiment.with_changes({"training.backend": "torch", "training.device": "auto"})
    network = Network(experiment.network, ours.data.input_shape, 0, "float32")
    theirs = Trainer(experiment, network, ours.data, chunk_s=10.0)
    assert theirs.backend.facts.device != "cpu"
    assert figures(list(theirs)) == pytest.approx(figures(list(ours)), rel=1e-3)
