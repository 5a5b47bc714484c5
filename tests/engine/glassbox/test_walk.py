"""The walk's numbers against those of the network's own backward pass and of PyTorch."""

import numpy as np
import pytest

from engine.errors import DataError
from engine.glassbox import Walk, registry
from engine.glassbox.loss import FORMULAS
from engine.glassbox.registry import LESSONS
from engine.nn.activations import ACTIVATIONS, Activation, Linear, Relu, Softmax, Tanh
from engine.nn.layers import LAYERS, Dense
from engine.nn.loss import Loss
from engine.nn.losses import LOSSES, CrossEntropy, Mse
from engine.nn.network import Network
from engine.nn.specs import BatchNormSpec, DenseSpec, DropoutSpec, NetworkSpec
from tests.engine.gradcheck.networks import batch_of, network_of
from tests.engine.oracles import AGREES, TorchTwin, as_tensor, norm_error


def neuron() -> Network:
    """Return one ReLU unit with w = [0.5, 0.1, 0.2] and bias 0."""
    network = Network(NetworkSpec(loss=Mse(), layers=(DenseSpec(units=1, activation=Relu()),)), (3,))
    network.layers[0].weight[:] = [[0.5, 0.1, 0.2]]
    network.layers[0].bias[:] = 0
    return network


def neuron_walk() -> Walk:
    return Walk(neuron().copy("float64"), np.array([[1.0, 2.0, 3.0]]), np.array([[1.0]]), 0.1)


def own_difference(walk: Walk) -> float:
    return max(walk.difference(name) for name in walk.gradients)


@pytest.mark.parametrize("loss", [kind() for kind in LOSSES.values()], ids=LOSSES)
@pytest.mark.parametrize("activation", [kind() for kind in ACTIVATIONS.values()], ids=ACTIVATIONS)
def test_every_activation_and_loss_agrees_with_the_network_and_with_pytorch(
    activation: Activation, loss: Loss
) -> None:
    """Each activation is tested in a hidden layer and, in a second network, before the loss."""
    for output in (ACTIVATIONS[loss.link](), activation):
        network = network_of((3, 4, 2), activation, output, loss)
        x, y = batch_of(network, 3)
        walk = Walk(network, x, y, 0.1)
        assert walk.loss == pytest.approx(walk.own_loss, rel=1e-10, abs=1e-12)
        assert own_difference(walk) < AGREES
        twin = TorchTwin(network.copy("float64"))
        twin.loss_value(as_tensor(x), as_tensor(network.copy("float64").encode(y))).backward()
        for name, theirs in twin.gradients().items():
            error = norm_error(walk.gradients[name], theirs)
            assert error < 1e-9 or np.linalg.norm(theirs) < 1e-12, name


def test_our_kinds_have_lessons_and_formulas_of_their_own() -> None:
    """A new member may do without: it is then shown by shapes and values."""
    assert {LAYERS["dense"], LAYERS["dropout"], LAYERS["batchnorm"]} <= set(LESSONS)
    assert {name for name, kind in ACTIVATIONS.items() if kind.formula == "f(z)"} == set()
    assert set(FORMULAS) <= set(LOSSES)


@pytest.mark.parametrize("m", [1, 5])
def test_dropout_and_batch_normalisation_are_walked_as_in_training(m: int) -> None:
    layers = (
        DenseSpec(units=6, activation=Linear()),
        BatchNormSpec(activation=Relu()),
        DropoutSpec(rate=0.4),
        DenseSpec(units=3, activation=Softmax()),
    )
    network = Network(NetworkSpec(loss=CrossEntropy(), layers=layers), (4,), seed=3)
    x, y = batch_of(network, m)
    walk = Walk(network, x, y, 0.1)
    assert walk.loss == pytest.approx(walk.own_loss, rel=1e-12)
    assert own_difference(walk) < AGREES
    assert network.buffers.tolist() == [0] * 6 + [1] * 6


def test_the_neuron_of_the_course_in_numbers() -> None:
    walk = neuron_walk()
    by_title = {step.title: step for step in walk.steps}
    assert list(by_title) == [
        "input · 1 sample, 3 values",
        "layers.0 · dense 3 → 1: weighted sums",
        "layers.0 · relu",
        "loss · mse",
        "loss · mse: start of backprop",
        "layers.0 · relu backward",
        "layers.0 · dense 3 → 1: gradients of W and b",
        "update · sgd",
    ]
    numbers = [step.numbers for step in walk.steps]
    assert numbers[1] == ("z[0] = 0.5·1 + 0.1·2 + 0.2·3 + 0 = 1.3",)
    assert numbers[2] == ("a[0] = max(0, 1.3) = 1.3",)
    assert numbers[3] == ("L = (1.3 − 1)² = 0.3² = 0.09",)
    assert numbers[4] == ("da[0] = 2·(1.3 − 1) / 1 = 0.6",)
    assert numbers[5] == ("dz[0] = da[0]·f′(1.3) = 0.6·1 = 0.6   since z = 1.3 > 0",)
    assert numbers[6] == (
        "dW[0,0] = dz[0]·x[0] = 0.6·1 = 0.6",
        "dW[0,1] = dz[0]·x[1] = 0.6·2 = 1.2",
        "dW[0,2] = dz[0]·x[2] = 0.6·3 = 1.8",
        "db[0] = dz[0] = 0.6",
    )
    assert numbers[7][:2] == (
        "g = ∂L/∂ layers.0.weight[0,2] = 1.8",
        "layers.0.weight[0,2] ← 0.2 − 0.1·1.8 = 0.02",
    )
    gradient = next(array for array in walk.steps[6].arrays if array.name == "dW")
    assert (gradient.shape, gradient.values) == ((1, 3), pytest.approx((0.6, 1.2, 1.8)))


def test_steps_are_counted_within_their_kind() -> None:
    steps = neuron_walk().steps
    assert [step.index for step in steps] == list(range(1, 9))
    counts = [(step.kind, step.part, step.parts) for step in steps]
    assert counts[:4] == [("forward", 1, 3), ("forward", 2, 3), ("forward", 3, 3), ("loss", 1, 1)]
    assert counts[4:] == [("backward", i, 3) for i in (1, 2, 3)] + [("update", 1, 1)]


def test_dead_units_are_mentioned() -> None:
    network = neuron()
    network.layers[0].bias[:] = -2
    steps = Walk(network, np.array([[1.0, 2.0, 3.0]]), np.array([[1.0]]), 0.1).steps
    assert "1 of 1 is 0 here: no gradient passes" in steps[2].words
    assert "1 value of 1 has f′(z) = 0" in steps[5].words
    assert "Every gradient is 0" in steps[-1].words


def test_a_batch_names_the_sample_and_shares_the_mean() -> None:
    network = network_of((2, 3), output=Softmax())
    x, y = batch_of(network, 3)
    walk = Walk(network, x, y, 0.1)
    sums = walk.steps[1]
    assert sums.numbers[0].startswith("z[0,0] = ")
    assert sums.left_out == "1 more sample"
    loss = next(step for step in walk.steps if step.kind == "loss")
    assert loss.numbers[-1].startswith("L = mean of 3 terms = ")
    back = next(step for step in walk.steps if step.kind == "backward")
    assert "/ 3 = " in back.numbers[0]


def test_a_long_sum_is_shown_by_its_largest_terms() -> None:
    network = network_of((40, 20, 3), Tanh())
    x, y = batch_of(network, 1)
    walk = Walk(network, x, y, 0.1)
    assert [limit.partition(":")[0] for limit in walk.limits] == ["layers.0", "layers.1"]
    assert walk.limits[0] == "layers.0: sums of 40 terms; only the largest terms are shown"
    sums = walk.steps[1]
    assert len(sums.numbers) == 10
    assert sums.left_out == "10 more units"
    assert sums.numbers[0].startswith("z[0] = Σ of 40 products + b[0] = ")
    assert "; largest terms: W[0," in sums.numbers[0]
    weights = next(array for array in sums.arrays if array.name == "W")
    assert (len(weights.values), weights.shape) == (64, (20, 40))
    assert own_difference(walk) < AGREES


def test_a_mistake_in_the_networks_own_backward_pass_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    right = Dense.affine_backward

    def wrong(self: Dense, dz: np.ndarray, wants_input_gradient: bool) -> np.ndarray | None:
        dx = right(self, dz, wants_input_gradient)
        self.bias_grad[...] *= 2
        return dx

    monkeypatch.setattr(Dense, "affine_backward", wrong)
    walk = neuron_walk()
    assert walk.difference("layers.0.bias") == pytest.approx(1 / 3)
    assert walk.difference("layers.0.weight") == 0
    assert [step.own_difference for step in walk.steps if step.own_difference] == [pytest.approx(1 / 3)]


def test_a_kind_without_a_lesson_is_shown_in_outline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "LESSONS", {Dense: LESSONS[Dense]})
    layers = (DenseSpec(units=4, activation=Tanh()), BatchNormSpec(activation=Relu()), DenseSpec(units=2))
    network = Network(NetworkSpec(loss=Mse(), layers=layers), (3,))
    walk = Walk(network, *batch_of(network, 5), 0.1)
    assert own_difference(walk) < AGREES
    (limit,) = walk.limits
    assert limit.startswith("layers.1: the batchnorm layer's own code is used")
    assert limit.endswith("its gradients are compared with finite differences.")


def test_values_that_are_not_finite_are_shown_and_are_no_error() -> None:
    network = neuron()
    network.layers[0].weight[0, 1] = np.nan
    steps = Walk(network, np.array([[1.0, 2.0, 3.0]]), np.array([[1.0]]), 0.1).steps
    assert steps[1].numbers == ("z[0] = 0.5·1 + NaN·2 + 0.2·3 + 0 = NaN",)


def test_data_that_do_not_fit_are_refused() -> None:
    with pytest.raises(DataError, match="the network expects"):
        Walk(neuron(), np.ones((1, 2)), np.ones((1, 1)), 0.1)


def test_the_network_stays_unchanged() -> None:
    network = network_of((3, 4, 2))
    before, gradient = network.state.copy(), network.grad.copy()
    Walk(network, *batch_of(network, 4), 0.1)
    assert (network.state == before).all()
    assert (network.grad == gradient).all()
