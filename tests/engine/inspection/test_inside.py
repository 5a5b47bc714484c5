"""Histograms and activation functions of layers against plain NumPy and PyTorch, and networks that are not finite."""

import numpy as np
import pytest

from engine.data import Data
from engine.inspection.distributions import distribution, round_axis, span_of
from engine.inspection.messages import UnfitError
from engine.inspection.probe import PROBE
from engine.inspection.snapshot import NetworkSnapshot
from engine.inspection.views.activations import FLAT, ActivationsOptions, activations
from engine.inspection.views.histograms import HistogramsOptions, histograms
from engine.nn.activations import ACTIVATIONS, Relu, Sigmoid, Softmax
from engine.nn.network import Network
from engine.nn.specs import BatchNormSpec, DenseSpec, DropoutSpec, NetworkSpec
from tests.engine.inspection.snapshots import make_data, snapshot_of
from tests.engine.oracles import torch


def blobs(m: int = 90, n: int = 3) -> Data:
    """Return random points of three classes."""
    rng = np.random.default_rng(5)
    return make_data(rng.normal(size=(m, n)), np.arange(m) % 3, names=("a", "b", "c"))


def network_for(data: Data, *layers: DenseSpec | BatchNormSpec | DropoutSpec) -> Network:
    out = DenseSpec(units=3, activation=Softmax())
    return Network(NetworkSpec(layers=(*layers, out)), data.input_shape, seed=3, dtype="float64")


class TestDistribution:
    VALUES = np.array([[-2.0, -1, 0, 0], [0.5, 1, 3, np.nan]])

    def test_figures_and_bins(self) -> None:
        one = distribution("weight", self.VALUES, (-1.0, 1.0), 4)
        assert one.counts == (1, 0, 2, 2)  # the last bin includes its end
        assert (one.size, one.broken, one.lowest, one.highest) == (8, 1, -2, 3)
        assert (one.below, one.above, one.zeros) == pytest.approx((1 / 7, 1 / 7, 2 / 7))
        assert one.mean == pytest.approx(1.5 / 7, rel=1e-5)

    def test_values_that_are_not_finite_have_no_figures(self) -> None:
        one = distribution("weight", np.full(3, np.inf), (0.0, 1.0), 4)
        assert (one.mean, one.broken, one.counts) == (None, 3, (0, 0, 0, 0))

    def test_bins_are_those_of_numpy(self) -> None:
        values = np.random.default_rng(0).normal(size=1000)
        counts, _ = np.histogram(values, 17, (-2, 1.5))
        assert distribution("weight", values, (-2.0, 1.5), 17).counts == tuple(counts.tolist())

    @pytest.mark.parametrize(
        ("spans", "axis"),
        [
            ([(-0.13, 0.42)], (-0.15, 0.5)),
            ([(0.2, 0.42), None, (0.1, 0.9)], (0.0, 1.0)),
            ([(-7.0, -3.0)], (-8.0, 0.0)),
            ([(0.0, 0.0)], (-1.0, 1.0)),
            ([None], (-1.0, 1.0)),
        ],
    )
    def test_axes_are_round_and_hold_zero(
        self, spans: list[tuple[float, float] | None], axis: tuple[float, float]
    ) -> None:
        assert round_axis(spans) == pytest.approx(axis)

    def test_an_outlier_does_not_stretch_the_span(self) -> None:
        values = np.append(np.linspace(-1, 1, 10_000), 1e6)
        low, high = span_of(values) or (0.0, 0.0)
        assert (low, high) == pytest.approx((-1, 1), abs=0.01)


class TestHistograms:
    def test_each_layers_values_are_those_of_torch(self) -> None:
        data = blobs()
        network = network_for(data, DenseSpec(units=4, activation=Relu()))
        answer = histograms(snapshot_of(data, network), HistogramsOptions(bins=10))
        twin = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.ReLU(), torch.nn.Linear(4, 3)).double()
        for mine, its in zip(network.parameters(), twin.parameters(), strict=True):
            its.data = torch.from_numpy(mine[1].copy())
        x, y = torch.from_numpy(data.test.x.astype(np.float64)), torch.from_numpy(data.test.y)
        z = twin[0](x)
        torch.nn.functional.cross_entropy(twin(x), y).backward()  # type: ignore[no-untyped-call]
        expected = {
            "pre_activation": z,
            "activation": torch.relu(z),
            "weight": twin[0].weight,
            "bias": twin[0].bias,
            "weight_gradient": twin[0].weight.grad,
            "bias_gradient": twin[0].bias.grad,
        }
        found = {one.of: one for one in answer.layers[0].distributions}
        assert list(found) == list(expected)
        for of, values in expected.items():
            assert values is not None
            found_effect = (found[of].mean, found[of].std, found[of].lowest, found[of].highest)
            plain = values.detach().numpy()
            assert found_effect == pytest.approx(
                (plain.mean(), plain.std(), plain.min(), plain.max()), rel=1e-5, abs=1e-9
            )
            assert sum(found[of].counts) == round(plain.size * (1 - found[of].outside))

    def test_axes_are_equal_at_all_moments_and_outliers_are_counted(self) -> None:
        data = blobs()
        small, large = (network_for(data, DenseSpec(units=4, activation=Relu())) for _ in range(2))
        large.theta *= 3
        snapshots = [snapshot_of(data, small), snapshot_of(data, large)]
        for snapshot in snapshots:
            snapshot.over_time = lambda: snapshots
        first, last = (histograms(snapshot, HistogramsOptions(bins=8)) for snapshot in snapshots)
        assert [[one.axis for one in layer.distributions] for layer in first.layers] == [
            [one.axis for one in layer.distributions] for layer in last.layers
        ]
        weights = first.layers[0].distributions[2]
        assert weights.axis[1] >= 3 * (weights.highest or 0) > 0
        wild = snapshot_of(data, large)
        wild.network.theta *= 100
        wild.over_time = lambda: snapshots
        assert histograms(wild, HistogramsOptions(bins=8)).layers[0].distributions[2].outside > 0.5

    def test_batchnorm_is_a_layer_and_dropout_is_none(self) -> None:
        data = blobs(n=3)
        specs = (DenseSpec(units=4), BatchNormSpec(activation=Relu()), DropoutSpec(rate=0.5))
        network = network_for(data, *specs)
        before = network.state.copy()
        answer = histograms(snapshot_of(data, network), HistogramsOptions())
        assert [(layer.name, layer.kind) for layer in answer.layers] == [
            ("layers.0", "dense"),
            ("layers.1", "batchnorm"),
            ("layers.3", "dense"),
        ]
        np.testing.assert_array_equal(network.state, before)  # the inspection changes nothing

    def test_without_data_the_parameters_remain(self) -> None:
        data = blobs()

        def gone() -> Data:
            raise UnfitError("the data cannot be read: gone")

        network = network_for(data, DenseSpec(units=4, activation=Relu()))
        snapshot = NetworkSnapshot(network, snapshot_of(data).experiment, snapshot_of(data).moment, gone)
        answer = histograms(snapshot, HistogramsOptions())
        assert [one.of for one in answer.layers[0].distributions] == ["weight", "bias"]
        assert answer.words == "Weights and biases only: the data cannot be read: gone."

    def test_only_a_part_of_many_samples_is_used(self) -> None:
        data = blobs(PROBE + 100)
        answer = histograms(snapshot_of(data, network_for(data)), HistogramsOptions())
        assert (answer.samples, answer.layers[0].distributions[0].size) == (PROBE, 3 * PROBE)
        assert f"{PROBE:,} of {PROBE + 100:,} test samples" in answer.words

    def test_nan_is_counted_and_the_other_layers_are_shown(self) -> None:
        data = blobs()
        network = network_for(data, DenseSpec(units=4, activation=Relu()))
        network.last.bias[0] = np.nan
        first, last = histograms(snapshot_of(data, network), HistogramsOptions()).layers
        assert [one.broken for one in first.distributions[:4]] == [0, 0, 0, 0]
        assert (last.distributions[0].broken, last.distributions[3].broken) == (90, 1)


class TestActivations:
    @pytest.mark.parametrize("name", [name for name in ACTIVATIONS if name != "softmax"])
    def test_curves_and_flat_share(self, name: str) -> None:
        data = blobs()
        activation = ACTIVATIONS[name]()
        network = network_for(data, DenseSpec(units=5, activation=activation))
        layer = activations(snapshot_of(data, network), ActivationsOptions(points=101)).layers[0]
        assert layer.curves is not None
        z = np.linspace(*layer.received.axis, 101)
        assert layer.curves.values == pytest.approx(activation(z[:, None])[:, 0].tolist(), rel=1e-4, abs=1e-6)
        assert layer.curves.slopes == pytest.approx(
            activation.derivative(z[:, None])[:, 0].tolist(), rel=1e-4
        )
        hidden = network.layers[0]
        given = data.test.x.astype(np.float64) @ hidden.weight.T + hidden.bias  # type: ignore[attr-defined]
        flat = np.abs(activation.derivative(given)) < FLAT
        assert layer.flat == pytest.approx(flat.mean())
        assert layer.idle == np.count_nonzero(flat.all(axis=0))
        assert layer.received.size == given.size

    def test_dead_units_are_counted_in_words(self) -> None:
        data = blobs()
        network = network_for(data, DenseSpec(units=5, activation=Relu()))
        network.layers[0].bias[:2] = -100  # type: ignore[attr-defined]
        layer = activations(snapshot_of(data, network), ActivationsOptions()).layers[0]
        assert layer.idle == 2
        assert "2 of 5 units are there for every sample: dead." in layer.words

    def test_softmax_has_no_curve_and_a_reason(self) -> None:
        data = blobs()
        layer = activations(snapshot_of(data, network_for(data)), ActivationsOptions()).layers[-1]
        assert (layer.curves, layer.flat, layer.idle) == (None, None, None)
        assert "so there is no curve" in layer.words[0]
        assert layer.received.size == 270

    def test_a_loss_that_includes_the_function_still_learns_at_its_ends(self) -> None:
        data = make_data(np.ones((4, 1)), [0, 1, 0, 1], names=("no", "yes"))
        network = Network(
            NetworkSpec(layers=(DenseSpec(units=1, activation=Sigmoid()),)), (1,), dtype="float64"
        )
        network.last.bias[:] = 50
        (layer,) = activations(snapshot_of(data, network), ActivationsOptions()).layers
        assert (layer.flat, layer.idle) == (1.0, 1)
        assert any("includes this function" in words for words in layer.words)

    def test_nan_is_reported(self) -> None:
        data = blobs()
        network = network_for(data, DenseSpec(units=2, activation=Relu()))
        network.theta[:] = np.nan
        answer = activations(snapshot_of(data, network), ActivationsOptions())
        assert answer.layers[0].words == ("180 of 180 pre-activations are NaN or infinite.",)
