"""Each view against hand-computed numbers, and its reason for data that it cannot show."""

import pkgutil

import numpy as np
import pytest

from engine.data import Scaler
from engine.errors import NntermError
from engine.inspection import views as views_package
from engine.inspection.baseline import Baseline, BaselineScore
from engine.inspection.messages import UnfitError
from engine.inspection.registry import VIEWS, find_view
from engine.inspection.snapshot import NetworkSnapshot
from engine.inspection.views.boundary import BoundaryOptions, boundary
from engine.inspection.views.classes import ClassesOptions, classes
from engine.inspection.views.confusion import ConfusionOptions, confusion
from engine.inspection.views.fit import FitOptions, fit
from engine.inspection.views.mistakes import MistakesOptions, mistakes
from engine.inspection.views.overview import OverviewOptions, overview
from engine.inspection.views.weights import WeightsOptions, weights
from engine.nn.network import Network
from engine.nn.specs import DenseSpec, NetworkSpec
from engine.training.evaluation import evaluate
from engine.training.predictions import predict, shares_of
from tests.engine.inspection.snapshots import identity, make_data, scores_for, snapshot_of

ABC = ("a", "b", "c")
TRUTH = [0, 0, 0, 0, 1, 1, 1, 2]
GUESSES = [0, 0, 0, 1, 1, 1, 0, 1]
"""a: 3 of 4 found and 1 wrong prediction; b: 2 of 3 found and 2 wrong predictions; c: never predicted."""


@pytest.fixture
def abc() -> NetworkSnapshot:
    return snapshot_of(make_data(scores_for(GUESSES, 3), TRUTH, names=ABC))


class TestConfusion:
    def test_counts_pairs_and_support(self, abc: NetworkSnapshot) -> None:
        answer = confusion(abc, ConfusionOptions())
        assert answer.matrix == ((3, 1, 0), (1, 2, 0), (0, 1, 0))
        assert (answer.support, answer.wrong, answer.split) == ((4, 3, 1), 3, "test")
        assert [(pair.truth, pair.predicted, pair.count) for pair in answer.pairs] == [
            (0, 1, 1),
            (1, 0, 1),
            (2, 1, 1),
        ]
        assert [pair.share for pair in answer.pairs] == pytest.approx([1 / 4, 1 / 3, 1])

    def test_too_many_classes_for_a_map_leave_the_pairs(self) -> None:
        n = 10_000
        angles = 2 * np.pi * np.arange(n) / n
        rays = np.stack(
            [np.cos(angles), np.sin(angles)], axis=1
        )  # (n, 2): each class has a direction of its own
        guesses = np.random.default_rng(0).integers(0, n, 30)
        names = tuple(str(i) for i in range(n))
        data = make_data(rays[guesses], (guesses + 1) % n, names=names)
        network = Network(NetworkSpec(layers=(DenseSpec(units=n),)), (2,), dtype="float64")
        network.last.weight[...], network.last.bias[...] = 1e6 * rays, 0
        answer = confusion(snapshot_of(data, network), ConfusionOptions())
        assert answer.matrix is None
        assert "10,000 × 10,000" in answer.note
        assert len(answer.pairs) == len(np.unique(guesses))
        listed = classes(snapshot_of(data, network), ClassesOptions())
        assert len(listed.rows) == 200
        assert "10,000" in listed.note

    def test_samples_that_are_not_finite_are_in_no_column(self) -> None:
        scores = scores_for(GUESSES, 3)
        scores[0] = np.nan
        answer = confusion(snapshot_of(make_data(scores, TRUTH, names=ABC)), ConfusionOptions())
        assert answer.matrix is not None
        assert (answer.broken, answer.matrix[0], answer.support[0]) == (1, (2, 1, 0), 4)


class TestClasses:
    def test_precision_recall_and_f1(self, abc: NetworkSnapshot) -> None:
        a, b, c = classes(abc, ClassesOptions()).rows
        assert (a.precision, a.recall, a.f1) == pytest.approx((3 / 4, 3 / 4, 3 / 4))
        assert (b.precision, b.recall, b.f1) == pytest.approx((2 / 4, 2 / 3, 4 / 7))
        assert (c.precision, c.recall, c.f1, c.support) == (None, 0, 0, 1)

    def test_a_class_that_is_never_predicted_is_marked(self, abc: NetworkSnapshot) -> None:
        answer = classes(abc, ClassesOptions())
        assert [row.never for row in answer.rows] == [False, False, True]
        assert answer.rows[2].words == 'never predicted: all 1 missed; most confused with "b" (1)'
        assert "1 class is never predicted" in answer.words

    def test_means_count_nothing_as_zero(self, abc: NetworkSnapshot) -> None:
        precision, recall, f1 = classes(abc, ClassesOptions()).macro
        assert precision == pytest.approx((3 / 4 + 2 / 4 + 0) / 3)
        assert recall == pytest.approx((3 / 4 + 2 / 3 + 0) / 3)
        assert f1 == pytest.approx((3 / 4 + 4 / 7 + 0) / 3)

    def test_a_class_without_samples_is_reported(self) -> None:
        data = make_data(scores_for([0, 1, 2], 3), [0, 1, 0], names=ABC)
        row = classes(snapshot_of(data), ClassesOptions()).rows[2]
        assert (row.recall, row.precision) == (None, 0)
        assert row.words == "no samples in this split; predicted 1 times"


class TestExamples:
    def test_the_errors_of_the_chosen_class(self, abc: NetworkSnapshot) -> None:
        rows = classes(abc, ClassesOptions()).rows
        for row in rows:
            examples = classes(abc, ClassesOptions(chosen=row.index)).examples
            assert examples is not None
            assert examples.matching == row.support - row.right
            assert all(one.truth == row.index for one in examples.shown)
        assert classes(abc, ClassesOptions(chosen=99)).examples is None

    def test_the_class_that_is_predicted_instead(self, abc: NetworkSnapshot) -> None:
        for row in classes(abc, ClassesOptions()).rows:
            assert bool(row.confused) is (row.support > row.right)


class TestMistakes:
    def test_the_most_confident_come_first(self) -> None:
        scores = np.array([[1.0, 0, 0], [3, 0, 0], [2, 0, 0], [9, 0, 0]])
        answer = mistakes(snapshot_of(make_data(scores, [1, 1, 2, 0], names=ABC)), MistakesOptions())
        assert [one.index for one in answer.shown] == [1, 2, 0]
        assert answer.shown[0].confidence == pytest.approx(np.exp(3) / (np.exp(3) + 2))
        assert (answer.wrong, answer.matching) == (3, 3)

    def test_bars_hold_the_largest_shares_and_the_true_class(self) -> None:
        names = tuple("abcdefghijklmnopqrst")
        scores = np.arange(20.0)[None, ::-1]
        answer = mistakes(snapshot_of(make_data(scores, [19], names=names)), MistakesOptions())
        shares = answer.shown[0].shares
        assert [share.index for share in shares] == [*range(11), 19]

    def test_classes_can_be_chosen_and_the_right_ones_too(self, abc: NetworkSnapshot) -> None:
        def indices(**chosen: int) -> list[int]:
            return [one.index for one in mistakes(abc, MistakesOptions(**chosen)).shown]

        assert indices(truth=0) == [3]
        assert indices(predicted=1) == [3, 7]
        assert indices(truth=2, predicted=1) == [7]
        assert indices(truth=1, predicted=1) == [4, 5]
        assert indices(first=1, count=1) == [6]

    def test_an_unknown_class_is_refused(self, abc: NetworkSnapshot) -> None:
        with pytest.raises(NntermError, match="no class 3"):
            mistakes(abc, MistakesOptions(truth=3))

    def test_pictures_that_are_neither_square_nor_grey_are_sent_as_they_are(self) -> None:
        pictures = np.linspace(0, 1, 2 * 3 * 4 * 6).reshape(2, 3, 4, 6)
        data = make_data(pictures, [1, 1], names=("a", "b"), kind="images", shape=(3, 4, 6))
        network = Network(NetworkSpec(layers=(DenseSpec(units=2),)), (3, 4, 6))
        network.last.weight[...] = 0
        network.last.bias[...] = (1, 0)
        picture = mistakes(snapshot_of(data, network), MistakesOptions()).shown[1].picture
        assert picture is not None
        assert (picture.height, picture.width, picture.depth) == (4, 6, 3)
        assert picture.data[-1] == 255
        sent = np.frombuffer(picture.data, np.uint8).reshape(4, 6, 3)
        np.testing.assert_array_equal(sent, np.rint(np.moveaxis(pictures[1], 0, 2) * 255).astype(np.uint8))

    def test_features_come_in_the_units_of_the_data(self) -> None:
        scaler = Scaler("standard", np.array([10.0, 20.0]), np.array([0.5, 0.25]))
        data = make_data([[1.0, -1.0]], [1], names=("a", "b"), scaler=scaler)
        assert mistakes(snapshot_of(data), MistakesOptions()).shown[0].features == pytest.approx((12, 16))

    def test_without_mistakes_there_is_a_sentence(self) -> None:
        answer = mistakes(
            snapshot_of(make_data(scores_for([0, 1], 2), [0, 1], names=("a", "b"))), MistakesOptions()
        )
        assert answer.words == "No errors: all 2 samples are classified correctly."


class TestWeights:
    def test_pictures_by_falling_norm_each_around_its_zero(self) -> None:
        network = Network(NetworkSpec(layers=(DenseSpec(units=2),)), (1, 2, 3))
        network.last.weight[...] = [[0, 0, 0, 0, 0, 0.5], [1, -2, 0, 0, 0, 0]]
        data = make_data(np.zeros((1, 6)), [0], names=("a", "b"), kind="images", shape=(1, 2, 3))
        answer = weights(snapshot_of(data, network), WeightsOptions())
        assert [(one.unit, one.reach) for one in answer.pictures] == [(1, 2.0), (0, 0.5)]
        assert answer.pictures[0].norm == pytest.approx(5**0.5, rel=1e-5)
        assert list(answer.pictures[0].picture.data) == [128 + 64, 1, 128, 128, 128, 128]
        assert (answer.reach, answer.map) == (2.0, None)

    def test_coloured_pictures_show_the_mean_of_their_channels(self) -> None:
        network = Network(NetworkSpec(layers=(DenseSpec(units=1),)), (3, 2, 2))
        network.last.weight[...] = np.repeat([[3.0, -3.0, 0.0]], 4, axis=1)
        data = make_data(np.zeros((1, 12)), [[0.0]], kind="images", shape=(3, 2, 2))
        answer = weights(snapshot_of(data, network), WeightsOptions())
        assert list(answer.pictures[0].picture.data) == [128] * 4
        assert "the mean of 3 channels" in answer.words

    def test_a_large_tensor_keeps_the_extreme_of_each_block(self) -> None:
        network = Network(NetworkSpec(layers=(DenseSpec(units=256),)), (3,), dtype="float64")
        network.last.weight[...] = 0.1
        network.last.weight[3, 1] = -4
        data = make_data(np.zeros((1, 3)), np.zeros((1, 256)))
        answer = weights(snapshot_of(data, network), WeightsOptions())
        assert answer.map is not None
        assert (answer.map.block, answer.map.cells.height, answer.map.cells.width) == ((2, 1), 128, 3)
        assert answer.map.cells.data[3 * 1 + 1] == 1

    def test_every_tensor_of_every_layer_is_listed_and_the_data_need_not_be_there(self) -> None:
        def gone() -> None:
            raise UnfitError("the data are gone")

        data = make_data(np.zeros((1, 2)), [0], names=("a", "b"))
        snapshot = snapshot_of(data)
        snapshot._load = gone  # type: ignore[assignment]
        answer = weights(snapshot, WeightsOptions(tensor=1))
        assert [(one.name, one.shape) for one in answer.tensors] == [
            ("layers.0.weight", (2, 2)),
            ("layers.0.bias", (2,)),
        ]
        with pytest.raises(UnfitError, match="gone"):
            confusion(snapshot, ConfusionOptions())

    def test_nan_weights_are_counted_and_reported_if_all_are(self) -> None:
        data = make_data(np.zeros((1, 2)), [0], names=("a", "b"))
        network = identity(data)
        network.last.weight[0, 0] = np.nan
        assert weights(snapshot_of(data, network), WeightsOptions()).tensors[0].broken == 1
        network.last.weight[...] = np.inf
        with pytest.raises(UnfitError, match=r"all 4 values of layers\.0\.weight"):
            weights(snapshot_of(data, network), WeightsOptions())


class TestBoundary:
    def test_the_boundary_is_where_the_scores_are_equal(self) -> None:
        data = make_data([[0, 0], [1, 1], [1, 0], [0, 1]], [0, 0, 0, 1], names=("a", "b"), kind="plane")
        answer = boundary(snapshot_of(data), BoundaryOptions(columns=4, rows=4))
        plane = answer.plane
        assert plane is not None
        assert plane.x_range == pytest.approx((-0.08, 1.08))
        assert plane.classes is not None
        grid = np.frombuffer(plane.classes.data, np.uint8).reshape(4, 4)
        np.testing.assert_array_equal(
            grid[::-1], np.triu(np.ones((4, 4), int), 1).T
        )  # class b above the diagonal
        likely = np.frombuffer(plane.levels.data, np.uint8).reshape(4, 4)
        gap = 3 * 1.16 / 4  # x1 - x2 in the lower right pixel
        assert likely[-1, -1] == round(255 / (1 + np.exp(-gap)))

    def test_points_say_whether_the_network_is_right(self) -> None:
        data = make_data([[1, 0], [1, 0]], [0, 1], names=("a", "b"), kind="plane")
        answer = boundary(snapshot_of(data), BoundaryOptions())
        assert [(point.truth, point.right) for point in answer.points] == [(0, True), (1, False)]
        assert answer.words == "1 wrong"

    def test_a_surface_shares_its_scale_with_the_samples(self) -> None:
        data = make_data([[0, 0], [2, 0]], [[-1.0], [5.0]], kind="plane")
        answer = boundary(snapshot_of(data), BoundaryOptions(columns=8, rows=2))
        assert answer.plane is not None
        assert (answer.plane.low, answer.plane.high, answer.plane.classes) == (-1.0, 5.0, None)

    def test_one_feature_is_a_curve(self) -> None:
        data = make_data([[0.0], [1.0]], [[0.0], [2.0]], kind="curve")
        answer = boundary(snapshot_of(data), BoundaryOptions())
        assert answer.curve is not None
        (line,) = answer.curve.lines
        assert line.y == pytest.approx(answer.curve.x, rel=1e-5)

    def test_more_features_have_a_reason_for_no_plane(self, abc: NetworkSnapshot) -> None:
        with pytest.raises(UnfitError, match="one or two features; this network has 3"):
            boundary(abc, BoundaryOptions())


class TestFit:
    def test_figures_of_residuals(self) -> None:
        data = make_data([[1.0], [2.0], [4.0]], [[1.0], [3.0], [3.0]])
        answer = fit(snapshot_of(data), FitOptions())
        assert answer.mae == pytest.approx(2 / 3, rel=1e-5)
        assert answer.rmse == pytest.approx((2 / 3) ** 0.5, rel=1e-5)
        assert answer.bias == pytest.approx(0)
        assert answer.r_squared == pytest.approx(1 - 2 / (8 / 3), rel=1e-5)
        assert sum(answer.residuals.counts) == 3
        assert [miss.index for miss in answer.worst] == [1, 2, 0]

    def test_each_of_several_outputs_has_its_own(self) -> None:
        data = make_data([[1.0, 5.0], [2.0, 5.0]], [[1.0, 6.0], [2.0, 7.0]])
        assert fit(snapshot_of(data), FitOptions(output=1)).mae == pytest.approx(1.5)
        assert fit(snapshot_of(data), FitOptions()).mae == 0
        with pytest.raises(NntermError, match="no output 2"):
            fit(snapshot_of(data), FitOptions(output=2))

    def test_targets_that_do_not_vary_have_no_r_squared(self) -> None:
        answer = fit(snapshot_of(make_data([[1.0], [2.0]], [[3.0], [3.0]])), FitOptions())
        assert answer.r_squared is None
        assert any("are constant" in sentence for sentence in answer.words)

    def test_predictions_that_are_too_high_overall_are_reported(self) -> None:
        truth = np.linspace(0, 1, 50)[:, None]
        predictions = truth + 1 + 0.01 * np.sin(np.arange(50))[:, None]
        assert "1 too high" in " ".join(fit(snapshot_of(make_data(predictions, truth)), FitOptions()).words)


class TestOverview:
    def test_accuracy_interval_and_chance(self, abc: NetworkSnapshot) -> None:
        answer = overview(abc, OverviewOptions())
        figures = answer.splits[-1]
        assert (figures.right, figures.samples, figures.accuracy) == (5, 8, 5 / 8)
        assert (figures.low, figures.high) == pytest.approx((0.3057, 0.8632), abs=1e-4)
        assert (answer.chance, answer.chance_class) == (0.5, "a")
        assert "Not significantly different from" in answer.words[1]

    def test_differences_from_the_baseline_need_the_interval(self) -> None:
        scores = scores_for([0, 1] * 50, 2)
        data = make_data(scores, [0, 1] * 50, names=("a", "b"))

        def words(right: int) -> str:
            kept = Baseline((BaselineScore("test", 100, 0.1, right),), "made", "")
            hidden = Network(NetworkSpec(layers=(DenseSpec(units=2), DenseSpec(units=2))), (2,))
            hidden.layers[0].weight[...] = hidden.layers[1].weight[...] = np.eye(2)  # type: ignore[attr-defined]
            hidden.layers[0].bias[...] = hidden.layers[1].bias[...] = 0  # type: ignore[attr-defined]
            snapshot = NetworkSnapshot(
                hidden, snapshot_of(data).experiment, snapshot_of(data).moment, lambda: data, lambda: kept
            )
            return " ".join(overview(snapshot, OverviewOptions()).words)

        assert "the hidden layers gain 40.0 points" in words(60)
        assert "no significant gain" in words(98)

    def test_loss_is_that_of_the_trainer(self, abc: NetworkSnapshot) -> None:
        expected = evaluate(abc.network, abc.data.test)
        figures = overview(abc, OverviewOptions()).splits[-1]
        assert figures.loss == pytest.approx(expected.loss, rel=1e-5)
        assert figures.accuracy == expected.accuracy

    def test_a_regression_explains_a_share_of_the_variance(self) -> None:
        data = make_data([[1.0], [2.0], [4.0]], [[1.0], [3.0], [3.0]])
        answer = overview(snapshot_of(data), OverviewOptions())
        assert answer.splits[-1].r_squared == pytest.approx(0.25)
        assert (answer.chance, answer.words[0]) == (
            None,
            "Explains 25.0 % of the variance of the test targets (R² 0.2500).",
        )

    def test_layers_classes_and_errors_of_a_classifier(self, abc: NetworkSnapshot) -> None:
        answer = overview(abc, OverviewOptions())
        assert sum(layer.parameters for layer in answer.layers) == answer.parameters
        scores = [one.f1 for one in answer.ranked]
        assert scores == sorted(scores, reverse=True)
        assert len(answer.worst) == answer.splits[-1].samples - (answer.splits[-1].right or 0)
        assert answer.names == abc.class_names

    def test_a_regression_has_no_classes(self) -> None:
        data = make_data([[1.0], [2.0], [4.0]], [[1.0], [3.0], [3.0]])
        answer = overview(snapshot_of(data), OverviewOptions())
        assert (answer.names, answer.pairs, answer.ranked, answer.worst) == ((), (), (), ())


class TestUnfit:
    def test_weights_of_other_data_are_reported(self) -> None:
        data = make_data(np.zeros((2, 3)), [0, 1], names=("a", "b"))
        other = make_data(np.zeros((2, 5)), [0, 1], names=("a", "b"))
        snapshot = snapshot_of(data, identity(other))
        with pytest.raises(
            UnfitError, match="has 5 input features, made has 3: these weights were trained on other"
        ):
            overview(snapshot, OverviewOptions())
        assert weights(snapshot, WeightsOptions()).tensors[0].shape == (2, 5)

    def test_fewer_outputs_than_classes_are_reported(self) -> None:
        data = make_data(np.zeros((4, 3)), [0, 1, 2, 3], names=("a", "b", "c", "d"))
        other = make_data(np.zeros((2, 3)), [0, 1], names=ABC)
        with pytest.raises(UnfitError, match="has 3 classes, made has 4"):
            confusion(snapshot_of(data, identity(other)), ConfusionOptions())

    def test_outputs_that_are_all_nan_name_the_layer(self) -> None:
        data = make_data(scores_for([0, 1], 2), [0, 1], names=("a", "b"))
        network = identity(data)
        network.last.bias[...] = np.nan
        for name in ("overview", "confusion", "classes", "mistakes"):
            with pytest.raises(UnfitError, match=r"the parameters of layers\.0 are"):
                find_view(name).show(snapshot_of(data, network), find_view(name).options())

    @pytest.mark.parametrize("name", ["confusion", "classes", "mistakes"])
    def test_values_are_not_classes(self, name: str) -> None:
        snapshot = snapshot_of(make_data([[1.0]], [[1.0]]))
        with pytest.raises(UnfitError, match="predicts values, not classes"):
            find_view(name).show(snapshot, find_view(name).options())

    def test_a_split_without_samples_is_named(self, abc: NetworkSnapshot) -> None:
        with pytest.raises(UnfitError, match="no validation split"):
            confusion(abc, ConfusionOptions(split="validation"))

    def test_without_a_test_split_the_training_split_is_judged(self) -> None:
        data = make_data(scores_for([0, 1], 2), [0, 1], names=("a", "b"), test=False)
        assert confusion(snapshot_of(data), ConfusionOptions()).split == "train"


def test_one_output_is_read_as_the_class_one() -> None:
    data = make_data([[3.0], [-1.0]], [1, 1], names=("no", "yes"))
    network = Network(NetworkSpec(layers=(DenseSpec(units=1),)), (1,), dtype="float64")
    network.last.weight[...], network.last.bias[...] = 1, 0
    predictions = predict(network, data.test, classifies=True)
    assert predictions.predicted.tolist() == [1, 0]
    assert predictions.confidence == pytest.approx([1 / (1 + np.exp(-3)), 1 / (1 + np.exp(-1))])
    assert shares_of(network, np.array([[0.0]])) == pytest.approx(np.array([[0.5, 0.5]]))


def test_every_view_is_registered_under_its_own_tag() -> None:
    assert {module.name for module in pkgutil.iter_modules(views_package.__path__)} == set(VIEWS)
    for name in VIEWS:
        assert find_view(name).name == find_view(name).answer.__struct_config__.tag == name
