"""What the doctor says of an experiment before it is trained."""

from msgspec.structs import replace

from engine.doctor.diagnose import judge
from engine.doctor.gather import plan_of, start_of
from engine.doctor.overfit import overfit_batch
from engine.doctor.precedence import arrange
from engine.events import Finding
from engine.experiment.experiment import Experiment
from engine.nn.network import Network


def diagnose_experiment(experiment: Experiment, *, overfit: bool = False) -> list[Finding]:
    """Return what can be known before training and from the first pass, causes before symptoms.

    Args:
        experiment: may be forced, so that what `engine.experiment.checks` refuses is found here instead.
        overfit: also try to learn a handful of samples by heart.

    Raises:
        DataError: the data are missing, damaged, or unusable for another reason than NaN.
    """
    plan, data = plan_of(experiment)
    findings = judge(plan)
    if data is None:
        return arrange(findings)
    network = Network.of(experiment, data)
    start = start_of(plan, network, data)
    if overfit:
        start = replace(start, overfit=overfit_batch(plan, network, data))
    return arrange([*findings, *judge(start)])
