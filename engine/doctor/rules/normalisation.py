"""Rule on batch normalisation of few samples."""

from collections.abc import Iterator

from engine.doctor.evidence import Plan
from engine.doctor.rule import Verdict, rule

FEWEST = 8
"""Samples of a batch whose mean and deviation are statistics."""
USUAL = 32


@rule(
    "batchnorm-batch", Plan, "Wu and He 2018, Group normalization, figure 1: the error grows below 16 samples"
)
def small_batches(plan: Plan) -> Iterator[Verdict]:
    """Report batch normalisation by means and deviations of a few samples."""
    layers = plan.experiment.network.layers
    first = next((i for i, layer in enumerate(layers) if layer.normalises), None)
    batch = plan.experiment.training.batch_size
    if first is None or not 0 < batch < FEWEST:
        return
    samples = plan.facts.train if plan.facts else USUAL
    yield Verdict(
        severity="warning",
        layer=f"layers.{first}",
        message=f"batch normalisation computes its mean and deviation from batches of {batch}: they say more about the "
        "batch than about the data, and differ from the running statistics that predictions use",
        evidence={"batch_size": batch, "usual": USUAL},
        remedy={"training.batch_size": min(USUAL, samples)} if samples >= FEWEST else {},
    )
