"""The origin of a divergence: step, tensor and batch, compared with a training written by hand."""

import numpy as np
import pytest

import engine
from engine.arrays import Array
from engine.events import Finished, Steps
from engine.nn.activations import Activation, Scratch
from engine.training.position import EXPLODED
from engine.training.trainer import Trainer


def trainer_of(dataset: str, layers: list[int], **options: object) -> Trainer:
    experiment = engine.Experiment.quick(dataset, layers, **options)
    data = engine.load_data(experiment.data)
    network = engine.Network(experiment.network, data.input_shape, experiment.seed, experiment.training.dtype)
    return Trainer(experiment, network, data)


def end_of(trainer: Trainer) -> Finished:
    *_, last = trainer
    return last


CASES = {
    "adam": {
        "dataset": "spirals",
        "layers": [16, 16],
        "optimizer": "adam",
        "lr": 1e4,
        "epochs": 9,
        "activation": "relu",
    },
    "sgd": {
        "dataset": "moons",
        "layers": [32, 32],
        "optimizer": "sgd",
        "lr": 1e3,
        "epochs": 9,
        "activation": "relu",
    },
    "momentum": {
        "dataset": "sine",
        "layers": [32],
        "optimizer": "sgd",
        "lr": 3.0,
        "momentum": 0.9,
        "activation": "relu",
    },
    "elu": {
        "dataset": "plane",
        "layers": [8, 8],
        "optimizer": "sgd",
        "lr": 90.0,
        "activation": "elu",
        "epochs": 9,
    },
}


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_the_step_is_the_first_whose_loss_or_tensors_are_out_of_bounds(case: dict) -> None:
    trainer = trainer_of(**case)
    end = end_of(trainer)
    assert end.state == "diverged"
    origin = trainer.origin
    assert origin is not None

    again = trainer_of(**case)
    first_loss = None
    again.single_step()
    for event in again:
        if not isinstance(event, Steps) or again.has_diverged:
            if again.has_diverged:
                break
            continue
        loss = event.losses[0]
        first_loss = loss if first_loss is None else first_loss
        assert abs(loss) < EXPLODED * max(1.0, abs(first_loss))
        again.single_step()
    # with one step per chunk, the loop detects the fault in the same step, or in the loss of the next
    assert again.position.step - origin.step in (1, 2)
    assert f"diverged at step {origin.step:,}: " in end.reason


def test_the_batch_is_that_of_the_step() -> None:
    trainer = trainer_of("spirals", [16], optimizer="adam", lr=1e6, epochs=3, batch_size=50)
    end_of(trainer)
    origin = trainer.origin
    assert origin is not None
    n = len(trainer.data.train)
    epoch, place = divmod(origin.step, -(-n // 50))
    order = np.random.default_rng([trainer.experiment.seed, epoch]).permutation(n)
    assert list(origin.samples) == order[place * 50 : place * 50 + 50].tolist()


def test_a_planted_nan_is_found_in_its_tensor(monkeypatch: pytest.MonkeyPatch) -> None:
    trainer = trainer_of("moons", [8, 8], activation="tanh", optimizer="sgd", lr=0.1, epochs=5)
    tanh = type(trainer.network.layers[1].activation)
    forward = tanh.forward

    def poisoned(self: Activation, z: Array, out: Array, scratch: Scratch) -> None:
        forward(self, z, out, scratch)
        if trainer.position.step >= 20:
            out[0, 0] = np.nan

    monkeypatch.setattr(tanh, "forward", poisoned)
    trainer.single_step()
    for _ in trainer:
        trainer.single_step()
    assert trainer.has_diverged
    origin = trainer.origin
    assert origin is not None
    assert (origin.layer, origin.phase, origin.value) == ("layers.0", "forward", "NaN")
    assert origin.tensor == "layers.0.output"


def test_finite_trainings_have_no_origin() -> None:
    trainer = trainer_of("moons", [8], epochs=2)
    assert end_of(trainer).state == "finished"
    assert trainer.origin is None


def test_the_trainer_stays_at_its_good_weights() -> None:
    trainer = trainer_of("spirals", [16, 16], optimizer="adam", lr=1e5, epochs=3)
    end_of(trainer)
    assert np.isfinite(trainer.network.state).all()
    assert np.array_equal(trainer.network.theta, trainer.good_theta)
