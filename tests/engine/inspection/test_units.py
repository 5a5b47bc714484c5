"""Units and manual edits of their weights against plain NumPy, and unusual networks and data."""

import numpy as np
import pytest

from engine.data import Data, Scaler, Split
from engine.data.info import DatasetInfo, Suggestion
from engine.errors import NntermError
from engine.inspection.responses import MOST_CACHED
from engine.inspection.snapshot import NetworkSnapshot
from engine.inspection.views.units import Units, UnitsOptions, units
from engine.inspection.weight_edits import Edit, edited
from engine.nn.activations import Activation, Linear, Relu, Sigmoid, Softmax, Tanh
from engine.nn.network import Network
from engine.nn.specs import BatchNormSpec, DenseSpec, NetworkSpec
from tests.engine.inspection.snapshots import NO_SCALE, make_data, snapshot_of

ABC = ("a", "b", "c")


def blobs(m: int = 60, n: int = 3) -> Data:
    """Return random points of three classes."""
    rng = np.random.default_rng(7)
    return make_data(rng.normal(size=(m, n)), np.arange(m) % 3, names=ABC)


def snapshot_with(data: Data, *hidden: DenseSpec | BatchNormSpec, outputs: int = 3) -> NetworkSnapshot:
    """Return a snapshot of random weights of hidden layers and a softmax."""
    layers = (*hidden, DenseSpec(units=outputs, activation=Softmax()))
    return snapshot_of(data, Network(NetworkSpec(layers=layers), data.input_shape, seed=1, dtype="float64"))


def hidden(units: int = 4, activation: Activation = Relu()) -> DenseSpec:  # noqa: B008
    return DenseSpec(units=units, activation=activation)


def parts(snapshot: NetworkSnapshot) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return copies of the weights (n_out, n_in) and biases of each layer."""
    values = [view.copy() for _, view, _ in snapshot.network.parameters()]
    return list(zip(values[::2], values[1::2], strict=True))


def logits(
    x: np.ndarray, weights: list[tuple[np.ndarray, np.ndarray]], mute: int | None = None
) -> np.ndarray:
    """Compute the logits of a network of one hidden sigmoid layer by hand; one of its units may be held at 0."""
    (w, b), (v, c) = weights
    a = 1 / (1 + np.exp(-(x @ w.T + b)))
    if mute is not None:
        a[:, mute] = 0
    result: np.ndarray = a @ v.T + c
    return result


class TestResponses:
    def test_extremes_and_shares_are_those_of_numpy(self) -> None:
        snapshot = snapshot_with(blobs(), hidden())
        (w, b), _ = parts(snapshot)
        z = snapshot.data.test.x.astype(np.float64) @ w.T + b
        answer = units(snapshot, UnitsOptions(unit=2, samples=5))
        order = np.argsort(z[:, 2])
        assert [one.index for one in answer.most] == order[::-1][:5].tolist()
        assert [one.index for one in answer.least] == order[:5].tolist()
        assert answer.most[0].value == pytest.approx(z[:, 2].max(), rel=1e-5)
        assert [one.active for one in answer.page] == pytest.approx((z > 0).mean(axis=0).tolist(), rel=1e-5)
        assert [one.mean for one in answer.page] == pytest.approx(np.maximum(z, 0).mean(axis=0), rel=1e-5)
        assert answer.most[0].features == pytest.approx(snapshot.data.test.x[order[-1]].tolist(), rel=1e-5)
        assert answer.weights == pytest.approx(w[2].tolist(), rel=1e-5)
        assert (answer.bias, answer.inputs_from) == (pytest.approx(b[2], rel=1e-5), "")

    def test_softmax_is_ordered_by_its_probabilities(self) -> None:
        snapshot = snapshot_with(blobs())
        answer = units(snapshot, UnitsOptions(unit=1))
        guesses = np.argmax(snapshot.network.logits(snapshot.data.test.x), axis=1)
        assert answer.value_name == "share"
        assert [one.active for one in answer.page] == pytest.approx(
            np.bincount(guesses, minlength=3) / 60, rel=1e-5
        )
        assert all(0 <= one.value <= 1 for one in answer.most)
        assert "No hidden layer" in answer.words[-1]

    def test_a_layer_too_large_to_cache_gives_the_same(self, monkeypatch: pytest.MonkeyPatch) -> None:
        kept = units(snapshot_with(blobs(), hidden()), UnitsOptions(unit=3))
        monkeypatch.setattr("engine.inspection.responses.MOST_CACHED", 1)
        assert MOST_CACHED > 1
        assert units(snapshot_with(blobs(), hidden()), UnitsOptions(unit=3)) == kept

    def test_pages_of_many_units(self) -> None:
        answer = units(snapshot_with(blobs(), hidden(4096)), UnitsOptions(unit=4090, first=4080, count=24))
        assert [one.unit for one in answer.page] == list(range(4080, 4096))
        assert answer.layers[0].units == 4096

    def test_many_classes(self) -> None:
        names = tuple(str(i) for i in range(1_000))
        data = make_data(np.random.default_rng(0).normal(size=(20, 2)), np.arange(20), names=names)
        answer = units(snapshot_with(data, outputs=1_000), UnitsOptions(unit=999, count=10, first=990))
        assert len(answer.page) == 10
        assert answer.plane is not None

    def test_a_dead_unit_and_one_that_is_never_off(self) -> None:
        snapshot = snapshot_with(blobs(), hidden())
        snapshot.network.layers[0].bias[:2] = -100, 100  # type: ignore[attr-defined]
        assert "Dead unit" in units(snapshot, UnitsOptions(unit=0)).words[1]
        assert "Always active" in units(snapshot, UnitsOptions(unit=1)).words[1]

    def test_batchnorm_in_between_is_mentioned_and_has_units_of_its_own(self) -> None:
        snapshot = snapshot_with(blobs(), hidden(4, Linear()), BatchNormSpec(activation=Relu()))
        assert "layers.1 normalises" in units(snapshot, UnitsOptions()).words[-1]
        own = units(snapshot, UnitsOptions(layer=1, unit=2))
        assert (own.weights, own.inputs_from, own.layers[1].inputs) == ((1.0,), "layers.0", 1)

    def test_nan_is_reported(self) -> None:
        snapshot = snapshot_with(blobs(), hidden())
        snapshot.network.layers[0].bias[1] = np.nan  # type: ignore[attr-defined]
        answer = units(snapshot, UnitsOptions(unit=1, edits=(Edit(0, 0, 0, 1.0),)))
        assert "Not finite (NaN or Inf) for every sample" in answer.words[-1]
        assert (answer.most, answer.page[1].mean, answer.effect) == ((), None, None)
        assert units(snapshot, UnitsOptions(unit=2)).most


class TestPictures:
    def pictures(self, shape: tuple[int, ...], *, as_bytes: bool = True) -> Data:
        rng = np.random.default_rng(2)
        size = int(np.prod(shape))
        rows = rng.integers(0, 256, (12, size)).astype(np.uint8 if as_bytes else np.float32)
        kind = "images" if len(shape) == 3 else "table"
        info = DatasetInfo(
            "made", "Made", "classification", kind, 12, 12, shape, 3, ABC, 0, "", "", "",
            Suggestion((), "relu", "sgd", 0.1, 8, 1),
        )  # fmt: skip
        scaler = Scaler("unit", np.zeros(()), np.full((), 1 / 255)) if as_bytes else NO_SCALE
        split = Split(rows, np.arange(12) % 3, shape, scaler)
        return Data(info, split, split, split, scaler)

    @pytest.mark.parametrize(
        ("shape", "picture"),
        [((1, 6, 4), (1, 6, 4)), ((3, 5, 5), (3, 5, 5)), ((36,), (1, 6, 6)), ((30,), None), ((4,), None)],
    )
    def test_which_inputs_are_pictures(
        self, shape: tuple[int, ...], picture: tuple[int, int, int] | None
    ) -> None:
        answer = units(snapshot_with(self.pictures(shape), hidden()), UnitsOptions())
        assert answer.picture == picture
        assert (answer.most[0].picture is None) == (picture is None) == (answer.page[0].picture is None)
        assert len(answer.most[0].features) == (0 if picture else shape[0])

    def test_rows_of_numbers_stay_a_table(self) -> None:
        assert (
            units(snapshot_with(self.pictures((36,), as_bytes=False), hidden()), UnitsOptions()).picture
            is None
        )

    def test_later_layers_have_no_pixels(self) -> None:
        answer = units(snapshot_with(self.pictures((1, 6, 6)), hidden(36)), UnitsOptions(layer=1))
        assert (answer.picture, answer.page[0].picture, len(answer.weights)) == (None, None, 36)
        assert answer.most[0].picture is not None


class TestPlane:
    def test_z_is_drawn_over_the_plane(self) -> None:
        snapshot = snapshot_with(blobs(n=2), hidden(2))
        snapshot.network.layers[0].weight[...] = [[1, 0], [0, 1]]  # type: ignore[attr-defined]
        snapshot.network.layers[0].bias[...] = 0  # type: ignore[attr-defined]
        answer = units(snapshot, UnitsOptions(unit=0, columns=8, rows=4, thumb_columns=4, thumb_rows=4))
        assert answer.plane is not None
        z = np.frombuffer(answer.plane.z.data, np.uint8).reshape(4, 8).astype(int) - 128
        assert (z == z[0]).all()  # it depends on x alone
        assert (np.diff(z[0]) > 0).all()
        assert z[0, 0] < 0 < z[0, -1]
        assert (answer.page[1].picture is not None, answer.plane.network_before) == (True, None)

    def test_edits_are_shown_with_the_original(self) -> None:
        snapshot = snapshot_with(blobs(n=2), hidden(2))
        answer = units(snapshot, UnitsOptions(edits=(Edit(0, 0, 1, 50.0),)))
        assert answer.plane is not None
        assert answer.plane.network_before == units(snapshot, UnitsOptions()).plane.network  # type: ignore[union-attr]
        assert answer.plane.network != answer.plane.network_before


class TestEdits:
    def truth_of(self, snapshot: NetworkSnapshot) -> tuple[np.ndarray, np.ndarray]:
        return snapshot.data.test.x.astype(np.float64), np.asarray(snapshot.data.test.y)

    def effect(self, snapshot: NetworkSnapshot, *edits: Edit) -> Units:
        answer = units(snapshot, UnitsOptions(layer=0, unit=1, edits=edits, edited_at=snapshot.moment.step))
        assert answer.effect is not None
        return answer

    def test_flips_accuracy_and_loss_counted_one_by_one(self) -> None:
        snapshot = snapshot_with(blobs(), hidden(4, Sigmoid()))
        x, y = self.truth_of(snapshot)
        weights = parts(snapshot)
        before = logits(x, weights)
        weights[0][0][1, 2], weights[1][0][0, 1] = 9.0, 7.0
        after = logits(x, weights)
        found_effect = self.effect(snapshot, Edit(0, 1, 2, 9.0), Edit(1, 0, 1, 7.0)).effect
        assert found_effect is not None
        pairs = list(
            zip(before.argmax(axis=1).tolist(), after.argmax(axis=1).tolist(), y.tolist(), strict=True)
        )
        assert found_effect.flipped == sum(one != other for one, other, _ in pairs) > 0
        assert found_effect.lost == sum(one == true != other for one, other, true in pairs)
        assert found_effect.gained == sum(other == true != one for one, other, true in pairs)
        first = next(i for i, (one, other, _) in enumerate(pairs) if one != other)
        flip = found_effect.first[0]
        assert (flip.index, flip.before, flip.after) == (first, ABC[pairs[first][0]], ABC[pairs[first][1]])
        assert found_effect.after.accuracy == pytest.approx(
            np.mean([other == true for _, other, true in pairs])
        )
        shares = np.exp(after) / np.exp(after).sum(axis=1, keepdims=True)
        assert found_effect.after.loss == pytest.approx(-np.log(shares[np.arange(60), y]).mean(), rel=1e-5)

    def test_a_silenced_unit_gives_0_even_where_its_function_does_not(self) -> None:
        snapshot = snapshot_with(blobs(), hidden(4, Sigmoid()))
        x, y = self.truth_of(snapshot)
        after = logits(x, parts(snapshot), mute=1).argmax(axis=1)
        answer = self.effect(snapshot, Edit(0, 1))
        assert answer.effect is not None
        assert answer.effect.after.accuracy == pytest.approx(np.mean(after == y))
        assert (answer.silenced, answer.weights, answer.bias) == (True, (0.0, 0.0, 0.0), 0.0)
        assert answer.most == units(snapshot, UnitsOptions(unit=1)).most  # still those of the unedited unit

    def test_two_silenced_units_are_both_silent(self) -> None:
        snapshot = snapshot_with(blobs(), hidden(4, Sigmoid()))
        changed = edited(snapshot, (Edit(0, 1), Edit(0, 3)))
        changed.network.forward(snapshot.data.test.x)
        assert (changed.network.layers[0].output[:, [1, 3]] == 0).all()
        assert (changed.network.layers[0].output[:, [0, 2]] > 0).all()

    def test_the_run_keeps_its_weights(self) -> None:
        snapshot = snapshot_with(blobs(), hidden(4, Tanh()))
        before = snapshot.network.theta.copy()
        answer = self.effect(snapshot, Edit(0, 1, 0, 5.0), Edit(1, 0))
        np.testing.assert_array_equal(snapshot.network.theta, before)
        assert [(one.input, one.was) for one in answer.changed] == [
            (0, pytest.approx(parts(snapshot)[0][0][1, 0], rel=1e-5))
        ]
        assert (answer.weights[0], answer.edits) == (5.0, 2)
        assert units(snapshot, UnitsOptions(unit=1)).effect is None

    def test_edits_of_another_moment_do_not_count(self) -> None:
        snapshot = snapshot_with(blobs(), hidden())
        answer = units(
            snapshot, UnitsOptions(edits=(Edit(0, 1, 0, 5.0),), edited_at=snapshot.moment.step + 1)
        )
        assert (answer.edits, answer.effect, answer.step) == (0, None, snapshot.moment.step)

    def test_a_regression_lists_what_moved_furthest(self) -> None:
        data = make_data([[1.0], [2.0], [4.0]], [[1.0], [3.0], [3.0]])
        snapshot = snapshot_of(data)
        found_effect = units(snapshot, UnitsOptions(edits=(Edit(0, 0, 0, 2.0),))).effect
        assert found_effect is not None
        assert (found_effect.flipped, found_effect.after.accuracy) == (3, None)
        assert [(flip.index, flip.before, flip.after) for flip in found_effect.first] == [
            (2, "4", "8"),
            (1, "2", "4"),
            (0, "1", "2"),
        ]

    @pytest.mark.parametrize(
        ("edit", "words"),
        [
            (Edit(7, 0), "no layer with units with number 7"),
            (Edit(0, 9), "no unit in layers.0 with number 9"),
            (Edit(0, 0, 4), "no weight of unit 0 in layers.0 with number 4"),
            (Edit(0, 0, 0, float("nan")), "takes a finite number"),
        ],
    )
    def test_an_edit_of_an_unknown_weight_is_refused(self, edit: Edit, words: str) -> None:
        with pytest.raises(NntermError, match=words):
            edited(snapshot_with(blobs(), hidden()), (edit,))
