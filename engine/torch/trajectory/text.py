"""The rows and the message of a trajectory check's outcome."""

import numpy as np

from engine.arrays import Array
from engine.torch.trajectory.drift import SAFETY, TOLERANCE, TensorDrift
from engine.torch.trajectory.events import DriftVerdict, TrajectoryRow
from engine.torch.trajectory.pair import TrainingPair
from engine.words import counted


def rows_of(pair: TrainingPair) -> list[TrajectoryRow]:
    """Return one row per tensor, for the current parameters."""
    ours, theirs = pair.values
    return [_row(pair, name, ours[name], theirs[name]) for name in ours]


def _row(pair: TrainingPair, name: str, ours: Array, theirs: Array) -> TrajectoryRow:
    drift = pair.tensors[name]
    off = np.abs(ours - theirs)
    index = np.unravel_index(int(np.argmax(np.where(np.isfinite(off), off, np.inf))), off.shape)
    return TrajectoryRow(
        name=name,
        shape=ours.shape,
        index=tuple(int(i) for i in index),
        ours=float(ours[index]),
        torch=float(theirs[index]),
        relative_difference=drift.difference,
        largest_relative_difference=drift.largest,
        rounding=drift.rounding,
        first_bad_step=drift.first_bad_step,
        verdict=_verdict(pair, drift),
    )


def has_passed(pair: TrainingPair) -> bool:
    """Return True if at least one step was compared, and rounding explains every difference."""
    return pair.steps > 0 and pair.departure is None


def message_of(pair: TrainingPair, asked: int) -> str:
    """Return the verdict in a sentence or two; `asked` is the number of steps requested."""
    if pair.departure is not None:
        parted = pair.departure
        if parted.cause in ALONE:
            return parted.message
        return f"the trainings part at step {parted.step}, first in {parted.tensor}: {parted.message}"
    if not pair.steps:
        return "nothing could be compared: the training diverges at its first step"
    name, drift = max(pair.drift.tensors.items(), key=lambda item: item[1].difference)
    training, n = pair.trainer.experiment.training, len(pair.drift.tensors)
    steps = f"{pair.steps:,} of {counted(asked, 'step')}" if pair.steps < asked else counted(asked, "step")
    agreement = (
        f"all {counted(n, 'parameter tensor')}{_and_statistics(pair)} agree with PyTorch after {steps} of "
        f"{training.optimizer.name}"
        f" (largest difference {drift.difference:.1e} in {name})"
    )
    return f"{agreement}; {_of_rounding(pair)}"


ALONE = ("exception", "order of samples", "masks", "float32")
"""Causes that are wrong by themselves, without a comparison with PyTorch."""


def _and_statistics(pair: TrainingPair) -> str:
    return " and the running statistics" if pair.statistics.drift.tensors else ""


def _of_rounding(pair: TrainingPair) -> str:
    """Return the growth of rounding errors in words."""
    if pair.kink_step is not None and any(one.beyond_tolerance for one in pair.drift.tensors.values()):
        return (
            f"at step {pair.kink_step} a unit is so close to its kink that rounding decides its side: "
            "later steps are not compared"
        )
    rounding = max(one.rounding for one in pair.drift.tensors.values())
    perturbed = f"perturbed by 1e-15 at each step it drifts {rounding:.1e} at most"
    if rounding * SAFETY > TOLERANCE and any(one.beyond_tolerance for one in pair.drift.tensors.values()):
        return f"this training is chaotic: {perturbed}, so the difference is amplified rounding"
    return f"{perturbed}, so rounding does not grow beyond the tolerance of {TOLERANCE:.0e}"


def _verdict(pair: TrainingPair, drift: TensorDrift) -> DriftVerdict:
    if not drift.beyond_tolerance:
        return "ok"
    if drift.first_bad_step is None:
        return "rounding"
    return "kink" if pair.departure is None else "wrong"
