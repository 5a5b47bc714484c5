"""Hand-made evidence for the doctor's rules, and a complete training with its findings."""

from typing import Any

from engine.data import describe
from engine.doctor import Doctor
from engine.doctor.data_facts import DataFacts
from engine.doctor.evidence import Course, Plan, Start, WeightFacts
from engine.doctor.gather import plan_of
from engine.doctor.live_telemetry import live_telemetry
from engine.doctor.telemetry import Telemetry
from engine.events import Epoch, Event, Finished, LayerFigures, Layers
from engine.experiment.experiment import Experiment
from engine.nn.network import Network
from engine.training.trainer import Trainer

LN2 = 0.6931


def experiment(dataset: str = "moons", **options: Any) -> Experiment:
    return Experiment.quick(dataset, options.pop("layers", [8, 8]), **{"epochs": 20, **options})


def plan(given: Experiment | None = None, **facts: Any) -> Plan:
    given = given or experiment()
    known = {"train": 900, "validation": 100, "test": 250, "class_counts": (450, 450), "baseline": LN2}
    return Plan(given, describe(given.data), (), DataFacts(**known | facts))


def figures(name: str, **values: Any) -> LayerFigures:
    usual: dict[str, Any] = {
        "kind": "dense",
        "units": 8,
        "activation_mean": 0.3,
        "activation_std": 0.5,
        "dead": None,
        "saturated": None,
        "gradient_norm": 0.1,
        "weight_norm": 3.0,
        "update_ratio": 1e-3,
    }
    return LayerFigures(name=name, **usual | values)


def layers(step: int, *seen: LayerFigures, loss: float | None = 0.7, after: float | None = 0.69) -> Layers:
    return Layers(
        time=0.0, step=step, layers=list(seen), loss=loss, loss_after=after, learning_rate=0.1, seconds=0.0
    )


def start(given: Plan | None = None, *seen: LayerFigures, loss: float = 0.7, **weights: Any) -> Start:
    given = given or plan()
    usual: dict[str, Any] = {"zero": False, "alike": 0.0, "alike_in": 0.0, "gain": 1.0, "bias": 0.0}
    facts = tuple(WeightFacts(index=layer.index, **usual | weights) for layer in given.dense)
    shown = seen or tuple(figures(layer.name) for layer in given.dense)
    return Start(given, facts, layers(0, *shown, loss=loss), loss, 0.5)


def epochs(train: list[float], validation: list[float] | None = None) -> tuple[Epoch, ...]:
    held_out: list[float | None] = list(validation) if validation else [None] * len(train)
    return tuple(
        Epoch(
            time=0.0,
            step=10 * i,
            epoch=i,
            train_loss=loss,
            train_accuracy=0.5,
            validation_loss=other,
            validation_accuracy=0.5,
            learning_rate=0.1,
            samples_per_s=1.0,
            seconds=1.0,
        )
        for i, (loss, other) in enumerate(zip(train, held_out, strict=True), 1)
    )


def finished(**values: Any) -> Finished:
    usual: dict[str, Any] = {
        "state": "finished",
        "train_loss": 0.3,
        "train_accuracy": 0.9,
        "validation_loss": 0.3,
        "validation_accuracy": 0.9,
        "test_loss": 0.3,
        "test_accuracy": 0.9,
        "epochs": 20,
        "steps": 200,
        "seconds": 1.0,
    }
    return Finished(time=0.0, step=200, **usual | values)


def course(given: Start | None = None, **values: Any) -> Course:
    given = given or start()
    usual: dict[str, Any] = {"losses": (0.7,) * 200, "steps": 200, "layers": (given.layers,)}
    return Course(start=given, **usual | values)


def watch(given: Experiment, every: int = 20) -> list[Event]:
    """Train an experiment with the doctor and return all events."""
    known, data = plan_of(given)
    assert data is not None
    network = Network(given.network, data.input_shape, given.seed, given.training.dtype)
    trainer = Trainer(given, network, data)
    telemetry = Telemetry(network, data, given.training, every=every)
    return list(live_telemetry(trainer, Doctor(known, network, data), telemetry))
