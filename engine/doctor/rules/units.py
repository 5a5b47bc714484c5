"""Rules on units that stop working during training: dead, saturated, or out of reach of the gradient."""

import statistics
from collections.abc import Iterator

from engine.doctor.evidence import Course
from engine.doctor.planned_dense import PlannedDense
from engine.doctor.remedies import Remedy, activate, fresh_weights, lower_rate
from engine.doctor.rule import Severity, Verdict, rule
from engine.doctor.words import units_off
from engine.events import LayerFigures
from engine.words import two_digits

DEAD_INFO, DEAD, DEAD_ERROR = 0.2, 0.4, 0.6
"""Share of a layer's units; AutoTrainer has 70 % of gradients, SageMaker 50 % of units. Networks on few features do well
with a quarter of them dead, most from the start."""
NO_HOPE = 0.9
"""Share at which a finding is reported even early in the training."""
EARLY = 0.2
"""Share of the training in which a loss may still be high."""
HURTS = 0.5
"""Loss over that of a constant prediction, above which dead units count as harmful."""
SATURATED = 0.5
VANISHED = 1e-3
"""Gradient norm of the first layer over that of the last, sustained (AutoTrainer)."""
FEWEST_EPOCHS = 2
"""Epochs after which a loss that does not fall counts as stuck."""
FEWEST_UNITS = 4
"""Units of the smallest layer of which a share is judged; of a smaller one only that all its units are dead."""


@rule("dead-relu", Course, "Lu et al. 2019, Dying ReLU; AutoTrainer (ICSE 2021); Amazon SageMaker Debugger")
def dead_relu(course: Course) -> Iterator[Verdict]:
    """Report relu units that are off for every sample: no gradient reaches them, so they stay off."""
    hurts = course.diverged or (course.relative_loss is not None and course.relative_loss > HURTS)
    for layer in course.plan.hidden:
        figures = _newest(course, layer)
        if figures is None or figures.dead is None or figures.dead <= DEAD_INFO:
            continue
        if figures.units < FEWEST_UNITS and figures.dead < 1:
            continue
        if _is_early(course) and figures.dead < NO_HOPE:
            continue
        yield Verdict(
            severity=_severity(figures.dead) if hurts else "info",
            layer=layer.name,
            message=units_off(figures.dead, figures.units, layer.name),
            evidence={"dead": figures.dead, "relative_loss": course.relative_loss},
            remedy=_revive(course, layer),
        )


def _is_early(course: Course) -> bool:
    """Return True if the loss may still be high without a fault."""
    return (
        course.steps < EARLY * (course.plan.total_steps or 0) and not course.is_over and not course.diverged
    )


def _severity(dead: float) -> Severity:
    return "error" if dead > DEAD_ERROR else "warning" if dead > DEAD else "info"


def _revive(course: Course, layer: PlannedDense) -> Remedy:
    """Return what keeps the units alive: zero biases, shorter steps if they died during training, else leaky_relu."""
    facts = next(facts for facts in course.start.weights if facts.index == layer.index)
    if facts.bias < 0:
        return {f"{hidden.key}.bias": "zeros" for hidden in course.plan.hidden}
    at_start = next((seen for seen in course.start.layers.layers if seen.name == layer.name), None)
    if at_start is not None and at_start.dead is not None and at_start.dead < DEAD_INFO:
        return lower_rate(course.plan)
    return activate(course.plan.hidden, "leaky_relu")


@rule("saturated", Course, "Glorot and Bengio 2010, section 3; TheDeepChecker (arXiv 2204.00694)")
def saturated(course: Course) -> Iterator[Verdict]:
    """Report saturated sigmoid or tanh outputs: their slope, and so the gradient through them, is almost 0."""
    stays = course.is_stuck or (course.is_over and (course.relative_loss or 1.0) > HURTS)
    if not stays or _is_early(course):
        return
    for layer in course.plan.hidden:
        figures = _newest(course, layer)
        if figures is None or figures.saturated is None or figures.saturated <= SATURATED:
            continue
        at_start = next((seen for seen in course.start.layers.layers if seen.name == layer.name), None)
        from_start = at_start is not None and (at_start.saturated or 0.0) > SATURATED / 2
        yield Verdict(
            severity="warning",
            layer=layer.name,
            message=f"{100 * figures.saturated:.3g} % of the outputs of {layer.name} are saturated: in the flat ends "
            f"of {layer.activation}, where almost no gradient passes",
            evidence={"saturated": figures.saturated},
            remedy=fresh_weights(course.plan.dense) if from_start else lower_rate(course.plan),
        )


@rule("vanishing-gradients", Course, "Zhang et al. 2021, AutoTrainer (ICSE 2021); Glorot and Bengio 2010")
def vanishing_gradients(course: Course) -> Iterator[Verdict]:
    """Report a gradient that stays vanished in the first layers while the loss does not fall."""
    hidden = course.plan.hidden
    ratios = [ratio for layers in course.layers if (ratio := _ratio(layers.layers)) is not None]
    seen = course.is_over or len(course.epochs) >= FEWEST_EPOCHS
    if len(hidden) < 2 or len(ratios) < 2 or not seen or not course.is_stuck:
        return
    ratio = statistics.median(ratios)
    if ratio < VANISHED:
        yield Verdict(
            severity="error",
            layer=hidden[0].name,
            message=f"{_faded(hidden[0].name, ratio)}, and the loss does not fall",
            evidence={"ratio": ratio, "relative_loss": course.relative_loss},
            remedy=activate(hidden, "relu")
            if hidden[0].activation != "relu"
            else fresh_weights(course.plan.dense),
        )


def _faded(name: str, ratio: float) -> str:
    """Return how small the gradient is that arrives, in words."""
    if not ratio:
        return f"no gradient reaches {name}: it is 0 there"
    return f"the gradient of {name} is {two_digits(1 / ratio)} times smaller than that of the output"


def _ratio(layers: list[LayerFigures]) -> float | None:
    if len(layers) < 2:
        return None
    first, last = layers[0].gradient_norm, layers[-1].gradient_norm
    return first / last if first is not None and last else None


def _newest(course: Course, layer: PlannedDense) -> LayerFigures | None:
    """Return the newest figures of a layer, or of the batch normalisation that has its activation."""
    return next((seen for seen in course.layers[-1].layers if seen.name == layer.name), None)
