"""The check of a dropout layer alone: one scaled mask per step, the same forward and backward."""

import numpy as np

from engine.arrays import Array
from engine.gradcheck.kind_stage import close
from engine.nn.layers import Dropout, Mode

_STEPS_TRIED = 64


class DropoutStage:
    """The definition of dropout, and the usual mistakes with masks."""

    def prepare(self, layer: Dropout, m: int, rng: np.random.Generator) -> None:
        """Choose a step whose mask keeps some units and drops others."""
        for step in range(_STEPS_TRIED):
            layer.step = step
            if len(np.unique(layer.mask(step, m))) == 2:
                return

    def wrong_forward(self, layer: Dropout, x: Array) -> str:
        """Return the difference of the output from x · mask / (1 − rate), or from x in evaluation, in words."""
        layer.forward(x)
        a, values = layer.output.copy(), x[:, :-1]
        if layer.mode is Mode.EVALUATION:
            return "" if close(a, values) else "drops units in evaluation mode"
        layer.forward(x)
        if not np.array_equal(a, layer.output):
            return "draws another mask at each call: it must stay the same within a step"
        kept = values * layer.mask(layer.step, len(x))
        if close(a, kept / (1 - layer.rate)):
            return self._same_at_every_step(layer, len(x))
        if close(a, kept):
            return f"does not scale the kept units by 1 / (1 − rate) = {1 / (1 - layer.rate):.4g} in training mode"
        if close(a, values):
            return "drops no units in training mode"
        return "does not give x · mask / (1 − rate) in training mode"

    def explain(self, layer: Dropout, x: Array, weights: Array, name: str, gradient: Array) -> str:
        """Return the mistake with the mask in the backward pass, in words."""
        mask, scale = layer.mask(layer.step, len(x)), 1 / (1 - layer.rate)
        if layer.mode is Mode.EVALUATION:
            return "masked, though evaluation drops no units"
        if close(gradient, weights):
            return "not masked: the dropped units get a gradient as well"
        if close(gradient, weights * scale):
            return "scaled, but not masked: the dropped units get a gradient as well"
        if close(gradient, weights * mask):
            return f"masked, but not scaled by 1 / (1 − rate) = {scale:.4g}"
        if close(gradient, weights * ~mask) or close(gradient, weights * ~mask * scale):
            return "masked the wrong way round: only the dropped units get a gradient"
        if np.isclose(gradient, 0).any() and not np.array_equal(np.isclose(gradient, 0), ~mask):
            return "masked by another mask than that of the forward pass"
        return ""

    def _same_at_every_step(self, layer: Dropout, m: int) -> str:
        masks = [layer.mask(step, m) for step in range(_STEPS_TRIED)]
        is_mixed = any(len(np.unique(mask)) == 2 for mask in masks)
        same = all(np.array_equal(masks[0], mask) for mask in masks)
        return "draws the same mask at every step" if is_mixed and same else ""
