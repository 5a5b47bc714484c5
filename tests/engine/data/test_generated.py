"""Generated datasets: seeded, balanced, and as described."""

import numpy as np
import pytest

from engine.data import DATASETS, describe, load_data
from engine.data.curves import CURVES
from engine.data.gates import GATES
from engine.data.planes import PLANES
from engine.data.registry import find_dataset
from engine.data.spec import DataSpec
from engine.errors import DataError

NAMES = [*GATES, *PLANES, *CURVES]
DRAWN = [*PLANES, *CURVES]


@pytest.mark.parametrize("name", DRAWN)
def test_the_seed_determines_the_samples(name: str) -> None:
    first, again, other = (
        find_dataset(DataSpec(dataset=name)).read(DataSpec(dataset=name, seed=seed)) for seed in (1, 1, 2)
    )
    assert np.array_equal(first.train.x, again.train.x)
    assert np.array_equal(first.train.y, again.train.y)
    assert np.array_equal(first.test.x, again.test.x)
    assert not np.array_equal(first.train.x, other.train.x)


@pytest.mark.parametrize("samples", [0, 11, 400])
@pytest.mark.parametrize("name", NAMES)
def test_the_data_match_their_description(name: str, samples: int) -> None:
    spec = DataSpec(dataset=name, samples=samples, validation=0)
    info = describe(spec)
    data = load_data(spec)
    assert data.info == info
    assert (len(data.train), len(data.test)) == (info.samples, info.test_samples)
    assert data.train.x.shape == (info.samples, *info.input_shape)
    assert np.isfinite(data.train.x).all()
    if info.task == "regression":
        assert data.train.y.shape == (info.samples, info.n_outputs)
        assert data.train.y.dtype == np.float32
        assert info.class_names == ()
    else:
        assert data.train.y.dtype == np.int64
        assert set(data.train.y) == set(range(len(info.class_names)))


@pytest.mark.parametrize("name", PLANES)
def test_classes_are_balanced_in_training_and_test(name: str) -> None:
    data = load_data(DataSpec(dataset=name, samples=1000))
    for split in (data.train, data.test):
        counts = np.bincount(split.y)
        assert counts.max() - counts.min() <= 2


@pytest.mark.parametrize("name", DRAWN)
def test_a_fifth_is_held_out_and_shares_no_sample(name: str) -> None:
    data = load_data(DataSpec(dataset=name, samples=500, validation=0.1))
    assert (len(data.train), len(data.validation), len(data.test)) == (360, 40, 100)
    rows = np.concatenate([split.x for split in (data.train, data.validation, data.test)])
    assert len(np.unique(rows, axis=0)) == 500


@pytest.mark.parametrize(
    ("name", "outputs"), [("and", [0, 0, 0, 1]), ("or", [0, 1, 1, 1]), ("xor", [0, 1, 1, 0])]
)
def test_a_gate_is_its_truth_table_in_every_part(name: str, outputs: list[int]) -> None:
    data = load_data(DataSpec(dataset=name, validation=0.25))
    for split in (data.train, data.validation, data.test):
        assert split.x.tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]
        assert split.y.tolist() == outputs


def test_noise_has_the_requested_deviation_and_0_gives_the_formula() -> None:
    exact = load_data(DataSpec(dataset="sine", noise=0.0)).train
    np.testing.assert_allclose(exact.y[:, 0], np.sin(np.pi * exact.x[:, 0]), atol=1e-5)
    rough = load_data(DataSpec(dataset="sine", noise=0.5)).train
    residual = rough.y[:, 0] - np.sin(np.pi * rough.x[:, 0])
    assert 0.45 < residual.std() < 0.55


def test_plane_has_the_weights_of_its_summary() -> None:
    train = load_data(DataSpec(dataset="plane", noise=0.0)).train
    np.testing.assert_allclose(train.y[:, 0], 0.8 * train.x[:, 0] - 0.5 * train.x[:, 1] + 0.3, atol=1e-5)


def test_points_match_the_formula() -> None:
    inner = load_data(DataSpec(dataset="circles", noise=0.0)).train
    np.testing.assert_allclose(np.hypot(*inner.x.T), np.where(inner.y == 0, 0.75, 1.5), atol=1e-6)
    board = load_data(DataSpec(dataset="checkerboard")).train
    assert np.array_equal(np.floor(board.x).sum(axis=1) % 2, board.y)
    blobs = load_data(DataSpec(dataset="blobs", noise=0.0)).train
    angle = np.arctan2(blobs.x[:, 1], blobs.x[:, 0])
    assert np.array_equal(np.round(angle / (np.pi / 2)) % 4, blobs.y)


@pytest.mark.parametrize("name", DRAWN)
def test_inputs_are_centred_and_of_order_one(name: str) -> None:
    x = load_data(DataSpec(dataset=name)).train.x
    assert abs(x.mean(axis=0)).max() < 0.15
    assert 0.3 < x.std(axis=0).min() <= x.std(axis=0).max() < 1.5


@pytest.mark.parametrize("samples", [1, 3, 10**9])
def test_unreasonable_numbers_of_samples_are_refused(samples: int) -> None:
    with pytest.raises(DataError, match="samples ="):
        load_data(DataSpec(dataset="moons", samples=samples))


@pytest.mark.parametrize("noise", [1e308, 1e200])
@pytest.mark.parametrize("name", ["moons", "sine", "xor"])
def test_noise_too_large_to_compute_with_is_refused(name: str, noise: float) -> None:
    with pytest.raises(DataError, match="too large"):
        load_data(DataSpec(dataset=name, noise=noise))


@pytest.mark.parametrize(
    ("name", "task", "reason"),
    [
        ("mnist", "regression", "labels of mnist are classes"),
        ("mnist", "binary", "10 classes"),
        ("spirals", "binary", "3 classes"),
        ("sine", "classification", "values, not classes"),
        ("xor", "regression", "labels of xor are classes"),
    ],
)
def test_an_incompatible_task_is_refused_with_the_reason(name: str, task: str, reason: str) -> None:
    with pytest.raises(DataError, match=reason) as caught:
        describe(DataSpec(dataset=name, task=task))
    assert "set task =" in caught.value.hint


def test_two_classes_can_have_two_outputs() -> None:
    assert describe(DataSpec(dataset="moons")).n_outputs == 1
    info = describe(DataSpec(dataset="moons", task="classification"))
    assert (info.task, info.n_outputs) == ("classification", 2)


def test_every_dataset_has_a_full_description() -> None:
    for name in DATASETS:
        info = describe(DataSpec(dataset=name))
        assert info.name == name
        assert info.title
        assert info.source
        assert info.licence
        assert len(info.summary) > 30
        assert "\n" not in info.summary
        assert info.size_bytes > 0
