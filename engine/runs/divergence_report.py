"""The report on a divergence: a finding with its origin, and a file with the batch in which it arose."""

import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.numpy

from engine.events import Finding
from engine.files.atomic import replace_file
from engine.training.divergence import DivergenceOrigin
from engine.training.trainer import Trainer

FILE_NAME = "divergence.safetensors"
"""File of the batch: `x` (m, n_features), scaled as for the network, `y`, and `samples` (m,), indices into the split."""


def write_divergence(trainer: Trainer, folder: Path) -> Finding | None:
    """Write the batch in which the divergence arose into a run's folder, and return the finding; None: origin unknown.

    Raises:
        OSError: the file cannot be written.
    """
    origin = trainer.origin
    if origin is None:
        return None
    _write_batch(trainer, origin, folder / FILE_NAME)
    return Finding(
        time=time.time(),
        step=origin.step,
        code="nan" if origin.value != "huge" else "learning-rate-high",
        severity="error",
        layer=origin.layer,
        message=f"{origin.describe()}; the batch is saved in {FILE_NAME}",
        evidence={
            "tensor": origin.tensor,
            "phase": origin.phase,
            "value": origin.value,
            "largest_weight": origin.largest_weight,
            "learning_rate": origin.learning_rate,
            "samples": list(origin.samples[:16]),
            "file": FILE_NAME,
        },
        remedy=_lower_rate(trainer),
        reference="Wardat et al. 2021, DeepLocalize",
    )


def _lower_rate(trainer: Trainer) -> dict[str, Any]:
    """Return the doctor's suggested fix, a learning rate below the current one."""
    from engine.doctor.evidence import Plan
    from engine.doctor.live import with_rate
    from engine.doctor.remedies import lower_rate

    return lower_rate(Plan(with_rate(trainer.experiment, trainer.learning_rate), trainer.data.info))


def _write_batch(trainer: Trainer, origin: DivergenceOrigin, path: Path) -> None:
    indices = np.array(origin.samples, np.int64)
    split, network = trainer.data.train, trainer.network
    x = np.empty((len(indices), network.n_features), network.dtype)
    split.take(indices, x)
    tensors = {"samples": indices, "x": x, "y": np.ascontiguousarray(split.y[indices])}
    metadata = {"step": str(origin.step), "tensor": origin.tensor, "value": origin.value}
    blob = safetensors.numpy.save(tensors, {"nnterm": json.dumps(metadata)})
    replace_file(path, [blob], durable=True)
