"""Scaling: fitted on the training set only, safe for constants, exact for large offsets."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.data import Scaler
from engine.data.scaling import ROWS_AT_A_TIME
from engine.errors import DataError

seeds = st.integers(0, 2**32 - 1)
kinds = st.sampled_from(["unit", "standard", "none"])


@given(seed=seeds, m=st.integers(2, 40), n=st.integers(1, 6), kind=kinds, pixels=st.booleans())
def test_rows_outside_the_training_set_have_no_influence(
    seed: int, m: int, n: int, kind: str, pixels: bool
) -> None:
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(m, n))
    train = np.sort(rng.permutation(m)[: max(1, m // 2)])
    changed = rng.normal(size=(m, n)) * 1e6
    changed[train] = rows[train]
    first, second = (Scaler.fit(kind, array, train, pixels=pixels) for array in (rows, changed))
    assert np.array_equal(first.offset, second.offset)
    assert np.array_equal(first.factor, second.factor)
    alone = Scaler.fit(kind, rows[train], pixels=pixels)
    assert np.array_equal(first.offset, alone.offset)
    assert np.array_equal(first.factor, alone.factor)


@given(seed=seeds, m=st.integers(2, 50), n=st.integers(1, 6), scale=st.sampled_from([1e-20, 1.0, 1e20]))
def test_standard_gives_mean_0_and_deviation_1(seed: int, m: int, n: int, scale: float) -> None:
    rows = scale * np.random.default_rng(seed).normal(3, 2, size=(m, n))
    scaled = Scaler.fit("standard", rows)(rows)
    np.testing.assert_allclose(scaled.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(scaled.std(axis=0), 1, atol=1e-5)


@given(seed=seeds, m=st.integers(2, 50), n=st.integers(1, 6))
def test_unit_gives_0_to_1_in_every_feature(seed: int, m: int, n: int) -> None:
    rows = np.random.default_rng(seed).normal(3, 2, size=(m, n))
    scaled = Scaler.fit("unit", rows)(rows)
    np.testing.assert_allclose(scaled.min(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(scaled.max(axis=0), 1, atol=1e-6)


@pytest.mark.parametrize("kind", ["unit", "standard"])
@pytest.mark.parametrize("value", [0.0, 0.1, -1e9, 1e-310])
def test_a_constant_feature_becomes_0_even_if_it_changes_later(kind: str, value: float) -> None:
    train = np.column_stack([np.arange(7.0), np.full(7, value)])
    scaler = Scaler.fit(kind, train)
    assert (scaler(train)[:, 1] == 0).all()
    assert scaler(np.array([[3.0, value + 5]]))[0, 1] == 0


def test_a_small_difference_at_a_large_offset_is_preserved() -> None:
    seconds = 1.7e9 + np.arange(100.0)[:, np.newaxis]
    scaled = Scaler.fit("unit", seconds)(seconds)
    np.testing.assert_allclose(scaled[:, 0], np.arange(100) / 99, atol=1e-6)


def test_pixels_share_one_range() -> None:
    rows = np.array([[1.0, 5.0], [3.0, 9.0]])
    scaled = Scaler.fit("unit", rows, pixels=True)(rows)
    np.testing.assert_allclose(scaled, [[0, 0.5], [0.25, 1]])
    standard = Scaler.fit("standard", rows, pixels=True)
    assert standard.offset == rows.mean()
    np.testing.assert_allclose(standard.factor, 1 / rows.std())


def test_bytes_are_scaled_by_their_own_range() -> None:
    rows = np.array([[10, 20], [30, 40]], np.uint8)
    np.testing.assert_allclose(Scaler.fit("unit", rows, pixels=True)(rows), rows / 255, rtol=1e-6)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("kind", ["unit", "standard", "none"])
def test_bytes_and_floats_scale_alike(kind: str, dtype: type) -> None:
    rows = np.random.default_rng(0).integers(0, 256, (9, 5), dtype=np.uint8)
    scaler = Scaler.fit(kind, rows)
    from_bytes, from_floats = np.empty((9, 5), dtype), np.empty((9, 5), dtype)
    scaler.apply(rows, from_bytes)
    scaler.apply(rows.astype(np.float64), from_floats)
    np.testing.assert_allclose(from_bytes, from_floats, rtol=1e-5, atol=1e-6)


def test_more_rows_than_a_block_scale_like_few() -> None:
    rows = np.random.default_rng(0).normal(size=(2 * ROWS_AT_A_TIME + 7, 2)) * [1, 50] + [3, -9]
    scaler = Scaler.fit("standard", rows)
    np.testing.assert_allclose(scaler.offset, rows.mean(axis=0))
    np.testing.assert_allclose(scaler.factor, 1 / rows.std(axis=0))
    np.testing.assert_allclose(scaler(rows), (rows - rows.mean(axis=0)) / rows.std(axis=0), atol=1e-5)


@pytest.mark.parametrize("kind", ["unit", "standard", "none"])
def test_values_too_large_to_compute_with_are_refused(kind: str) -> None:
    rows = np.array([[1.7e308], [-1.7e308]])
    with pytest.raises(DataError, match="too large"):
        Scaler.fit(kind, rows)(rows)
