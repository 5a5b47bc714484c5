"""The events of a check that has passed, with fixed figures."""

from engine.gradcheck.events import CheckFinished, CheckStarted, ParameterReport, TensorShape

STARTED = CheckStarted(
    architecture="2-4-1",
    n_parameters=17,
    parameters=(TensorShape("layers.0.weight", (4, 2)), TensorShape("layers.0.bias", (4,))),
    checks=4,
    samples=32,
    device="auto",
    dtype="auto",
)
WEIGHT = ParameterReport(
    name="layers.0.weight",
    shape=(4, 2),
    index=(3, 1),
    analytic=-3.5979784e-4,
    finite_difference=-3.5979785e-4,
    largest_relative_error=3.7e-9,
    median_relative_error=8.9e-11,
    norm_ratio=5.5e-11,
    checked=8,
    directions=4,
    verdict="ok",
)
BIAS = ParameterReport(
    name="layers.0.bias",
    shape=(4,),
    index=(2,),
    analytic=0.5,
    finite_difference=0.5,
    largest_relative_error=2.4e-10,
    median_relative_error=3.1e-11,
    norm_ratio=1.2e-11,
    checked=4,
    directions=4,
    verdict="ok",
)
REPORTS = (WEIGHT, BIAS)
FINISHED = CheckFinished(
    passed=True,
    message="all 2 parameter tensors agree",
    culprit="",
    problems=(),
    worst=None,
    device="cpu",
    dtype="float64",
    torch_version="2.13.0",
    n_parameters=17,
    checked=17,
    directions=4,
    kinks=0,
    modes=(),
    blind_spots=(),
    notes=("a note",),
    seconds=0.5,
)
