"""Robustness against the plain accuracy and hand-computed scores, and its words for each kind of data."""

import numpy as np
import pytest

from engine.inspection.input_space import space_of
from engine.inspection.messages import UnfitError
from engine.inspection.perturbation_words import long_strength, short_strength
from engine.inspection.perturbations import POINTS
from engine.inspection.snapshot import NetworkSnapshot
from engine.inspection.views.robustness import RobustnessOptions, robustness
from tests.engine.inspection.snapshots import identity, make_data, scores_for, snapshot_of

ABC = ("a", "b", "c")
PIXELS = (1, 6, 4)


def column_pictures(n: int = 12) -> np.ndarray:
    """Return pictures whose class is the index of the bright column."""
    pictures = np.zeros((n, *PIXELS), np.float32)
    for i in range(n):
        pictures[i, :, :, i % 4] = 1
    return pictures


@pytest.fixture
def columns_snapshot() -> NetworkSnapshot:
    """A network that sums each column, so that a shift to the side by one pixel loses everything."""
    pictures = column_pictures()
    data = make_data(pictures, np.arange(12) % 4, names=("p", "q", "r", "s"), kind="images", shape=PIXELS)
    network = identity(data)
    network.last.weight[...] = np.tile(np.eye(4), (1, 6)) * 9
    return snapshot_of(data, network)


def test_the_unperturbed_score_is_the_plain_accuracy() -> None:
    snapshot = snapshot_of(make_data(scores_for([0, 0, 1, 2, 1, 1], 3), [0, 0, 1, 2, 2, 1], names=ABC))
    answer = robustness(snapshot, RobustnessOptions())
    assert answer.clean == pytest.approx(5 / 6)
    assert [one.levels[0].score for one in answer.responses] == pytest.approx([5 / 6], abs=1e-6)
    assert answer.chance == pytest.approx(2 / 6)
    assert answer.note.startswith("6 samples")


def test_a_shift_moves_the_input_of_each_weight(columns_snapshot: NetworkSnapshot) -> None:
    answer = robustness(columns_snapshot, RobustnessOptions())
    shift = next(one for one in answer.responses if one.name == "shift")
    assert shift.ways == ("left", "right", "up", "down")
    first = shift.levels[1]
    assert first.strength == 1
    assert first.by_way == (
        0.25,
        0.0,
        1.0,
        1.0,
    )  # pixels that move in at the left are empty: the first class wins
    assert first.score == pytest.approx(2.25 / 4)
    assert [level.strength for level in shift.levels] == [
        0,
        1,
        2,
        3,
    ]  # a picture of 4 columns is gone by then
    assert "not shift-invariant" in shift.words
    assert "costs 44 points: 100.0 % → 56.2 %" in shift.words


def test_half_the_way_to_chance_lies_on_the_line_between_levels(columns_snapshot: NetworkSnapshot) -> None:
    answer = robustness(columns_snapshot, RobustnessOptions())
    shift = next(one for one in answer.responses if one.name == "shift")
    assert answer.chance == 0.25
    assert shift.half == pytest.approx((1 - 0.625) / (1 - 0.5625))  # 1 falls to 0.5625, halfway is 0.625


def test_the_example_is_shown_at_every_strength(columns_snapshot: NetworkSnapshot) -> None:
    answer = robustness(columns_snapshot, RobustnessOptions(example=13))
    assert (answer.example, answer.example_truth) == (1, 1)
    for one in answer.responses:
        assert len(one.examples) == len(one.levels)
        plain = np.frombuffer(one.examples[0].picture.data, np.uint8).reshape(6, 4)
        np.testing.assert_array_equal(plain, 255 * column_pictures()[1, 0])
        assert one.examples[0].predicted == 1


def test_draws_are_the_same_each_time(columns_snapshot: NetworkSnapshot) -> None:
    first = robustness(columns_snapshot, RobustnessOptions())
    columns_snapshot.cache.clear()
    assert robustness(columns_snapshot, RobustnessOptions()) == first


def test_points_turn_around_the_mean_and_move_by_their_spread() -> None:
    points = np.array([[0.0, 0.0], [4.0, 0.0], [4.0, 2.0], [0.0, 2.0]])
    snapshot = snapshot_of(make_data(points, [0, 1, 1, 0], names=("a", "b"), kind="plane"))
    space, rng = space_of(snapshot), np.random.default_rng(0)
    _, shift, rotation = POINTS
    turned = rotation.apply(points, space, 90, "left", rng)
    np.testing.assert_allclose(turned, [[3, -1], [3, 3], [1, 3], [1, -1]], atol=1e-12)
    np.testing.assert_allclose(shift.apply(points, space, 0.5, "up", rng) - points, [[0, 0.5]] * 4)
    answer = robustness(snapshot, RobustnessOptions())
    assert [one.name for one in answer.responses] == ["noise", "shift", "rotation"]


def test_a_regression_has_a_loss_that_rises() -> None:
    x = np.linspace(-1, 1, 400)[:, np.newaxis]
    answer = robustness(snapshot_of(make_data(x, x, kind="curve")), RobustnessOptions())
    assert (answer.measure, answer.names, answer.clean) == ("loss", (), 0)
    assert answer.chance == pytest.approx(np.var(x), rel=1e-5)
    (noise,) = answer.responses
    last = noise.levels[-1]
    assert last.score == pytest.approx(last.strength**2 * np.var(x), rel=0.15)
    assert noise.half is not None
    assert 0.5 < noise.half < 1.0  # noise of half the variance
    assert "raises the loss from 0 to" in noise.words


def test_a_network_at_chance_has_nothing_to_lose() -> None:
    snapshot = snapshot_of(make_data(scores_for([0, 0, 0, 0], 2), [0, 1, 0, 1], names=("a", "b")))
    answer = robustness(snapshot, RobustnessOptions())
    assert "no better than chance" in answer.words
    assert [one.half for one in answer.responses] == [None]


def test_weights_that_are_not_finite_are_reported() -> None:
    data = make_data(scores_for([0, 1], 2), [0, 1], names=("a", "b"))
    network = identity(data)
    network.last.weight[...] = np.nan
    with pytest.raises(UnfitError, match="NaN"):
        robustness(snapshot_of(data, network), RobustnessOptions())


def test_strengths_in_words() -> None:
    assert short_strength(0.527, "of the pixel range") == "53 %"
    assert short_strength(2.62, "pixels") == "2.6 px"
    assert long_strength(1, "pixels") == "1 pixel"
    assert long_strength(0.02, "of the pixels") == "2 % of the pixels"
