"""The check of a batch normalisation alone: its definition in plain NumPy, and the usual mistakes in its derivative."""

from collections.abc import Iterator

import numpy as np

from engine.arrays import Array
from engine.gradcheck.kind_stage import close
from engine.nn.layers import BatchNorm, Mode


class NormStage:
    """The definition of batch normalisation, and the usual omissions in its derivative."""

    def prepare(self, layer: BatchNorm, m: int, rng: np.random.Generator) -> None:
        """Set the running statistics to values far from any batch's."""
        layer.running_mean[:] = rng.normal(3, 1, layer.n_out)
        layer.running_var[:] = rng.uniform(2, 5, layer.n_out)

    def wrong_forward(self, layer: BatchNorm, x: Array) -> str:
        """Return the difference of z from γ x̂ + β, or of the running statistics from their definition, in words."""
        values = x[:, :-1]
        in_training = layer.mode is not Mode.EVALUATION
        of_batch = values.mean(0), values.var(0)
        running = layer.running_mean.copy(), layer.running_var.copy()
        layer.forward(x)
        z = layer.pre_activation.copy()
        if not close(z, _normalised(layer, values, *(of_batch if in_training else running))):
            return self._why(layer, values, z, in_training)
        return self._wrong_running(layer, x, *running) if in_training else ""

    def _why(self, layer: BatchNorm, values: Array, z: Array, in_training: bool) -> str:
        running, unbiased = (layer.running_mean, layer.running_var), values.var(0, ddof=1)
        mean, variance = values.mean(0), values.var(0)
        if in_training and close(z, _normalised(layer, values, mean, unbiased)):
            return "normalises by the unbiased variance, divided by m − 1 instead of m"
        if in_training and close(z, _normalised(layer, values, *running)):
            return "uses the running mean and variance in training mode, not the batch's"
        if not in_training and close(z, _normalised(layer, values, mean, variance)):
            return "uses the batch's mean and variance in evaluation mode, not the running ones"
        mode = "training" if in_training else "evaluation"
        return f"does not give γ (x − μ) / √(σ² + ε) + β in {mode} mode"

    def _wrong_running(self, layer: BatchNorm, x: Array, mean: Array, variance: Array) -> str:
        if not (np.array_equal(layer.running_mean, mean) and np.array_equal(layer.running_var, variance)):
            return "changes its running statistics where it must not"
        layer.mode = Mode.TRAINING
        layer.forward(x)
        layer.mode = Mode.TRIAL
        now = layer.running_mean.copy(), layer.running_var.copy()
        layer.running_mean[:], layer.running_var[:] = mean, variance
        values, share = x[:, :-1], layer.momentum
        if not close(now[0], (1 - share) * mean + share * values.mean(0)):
            return "running_mean does not become (1 − momentum) · running_mean + momentum · mean of the batch"
        if close(now[1], (1 - share) * variance + share * values.var(0, ddof=1)):
            return ""
        if close(now[1], (1 - share) * variance + share * values.var(0)):
            return "running_var follows the biased variance, divided by m instead of m − 1"
        return "running_var does not become (1 − momentum) · running_var + momentum · unbiased variance"

    def explain(self, layer: BatchNorm, x: Array, weights: Array, name: str, gradient: Array) -> str:
        """Return the part of the derivative that is missing, in words."""
        dz = weights * layer.activation.derivative(layer.pre_activation)  # an element-wise activation
        slips = self._slips_in_weight(layer, x, dz) if name.endswith(".weight") else ()
        if not name.endswith((".weight", ".bias")):
            slips = self._slips_in_input(layer, x[:, :-1], dz)
        return next((text for text, wrong in slips if close(gradient, wrong)), "")

    def _slips_in_weight(self, layer: BatchNorm, x: Array, dz: Array) -> Iterator[tuple[str, Array]]:
        yield "Σ dz x: computed with the input, not with the normalised one", (dz * x[:, :-1]).sum(0)
        centred = layer.normalised / layer.factor
        yield "Σ dz (x − μ): the division by σ is missing", (dz * centred).sum(0)

    def _slips_in_input(self, layer: BatchNorm, x: Array, dz: Array) -> Iterator[tuple[str, Array]]:
        """Yield usual mistakes in dx = γ/σ (dz − mean dz − x̂ mean(dz x̂))."""
        normal, slope = layer.normalised, layer.weight * layer.factor
        mean, along = dz.mean(0), normal * (dz * normal).mean(0)
        m = len(dz)
        if not layer.is_of_batch:
            yield (
                "that of training: in evaluation mean and variance are constants",
                slope * (dz - mean - along),
            )
            return
        yield "without the gradient through the batch's mean (− mean dz)", slope * (dz - along)
        yield "without the gradient through the batch's variance (− x̂ mean(dz x̂))", slope * (dz - mean)
        yield "without the gradients through mean and variance: they are treated as constants", slope * dz
        unbiased = slope * (dz - mean - along * m / (m - 1))
        yield "that of the unbiased variance, divided by m − 1 instead of m", unbiased
        right = dz - mean - along
        yield "without γ", layer.factor * right
        yield "without the division by σ", layer.weight * right
        yield "with sums over the batch instead of means", slope * (dz - m * mean - m * along)


def _normalised(layer: BatchNorm, values: Array, mean: Array, variance: Array) -> Array:
    z: Array = layer.weight * (values - mean) / np.sqrt(variance + layer.eps) + layer.bias
    return z
