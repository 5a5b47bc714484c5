"""Bugs to plant in dropout and batch normalisation, forward and backward, by name."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.arrays import Array
from engine.nn.layers import BatchNorm, Dropout, Mode

Patch = pytest.MonkeyPatch
Plant = Callable[[Patch, str], None]
"""Plants a bug in the layer of that name."""


def spoil_norm_backward(wrong: Callable[[BatchNorm, Array], Array]) -> Plant:
    """Plant a wrong gradient for the input of a normalisation, from the layer and dz, in training mode."""

    def plant(patch: Patch, name: str) -> None:
        right = BatchNorm.normal_backward

        def backward(self: BatchNorm, dz: Array, wants: bool) -> Array | None:
            given = dz.copy()
            dx = right(self, dz, wants)
            return wrong(self, given) if self.name == name and dx is not None else dx

        patch.setattr(BatchNorm, "normal_backward", backward)

    return plant


def slope(layer: BatchNorm) -> Array:
    return layer.weight * layer.factor


def along(layer: BatchNorm, dz: Array) -> Array:
    result: Array = layer.normalised * (dz * layer.normalised).mean(0)
    return result


def spoil_norm_parameters(spoil: Callable[[BatchNorm, Array], None]) -> Plant:
    """Plant a wrong gradient for γ or β."""

    def plant(patch: Patch, name: str) -> None:
        right = BatchNorm.normal_backward

        def backward(self: BatchNorm, dz: Array, wants: bool) -> Array | None:
            given = dz.copy()
            dx = right(self, dz, wants)
            if self.name == name:
                spoil(self, given)
            return dx

        patch.setattr(BatchNorm, "normal_backward", backward)

    return plant


def weight_without_norm(layer: BatchNorm, dz: Array) -> None:
    layer.weight_grad[:] = (dz * layer.normalised / layer.factor).sum(0)


def bias_from_mean(layer: BatchNorm, dz: Array) -> None:
    layer.bias_grad[:] = dz.mean(0)


def stale_factor(patch: Patch, name: str) -> None:
    """Use 1/σ of the previous batch, as from a stale cache."""
    right, kept = BatchNorm.normal_backward, {}

    def backward(self: BatchNorm, dz: Array, wants: bool) -> Array | None:
        key = id(self), len(dz)
        fresh = self._factor
        if self.name == name:
            self._factor = kept.get(key, fresh)
            kept[key] = fresh
        dx = right(self, dz, wants)
        self._factor = fresh
        return dx

    patch.setattr(BatchNorm, "normal_backward", backward)


def unbiased_forward(patch: Patch, name: str) -> None:
    """Normalise by the variance over m − 1; its gradient is right up to a factor near 1."""
    right = BatchNorm._normalise_by_batch

    def by_batch(self: BatchNorm, values: Array, work: object) -> Array:
        variance = right(self, values, work)  # type: ignore[arg-type]
        return variance * (len(values) / (len(values) - 1)) if self.name == name else variance

    patch.setattr(BatchNorm, "_normalise_by_batch", by_batch)


def biased_running(patch: Patch, name: str) -> None:
    right = BatchNorm._normalise_by_batch

    def by_batch(self: BatchNorm, values: Array, work: object) -> Array:
        before = self.running_var.copy()
        variance = right(self, values, work)  # type: ignore[arg-type]
        if self.mode is Mode.TRAINING and self.name == name:
            self.running_var[:] = (1 - self.momentum) * before + self.momentum * variance
        return variance

    patch.setattr(BatchNorm, "_normalise_by_batch", by_batch)


def in_the_other_mode(other: Mode) -> Plant:
    """Let the layer compute in `other` mode instead of the opposite one."""

    def plant(patch: Patch, name: str) -> None:
        right = BatchNorm.forward

        def forward(self: BatchNorm, x: Array) -> Array:
            before = self.mode
            is_opposite = (before is Mode.EVALUATION) != (other is Mode.EVALUATION)
            self.mode = other if self.name == name and is_opposite else before
            try:
                return right(self, x)
            finally:
                self.mode = before

        patch.setattr(BatchNorm, "forward", forward)

    return plant


def spoil_dropout(wrong: Callable[[Dropout, Array], Array]) -> Plant:
    """Plant a wrong backward pass of dropout in training mode."""

    def plant(patch: Patch, name: str) -> None:
        right = Dropout.backward

        def backward(self: Dropout, gradient: Array, wants: bool) -> Array | None:
            is_spoilt = self.name == name and self.mode is not Mode.EVALUATION
            return wrong(self, gradient) if is_spoilt else right(self, gradient, wants)

        patch.setattr(Dropout, "backward", backward)

    return plant


def mask_of(layer: Dropout, gradient: Array, step: int = 0) -> Array:
    return layer.mask(layer.step + step, len(gradient)).astype(gradient.dtype)


def fresh_mask_each_call(patch: Patch, name: str) -> None:
    right, rng = Dropout.mask, np.random.default_rng(0)

    def mask(self: Dropout, step: int, m: int) -> NDArray[np.bool_]:
        return right(self, int(rng.integers(1000)) if self.name == name else step, m)

    patch.setattr(Dropout, "mask", mask)
    drawn = Dropout._drawn

    def forgetful(self: Dropout, m: int) -> object:
        self._workspaces.clear()
        return drawn(self, m)

    patch.setattr(Dropout, "_drawn", forgetful)


def drops_in_evaluation(patch: Patch, name: str) -> None:
    right = Dropout.forward

    def forward(self: Dropout, x: Array) -> Array:
        before, self.mode = self.mode, Mode.TRIAL if self.name == name else self.mode
        try:
            return right(self, x)
        finally:
            self.mode = before

    patch.setattr(Dropout, "forward", forward)


def scale_weight(layer: BatchNorm, dz: Array) -> None:
    layer.weight_grad *= 1.001


def scale_bias(layer: BatchNorm, dz: Array) -> None:
    layer.bias_grad *= 1.001


def right_dx(layer: BatchNorm, dz: Array, m: float = 1.0, variance: float = 1.0) -> Array:
    """Return γ/σ (dz − m · mean dz − variance · x̂ mean(dz x̂)), in evaluation γ/σ dz."""
    dx: Array = slope(layer) * (dz - (m * dz.mean(0) + variance * along(layer, dz)) * layer.is_of_batch)
    return dx


NORM_BUGS: dict[str, tuple[Plant, str]] = {
    "γ off by a thousandth": (spoil_norm_parameters(scale_weight), "1.001 times the true gradient"),
    "β off by a thousandth": (spoil_norm_parameters(scale_bias), "1.001 times the true gradient"),
    "input off by a thousandth": (
        spoil_norm_backward(lambda layer, dz: 1.001 * right_dx(layer, dz)),
        "1.001 times the true gradient",
    ),
    "the mean's gradient forgotten": (
        spoil_norm_backward(lambda layer, dz: right_dx(layer, dz, m=0)),
        "through the batch's mean",
    ),
    "the variance's gradient forgotten": (
        spoil_norm_backward(lambda layer, dz: right_dx(layer, dz, variance=0)),
        "through the batch's variance",
    ),
    "the variance's gradient over m − 1": (
        spoil_norm_backward(lambda layer, dz: right_dx(layer, dz, variance=len(dz) / max(1, len(dz) - 1))),
        "that of the unbiased variance",
    ),
    "mean and variance taken for constants": (
        spoil_norm_backward(lambda layer, dz: right_dx(layer, dz, m=0, variance=0)),
        "treated as constants",
    ),
    "evaluation differentiated as training": (
        spoil_norm_backward(lambda layer, dz: slope(layer) * (dz - dz.mean(0) - along(layer, dz))),
        "in evaluation mean and variance are constants",
    ),
    "without γ": (
        spoil_norm_backward(lambda layer, dz: right_dx(layer, dz) / layer.weight),
        "without γ",
    ),
    "sums for means": (
        spoil_norm_backward(lambda layer, dz: right_dx(layer, dz, m=len(dz), variance=len(dz))),
        "sums over the batch",
    ),
    "γ's gradient not divided by σ": (
        spoil_norm_parameters(weight_without_norm),
        "division by σ is missing",
    ),
    "β's gradient is a mean": (spoil_norm_parameters(bias_from_mean), "layers.1.bias"),
    "1/σ of the batch before": (stale_factor, "layers.1"),
    "unbiased variance": (unbiased_forward, "unbiased variance"),
    "biased running variance": (biased_running, "biased variance"),
    "running statistics in training": (
        in_the_other_mode(Mode.EVALUATION),
        "running mean and variance in training",
    ),
    "the batch's statistics in evaluation": (
        in_the_other_mode(Mode.TRIAL),
        "batch's mean and variance in evaluation",
    ),
}
DROPOUT_BUGS: dict[str, tuple[Plant, str]] = {
    "not masked on the way back": (spoil_dropout(lambda layer, gradient: gradient), "not masked"),
    "masked, not scaled": (
        spoil_dropout(lambda layer, gradient: gradient * mask_of(layer, gradient)),
        "not scaled by 1 / (1 − rate) = 1.333",
    ),
    "the mask of another step": (
        spoil_dropout(lambda layer, gradient: gradient * mask_of(layer, gradient, 1) / (1 - layer.rate)),
        "another mask",
    ),
    "a fresh mask at each call": (fresh_mask_each_call, "another mask at each call"),
    "drops in evaluation": (drops_in_evaluation, "in evaluation mode"),
}
