"""Dropout and batch normalisation under the checker: planted bugs are found in their layer, right networks pass."""

from collections.abc import Callable

import numpy as np
import pytest

from engine.gradcheck import Report, check_gradients
from engine.nn.activations import (
    Activation,
    Elu,
    LeakyRelu,
    Linear,
    Relu,
    Sigmoid,
    Softmax,
    Tanh,
)
from engine.nn.initializer import Initializer
from engine.nn.initializers import Constant, Normal, Orthogonal, Zeros
from engine.nn.layers import Mode
from engine.nn.losses import LOSSES
from engine.nn.network import Network
from engine.nn.specs import BatchNormSpec, DenseSpec, DropoutSpec, LayerSpec, NetworkSpec
from engine.proof.merge import merge
from engine.torch import verify_with_torch
from tests.engine.gradcheck.kind_bugs import DROPOUT_BUGS, NORM_BUGS, Patch, Plant
from tests.engine.gradcheck.networks import BOUNDED, Batch, batch_of


def stack(dtype: str = "float32") -> tuple[Network, Batch]:
    """Return dense, norm with ReLU, dropout, norm, dense, with running statistics away from 0 and 1."""
    layers = (
        DenseSpec(units=6, activation=Linear()),
        BatchNormSpec(activation=Relu()),
        DropoutSpec(rate=0.25),
        BatchNormSpec(eps=1e-2),
        DenseSpec(units=3, activation=Softmax()),
    )
    network = unsettled(Network(NetworkSpec(layers=layers), (5,), 3, dtype))
    return network, batch_of(network, m=9)


def unsettled(network: Network) -> Network:
    """Move biases, γ, and running statistics away from 0 and 1."""
    rng = np.random.default_rng(1)
    for _, view, _ in network.parameters():
        if view.ndim == 1:
            view += rng.normal(0, 0.3, view.shape)
    for name, view in network.named_buffers():
        view[:] = rng.uniform(0.5, 2, view.shape) if name.endswith("var") else rng.normal(size=view.shape)
    return network


# planted bugs


PLANTED = [("layers.1", NORM_BUGS, bug) for bug in NORM_BUGS] + [
    ("layers.2", DROPOUT_BUGS, bug) for bug in DROPOUT_BUGS
]


@pytest.mark.parametrize(("name", "bugs", "bug"), PLANTED)
def test_a_planted_bug_is_found_in_its_layer_and_named(
    name: str, bugs: dict[str, tuple[Plant, str]], bug: str, monkeypatch: Patch
) -> None:
    plant, told = bugs[bug]
    plant(monkeypatch, name)
    network, (x, y) = stack()
    report = check_gradients(network, x, y)
    assert not report.passed, report.describe()
    assert report.culprit == name, report.describe()
    assert told in report.message, report.message
    twin = verify_with_torch(network, x, y, device="cpu", dtype="float32")
    assert not twin.passed, twin.describe()
    assert merge(report, twin).culprit == name


def norm_between(activation: Activation, m: int, offset: float, scale: float) -> tuple[Network, Batch]:
    """Return dense, norm, dropout, dense in float32, and m samples of data with this offset and scale."""
    layers = (
        DenseSpec(units=4, activation=Linear()),
        BatchNormSpec(activation=activation),
        DropoutSpec(rate=0.25),
        DenseSpec(units=3, activation=Softmax()),
    )
    network = Network(NetworkSpec(layers=layers), (5,), 3, "float32")
    x, y = batch_of(network, m)
    return unsettled(network), (scale * x + offset, y)


STACKS: dict[str, Callable[[], tuple[Network, Batch]]] = {
    "data far from 0": lambda: norm_between(Tanh(), 32, 10.0, 1.0),
    "data that hardly vary": lambda: norm_between(Relu(), 16, 0.0, 1e-3),
    "three samples": lambda: norm_between(Sigmoid(), 3, 0.0, 1.0),
}
"""Settings in which the bounds on rounding are narrow and wide."""


@pytest.mark.parametrize("of", STACKS)
@pytest.mark.parametrize(("name", "bugs", "bug"), PLANTED)
def test_no_bound_on_rounding_hides_a_planted_bug_from_pytorch(
    name: str, bugs: dict[str, tuple[Plant, str]], bug: str, of: str, monkeypatch: Patch
) -> None:
    bugs[bug][0](monkeypatch, name)
    network, (x, y) = STACKS[of]()
    for dtype in ("float64", "float32"):
        twin = verify_with_torch(network, x, y, device="cpu", dtype=dtype)
        assert not twin.passed, twin.describe()
        if bug.startswith(("γ off", "β off")):
            assert twin.culprit == name


@pytest.mark.parametrize("of", STACKS)
@pytest.mark.parametrize("bug", [bug for bug in NORM_BUGS if "off by" in bug or "gradient forgotten" in bug])
def test_no_bound_on_rounding_hides_a_planted_bug_from_the_differences(
    bug: str, of: str, monkeypatch: Patch
) -> None:
    """The check over the whole network finds it, without the layer's own check."""
    NORM_BUGS[bug][0](monkeypatch, "layers.1")
    network, (x, y) = STACKS[of]()
    wrong = [row.name for row in check_gradients(network, x, y).rows if row.failed]
    expected = {"γ off by a thousandth": "layers.1.weight", "β off by a thousandth": "layers.1.bias"}
    assert expected.get(bug, "layers.0.weight") in wrong


def test_a_network_that_learns_in_evaluation_mode_is_found(monkeypatch: Patch) -> None:
    right = Network._set_mode
    monkeypatch.setattr(Network, "_set_mode", lambda self, mode: right(self, Mode.EVALUATION))
    network, (x, y) = stack()
    report = check_gradients(network, x, y)
    assert not report.passed
    assert any("not computed in training mode" in problem for problem in report.problems)


def test_a_network_that_predicts_in_training_mode_is_found(monkeypatch: Patch) -> None:
    right = Network._set_mode
    monkeypatch.setattr(Network, "_set_mode", lambda self, mode: right(self, Mode.TRIAL))
    network, (x, y) = stack()
    report = check_gradients(network, x, y)
    assert not report.passed
    assert any("not computed in evaluation mode" in problem for problem in report.problems)


def test_pytorch_finds_what_the_differences_cannot_see(monkeypatch: Patch) -> None:
    """A running variance does not affect any gradient in training."""
    NORM_BUGS["biased running variance"][0](monkeypatch, "layers.1")
    network, (x, y) = stack("float64")
    report = verify_with_torch(network, x, y, device="cpu")
    assert not report.passed
    assert report.culprit == "layers.1"
    assert "layers.1.running_var" in report.message


# right networks


def test_both_modes_are_checked_and_reported() -> None:
    network, (x, y) = stack()
    report = check_gradients(network, x, y)
    assert report.passed, report.describe()
    assert report.modes == ("training", "evaluation")
    assert "in training and evaluation mode" in report.message
    assert report.checked >= network.n_parameters
    assert any("layers.0.bias" in spot and "subtracts it again" in spot for spot in report.blind_spots)
    assert report.to_dict()["modes"] == ("training", "evaluation")


def test_the_network_is_put_back_bit_for_bit() -> None:
    network, (x, y) = stack()
    network.set_step(4)
    before = network.state.tobytes(), [layer.step for layer in network.layers]
    theta, mode = network.theta, [layer.mode for layer in network.layers]
    assert check_gradients(network, x, y).passed
    assert verify_with_torch(network, x, y, device="cpu").passed
    assert network.state.tobytes() == before[0]
    assert [layer.step for layer in network.layers] == before[1]
    assert [layer.mode for layer in network.layers] == mode
    assert network.theta is theta


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_pytorch_agrees_in_both_modes(dtype: str) -> None:
    network, (x, y) = stack()
    network.set_step(7)
    report = verify_with_torch(network, x, y, device="cpu", dtype=dtype)
    assert report.passed, report.describe()
    assert report.modes == ("training", "evaluation")
    if dtype == "float64":
        names = [row for row in report.rows if row.name != "layers.0.bias"]
        assert all((row.torch_norm_ratio or 0) < 1e-12 for row in names), report.describe()


@pytest.mark.parametrize("m", [1, 2, 3])
def test_the_smallest_batches_pass(m: int) -> None:
    network, _ = stack()
    x, y = batch_of(network, m)
    report = check_gradients(network, x, y)
    assert report.passed, report.describe()
    assert verify_with_torch(network, x, y, device="cpu").passed


def any_stack(seed: int) -> tuple[Network, Batch]:
    """Return a random stack of the three kinds: chains of norms, dead units, constant data, all scales."""
    rng = np.random.default_rng(seed)
    activations = [*BOUNDED, LeakyRelu(slope=0.3), Elu(alpha=0.5)]

    def any_activation() -> Activation:
        return activations[rng.integers(len(activations))]

    def any_init() -> Initializer | None:
        wide = Normal(std=float(10 ** rng.uniform(-3, 1.3)))
        return (None, None, Orthogonal(), Zeros(), Constant(value=0.3), wide)[rng.integers(6)]

    def any_layer() -> LayerSpec:
        match rng.integers(5):
            case 0:
                return DropoutSpec(rate=float(rng.choice([0, 0.2, 0.5, 0.9])))
            case 1 | 2:
                momentum, eps = float(rng.choice([0.1, 1.0])), float(rng.choice([1e-5, 1e-3]))
                return BatchNormSpec(activation=any_activation(), momentum=momentum, eps=eps)
            case _:
                return dense()

    def dense() -> DenseSpec:
        return DenseSpec(units=int(rng.integers(1, 7)), activation=any_activation(), init=any_init())

    losses = [kind() for kind in LOSSES.values()]
    layers = (*(any_layer() for _ in range(rng.integers(1, 6))), dense())
    network = Network(
        NetworkSpec(loss=losses[rng.integers(len(losses))], layers=layers),
        (int(rng.integers(1, 6)),),
        seed,
        str(rng.choice(["float32", "float64"])),
    )
    for name, view, _ in network.parameters():
        view += rng.normal(0, 0.3, view.shape) if name.endswith("bias") else 0
    for name, view in network.named_buffers():
        scale = 10 ** rng.uniform(-2, 2, view.shape)
        view[:] = scale if name.endswith("var") else rng.normal(size=view.shape)
    network.set_step(int(rng.integers(5)))
    x, y = batch_of(network, int(rng.integers(1, 13)), seed)
    x *= 10 ** rng.uniform(-3, 3)
    if rng.random() < 0.2:
        x[:] = x[0]
    x += 10 * (rng.random() < 0.2)
    return network, (x, y)


def report_of(seed: int, check: Callable[..., Report], **options: object) -> None:
    network, (x, y) = any_stack(seed)
    report = check(network, x, y, **options)
    assert report.passed, f"seed {seed}: {network.spec.outline}, {len(x)} samples\n{report.describe()}"


@pytest.mark.parametrize("seed", range(10))
def test_no_false_alarm_by_differences(seed: int) -> None:
    report_of(seed, check_gradients, budget_s=0.3)


@pytest.mark.parametrize("seed", range(15))
def test_no_false_alarm_by_pytorch(seed: int) -> None:
    network, _ = any_stack(seed)
    report_of(seed, verify_with_torch, device="cpu", dtype=network.dtype.name)
