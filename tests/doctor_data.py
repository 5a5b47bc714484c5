"""Small .npz files for the doctor's test set, some healthy and some with a fault; drawn from fixed seeds."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Arrays = dict[str, NDArray[np.generic]]
MEANS = np.array([[1, 0, 1, 0, 0.5, 0, 0, 1], [-1, 1, 0, 1, 0, 0.5, 0, 0], [0, -1, -1, 0, 0, 0, 1, -1]]) * 1.2
SIZES = np.array([1, 1_000, 0.01, 50, 3, 0.2, 400, 10])
"""Scales of raw features: kilometres beside shares."""


def write_files(folder: Path) -> None:
    """Write every file of the test set into `folder`."""
    for name, make in FILES.items():
        np.savez(folder / f"{name}.npz", **make(np.random.default_rng(7)))


def table(rng: np.random.Generator, n: int = 600) -> Arrays:
    """Make three overlapping classes of rows with eight features of order 1."""
    y = np.arange(n) % 3
    return {"x": (MEANS[y] + rng.standard_normal((n, 8))).astype(np.float32), "y": y}


def raw_table(rng: np.random.Generator) -> Arrays:
    arrays = table(rng)
    return arrays | {"x": arrays["x"] * SIZES.astype(np.float32)}


def tiny_table(rng: np.random.Generator) -> Arrays:
    arrays = table(rng)
    return arrays | {"x": arrays["x"] * np.float32(1e-4)}


def table_with_nan(rng: np.random.Generator) -> Arrays:
    arrays = table(rng)
    arrays["x"][::50, 3] = np.nan
    return arrays


def table_with_infinity(rng: np.random.Generator) -> Arrays:
    arrays = table(rng)
    arrays["x"][17, 0] = np.inf
    return arrays


def imbalanced_table(rng: np.random.Generator) -> Arrays:
    """Make 990 samples of one class and 30 of the other, hard to separate."""
    y = (np.arange(1020) % 34 == 0).astype(np.int64)
    return {"x": (0.4 * y[:, np.newaxis] + rng.standard_normal((1020, 6))).astype(np.float32), "y": y}


def imbalanced_classes(rng: np.random.Generator) -> Arrays:
    y = rng.choice(3, 900, p=[0.9, 0.08, 0.02])
    return {"x": (0.5 * MEANS[y] + rng.standard_normal((900, 8))).astype(np.float32), "y": y}


def telling_table(rng: np.random.Generator) -> Arrays:
    """Make a table with one column that encodes the class."""
    arrays = table(rng)
    codes = np.array([3.0, 7.0, 1.0], np.float32)[arrays["y"].astype(int)]
    return arrays | {"x": np.column_stack([arrays["x"], codes])}


def telling_values(rng: np.random.Generator) -> Arrays:
    """Make a regression with one column that is the target in other units."""
    arrays = values(rng)
    return arrays | {"x": np.column_stack([arrays["x"], 9 / 5 * arrays["y"] + 32]).astype(np.float32)}


def repeated_table(rng: np.random.Generator) -> Arrays:
    """Make a table with every row twice, so that the splits share most of them."""
    arrays = table(rng, 300)
    return {name: np.concatenate([array, array]) for name, array in arrays.items()}


def values(rng: np.random.Generator) -> Arrays:
    """Make a nonlinear regression of five features of order 1."""
    x = rng.standard_normal((800, 5))
    y = x[:, 0] - 0.5 * x[:, 1] + np.sin(2 * x[:, 2]) + 0.1 * rng.standard_normal(800)
    return {"x": x.astype(np.float32), "y": y.astype(np.float32)}


def large_values(rng: np.random.Generator) -> Arrays:
    arrays = values(rng)
    return arrays | {"y": 5_000 + 1_000 * arrays["y"]}


def huge_values(rng: np.random.Generator) -> Arrays:
    arrays = values(rng)
    return arrays | {"y": 200 * arrays["y"]}


def noise_labels(rng: np.random.Generator) -> Arrays:
    """Make labels that are independent of the rows."""
    return {"x": rng.standard_normal((300, 20)).astype(np.float32), "y": rng.integers(0, 2, 300)}


def few_rows(rng: np.random.Generator) -> Arrays:
    """Make 120 rows with 40 features, two of them informative."""
    x = rng.standard_normal((120, 40)).astype(np.float32)
    return {"x": x, "y": (x[:, 0] + x[:, 1] + rng.standard_normal(120) > 0).astype(np.int64)}


def crowd_labels(rng: np.random.Generator) -> Arrays:
    """Make a table with a quarter of the training labels wrong and the test labels corrected."""
    arrays = table(rng, 900)
    x, y = arrays["x"], arrays["y"].copy()
    wrong = rng.random(600) < 0.25
    y[:600][wrong] = (y[:600][wrong] + rng.integers(1, 3, int(wrong.sum()))) % 3
    return {"x": x[:600], "y": y[:600], "x_test": x[600:], "y_test": y[600:]}


def crowd_labels_all(rng: np.random.Generator) -> Arrays:
    """Make a table with a third of all labels wrong."""
    arrays = table(rng, 500)
    wrong = rng.random(500) < 0.33
    labels = np.where(wrong, (arrays["y"] + rng.integers(1, 3, 500)) % 3, arrays["y"])
    return arrays | {"y": labels}


def easy_test(rng: np.random.Generator) -> Arrays:
    """Make a table whose test part has the rows nearest to the mean of their class."""
    arrays = table(rng, 900)
    x, y = 0.6 * arrays["x"] + 0.9 * rng.standard_normal((900, 8)).astype(np.float32), arrays["y"]
    far = np.linalg.norm(x - MEANS[y], axis=1)
    easy = np.argsort(far)[:250]
    rest = np.setdiff1d(np.arange(900), easy)
    return {"x": x[rest], "y": y[rest], "x_test": x[easy], "y_test": y[easy]}


def lost_class(rng: np.random.Generator) -> Arrays:
    """Make three classes of 55, 38 and 7 %, the rarest inside the first."""
    y = rng.choice(3, 1_200, p=[0.55, 0.38, 0.07])
    means = np.array([[1.5, 0, 0, 0], [-1.5, 0, 0, 0], [1.6, 0.3, 0, 0]])
    return {"x": (means[y] + rng.standard_normal((1_200, 4))).astype(np.float32), "y": y}


def one_in_sixty(rng: np.random.Generator) -> Arrays:
    y = (np.arange(1_500) % 60 == 0).astype(np.int64)
    return {"x": (0.8 * y[:, np.newaxis] + rng.standard_normal((1_500, 5))).astype(np.float32), "y": y}


def one_in_five(rng: np.random.Generator) -> Arrays:
    """Make an unbalanced table of which both classes are learned."""
    y = (np.arange(1_200) % 6 == 0).astype(np.int64)
    return {"x": (1.5 * y[:, np.newaxis] + rng.standard_normal((1_200, 5))).astype(np.float32), "y": y}


def some_rows_twice(rng: np.random.Generator) -> Arrays:
    arrays = table(rng, 500)
    again = rng.choice(500, 100, replace=False)
    return {name: np.concatenate([array, array[again]]) for name, array in arrays.items()}


def salaries(rng: np.random.Generator) -> Arrays:
    arrays = values(rng)
    return arrays | {"y": 40_000 + 9_000 * arrays["y"]}


def blank_table(rng: np.random.Generator) -> Arrays:
    """Make a table whose values were all lost in a division of whole numbers."""
    return table(rng) | {"x": np.zeros((600, 8), np.float32)}


def broken_value(rng: np.random.Generator) -> Arrays:
    """Make a table with a single value that is a million times too large."""
    arrays = table(rng)
    arrays["x"][17, 3] = 2e6
    return arrays


def missing_as_number(rng: np.random.Generator) -> Arrays:
    """Make a table in which -999 stands for a missing value, in 5 % of the rows of two columns."""
    arrays = table(rng)
    arrays["x"][rng.random((600, 8)) < np.array([0.05, 0.05, 0, 0, 0, 0, 0, 0])] = -999
    return arrays


def broken_target(rng: np.random.Generator) -> Arrays:
    arrays = values(rng)
    arrays["y"] = arrays["y"].copy()
    arrays["y"][17] = 900.0
    return arrays


def coded_table(rng: np.random.Generator) -> Arrays:
    """Make rows with the number of a town, each of which has a price level of its own."""
    towns = rng.integers(0, 60, 1200)
    level = rng.standard_normal(60)
    x = np.column_stack([towns, rng.standard_normal((1200, 2))])
    y = level[towns] + 0.3 * x[:, 1] + 0.2 * rng.standard_normal(1200)
    return {"x": x.astype(np.float32), "y": y.astype(np.float32)}


def numbered_table(rng: np.random.Generator) -> Arrays:
    """Make rows with whole numbers that are sizes: rooms and years."""
    rooms, years = rng.integers(1, 15, 1200), rng.integers(0, 80, 1200)
    y = 0.2 * rooms - 0.02 * years + 0.3 * rng.standard_normal(1200)
    return {"x": np.column_stack([rooms, years, rng.standard_normal(1200)]).astype(np.float32), "y": y}


def scaled_by_itself(rng: np.random.Generator) -> Arrays:
    """Make a table whose test part was measured in other units."""
    arrays, test = table(rng), table(rng, 240)
    return arrays | {"x_test": 2.5 * test["x"] + 4, "y_test": test["y"]}


def shuffled_rows(rng: np.random.Generator) -> Arrays:
    """Make a table whose labels belong to other rows."""
    arrays = table(rng)
    return arrays | {"y": rng.permutation(arrays["y"])}


def answers(rng: np.random.Generator) -> Arrays:
    """Make a survey of six questions with two to four answers, of which many rows are alike."""
    x = np.column_stack([rng.integers(0, options, 900) for options in (2, 2, 3, 3, 4, 4)])
    y = (x[:, 0] + x[:, 2] + (x[:, 4] > 1) > 2).astype(np.int64)
    return {"x": x.astype(np.float32), "y": y}


FILES = {
    "table": table,
    "raw-table": raw_table,
    "tiny-table": tiny_table,
    "table-with-nan": table_with_nan,
    "table-with-infinity": table_with_infinity,
    "imbalanced-table": imbalanced_table,
    "imbalanced-classes": imbalanced_classes,
    "telling-table": telling_table,
    "telling-values": telling_values,
    "repeated-table": repeated_table,
    "values": values,
    "large-values": large_values,
    "huge-values": huge_values,
    "noise-labels": noise_labels,
    "few-rows": few_rows,
    "crowd-labels": crowd_labels,
    "crowd-labels-all": crowd_labels_all,
    "easy-test": easy_test,
    "lost-class": lost_class,
    "one-in-sixty": one_in_sixty,
    "one-in-five": one_in_five,
    "some-rows-twice": some_rows_twice,
    "salaries": salaries,
    "blank-table": blank_table,
    "broken-value": broken_value,
    "missing-as-number": missing_as_number,
    "broken-target": broken_target,
    "coded-table": coded_table,
    "numbered-table": numbered_table,
    "scaled-by-itself": scaled_by_itself,
    "shuffled-rows": shuffled_rows,
    "answers": answers,
}
