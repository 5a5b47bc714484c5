"""The view fit: predicted against true values, and residuals."""

import msgspec
import numpy as np

from engine.arrays import Array, Labels
from engine.errors import NntermError
from engine.inspection.messages import Answer, UnfitError
from engine.inspection.rasters import finite
from engine.inspection.snapshot import NetworkSnapshot
from engine.inspection.view import InspectionView, Options

POINTS = 500
BINS = 24
WORST = 10


class FitOptions(Options, frozen=True):
    """The output to show."""

    output: int = 0


class Miss(msgspec.Struct, frozen=True):
    """A sample with a large residual."""

    index: int
    """Index in its split, counted from 0."""
    truth: float
    prediction: float
    residual: float


class Histogram(msgspec.Struct, frozen=True):
    """Counts of values between neighbouring edges; there is one more edge than counts."""

    edges: tuple[float, ...]
    counts: tuple[int, ...]


class Fit(Answer, frozen=True, tag="fit"):
    """Predictions of one output against its true values; a residual is prediction minus truth."""

    split: str
    samples: int
    output: int
    outputs: int
    r_squared: float | None
    """1 - squared residuals / squares around the mean; None for constant true values."""
    mae: float | None
    """Mean absolute residual, in the units of the target."""
    rmse: float | None
    bias: float | None
    """Mean residual."""
    truth: tuple[float, ...]
    """True values of evenly spaced samples."""
    predictions: tuple[float, ...]
    """Predictions for the same samples."""
    residuals: Histogram
    worst: tuple[Miss, ...]
    """The samples with the largest residuals."""
    words: tuple[str, ...]
    broken: int = 0


def fit(snapshot: NetworkSnapshot, options: FitOptions) -> Fit:
    """Return the fit of a regression on a split."""
    if snapshot.classifies:
        raise UnfitError("Fit is for regression; see Matrix (M) and Classes (C)")
    predictions = snapshot.predictions(options.split)
    outputs = snapshot.network.n_outputs
    if not 0 <= options.output < outputs:
        raise NntermError(f"there is no output {options.output}; they are numbered from 0 to {outputs - 1}")
    truth = np.asarray(predictions.truth, np.float64).reshape(len(predictions.truth), -1)[:, options.output]
    predicted = predictions.values[:, options.output]
    valid = np.flatnonzero(np.isfinite(predicted))
    residuals = predicted[valid] - truth[valid]
    some = valid[np.unique(np.linspace(0, len(valid) - 1, min(len(valid), POINTS)).astype(np.int64))]
    r_squared = _r_squared(truth[valid], residuals)
    mae, rmse = float(np.abs(residuals).mean()), float(np.sqrt((residuals**2).mean()))
    bias = float(residuals.mean())
    return Fit(
        split=snapshot.split_name(options.split),
        samples=len(truth),
        output=options.output,
        outputs=outputs,
        r_squared=r_squared,
        mae=finite(mae),
        rmse=finite(rmse),
        bias=finite(bias),
        truth=_rounded(truth[some]),
        predictions=_rounded(predicted[some]),
        residuals=_histogram(residuals),
        worst=_worst(truth, predicted, valid, residuals),
        words=tuple(_words(residuals, r_squared, mae, bias)),
        broken=len(truth) - len(valid),
    )


def _rounded(values: Array) -> tuple[float, ...]:
    return tuple(float(f"{value:.6g}") for value in values.tolist())


def _r_squared(truth: Array, residuals: Array) -> float | None:
    around_mean = float(((truth - truth.mean()) ** 2).sum())
    return finite(1 - float((residuals**2).sum()) / around_mean) if around_mean > 0 else None


def _histogram(residuals: Array) -> Histogram:
    """Return a histogram with equal bins, symmetric around 0."""
    reach = float(np.abs(residuals).max()) or 1.0
    counts, edges = np.histogram(residuals, BINS, (-reach, reach))
    return Histogram(_rounded(edges), tuple(counts.tolist()))


def _worst(truth: Array, predicted: Array, valid: Labels, residuals: Array) -> tuple[Miss, ...]:
    order = valid[np.argsort(-np.abs(residuals), kind="stable")[:WORST]]
    return tuple(
        Miss(int(i), *_rounded(np.array([truth[i], predicted[i], predicted[i] - truth[i]])))
        for i in order.tolist()
    )


def _words(residuals: Array, r_squared: float | None, mae: float, bias: float) -> list[str]:
    words = [f"Mean absolute error {mae:.3g}."]
    if r_squared is None:
        words.append("The true values are constant: R² is undefined.")
    elif r_squared > 0:
        words.append(f"{100 * r_squared:.1f} % of the variance explained (R² {r_squared:.4f}).")
    else:
        words.append(f"R² {r_squared:.3f}: worse than predicting the mean.")
    error = float(residuals.std() / np.sqrt(len(residuals)))
    if len(residuals) > 1 and abs(bias) > 3 * error > 0:
        words.append(f"Predictions are {abs(bias):.3g} too {'high' if bias > 0 else 'low'} on average.")
    return words


VIEW = InspectionView("fit", FitOptions, Fit, fit)
