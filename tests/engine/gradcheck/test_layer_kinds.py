"""Dropout and batch normalisation under the checker: planted bugs are found where they are, right networks pass."""

from collections.abc import Callable

import numpy as np
import pytest

from engine.activations import ACTIVATIONS, Activation, Elu, LeakyRelu, Linear, Relu, Softmax
from engine.arrays import Array
from engine.gradcheck import Report, check_gradients
from engine.initializers import Constant, Initializer, Normal, Orthogonal, Zeros
from engine.layers import BatchNorm, Dropout, Mode
from engine.losses import LOSSES
from engine.numpy_network import Network
from engine.specs import BatchNormSpec, DenseSpec, DropoutSpec, LayerSpec, NetworkSpec
from engine.torch import verify_with_torch
from tests.engine.gradcheck.networks import Batch, batch_of

Patch = pytest.MonkeyPatch


def stack(dtype: str = "float32") -> tuple[Network, Batch]:
    """dense, norm with relu, dropout, norm, dense: each kind after each other; running statistics away from 0 and 1."""
    layers = (
        DenseSpec(units=6, activation=Linear()),
        BatchNormSpec(activation=Relu()),
        DropoutSpec(rate=0.25),
        BatchNormSpec(eps=1e-2),
        DenseSpec(units=3, activation=Softmax()),
    )
    network = Network(NetworkSpec(layers=layers), (5,), 3, dtype)
    rng = np.random.default_rng(1)
    for _, view, _ in network.parameters():
        if view.ndim == 1:
            view += rng.normal(0, 0.3, view.shape)
    for name, view in network.named_buffers():
        view[:] = rng.uniform(0.5, 2, view.shape) if name.endswith("var") else rng.normal(size=view.shape)
    return network, batch_of(network, m=9)


# planted bugs


def spoil_norm_backward(wrong: Callable[[BatchNorm, Array], Array]) -> Callable[[Patch], None]:
    """Plant another gradient for the input of layers.1, from the layer and dz, in training mode."""

    def plant(patch: Patch) -> None:
        right = BatchNorm.normal_backward

        def backward(self: BatchNorm, dz: Array, wants: bool) -> Array | None:
            given = dz.copy()
            dx = right(self, dz, wants)
            return wrong(self, given) if self.name == "layers.1" and dx is not None else dx

        patch.setattr(BatchNorm, "normal_backward", backward)

    return plant


def slope(layer: BatchNorm) -> Array:
    return layer.weight * layer.factor


def along(layer: BatchNorm, dz: Array) -> Array:
    result: Array = layer.normalised * (dz * layer.normalised).mean(0)
    return result


def without_mean(layer: BatchNorm, dz: Array) -> Array:
    return slope(layer) * (dz - along(layer, dz) * layer.is_of_batch)


def without_variance(layer: BatchNorm, dz: Array) -> Array:
    return slope(layer) * (dz - dz.mean(0) * layer.is_of_batch)


def spoil_norm_parameters(spoil: Callable[[BatchNorm, Array], None]) -> Callable[[Patch], None]:
    """Plant another gradient for γ or β of layers.1."""

    def plant(patch: Patch) -> None:
        right = BatchNorm.normal_backward

        def backward(self: BatchNorm, dz: Array, wants: bool) -> Array | None:
            given = dz.copy()
            dx = right(self, dz, wants)
            if self.name == "layers.1":
                spoil(self, given)
            return dx

        patch.setattr(BatchNorm, "normal_backward", backward)

    return plant


def weight_without_norm(layer: BatchNorm, dz: Array) -> None:
    layer.weight_grad[:] = (dz * layer.normalised / layer.factor).sum(0)


def bias_from_mean(layer: BatchNorm, dz: Array) -> None:
    layer.bias_grad[:] = dz.mean(0)


def stale_factor(patch: Patch) -> None:
    """1/σ of the batch before, as a cache that is not refreshed gives it."""
    right, kept = BatchNorm.normal_backward, {}

    def backward(self: BatchNorm, dz: Array, wants: bool) -> Array | None:
        key = id(self), len(dz)
        fresh = self._factor
        if self.name == "layers.1":
            self._factor = kept.get(key, fresh)
            kept[key] = fresh
        dx = right(self, dz, wants)
        self._factor = fresh
        return dx

    patch.setattr(BatchNorm, "normal_backward", backward)


def unbiased_forward(patch: Patch) -> None:
    """Normalises by the variance over m − 1; the gradient of that is right but for a factor near 1."""
    right = BatchNorm._normalise_by_batch

    def by_batch(self: BatchNorm, values: Array, work: object) -> Array:
        variance = right(self, values, work)  # type: ignore[arg-type]
        return variance * (len(values) / (len(values) - 1)) if self.name == "layers.1" else variance

    patch.setattr(BatchNorm, "_normalise_by_batch", by_batch)


def biased_running(patch: Patch) -> None:
    right = BatchNorm._normalise_by_batch

    def by_batch(self: BatchNorm, values: Array, work: object) -> Array:
        before = self.running_var.copy()
        variance = right(self, values, work)  # type: ignore[arg-type]
        if self.mode is Mode.TRAINING and self.name == "layers.1":
            self.running_var[:] = (1 - self.momentum) * before + self.momentum * variance
        return variance

    patch.setattr(BatchNorm, "_normalise_by_batch", by_batch)


def in_the_other_mode(other: Mode) -> Callable[[Patch], None]:
    """layers.1 computes in `other` mode where it should in the opposite one."""

    def plant(patch: Patch) -> None:
        right = BatchNorm.forward

        def forward(self: BatchNorm, x: Array) -> Array:
            before = self.mode
            is_opposite = (before is Mode.EVALUATION) != (other is Mode.EVALUATION)
            self.mode = other if self.name == "layers.1" and is_opposite else before
            try:
                return right(self, x)
            finally:
                self.mode = before

        patch.setattr(BatchNorm, "forward", forward)

    return plant


def spoil_dropout(wrong: Callable[[Dropout, Array], Array]) -> Callable[[Patch], None]:
    """Plant another backward pass of dropout in training mode."""

    def plant(patch: Patch) -> None:
        right = Dropout.backward

        def backward(self: Dropout, gradient: Array, wants: bool) -> Array | None:
            is_training = self.mode is not Mode.EVALUATION
            return wrong(self, gradient) if is_training else right(self, gradient, wants)

        patch.setattr(Dropout, "backward", backward)

    return plant


def mask_of(layer: Dropout, gradient: Array, step: int = 0) -> Array:
    return layer.mask(layer.step + step, len(gradient)).astype(gradient.dtype)


def fresh_mask_each_call(patch: Patch) -> None:
    right, rng = Dropout.mask, np.random.default_rng(0)
    patch.setattr(Dropout, "mask", lambda self, step, m: right(self, int(rng.integers(1000)), m))
    drawn = Dropout._drawn

    def forgetful(self: Dropout, m: int) -> object:
        self._workspaces.clear()
        return drawn(self, m)

    patch.setattr(Dropout, "_drawn", forgetful)


def drops_in_evaluation(patch: Patch) -> None:
    right = Dropout.forward

    def forward(self: Dropout, x: Array) -> Array:
        before, self.mode = self.mode, Mode.TRIAL
        try:
            return right(self, x)
        finally:
            self.mode = before

    patch.setattr(Dropout, "forward", forward)


BUGS: dict[str, tuple[Callable[[Patch], None], str, str]] = {
    "norm: the mean's gradient forgotten": (
        spoil_norm_backward(without_mean),
        "layers.1",
        "through the batch's mean",
    ),
    "norm: the variance's gradient forgotten": (
        spoil_norm_backward(without_variance),
        "layers.1",
        "through the batch's variance",
    ),
    "norm: mean and variance taken for constants": (
        spoil_norm_backward(lambda layer, dz: slope(layer) * dz),
        "layers.1",
        "taken for constants",
    ),
    "norm: evaluation differentiated as training": (
        spoil_norm_backward(lambda layer, dz: slope(layer) * (dz - dz.mean(0) - along(layer, dz))),
        "layers.1",
        "in evaluation mean and variance are constants",
    ),
    "norm: without γ": (
        spoil_norm_backward(
            lambda layer, dz: layer.factor * (dz - (dz.mean(0) + along(layer, dz)) * layer.is_of_batch)
        ),
        "layers.1",
        "without γ",
    ),
    "norm: sums for means": (
        spoil_norm_backward(
            lambda layer, dz: (
                slope(layer) * (dz - len(dz) * (dz.mean(0) + along(layer, dz)) * layer.is_of_batch)
            )
        ),
        "layers.1",
        "sums over the batch",
    ),
    "norm: γ's gradient not divided by σ": (
        spoil_norm_parameters(weight_without_norm),
        "layers.1",
        "division by σ is forgotten",
    ),
    "norm: β's gradient is a mean": (spoil_norm_parameters(bias_from_mean), "layers.1", "layers.1.bias"),
    "norm: 1/σ of the batch before": (stale_factor, "layers.1", "layers.1"),
    "norm: unbiased variance": (unbiased_forward, "layers.1", "unbiased variance"),
    "norm: biased running variance": (biased_running, "layers.1", "biased variance"),
    "norm: running statistics in training": (
        in_the_other_mode(Mode.EVALUATION),
        "layers.1",
        "running mean and variance in training",
    ),
    "norm: the batch's statistics in evaluation": (
        in_the_other_mode(Mode.TRIAL),
        "layers.1",
        "batch's mean and variance in evaluation",
    ),
    "dropout: not masked on the way back": (
        spoil_dropout(lambda layer, gradient: gradient),
        "layers.2",
        "not masked",
    ),
    "dropout: masked, not scaled": (
        spoil_dropout(lambda layer, gradient: gradient * mask_of(layer, gradient)),
        "layers.2",
        "not scaled by 1 / (1 − rate) = 1.333",
    ),
    "dropout: the mask of another step": (
        spoil_dropout(lambda layer, gradient: gradient * mask_of(layer, gradient, 1) / 0.75),
        "layers.2",
        "another mask",
    ),
    "dropout: a fresh mask at each call": (fresh_mask_each_call, "layers.2", "another mask at each call"),
    "dropout: drops in evaluation": (drops_in_evaluation, "layers.2", "in evaluation mode"),
}


@pytest.mark.parametrize("bug", BUGS)
def test_a_planted_bug_is_found_in_its_layer_and_named(bug: str, monkeypatch: Patch) -> None:
    plant, culprit, told = BUGS[bug]
    plant(monkeypatch)
    network, (x, y) = stack()
    report = check_gradients(network, x, y)
    assert not report.passed, report.describe()
    assert report.culprit == culprit, report.describe()
    assert told in report.message, report.message


def a_thousandth_off(part: str) -> Callable[[Patch], None]:
    """γ's or β's gradient in layers.1, or the one for its input, times 1.001."""
    if part == "dx":

        def plant(patch: Patch) -> None:
            right = BatchNorm.normal_backward

            def backward(self: BatchNorm, dz: Array, wants: bool) -> Array | None:
                dx = right(self, dz, wants)
                return dx if dx is None or self.name != "layers.1" else dx * 1.001

            patch.setattr(BatchNorm, "normal_backward", backward)

        return plant

    def spoil(layer: BatchNorm, dz: Array) -> None:
        gradient = layer.weight_grad if part == "weight" else layer.bias_grad
        gradient *= 1.001

    return spoil_norm_parameters(spoil)


@pytest.mark.parametrize("truth", ["differences", "float64"])
@pytest.mark.parametrize("part", ["weight", "bias", "dx"])
def test_a_thousandth_behind_a_normalisation_is_not_taken_for_rounding(
    part: str, truth: str, monkeypatch: Patch
) -> None:
    a_thousandth_off(part)(monkeypatch)
    network, (x, y) = stack()
    if truth == "differences":
        report = check_gradients(network, x, y)
    else:
        report = verify_with_torch(network, x, y, device="cpu", dtype=truth)
    assert not report.passed, report.describe()
    first_wrong = "layers.0" if part == "dx" and truth == "float64" else "layers.1"
    assert report.culprit == first_wrong, (
        report.describe()
    )  # PyTorch sees tensors, differences each part by itself


def test_a_network_that_learns_in_evaluation_mode_is_found(monkeypatch: Patch) -> None:
    right = Network._turn
    monkeypatch.setattr(Network, "_turn", lambda self, mode: right(self, Mode.EVALUATION))
    network, (x, y) = stack()
    report = check_gradients(network, x, y)
    assert not report.passed
    assert any("learning is not in training mode" in problem for problem in report.problems)


def test_a_network_that_judges_in_training_mode_is_found(monkeypatch: Patch) -> None:
    right = Network._turn
    monkeypatch.setattr(Network, "_turn", lambda self, mode: right(self, Mode.TRIAL))
    network, (x, y) = stack()
    report = check_gradients(network, x, y)
    assert not report.passed
    assert any("judging is not in evaluation mode" in problem for problem in report.problems)


def test_pytorch_finds_what_the_differences_cannot_see(monkeypatch: Patch) -> None:
    """A running variance is no part of any gradient in training."""
    biased_running(monkeypatch)
    network, (x, y) = stack("float64")
    report = verify_with_torch(network, x, y, device="cpu")
    assert not report.passed
    assert report.culprit == "layers.1"
    assert "layers.1.running_var" in report.message


# what passes


def test_both_modes_are_proven_and_said() -> None:
    network, (x, y) = stack()
    report = check_gradients(network, x, y)
    assert report.passed, report.describe()
    assert report.modes == ("training", "evaluation")
    assert "in training and evaluation mode" in report.message
    assert report.checked >= network.n_parameters
    assert any("layers.0.bias" in spot and "takes it out again" in spot for spot in report.blind_spots)
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
    """Whatever can be built of the three kinds: chains of norms, dead units, data that do not vary, all scales."""
    rng = np.random.default_rng(seed)
    activations = [*(kind() for kind in ACTIVATIONS.values()), LeakyRelu(slope=0.3), Elu(alpha=0.5)]

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
