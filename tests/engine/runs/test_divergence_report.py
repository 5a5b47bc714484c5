"""The report on a divergence: a finding with its origin, and a file with the batch."""

import json
from pathlib import Path

import numpy as np
from safetensors import safe_open

import engine
from engine.runs.divergence_report import FILE_NAME, write_divergence
from engine.training.trainer import Trainer


def diverged(**options: object) -> Trainer:
    experiment = engine.Experiment.quick("spirals", [16, 16], optimizer="adam", epochs=3, **options)
    data = engine.load_data(experiment.data)
    trainer = Trainer(experiment, engine.Network(experiment.network, data.input_shape, 0), data)
    for _ in trainer:
        pass
    return trainer


def test_the_finding_names_step_tensor_and_a_lower_rate(tmp_path: Path) -> None:
    trainer = diverged(lr=1e5)
    finding = write_divergence(trainer, tmp_path)
    assert finding is not None
    assert trainer.origin is not None
    assert (finding.step, finding.severity) == (trainer.origin.step, "error")
    assert finding.evidence["tensor"] == trainer.origin.tensor
    rate = trainer.experiment.with_changes(finding.remedy).training.optimizer.lr
    assert rate <= 1  # a tenth of 1e5 would diverge as well


def test_the_batch_is_written_as_the_network_received_it(tmp_path: Path) -> None:
    trainer = diverged(lr=1e5)
    write_divergence(trainer, tmp_path)
    origin = trainer.origin
    assert origin is not None
    with safe_open(tmp_path / FILE_NAME, "numpy") as file:
        kept = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        about = json.loads(file.metadata()["nnterm"])
    assert about == {"step": str(origin.step), "tensor": origin.tensor, "value": origin.value}
    train = trainer.data.train
    assert tuple(kept["samples"]) == origin.samples
    assert np.array_equal(kept["x"], train.x.reshape(len(train), -1)[list(origin.samples)])
    assert np.array_equal(kept["y"], train.y[list(origin.samples)])


def test_a_run_without_divergence_writes_nothing(tmp_path: Path) -> None:
    assert write_divergence(diverged(lr=0.01), tmp_path) is None
    assert list(tmp_path.iterdir()) == []
