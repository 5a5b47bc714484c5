"""Stratified draws: exact shares of every class, each sample once, seeded."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engine.data.stratify import allocate, draw

class_sizes = st.lists(st.integers(0, 60), min_size=1, max_size=8).filter(any)
shares = st.floats(0, 1)
seeds = st.integers(0, 2**32 - 1)


@given(sizes=class_sizes, share=shares, leave_one=st.booleans())
def test_every_class_gets_its_exact_share(sizes: list[int], share: float, leave_one: bool) -> None:
    counts = np.array(sizes)
    drawn = round(share * counts.sum())
    allocated = allocate(counts, drawn, leave_one)
    assert allocated.sum() == drawn
    assert (allocated >= 0).all()
    assert (allocated <= counts).all()
    quota = counts * drawn / counts.sum()
    fits = counts * (1 - share) >= 1  # no class is so small that its minimum of one sample changes its share
    if (quota >= 1).all() and fits.all():
        assert (np.abs(allocated - quota) < 1).all()


@given(sizes=class_sizes, share=shares)
def test_every_class_is_in_both_parts_if_possible(sizes: list[int], share: float) -> None:
    counts = np.array(sizes)
    drawn = round(share * counts.sum())
    allocated = allocate(counts, drawn, leave_one=True)
    several = counts >= 2
    if drawn >= several.sum():
        assert (allocated[several] >= 1).all()
    if counts.sum() - drawn >= (counts >= 1).sum():
        assert (counts - allocated >= 1)[counts >= 1].all()


def test_hand_worked_shares() -> None:
    assert allocate(np.array([50, 30, 20]), 10, True).tolist() == [5, 3, 2]
    assert allocate(np.array([5, 5, 5]), 10, True).tolist() == [4, 3, 3]
    assert allocate(np.array([97, 2, 1]), 10, True).tolist() == [9, 1, 0]
    assert allocate(np.array([4, 4]), 1, False).tolist() == [1, 0]
    assert allocate(np.array([1, 1]), 1, True).tolist() == [1, 0]


@given(sizes=class_sizes, share=shares, seed=seeds)
def test_a_draw_contains_each_sample_once(sizes: list[int], share: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.repeat(np.arange(len(sizes)), sizes))
    drawn = round(share * len(labels))
    chosen, rest = draw(labels, drawn, rng)
    assert len(chosen) == drawn
    assert sorted([*chosen, *rest]) == list(range(len(labels)))
    assert (np.diff(chosen) > 0).all()
    assert (np.diff(rest) > 0).all()
    expected = allocate(np.bincount(labels), drawn, leave_one=False)
    assert np.array_equal(np.bincount(labels[chosen], minlength=len(expected)), expected)


def test_draws_depend_on_their_seed() -> None:
    labels = np.arange(200) % 4
    first, second, other = (draw(labels, 20, np.random.default_rng(seed))[0] for seed in (1, 1, 2))
    assert np.array_equal(first, second)
    assert not np.array_equal(first, other)


def test_all_samples_of_a_class_are_drawn_about_equally_often() -> None:
    labels = np.arange(40) % 2
    times = np.zeros(40)
    for seed in range(400):
        times[draw(labels, 10, np.random.default_rng(seed))[0]] += 1
    assert abs(times - 100).max() < 50  # 5.8 standard deviations of a binomial (400, 1/4)
