"""load_data: splits, limits and scaling together, in little memory."""

import subprocess
import sys
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.data import DATASETS, dataset_infos, describe, load_data, resolve_scale
from engine.data.mnist_files import Arrays
from engine.data.spec import DataSpec
from engine.errors import DataError


def test_validation_is_a_tenth_of_every_digit(mnist_arrays: Arrays) -> None:
    data = load_data(DataSpec(dataset="mnist", validation=0.1, seed=3))
    assert (len(data.train), len(data.validation), len(data.test)) == (54_000, 6_000, 10_000)
    counts = np.bincount(mnist_arrays["train_y"])
    assert (abs(np.bincount(data.validation.y) - counts / 10) < 1).all()
    assert np.array_equal(np.bincount(data.train.y) + np.bincount(data.validation.y), counts)


def test_loading_mnist_copies_no_images(mnist_arrays: Arrays) -> None:
    load_data(DataSpec(dataset="mnist"))
    tracemalloc.start()
    data = load_data(DataSpec(dataset="mnist"))
    kept_bytes, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(data.train) == 54_000
    assert kept_bytes < 3e6  # labels and indices, 8 bytes each
    assert peak_bytes < 10e6  # the pictures are 47e6


@pytest.mark.parametrize("scale", ["unit", "standard"])
def test_scaling_images_needs_little_memory(scale: str, mnist_arrays: Arrays) -> None:
    tracemalloc.start()
    data = load_data(DataSpec(dataset="mnist", scale=scale, limit=10_000))
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak_bytes < 50e6  # in float64 they would be 63e6
    if scale == "standard":
        np.testing.assert_allclose(data.train.x.mean(), 0, atol=1e-3)
        np.testing.assert_allclose(data.train.x.std(), 1, atol=1e-3)


@given(limit=st.integers(10, 400), validation=st.sampled_from([0.0, 0.1, 0.5, 0.9]), seed=st.integers(0, 99))
def test_a_limit_keeps_the_class_shares(limit: int, validation: float, seed: int) -> None:
    spec = DataSpec(dataset="spirals", limit=limit, validation=validation, seed=seed)
    data = load_data(spec)
    held_out = round(limit * validation)
    assert (len(data.train), len(data.validation)) == (limit - held_out, held_out)
    kept = np.bincount(np.concatenate([data.train.y, data.validation.y]), minlength=3)
    assert kept.max() - kept.min() <= 2
    assert len(data.test) == 250


def test_a_limit_above_the_number_of_samples_uses_all() -> None:
    assert len(load_data(DataSpec(dataset="moons", limit=10**6, validation=0)).train) == 1000


def test_the_seed_determines_the_split(mnist_arrays: Arrays) -> None:
    first, again, other = (
        load_data(DataSpec(dataset="mnist", limit=200, seed=seed)).train for seed in (1, 1, 2)
    )
    assert np.array_equal(first.x, again.x)
    assert not np.array_equal(first.x, other.x)


def test_training_keeps_at_least_one_sample() -> None:
    data = load_data(DataSpec(dataset="sine", limit=1, validation=0.99))
    assert (len(data.train), len(data.validation)) == (1, 0)


def test_no_validation_is_an_empty_split() -> None:
    validation = load_data(DataSpec(dataset="moons", validation=0)).validation
    assert len(validation) == 0
    assert validation.x.shape == (0, 2)


@given(seed=st.integers(0, 50), scale=st.sampled_from(["unit", "standard"]))
def test_scaling_depends_only_on_the_training_set(seed: int, scale: str) -> None:
    spec = DataSpec(dataset="moons", samples=60, validation=0.3, seed=seed, scale=scale)
    train = load_data(spec).train.x
    if scale == "unit":
        np.testing.assert_allclose([train.min(axis=0), train.max(axis=0)], [[0, 0], [1, 1]], atol=1e-6)
    else:
        np.testing.assert_allclose(train.mean(axis=0), 0, atol=1e-5)
        np.testing.assert_allclose(train.std(axis=0), 1, atol=1e-5)


def test_auto_scale_depends_on_the_data() -> None:
    scales = {
        name: resolve_scale(DataSpec(dataset=name), describe(DataSpec(dataset=name))) for name in DATASETS
    }
    assert scales.pop("mnist") == "unit"
    assert set(scales.values()) == {"none"}
    moons = DataSpec(dataset="moons", scale="standard")
    assert resolve_scale(moons, describe(moons)) == "standard"


@pytest.mark.parametrize(
    ("given_name", "expected"), [("mnsit", "mnist"), ("spiral", "spirals"), ("XOR", "xor")]
)
def test_an_unknown_name_gets_the_closest(given_name: str, expected: str) -> None:
    with pytest.raises(DataError, match=f'"{given_name}" is not a dataset') as caught:
        load_data(DataSpec(dataset=given_name))
    assert expected in caught.value.hint
    assert "known: and, blobs" in caught.value.hint


@pytest.mark.parametrize("name", ["", "\0", "x" * 5000, "~nobody-here/x.npz", "/", ".", "~"])
def test_invalid_names_are_reported_in_one_line(name: str) -> None:
    with pytest.raises(DataError) as caught:
        describe(DataSpec(dataset=name))
    assert "\n" not in caught.value.message


def test_describing_all_datasets_reads_no_samples() -> None:
    code = (
        "import sys, engine.data; infos = engine.data.dataset_infos();"
        "print(infos[0].name, len(infos), *(m for m in ('lzma', 'filelock', 'platformdirs', 'torch', 'zipfile',"
        " 'engine.data.npz', 'engine.data.mnist_cache') if m in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], text=True, capture_output=True, check=True)
    assert done.stdout.split() == ["mnist", str(len(dataset_infos()))]


def test_suggestions_make_valid_experiments() -> None:
    from engine.experiment.experiment import Experiment

    for name in DATASETS:
        experiment = Experiment.quick(name)
        assert experiment.training.epochs == describe(DataSpec(dataset=name)).suggestion.epochs
