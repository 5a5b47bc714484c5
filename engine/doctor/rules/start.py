"""Rules on the first forward and backward pass: loss, gradients, units, a small batch."""

import math
from collections.abc import Iterator

import numpy as np

from engine.doctor.data_facts import DataFacts
from engine.doctor.evidence import Start
from engine.doctor.remedies import activate, fresh_weights
from engine.doctor.rule import Verdict, rule
from engine.doctor.words import units_off
from engine.nn.loss import Loss
from engine.words import counted, two_digits

HIGH_LOSS, HIGH_SPREAD = 1.5, 0.5
"""First loss over that of a guess without knowledge (ln C), and a margin above it: the expected loss is ln C + s²/2 with
the standard deviation s of the logits, which suitable first weights keep below 1."""
HIGH_ERROR = 10.0
"""The same for a regression, over the variance of the targets."""
USUAL, USUAL_BIAS, USUAL_INPUT = (0.5, 2.0), 0.5, 3.0
"""Gain of a layer's weights, its mean bias, and root mean square of the largest input, of a network drawn as usual."""
FAR_TARGET = 3.0
"""Mean of the targets, in standard deviations."""
VANISHING = 1e-3
EXPLODING = 70.0
"""Gradient norm of the first layer over that of the last (AutoTrainer, ICSE 2021)."""
FEWEST_SAMPLES, NO_HOPE = 16, 0.9
"""Training samples below which a healthy unit is often off for all of them, and the share that must be off then."""
NOT_LEARNED = 0.1
"""Loss on a small batch after the attempt, over the loss before."""


@rule("initial-loss", Start, "CS231n, Neural networks 3, Sanity checks")
def initial_loss(start: Start) -> Iterator[Verdict]:
    """Report a first loss far above that of a guess without knowledge: the network starts confident and wrong."""
    plan, loss = start.plan, start.loss
    facts = plan.facts
    if facts is None or facts.baseline is None or not plan.learns_by_gradient or plan.problems:
        return
    expected, bound = _expected(start)
    if not expected or (loss is not None and loss <= bound):
        return
    if loss is not None and _is_drawn_well(start):
        return
    shown = "NaN or infinite" if loss is None else f"{loss:.3g}"
    spread, around = start.logit_spread, _far_targets(facts)
    why = f"its outputs start too far apart{f' (spread {spread:.3g})' if spread is not None else ''}"
    if around is not None:
        why = f"its outputs start near 0, the targets lie around {around:.3g}: standardise them in the file"
    yield Verdict(
        severity="warning",
        layer=plan.output.name,
        message=f"the loss before the first update is {shown}; about {expected:.3g} is expected of an untrained "
        f"network: {why}",
        evidence={"loss": loss, "expected": expected, "logit_spread": spread, "targets_around": around},
        remedy=fresh_weights(plan.dense) if around is None else {},
    )


def _is_drawn_well(start: Start) -> bool:
    """Return True if all weights have their usual size, around 0, and the inputs too: a high loss is an unlucky draw."""
    facts = start.plan.facts
    gains = all(USUAL[0] < facts.gain < USUAL[1] and not facts.offset for facts in start.weights)
    biases = all(abs(facts.bias) < USUAL_BIAS for facts in start.weights)
    inputs = facts is not None and facts.largest_input < USUAL_INPUT
    return gains and biases and inputs and (facts is None or _far_targets(facts) is None)


def _far_targets(facts: DataFacts) -> float | None:
    """Return the mean of the targets if it is far from 0, where the outputs start."""
    mean = facts.target_mean
    return None if mean is None or abs(mean) < FAR_TARGET * (facts.target_std or 1) else mean


def _expected(start: Start) -> tuple[float, float]:
    """Return the loss of a guess without knowledge, and the bound above which the first loss is too high."""
    facts = start.plan.facts
    if facts is None or facts.baseline is None:
        return 0.0, 0.0
    loss = start.plan.experiment.network.loss
    if loss is None or not loss.compares_classes:
        return facts.baseline, HIGH_ERROR * facts.baseline
    expected = _loss_of_zeros(loss, len(facts.class_counts))
    return expected, HIGH_LOSS * expected + HIGH_SPREAD


def _loss_of_zeros(loss: Loss, classes: int) -> float:
    """Return the loss of a network whose scores are all 0: ln k for cross-entropy over k classes."""
    target = np.eye(max(2, classes))[:1]  # (1, k)
    return loss.value(np.zeros_like(target), target)


@rule("vanishing-gradients", Start, "Zhang et al. 2021, AutoTrainer (ICSE 2021); Glorot and Bengio 2010")
def vanishing_at_start(start: Start) -> Iterator[Verdict]:
    """Report a gradient that almost vanishes before it reaches the first layer."""
    ratio = _ratio(start)
    hidden = start.plan.hidden
    if ratio is None or ratio >= VANISHING or len(hidden) < 2:
        return
    first, last = start.layers.layers[0], start.layers.layers[-1]
    yield Verdict(
        severity="warning",
        layer=first.name,
        message=f"the gradient of {first.name} is {two_digits(1 / ratio)} times smaller than that of "
        f"{last.name} before the first update: it vanishes on its way back through {counted(len(hidden), 'layer')} of "
        f"{hidden[0].activation}",
        evidence={"first": first.gradient_norm, "last": last.gradient_norm, "ratio": ratio},
        remedy=activate(hidden, "relu")
        if hidden[0].activation != "relu"
        else fresh_weights(start.plan.dense),
    )


@rule(
    "exploding-gradients", Start, "Zhang et al. 2021, AutoTrainer (ICSE 2021); Pascanu, Mikolov, Bengio 2013"
)
def exploding_at_start(start: Start) -> Iterator[Verdict]:
    """Report a gradient that grows towards the first layer."""
    ratio = _ratio(start)
    if ratio is None or ratio <= EXPLODING or len(start.plan.hidden) < 2:
        return
    if math.prod(facts.gain for facts in start.weights) < 1:
        return  # the signal fades in the forward pass, so the last layer's gradient is small
    first, last = start.layers.layers[0], start.layers.layers[-1]
    yield Verdict(
        severity="warning",
        layer=first.name,
        message=f"the gradient of {first.name} is {ratio:.3g} times that of {last.name} before the first update: it "
        "grows from layer to layer on its way back",
        evidence={"first": first.gradient_norm, "last": last.gradient_norm, "ratio": ratio},
        remedy=fresh_weights(start.plan.dense),
    )


def _ratio(start: Start) -> float | None:
    """Return the gradient norm of the first layer over that of the last; None if one is unknown or zero."""
    layers = start.layers.layers
    if len(layers) < 2:
        return None
    first, last = layers[0].gradient_norm, layers[-1].gradient_norm
    return first / last if first and last else None


@rule("dead-relu", Start, "Lu et al. 2019, Dying ReLU and initialization; TheDeepChecker (arXiv 2204.00694)")
def dead_at_start(start: Start) -> Iterator[Verdict]:
    """Report relu units that are off for every sample before the first update, because of bias or inputs."""
    for layer in start.plan.hidden:
        figures = next((seen for seen in start.layers.layers if seen.name == layer.name), None)
        facts = next(facts for facts in start.weights if facts.index == layer.index)
        if figures is None or figures.dead is None or figures.dead <= 0.5 or figures.units < 4 or facts.zero:
            continue
        off = facts.bias < 0
        if (
            start.plan.facts
            and start.plan.facts.train < FEWEST_SAMPLES
            and figures.dead < NO_HOPE
            and not off
        ):
            continue
        why = f", because their biases start at {facts.bias:.3g}" if off else ""
        yield Verdict(
            severity="error",
            layer=layer.name,
            message=units_off(figures.dead, figures.units, layer.name, f" before the first update{why}"),
            evidence={"dead": figures.dead, "bias": facts.bias, "by_layer": _by_layer(start, "dead")},
            remedy={f"{hidden.key}.bias": "zeros" for hidden in start.plan.hidden}
            if off
            else activate(start.plan.hidden, "leaky_relu"),
        )
        return


@rule("saturated", Start, "Glorot and Bengio 2010, section 3; TheDeepChecker (arXiv 2204.00694)")
def saturated_at_start(start: Start) -> Iterator[Verdict]:
    """Report units that start saturated."""
    for layer in start.plan.hidden:
        figures = next((seen for seen in start.layers.layers if seen.name == layer.name), None)
        if figures is None or figures.saturated is None or figures.saturated <= 0.5:
            continue
        facts = next(facts for facts in start.weights if facts.index == layer.index)
        biased = abs(facts.bias) > 2
        yield Verdict(
            severity="warning",
            layer=layer.name,
            message=f"{100 * figures.saturated:.3g} % of the outputs of {layer.name} are saturated before the first "
            f"update: in the flat ends of {layer.activation}, where its slope is almost 0",
            evidence={
                "saturated": figures.saturated,
                "gain": facts.gain,
                "bias": facts.bias,
                "by_layer": _by_layer(start, "saturated"),
            },
            remedy={f"{hidden.key}.bias": "zeros" for hidden in start.plan.hidden}
            if biased
            else fresh_weights(start.plan.dense),
        )
        return


def _by_layer(start: Start, name: str) -> dict[str, float]:
    """Return a figure of each layer before the first update, for the layers that have it."""
    shares = {layer.name: getattr(layer, name) for layer in start.layers.layers}
    return {name: round(share, 4) for name, share in shares.items() if share is not None}


@rule(
    "cannot-overfit-batch",
    Start,
    "CS231n, Neural networks 3, Sanity checks; TheDeepChecker (arXiv 2204.00694)",
)
def cannot_overfit_batch(start: Start) -> Iterator[Verdict]:
    """Report a small batch that the network cannot memorise: then it will not learn more samples either."""
    overfit = start.overfit
    if overfit is None:
        return
    learned = overfit.last_loss is not None and overfit.last_loss < NOT_LEARNED * overfit.first_loss
    if learned or (overfit.accuracy == 1.0 and not start.plan.takes_values):
        return
    last = "NaN or infinite" if overfit.last_loss is None else f"{overfit.last_loss:.3g}"
    right = "" if overfit.accuracy is None else f", with {100 * overfit.accuracy:.3g} % of them right"
    yield Verdict(
        severity="error",
        message=f"{counted(overfit.steps, 'update')} on the same {counted(overfit.samples, 'sample')} "
        f"change the loss from {overfit.first_loss:.3g} to {last}{right}: a working network memorises them",
        evidence={"first": overfit.first_loss, "last": overfit.last_loss, "accuracy": overfit.accuracy},
    )
