"""Rules on the first weights: zero, symmetric, or of the wrong size."""

import math
from collections.abc import Iterator

from engine.doctor.evidence import Plan, Start, WeightFacts
from engine.doctor.planned_dense import PlannedDense
from engine.doctor.remedies import fresh_weights, is_valid
from engine.doctor.rule import Verdict, rule
from engine.words import counted, listed_layers, two_digits

ALIKE = 0.5
"""Share of a layer's units that have a duplicate."""
GAIN_HIGH, GAIN_LOW = 4.0, 0.02
"""Size of one layer's weights over the size that preserves the signal's variance."""
STACK_HIGH, STACK_LOW = 16.0, 1e-3
"""Product of these gains over all layers."""
OFFSET = 0.5
"""Mean of the weights over their root mean square; 0.87 for uniform weights from 0 to 1."""
_GLOROT = "Glorot and Bengio 2010; He et al. 2015"


@rule("zero-init", Start, "Cao et al. 2022, TheDeepChecker (arXiv 2204.00694); CS231n, Neural networks 2")
def zero_init(start: Start) -> Iterator[Verdict]:
    """Report layers whose weights are all zero, if a neighbouring layer must learn through them."""
    zero = [layer for layer, facts in _pairs(start) if facts.zero]
    hidden = start.plan.hidden
    if not zero or not hidden:  # without a hidden layer, zero is a good start
        return
    only_output = zero == [start.plan.output]
    stuck = len(zero) == len(hidden) + 1 or any(
        layer.activation == "relu" for layer in zero if layer in hidden
    )
    names = listed_layers(layer.name for layer in zero)
    have = "has" if len(zero) == 1 else "have"
    why = (
        "no gradient passes, so nothing before the output can learn"
        if stuck
        else "the layers before the output get no gradient at first"
        if only_output
        else "all units of a layer start identical"
    )
    yield Verdict(
        severity="info" if only_output else "error" if stuck else "warning",
        layer=zero[0].name,
        message=f"{names} {have} only zero weights: {why}",
        evidence={"layers": [layer.name for layer in zero], "gains": _gains(_pairs(start))},
        remedy=fresh_weights(tuple(zero)),
    )


@rule("symmetric-init", Start, "Goodfellow, Bengio, Courville 2016, section 8.4; Amazon SageMaker Debugger")
def symmetric_init(start: Start) -> Iterator[Verdict]:
    """Report hidden units that start as duplicates, and stay so if their outgoing weights are equal too."""
    for layer, facts in _pairs(start)[:-1]:
        if facts.zero or facts.alike_in <= ALIKE:
            continue
        forever = facts.alike > ALIKE
        stay = (
            "get the same gradients and stay identical"
            if forever
            else "differ only in their outgoing weights"
        )
        share = facts.alike if forever else facts.alike_in
        yield Verdict(
            severity="error" if forever else "warning",
            layer=layer.name,
            message=f"{_count(share, layer)} of {layer.name} start with the same weights: they {stay}",
            evidence={"share": share, "units": layer.spec.units, "alike": _copies(start)},
            remedy=fresh_weights(start.plan.dense),
        )
        return


@rule("init-scale", Start, _GLOROT)
def init_scale(start: Start) -> Iterator[Verdict]:
    """Report weights so large that the signal explodes with depth (units saturate), or so small that it vanishes."""
    pairs = [(layer, facts) for layer, facts in _pairs(start) if not facts.zero]
    if not pairs or _normalises(start.plan) or any(facts.alike_in > ALIKE for _, facts in pairs[:-1]):
        return
    if any(abs(facts.offset) > OFFSET for _, facts in pairs):
        yield _off_centre(start, pairs)
        return
    stack = math.prod(facts.gain for _, facts in pairs)
    wrong = [layer for layer, facts in pairs if not GAIN_LOW < facts.gain < GAIN_HIGH]
    if STACK_LOW < stack < STACK_HIGH and not (wrong and len(pairs) > 1 and _gains_matter(pairs)):
        return
    remedy = fresh_weights(start.plan.dense)
    if not is_valid(start.plan.experiment, remedy):
        return  # drawn by the suitable initialiser: a layer of a few weights was only an unlikely draw
    large = stack > 1
    worst, facts = max(pairs, key=lambda pair: abs(math.log(pair[1].gain)))
    size = (
        f"{two_digits(facts.gain)} times too large"
        if facts.gain > 1
        else f"{two_digits(1 / facts.gain)} times too small"
    )
    goes = "grows" if large else "shrinks"
    factor = stack if large else 1 / stack
    yield Verdict(
        severity="error" if stack > STACK_HIGH**2 or stack < STACK_LOW**2 else "warning",
        layer=worst.name,
        message=f"the initial weights of {worst.name} are {size} to preserve the signal's size: over all layers it "
        f"{goes} {two_digits(factor)} times",
        evidence={"gains": _gains(pairs), "product": stack},
        remedy=remedy,
    )


def _off_centre(start: Start, pairs: list[tuple[PlannedDense, WeightFacts]]) -> Verdict:
    """Return the verdict on weights whose mean is far from 0."""
    layer, facts = max(pairs, key=lambda pair: abs(pair[1].offset))
    sign = "positive" if facts.offset > 0 else "negative"
    return Verdict(
        severity="warning",
        layer=layer.name,
        message=f"the initial weights of {layer.name} are mostly {sign}, with a mean of {abs(facts.offset):.2g} times "
        "their size: all units start nearly alike, and their sums far from 0",
        evidence={"offset": facts.offset, "gains": _gains(pairs)},
        remedy=fresh_weights(start.plan.dense),
    )


def _gains(pairs: list[tuple[PlannedDense, WeightFacts]]) -> dict[str, float]:
    """Return each layer's size of weights over the suitable size."""
    return {layer.name: round(facts.gain, 4) for layer, facts in pairs}


def _copies(start: Start) -> dict[str, int]:
    """Return, for each hidden layer, the number of units that start with another unit's weights."""
    return {
        layer.name: round(facts.alike_in * layer.spec.units)
        for layer, facts in _pairs(start)
        if layer in start.plan.hidden
    }


def _gains_matter(pairs: list[tuple[PlannedDense, WeightFacts]]) -> bool:
    """Return True if a layer's gain is so large that no other layer compensates for it."""
    return any(facts.gain > GAIN_HIGH for _, facts in pairs)


def _normalises(plan: Plan) -> bool:
    """Return True if a layer rescales the signal to its usual size, whatever the weights."""
    return any(layer.normalises for layer in plan.experiment.network.layers)


def _pairs(start: Start) -> list[tuple[PlannedDense, WeightFacts]]:
    return list(zip(start.plan.dense, start.weights, strict=True))


def _count(share: float, layer: PlannedDense) -> str:
    return f"{round(share * layer.spec.units)} of the {counted(layer.spec.units, 'unit')}"
