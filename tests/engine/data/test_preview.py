"""Previews: some unscaled samples of all classes, and the class balance."""

import numpy as np
import pytest

from engine.data import preview
from engine.data.mnist_files import Arrays
from engine.data.spec import DataSpec


def test_digits_are_in_turn_and_unscaled(mnist_arrays: Arrays) -> None:
    seen = preview(DataSpec(dataset="mnist"), count=30)
    assert seen.images is not None
    assert seen.images.shape == (30, 28, 28)
    assert seen.images.dtype == np.uint8
    assert seen.y.tolist() == 3 * list(range(10))
    assert seen.class_counts.tolist() == np.bincount(mnist_arrays["train_y"]).tolist()
    for image, label in zip(seen.images, seen.y, strict=True):
        same = (mnist_arrays["train_x"] == image).all(axis=(1, 2))
        assert label in mnist_arrays["train_y"][same]


def test_previews_depend_on_their_seed(mnist_arrays: Arrays) -> None:
    first, again, other = (preview(DataSpec(dataset="mnist", seed=seed)).images for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("name", ["moons", "spirals", "xor", "plane"])
def test_planes_show_points(name: str) -> None:
    seen = preview(DataSpec(dataset=name), count=100)
    assert seen.images is None
    assert seen.points is not None
    k = min(100, seen.info.samples)
    assert seen.points.shape == (k, 2)
    assert len(seen.y) == k
    assert seen.class_counts.sum() == (seen.info.samples if seen.info.class_names else 0)


def test_a_curve_is_sorted_by_x() -> None:
    seen = preview(DataSpec(dataset="sine", noise=0.0), count=50)
    assert seen.points is not None
    assert (np.diff(seen.points[:, 0]) >= 0).all()
    np.testing.assert_allclose(seen.y[:, 0], np.sin(np.pi * seen.points[:, 0]), atol=1e-5)


@pytest.mark.parametrize("dtype", ["u1", "f4"])
@pytest.mark.parametrize("shape", [(20, 4, 4), (20, 4, 4, 3)])
def test_a_users_images_are_shown_in_greyscale(npz, dtype: str, shape: tuple[int, ...]) -> None:
    x = np.random.default_rng(0).integers(0, 256, shape).astype(dtype)
    seen = preview(DataSpec(dataset=npz(x=x, y=np.arange(20) % 2)))
    assert seen.images is not None
    assert seen.images.shape == (16, 4, 4)
    assert seen.images.dtype == np.uint8
    assert np.ptp(seen.images) > 50


def test_a_constant_image_is_shown(npz) -> None:
    seen = preview(DataSpec(dataset=npz(x=np.full((20, 4, 4), 0.5), y=np.arange(20) % 2)))
    assert seen.images is not None
    assert (seen.images == 0).all()
