"""The slice of the loss landscape against closed forms: the plain loss, a quadratic, lengths of the directions."""

import numpy as np
import pytest

from engine.errors import NntermError
from engine.inspection.directions import normalised_direction
from engine.inspection.messages import UnfitError
from engine.inspection.snapshot import NetworkSnapshot
from engine.inspection.views.landscape import BROKEN, LandscapeOptions, landscape
from engine.inspection.weight_plane import FIRST, MIDDLE, ORDER, SIDE, WeightPlane
from engine.nn.activations import Relu, Softmax, Tanh
from engine.nn.network import Network
from engine.nn.specs import BatchNormSpec, DenseSpec, DropoutSpec, NetworkSpec
from tests.engine.inspection.snapshots import identity, make_data, scores_for, snapshot_of

WHOLE = LandscapeOptions(whole=True)


@pytest.fixture
def line() -> NetworkSnapshot:
    """A linear regression of two features, whose loss is a quadratic of its weights."""
    rng = np.random.default_rng(5)
    x = rng.normal(size=(50, 2))
    data = make_data(x, x @ [[1.0], [-2.0]] + 0.3, test=False)
    network = identity(data)
    network.last.weight[...], network.last.bias[...] = [[0.7, -1.1]], 0.1
    return snapshot_of(data, network)


def grid(losses: tuple[tuple[float | None, ...], ...]) -> np.ndarray:
    return np.array(losses, np.float64)


def test_the_slice_of_a_linear_regression_is_its_quadratic(line: NetworkSnapshot) -> None:
    answer = landscape(line, LandscapeOptions(radius=2.0, seed=3, whole=True))
    rng = np.random.default_rng(3)
    directions = [normalised_direction(line.network, rng)[:2] for _ in range(2)]
    x, y = line.data.train.x.astype(np.float64), line.data.train.y.astype(np.float64)[:, 0]
    steps = np.linspace(-2, 2, SIDE)
    b, a = np.meshgrid(steps[::-1], steps, indexing="ij")
    weights = [0.7, -1.1] + a[..., np.newaxis] * directions[0] + b[..., np.newaxis] * directions[1]
    expected = ((weights @ x.T + 0.1 - y) ** 2).mean(axis=2)
    np.testing.assert_allclose(grid(answer.losses), expected, rtol=1e-5)
    assert answer.centre == pytest.approx(expected[MIDDLE, MIDDLE], rel=1e-12)
    assert answer.low == pytest.approx(expected.min())
    np.testing.assert_allclose(answer.cuts[0].x, steps)
    np.testing.assert_allclose(np.array(answer.cuts[0].y, float), expected[MIDDLE], rtol=1e-5)
    np.testing.assert_allclose(np.array(answer.cuts[1].y, float), expected[::-1, MIDDLE], rtol=1e-5)
    assert "Lower loss at" in answer.words


def test_the_centre_is_the_plain_loss_in_evaluation_mode() -> None:
    data = make_data(scores_for([0, 1, 2, 0, 1, 1], 3), [0, 1, 2, 2, 1, 0], names=("a", "b", "c"), test=False)
    layers = (
        DenseSpec(units=5, activation=Tanh()), BatchNormSpec(), DropoutSpec(rate=0.5),
        DenseSpec(units=3, activation=Softmax()),
    )  # fmt: skip
    network = Network(NetworkSpec(layers=layers), (3,), 4, "float64")
    snapshot = snapshot_of(data, network)
    answer = landscape(snapshot, WHOLE)
    assert answer.centre == pytest.approx(network.loss_value(data.train.x, data.train.y), rel=1e-12)
    assert "Dropout is off" in answer.note
    still = sum(view.size for _, view, _ in network.parameters() if view.ndim == 1)
    assert f"{still} biases" in answer.note


def test_directions_are_as_long_as_the_weights_of_each_unit() -> None:
    layers = (DenseSpec(units=4, activation=Relu()), BatchNormSpec(), DenseSpec(units=3))
    network = Network(NetworkSpec(layers=layers), (6,), 1)
    twin = network.copy("float64")
    twin.theta[:] = normalised_direction(network, np.random.default_rng(0))
    for (name, weights, _), (_, direction, _) in zip(network.parameters(), twin.parameters(), strict=True):
        if weights.ndim == 2:
            lengths = np.linalg.norm(direction, axis=1)
            np.testing.assert_allclose(lengths, np.linalg.norm(weights, axis=1), rtol=1e-6)
        else:
            assert not direction.any(), name


def test_points_come_coarse_to_fine_and_are_kept(line: NetworkSnapshot) -> None:
    assert sorted(ORDER) == [(row, column) for row in range(SIDE) for column in range(SIDE)]
    assert ORDER[0] == (MIDDLE, MIDDLE)
    network, split = line.network, line.data.train
    plane = WeightPlane(network, line.rows(split, np.arange(50)), split.y, 0, 1.0)
    plane.compute(FIRST)
    coarse = plane.filled()
    known = {(0, 0), (6, 12), (24, 24), (12, 12)}
    assert known <= set(ORDER[:FIRST])
    assert len(np.unique(coarse)) == FIRST
    assert coarse[8, 13] == coarse[6, 12]
    assert coarse[9, 15] == coarse[12, 18]
    plane.compute(len(ORDER))
    assert plane.is_complete
    for row, column in known:
        assert plane.filled()[row, column] == coarse[row, column]


def test_an_answer_has_more_points_than_the_last_one(
    line: NetworkSnapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.inspection.views.landscape.WORK_AT_ONCE", 1.0)
    first = landscape(line, LandscapeOptions())
    second = landscape(line, LandscapeOptions(after=first.computed))
    assert (first.computed, second.computed) == (FIRST, 2 * FIRST)
    assert landscape(line, WHOLE).computed == first.total == 625
    assert landscape(line, LandscapeOptions(after=625)).computed == 625


def test_losses_that_overflow_are_marked_and_the_others_shown() -> None:
    data = make_data([[1.0], [2.0]], [[1.0], [2.0]], test=False)
    network = identity(data)
    network.last.weight[...] = 5e153
    answer = landscape(snapshot_of(data, network), WHOLE)
    levels = np.frombuffer(answer.levels.data, np.uint8)
    assert answer.broken == np.count_nonzero(levels == BROKEN) > 0
    assert sum(value is None for row in answer.losses for value in row) == answer.broken
    assert np.isfinite(answer.high)


def test_without_a_slice_there_is_a_reason() -> None:
    data = make_data([[1.0], [2.0]], [[1.0], [2.0]], test=False)
    network = identity(data)
    network.last.weight[...] = np.nan
    with pytest.raises(UnfitError, match="the loss of these weights is not finite"):
        landscape(snapshot_of(data, network), WHOLE)
    many = make_data(scores_for([0], 1001), [0], names=tuple(map(str, range(1001))), test=False)
    with pytest.raises(UnfitError, match="1,001 outputs are too slow"):
        landscape(snapshot_of(many), WHOLE)
    with pytest.raises(NntermError, match="a radius lies between"):
        landscape(snapshot_of(data), LandscapeOptions(radius=0))


def test_the_words_have_the_distance_at_which_the_loss_doubles(line: NetworkSnapshot) -> None:
    answer = landscape(line, LandscapeOptions(radius=0.01, whole=True))
    assert answer.words.startswith("Flat: the loss does not double within 0.01 along either direction.")
