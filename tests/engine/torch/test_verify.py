import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import engine
from engine.arrays import Array
from engine.errors import DeviceError
from engine.nn.activations import ACTIVATIONS, Activation, Elu, LeakyRelu, Relu, Sigmoid, Tanh
from engine.nn.layers import Dense
from engine.nn.loss import LossScratch
from engine.nn.losses import LOSSES, BinaryCrossEntropy, CrossEntropy, Mse
from engine.proof.merge import merge
from engine.torch import verify_with_torch
from engine.torch.library import NoTwinError
from tests.engine.gradcheck.networks import any_network, batch_of, network_of
from tests.engine.oracles import torch


@pytest.fixture(scope="module", params=["cpu", "accelerator"])
def device(request: pytest.FixtureRequest) -> str:
    """PyTorch's devices in these tests: the CPU, and a GPU if there is one."""
    if request.param == "cpu":
        return "cpu"
    if not torch.accelerator.is_available():
        pytest.skip("no GPU here: torch.accelerator finds none, so this oracle ran on the CPU alone")
    return str(torch.accelerator.current_accelerator())


@pytest.mark.parametrize("hidden", ACTIVATIONS)
@pytest.mark.parametrize("loss", LOSSES)
def test_every_pair_agrees_to_ten_digits(hidden: str, loss: str, device: str) -> None:
    for output in ACTIVATIONS:
        network = network_of((4, 5, 3), ACTIVATIONS[hidden](), ACTIVATIONS[output](), LOSSES[loss]())
        report = verify_with_torch(network, *batch_of(network), device=device, dtype="float64")
        assert report.passed, f"{output}\n{report.describe()}"
        assert all((row.torch_norm_ratio or 0) <= 1e-10 for row in report.rows), report.describe()


@pytest.mark.parametrize("activation", [LeakyRelu(slope=0.3), LeakyRelu(slope=-0.5), Elu(alpha=0.4)])
def test_options_reach_the_twin(activation: Activation, device: str) -> None:
    network = network_of((4, 5, 3), activation)
    assert verify_with_torch(network, *batch_of(network), device=device).passed


@given(seed=st.integers(0, 10**6), dtype=st.sampled_from(["float64", "float32"]))
def test_no_false_alarm_on_random_networks(device: str, seed: int, dtype: str) -> None:
    network, (x, y) = any_network(seed)
    report = verify_with_torch(network, x, y, device=device, dtype=dtype)
    assert report.passed, report.describe()


@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-15), ("float32", 1e-6)])
def test_the_mnist_network(dtype: str, tolerance: float) -> None:
    network = network_of((784, 128, 64, 10))
    theta, before = network.theta, network.theta.copy()
    x = np.random.default_rng(0).random((32, 28, 28)).reshape(32, 784)
    report = engine.verify_with_torch(network, x, np.arange(32) % 10, device="cpu", dtype=dtype)
    assert report.passed, report.describe()
    assert (report.device, report.dtype, report.n_parameters) == ("cpu", dtype, 109_386)
    assert max(row.torch_norm_ratio or 0 for row in report.rows) < tolerance
    assert network.theta is theta
    assert (theta == before).all()


def test_the_twin_has_the_names_and_shapes_of_our_files() -> None:
    from engine.torch.twin import build_twin

    network = network_of((4, 5, 3), dtype="float64")
    twin = build_twin(network)
    ours = {name: view for name, view, _ in network.parameters()}
    theirs = twin.state_dict()
    assert list(theirs) == list(ours)
    assert all((theirs[name].numpy() == view).all() for name, view in ours.items())
    x, _ = batch_of(network)
    assert np.allclose(twin(torch.from_numpy(x)).detach().numpy(), network.forward(x), rtol=1e-12, atol=0)


def spoil(monkeypatch: pytest.MonkeyPatch, name: str, factor: float) -> None:
    right = Dense.affine_backward

    def wrong(self: Dense, dz: Array, wants_input_gradient: bool) -> Array | None:
        dx = right(self, dz, wants_input_gradient)
        if self.name == name:
            self.weight_grad[...] *= factor
        return dx

    monkeypatch.setattr(Dense, "affine_backward", wrong)


@pytest.mark.parametrize("name", ["layers.0", "layers.1", "layers.2"])
@pytest.mark.parametrize("factor", [-1.0, 0.0, 1.001])
def test_a_planted_bug_is_found(
    name: str, factor: float, device: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = network_of((5, 4, 4, 3), Tanh())
    spoil(monkeypatch, name, factor)
    for dtype in ("float64", "float32"):
        report = verify_with_torch(network, *batch_of(network), device=device, dtype=dtype)
        assert not report.passed
        assert report.culprit == name


def test_the_analytic_gradient_is_the_outlier(monkeypatch: pytest.MonkeyPatch) -> None:
    network = network_of((5, 4, 3), Tanh())
    spoil(monkeypatch, "layers.0", -1.0)
    x, y = batch_of(network)
    report = merge(engine.check_gradients(network, x, y), verify_with_torch(network, x, y))
    row = report.parameters["layers.0.weight"]
    assert row.odd_one_out == "analytic"
    assert "outlier analytic" in report.describe()
    assert report.parameters["layers.1.weight"].odd_one_out == ""


def test_a_loss_that_differs_is_found_though_its_gradient_fits_it(monkeypatch: pytest.MonkeyPatch) -> None:
    right = Mse.differentiate

    def halved(
        self: Mse, scores: Array, targets: Array, gradient: Array, scale: float, scratch: LossScratch
    ) -> float:
        return float(right(self, scores, targets, gradient, scale / 2, scratch)) / 2

    monkeypatch.setattr(Mse, "differentiate", halved)
    network = network_of((3, 4, 2), Tanh(), ACTIVATIONS["linear"](), Mse())
    x, y = batch_of(network)
    assert engine.check_gradients(network, x, y).passed  # half the loss has half the gradient
    report = verify_with_torch(network, x, y)
    assert not report.passed
    assert report.culprit == "loss"


def test_saturated_units_are_noted_and_no_false_alarm() -> None:
    """1 − tanh²(17) is 7e-15, with two correct digits in float64; two right programs differ there."""
    network = network_of((3, 4, 1), Tanh(), Sigmoid(), BinaryCrossEntropy(), dtype="float64")
    network.layers[0].bias[:] = 17.0
    report = verify_with_torch(network, *batch_of(network), dtype="float64")
    assert report.passed, report.describe()
    assert "rounding" in report.parameters["layers.0.weight"].diagnosis


def test_a_nan_is_named() -> None:
    network = network_of((3, 4, 2))
    x, y = batch_of(network)
    network.layers[1].bias[1] = np.nan
    report = verify_with_torch(network, x, y)
    assert not report.passed
    assert "layers.1.bias[1] is nan" in report.message


def test_binary_and_regression_targets() -> None:
    for loss, k in ((BinaryCrossEntropy(), 1), (Mse(), 3), (CrossEntropy(), 3)):
        network = network_of((3, 4, k), Relu(), ACTIVATIONS[loss.link](), loss)
        assert verify_with_torch(network, *batch_of(network)).passed


def test_a_part_without_a_counterpart_is_reported() -> None:
    class Cube(Activation, frozen=True):
        """a = z³."""

        def forward(self, z: Array, out: Array, scratch: object) -> None:
            np.power(z, 3, out=out)

        def backward(self, gradient: Array, z: Array, a: Array, scratch: object) -> None:
            gradient *= 3 * z * z

    network = network_of((3, 4, 2), Cube())
    x, y = batch_of(network)
    assert engine.check_gradients(network, x, y).passed
    with pytest.raises(NoTwinError, match='activation "cube"'):
        verify_with_torch(network, x, y)


def test_an_unknown_device_is_refused() -> None:
    network = network_of((3, 4, 2))
    with pytest.raises(DeviceError):
        verify_with_torch(network, *batch_of(network), device="abacus")


def test_the_mnist_network_on_every_device(device: str) -> None:
    network = network_of((784, 128, 64, 10))
    x = np.random.default_rng(0).random((32, 784))
    for dtype in ("float32", "float64"):
        report = verify_with_torch(network, x, np.arange(32) % 10, device=device, dtype=dtype)
        assert report.passed, report.describe()
