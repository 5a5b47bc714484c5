"""The maps of errors: the cells compared, and the patterns of planted bugs."""

from collections.abc import Callable

import numpy as np
import pytest

from engine.data import Data, load_data
from engine.experiment.experiment import Experiment
from engine.gradcheck import check_gradients
from engine.gradcheck.events import HeatMap
from engine.gradcheck.heat import LARGEST_GRID, elementwise_error, heat_maps
from engine.nn.activations import Linear, Relu
from engine.nn.layers import Dense
from engine.nn.losses import Mse
from engine.proof.stream import CheckOptions, check
from tests.engine.gradcheck.networks import batch_of, network_of

Change = Callable[[np.ndarray], None]
WRONG = -3.0


@pytest.fixture(scope="module")
def moons() -> tuple[Experiment, Data]:
    experiment = Experiment.quick("moons", layers=[5, 5], activation="tanh")
    return experiment, load_data(experiment.data)


def plant(monkeypatch: pytest.MonkeyPatch, layer: str, change: Change) -> None:
    """Plant a bug: apply `change` to the gradient of one layer's weights."""
    right = Dense.affine_backward

    def wrong(self: Dense, dz: np.ndarray, wants_input_gradient: bool) -> np.ndarray | None:
        dx = right(self, dz, wants_input_gradient)
        if self.name == layer:
            change(self.weight_grad)
        return dx

    monkeypatch.setattr(Dense, "affine_backward", wrong)


def maps(subject: tuple[Experiment, Data], torch: bool = True) -> dict[str, HeatMap]:
    """Return the last map of each tensor."""
    events = check(*subject, CheckOptions(torch=torch))
    return {event.name: event for event in events if isinstance(event, HeatMap)}


def wrong_cells(grid: tuple[tuple[float | None, ...], ...] | None) -> np.ndarray:
    assert grid is not None
    return np.array([[error is not None and error > WRONG for error in row] for row in grid])


def test_a_correct_network_has_no_error_anywhere(moons: tuple[Experiment, Data]) -> None:
    found = maps(moons)
    assert list(found) == [
        *(f"layers.{i}.{part}" for i in range(3) for part in ("weight", "bias")),
        "input",
    ]
    for heat in found.values():
        assert heat.torch is not None
        assert max(error for row in heat.torch if row for error in row if error is not None) < -12
        assert not wrong_cells(heat.differences).any()
    assert found["layers.1.weight"].axes == ("unit", "input")
    assert found["layers.1.bias"].axes == ("", "unit")
    assert found["input"].axes == ("sample", "input")


def test_one_units_row_stands_out(moons: tuple[Experiment, Data], monkeypatch: pytest.MonkeyPatch) -> None:
    def double(gradient: np.ndarray) -> None:
        gradient[3] *= 2

    plant(monkeypatch, "layers.1", double)
    heat = maps(moons)["layers.1.weight"]
    expected = np.zeros((5, 5), bool)
    expected[3] = True
    assert (wrong_cells(heat.torch) == expected).all()
    assert (wrong_cells(heat.differences) == expected).all()
    assert heat.worst is not None
    assert heat.worst[0] == 3


def test_a_transposed_gradient_keeps_its_diagonal(
    moons: tuple[Experiment, Data], monkeypatch: pytest.MonkeyPatch
) -> None:
    def transpose(gradient: np.ndarray) -> None:
        gradient[...] = gradient.T.copy()

    plant(monkeypatch, "layers.1", transpose)
    heat = maps(moons)["layers.1.weight"]
    assert (wrong_cells(heat.torch) == ~np.eye(5, dtype=bool)).all()


def test_without_pytorch_there_are_the_differences(moons: tuple[Experiment, Data]) -> None:
    heat = maps(moons, torch=False)["layers.0.weight"]
    assert heat.torch is None
    assert np.shape(heat.differences) == (5, 2)
    assert heat.worst is not None


def test_a_large_tensor_is_brought_down_by_the_worst_of_each_block() -> None:
    network = network_of((150, 70, 2), Relu())
    x, y = batch_of(network, 4)
    report = check_gradients(network, x, y, budget_s=0.5)
    errors = report.differences["layers.0.weight"]
    heat = {one.name: one for one in heat_maps(report)}["layers.0.weight"]
    assert heat.block == (2, 3)
    assert (len(heat.differences), len(heat.differences[0])) == (35, 50)
    assert max(len(heat.differences), len(heat.differences[0])) <= LARGEST_GRID
    at = np.unravel_index(int(np.nanargmax(errors)), errors.shape)
    assert heat.worst == (at[0] // 2, at[1] // 3)
    taken = np.argwhere(~np.isnan(errors))
    known = {
        (i, j) for i, row in enumerate(heat.differences) for j, error in enumerate(row) if error is not None
    }
    assert known | set(heat.kinks) == {(int(i) // 2, int(j) // 3) for i, j in taken}


def test_kinks_are_marked() -> None:
    network = network_of((2, 3, 1), Relu(), Linear(), Mse())
    network.layers[0].weight[1] = 0
    network.layers[0].bias[1] = 0  # z = 0: at its kink for every sample
    report = check_gradients(network, *batch_of(network, 4))
    heat = {one.name: one for one in heat_maps(report)}["layers.0.weight"]
    assert heat.kinks == ((1, 0), (1, 1))
    assert heat.differences[1] == (None, None)


def test_errors_of_cancelling_gradients_are_relative_to_the_tensor() -> None:
    theirs = np.array([1.0, 1e-9, 0.0, 2.0, 0.5])
    ours = np.array([1.0, 2e-9, 1e-12, -2.0, np.nan])
    errors = elementwise_error(ours, theirs)
    assert errors == pytest.approx([0, 5e-7, 5e-10, 2, 1])


def test_two_zero_gradients_agree() -> None:
    assert elementwise_error(np.zeros(3), np.zeros(3)).tolist() == [0, 0, 0]
