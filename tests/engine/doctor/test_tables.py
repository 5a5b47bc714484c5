"""Findings on tables of the user's own: figures in the units of the file, and none on sound data."""

import math
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from engine.arrays import AnyArray
from engine.data import load_data
from engine.data.spec import DataSpec
from engine.doctor import diagnose
from engine.doctor.column_facts import column_facts
from engine.doctor.split_facts import split_facts
from tests.engine.doctor.cases import plan, start

RNG = np.random.default_rng(0)


def saved(folder: Path, x: AnyArray, y: AnyArray, **held_out: AnyArray) -> DataSpec:
    np.savez(folder / "own.npz", x=x, y=y, **held_out)
    return DataSpec(dataset=str(folder / "own.npz"))


def test_rows_of_bytes_are_judged_as_scaled(tmp_path: Path) -> None:
    x = np.clip(RNG.normal(3, 4, (400, 8)).round(), 0, 16).astype(np.uint8)
    data = load_data(saved(tmp_path, x, RNG.integers(0, 3, 400)))
    assert not data.train.is_scaled
    assert column_facts(data).far == ()


def test_a_far_value_and_its_range_are_those_of_the_file(tmp_path: Path) -> None:
    x = RNG.integers(0, 17, (400, 3)).astype(np.float32)
    x[:40, 1] = -999
    data = load_data(saved(tmp_path, RNG.permutation(x), RNG.integers(0, 2, 400)))
    (far,) = column_facts(data).far
    assert (far.column, far.value, far.low, far.high) == (1, -999, 0, 16)
    assert far.limit < far.distance < math.inf  # drawn as bars


def test_a_shifted_column_is_shown_in_the_units_of_the_file(tmp_path: Path) -> None:
    x, held_out = RNG.normal(500, 20, (300, 2)), RNG.normal(500, 20, (100, 2))
    held_out[:, 1] += 200
    targets = RNG.integers(0, 2, 400)
    data = load_data(saved(tmp_path, x, targets[:300], x_test=held_out, y_test=targets[300:]))
    shift = split_facts(data).column
    assert shift is not None
    assert (shift.part, shift.column) == ("test", 1)
    assert (shift.train_mean, shift.mean) == (pytest.approx(500, abs=5), pytest.approx(700, abs=10))
    assert shift.scaled_shift == pytest.approx(10, rel=0.2)
    assert shift.train_deviation == pytest.approx(20, rel=0.2)


def test_a_high_first_loss_of_far_targets_is_their_symptom() -> None:
    given = plan(class_counts=(), target_mean=12.2, target_std=0.5, target_deviations=(0.5,), baseline=0.22)
    finding = next(f for f in diagnose(start(given, loss=149.0)) if f.code == "initial-loss")
    assert finding.message.endswith("the targets lie around 12.2: standardise them in the file")
    assert not finding.remedy


def test_many_whole_numbers_in_y_may_be_values() -> None:
    given = plan(class_counts=(1, *[20] * 59))
    many = replace(given, info=replace(given.info, class_names=tuple(map(str, range(60)))))
    (finding,) = (f for f in diagnose(many) if f.code == "imbalanced")
    assert finding.message.endswith('if they are values, set data.task = "regression"')
