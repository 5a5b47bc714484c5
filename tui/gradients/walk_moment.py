"""The values known at one step of a walk: the layers whose outputs and gradients are computed by then."""

from collections.abc import Sequence
from typing import NamedTuple

from engine.glassbox.steps import ExplainStarted, WalkFlow, WalkStep


class WalkMoment(NamedTuple):
    """A walk at one of its steps."""

    started: ExplainStarted
    flow: WalkFlow
    step: WalkStep
    outputs: frozenset[str]
    """Names of the layers whose outputs are computed."""
    gradients: frozenset[str]
    """Names of the layers whose gradients are computed."""

    @property
    def is_backward(self) -> bool:
        """True from the loss's gradient on."""
        return self.step.kind in ("backward", "update")

    @property
    def words(self) -> str:
        """The values shown, in words."""
        many = len(self.started.samples) > 1
        sample = f" · sample {self.started.samples[0]:,}" if many else ""
        if self.is_backward:
            return f"gradients, dL/dz{sample}"
        return f"activations{sample}"


def moment_at(started: ExplainStarted, flow: WalkFlow, steps: Sequence[WalkStep], current: int) -> WalkMoment:
    """Return the walk at step `current`, an index into `steps`."""
    done = steps[: current + 1]
    last_forward = {step.layer: i for i, step in enumerate(steps) if step.kind == "forward"}
    outputs = {name for name, i in last_forward.items() if name and i <= current}
    gradients = {step.layer for step in done if step.kind == "backward" and step.layer}
    if any(step.kind == "backward" for step in done):
        gradients.add(started.layers[-1].name)
    return WalkMoment(started, flow, steps[current], frozenset(outputs), frozenset(gradients))
