"""Diagnosis of an experiment before it is trained."""

from msgspec.structs import replace

from engine.doctor.diagnosis import diagnose
from engine.doctor.gather import plan_of, start_of
from engine.doctor.overfit import overfit_batch
from engine.doctor.precedence import arrange
from engine.events import Finding
from engine.experiment.experiment import Experiment
from engine.nn.network import Network


def diagnose_experiment(experiment: Experiment, *, overfit: bool = False) -> list[Finding]:
    """Return the findings before training and from the first pass, causes before symptoms.

    Args:
        experiment: may be forced, so that problems refused by `engine.experiment.checks` are reported here.
        overfit: also try to overfit a small batch.

    Raises:
        DataError: the data are missing, damaged, or unusable for another reason than NaN.
    """
    plan, data = plan_of(experiment)
    findings = diagnose(plan)
    if data is None:
        return arrange(findings)
    network = Network.of(experiment, data)
    start = start_of(plan, network, data)
    if overfit:
        start = replace(start, overfit=overfit_batch(plan, network, data))
    return arrange([*findings, *diagnose(start)])
