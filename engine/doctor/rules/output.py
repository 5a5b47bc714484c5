"""Rules on output, loss and units that are incompatible with each other or with the data."""

from collections.abc import Iterator

from msgspec.structs import replace

from engine.doctor.evidence import Plan
from engine.doctor.remedies import activate
from engine.doctor.rule import Verdict, rule
from engine.errors import Problem
from engine.words import listed_layers

_NEURALINT = "Nikanjam et al. 2021, NeuraLint (arXiv 2105.08095), rules on the last layer and its loss"


@rule("output-loss-mismatch", Plan, _NEURALINT)
def output_loss_mismatch(plan: Plan) -> Iterator[Verdict]:
    """Report problems that `engine.experiment.checks` refuses unless forced, and targets out of the output's range."""
    output = plan.output
    for problem in plan.problems:
        if problem.key in (f"{output.key}.activation", "network.loss", "training.optimizer.name"):
            yield _refused(problem, output.name)
    yield from _out_of_reach(plan)
    yield from _bent_scores(plan)


def _out_of_reach(plan: Plan) -> Iterator[Verdict]:
    """Report a regression whose targets lie outside the range of the last activation."""
    facts, output = plan.facts, plan.output
    low, high = output.value_range
    if facts is None or facts.target_low is None or facts.target_high is None or plan.problems:
        return
    below, above = facts.target_low < low, facts.target_high > high
    if below or above:
        span = f"{facts.target_low:.3g} to {facts.target_high:.3g}"
        yield Verdict(
            severity="error",
            layer=output.name,
            message=f"the targets range from {span}, but the output of {output.activation} is never "
            + (f"below {low:g}" if below else f"above {high:g}"),
            evidence={
                "target_low": facts.target_low,
                "target_high": facts.target_high,
                "activation": output.activation,
            },
            remedy={f"{output.key}.activation": "linear"},
        )


_ERRORS = {"mse": "mean squared error", "mae": "mean absolute error", "huber": "Huber's loss"}


def _bent_scores(plan: Plan) -> Iterator[Verdict]:
    """Report a regression's loss on classes: legal, but slow; a relu output that is always off stops learning."""
    output = plan.output
    if not plan.takes_values or plan.info.task == "regression" or plan.problems:
        return
    right = {"network.loss": "auto", f"{output.key}.activation": "auto"}
    if output.can_be_off:
        message = "the output activation is relu: a class whose output is 0 for every sample no longer learns"
        yield Verdict(
            severity="warning",
            layer=output.name,
            message=message,
            evidence={"activation": output.activation},
            remedy=right,
        )
    else:
        yield Verdict(
            severity="info",
            layer=output.name,
            message=f"classes are trained with {_ERRORS.get(plan.loss, plan.loss)}, which learns more slowly than "
            "cross-entropy where the network is confident and wrong",
            remedy=right,
        )


@rule("class-count", Plan, _NEURALINT)
def class_count(plan: Plan) -> Iterator[Verdict]:
    """Report a number of outputs that does not match the task."""
    output = plan.output
    for problem in plan.problems:
        if problem.key == f"{output.key}.units":
            fitting = problem.remedy.get(problem.key, len(plan.info.class_names))
            figures = {"outputs": output.spec.units, "fitting": fitting}
            yield replace(_refused(problem, output.name), evidence=figures)


@rule("step-activation", Plan, "Rosenblatt 1958; Goodfellow, Bengio, Courville 2016, section 6.2")
def step_activation(plan: Plan) -> Iterator[Verdict]:
    """Report a step activation in a hidden layer: no gradient passes it."""
    keys = {f"{layer.key}.activation": layer.name for layer in plan.hidden}
    found = [problem for problem in plan.problems if problem.key in keys]
    if found:
        first = _refused(found[0], keys[found[0].key])
        together = {key: value for problem in found for key, value in problem.remedy.items()}
        yield replace(first, remedy=together)


@rule("linear-stack", Plan, "Schoop, Huang, Hartmann 2021, UMLAUT (CHI 2021)")
def linear_stack(plan: Plan) -> Iterator[Verdict]:
    """Report hidden layers that are all linear: together they are one linear map."""
    if not plan.hidden or plan.has_bend:
        return
    names = listed_layers(layer.name for layer in plan.hidden)
    one = len(plan.hidden) == 1
    yield Verdict(
        severity="warning",
        layer=plan.hidden[0].name,
        message=f"{names} {'has' if one else 'have'} no activation: the whole network is one linear map, with "
        "straight decision boundaries",
        evidence={"layers": [layer.name for layer in plan.hidden]},
        remedy=activate(plan.hidden, "relu"),
    )


def _refused(problem: Problem, layer: str) -> Verdict:
    """Return a problem of `engine.experiment.checks` as a verdict with the same message and fix."""
    return Verdict(severity="error", layer=layer, message=problem.message, remedy=dict(problem.remedy))
