"""Split: `take` indexes and scales without allocating memory; ByteRows appends a column of ones."""

import tracemalloc
from typing import Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.data import Scaler, Split
from engine.data.byte_rows import ByteRows
from engine.data.split import ROWS_AT_A_TIME

seeds = st.integers(0, 2**32 - 1)


def make_split(rng: np.random.Generator, n: int, pixels: bool, some: bool) -> Split:
    indices = np.sort(rng.permutation(n)[: max(1, n // 2)]) if some else None
    rows = rng.integers(0, 256, (n, 6), dtype=np.uint8) if pixels else rng.normal(size=(n, 6)).astype("f4")
    y = rng.integers(0, 3, n)
    return Split(rows, y, (2, 3), Scaler.fit("unit", rows, pixels=pixels), indices)


@given(
    seed=seeds,
    n=st.integers(1, 40),
    m=st.integers(0, 60),
    pixels=st.booleans(),
    some=st.booleans(),
    dtype=st.sampled_from([np.float32, np.float64]),
)
def test_take_equals_indexing(seed: int, n: int, m: int, pixels: bool, some: bool, dtype: type) -> None:
    rng = np.random.default_rng(seed)
    split = make_split(rng, n, pixels, some)
    indices = rng.integers(0, len(split), m)
    out = np.full((m, 6), np.nan, dtype)
    split.take(indices, out)
    np.testing.assert_allclose(out, split.x[indices].reshape(m, 6), rtol=1e-6)
    if dtype is np.float32:
        assert np.array_equal(out, split.x[indices].reshape(m, 6))


def test_x_is_scaled_shaped_and_read_only() -> None:
    split = make_split(np.random.default_rng(0), 20, pixels=True, some=True)
    assert split.x.shape == (10, 2, 3)
    assert split.x.dtype == np.float32
    assert split.x is split.x
    with pytest.raises(ValueError, match="read-only"):
        split.x[0] = 0


def test_many_rows_at_once_take_no_large_workspace() -> None:
    rng = np.random.default_rng(0)
    n = 4 * ROWS_AT_A_TIME + 3
    rows = rng.integers(0, 256, (n, 50), dtype=np.uint8)
    split = Split(rows, np.zeros(n, np.int64), (50,), Scaler.fit("unit", rows, pixels=True))
    out = np.empty((n, 50), np.float32)
    order = rng.permutation(n)
    tracemalloc.start()
    split.take(order, out)
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    np.testing.assert_allclose(out, rows[order] / 255, rtol=1e-6)
    assert peak_bytes < 2 * ROWS_AT_A_TIME * 50


@pytest.mark.parametrize("pixels", [True, False])
def test_a_batch_allocates_almost_nothing(pixels: bool) -> None:
    rng = np.random.default_rng(0)
    rows = rng.integers(0, 256, (5000, 784), dtype=np.uint8)
    kept = rows if pixels else rows.astype(np.float32)
    y = np.zeros(5000, np.int64)
    split = Split(kept, y, (784,), Scaler.fit("unit", rows, pixels=True), np.arange(0, 5000, 2))
    out, indices = np.empty((64, 784), np.float32), rng.integers(0, 2500, 64)
    split.take(indices, out)
    tracemalloc.start()
    split.take(indices, out)
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak_bytes < 4096


@given(
    seed=seeds,
    n=st.integers(1, 40),
    m=st.integers(0, 60),
    kind=st.sampled_from(["none", "unit", "standard"]),
    pixels=st.booleans(),
    some=st.booleans(),
    dtype=st.sampled_from([np.float32, np.float64]),
)
def test_byte_rows_are_the_same_with_ones(
    seed: int,
    n: int,
    m: int,
    kind: Literal["none", "unit", "standard"],
    pixels: bool,
    some: bool,
    dtype: type,
) -> None:
    rng = np.random.default_rng(seed)
    stored = rng.integers(0, 256, (n, 6), dtype=np.uint8)
    indices = np.sort(rng.permutation(n)[: max(1, n // 2)]) if some else None
    split = Split(stored, np.zeros(n, np.int64), (6,), Scaler.fit(kind, stored, pixels=pixels), indices)
    chosen = rng.integers(0, len(split), m)
    expected = np.empty((m, 6), dtype)
    split.take(chosen, expected)
    rows = np.full((m, 7), np.nan, dtype)
    ByteRows(split).take(chosen, rows)
    assert np.array_equal(rows[:, :-1], expected)
    assert (rows[:, -1] == 1).all()


def test_byte_rows_need_bytes() -> None:
    with pytest.raises(ValueError, match="scaled"):
        ByteRows(make_split(np.random.default_rng(0), 4, pixels=False, some=False))
