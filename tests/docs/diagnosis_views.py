"""Text plots of findings: a training of the doctor's test set, as it is and fixed."""

import math
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from engine.data import Data
from engine.doctor.evidence import Plan
from engine.doctor.gather import plan_of
from engine.doctor.overfit import overfit_batch
from engine.doctor.report import diagnose_experiment
from engine.events import Epoch, Event, Finding, Finished, Layers, Steps
from engine.experiment.experiment import Experiment
from engine.nn.network import Network
from engine.training.trainer import Trainer
from tests.docs.text_plot import Values, plot
from tests.doctor_data import write_files
from tests.doctor_score import CASES, Case, load_cases, observe

WIDTH, HEIGHT = 60, 10


@dataclass(frozen=True)
class Trained:
    """A training and the evidence before it."""

    experiment: Experiment
    plan: Plan
    data: Data | None
    events: list[Event]

    @property
    def end(self) -> Finished:
        """The final event of the training."""
        return next(event for event in self.events if isinstance(event, Finished))

    @property
    def level(self) -> float:
        """Loss of the best constant prediction."""
        return (self.plan.facts.baseline if self.plan.facts else None) or math.nan

    def epochs(self, name: str) -> list[float | None]:
        """Return a figure of each epoch."""
        return [getattr(event, name) for event in self.events if isinstance(event, Epoch)]

    def losses(self) -> list[float | None]:
        """Return the loss of each update."""
        return [loss for event in self.events if isinstance(event, Steps) for loss in event.means]


@dataclass(frozen=True)
class Seen:
    """A case that was trained, and trained again with its fix."""

    case: Case
    given: Trained
    fixed: Trained | None
    changes: dict[str, Any]

    def finding(self, code: str) -> Finding:
        """Return the case's most severe finding of a code."""
        return gravest(self.given.events, code)


View = Callable[[Seen], str]
Read = Callable[[Trained], list[float | None]]


def gravest(events: list[Event], code: str) -> Finding:
    """Return the most severe finding of a code, the newest one with a fix if there are several."""
    order = {"info": 0, "warning": 1, "error": 2}
    findings = [event for event in events if isinstance(event, Finding) and event.code == code]
    return max(reversed(findings), key=lambda finding: (order[finding.severity], bool(finding.remedy)))


def see(name: str, code: str, changes: dict[str, Any] | None = None) -> Seen:
    """Train a case, and again with `changes` (None: with the fix of its finding)."""
    case = next(case for case in load_cases() if case.name == name)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        write_files(folder)
        given = _train(case.experiment(folder), case.overfit)
        applied = gravest(given.events, code).remedy if changes is None else changes
        if "data.dataset" in applied:
            applied = applied | {"data.dataset": str(folder / applied["data.dataset"])}
        fixed = _train(given.experiment.with_changes(applied)) if applied else None
    return Seen(case, given, fixed, applied)


def _train(experiment: Experiment, overfit: bool = False) -> Trained:
    plan, data = plan_of(experiment)
    events: list[Event] = [*diagnose_experiment(experiment, overfit=True)] if overfit else observe(experiment)
    return Trained(experiment, plan, data, events)


def loss(*, log: bool = False, by_update: bool = False, first: int | None = None) -> View:
    """Plot the training loss as it is and fixed, by epoch or by update: all of them, or the first ones."""

    def read(trained: Trained) -> list[float | None]:
        return (trained.losses() if by_update else _train_loss(trained))[:first]

    return lambda seen: _pair("training loss", seen, read, "updates" if by_update else "epochs", log=log)


def accuracy(seen: Seen) -> str:
    """Plot the training accuracy by epoch, as it is and fixed."""
    read: Read = lambda trained: trained.epochs("train_accuracy")  # noqa: E731
    return _pair("training accuracy", seen, read, "epochs", low=0.0, high=1.0)


def share_of_baseline(seen: Seen) -> str:
    """Plot the training loss over that of the best constant prediction, as it is and fixed."""
    read: Read = lambda trained: [  # noqa: E731
        None if loss is None else loss / trained.level for loss in _train_loss(trained)
    ]
    return _pair("training loss over that of a constant prediction", seen, read, "epochs", low=0.0)


def without_training(seen: Seen) -> str:
    """Plot the training loss of the fixed experiment: the other one cannot be trained."""
    assert seen.fixed is not None
    return _drawn(
        "training loss: + fixed; as it is, it cannot be trained",
        {"+": _train_loss(seen.fixed)},
        "epochs",
        low=0.0,
    )


def loss_and_level(seen: Seen) -> str:
    """Plot the training loss with that of the best constant prediction."""
    losses, level = _train_loss(seen.given), seen.given.level
    title = f"training loss (o) and the loss of a constant prediction, {level:.3g} (-)"
    return _drawn(title, {"-": [level] * len(losses), "o": losses}, "epochs", low=0.0)


def training_and_validation(seen: Seen) -> str:
    """Plot both losses by epoch."""
    curves = {".": _train_loss(seen.given), "o": seen.given.epochs("validation_loss")}
    return _drawn("training loss (.) and validation loss (o)", curves, "epochs", low=0.0)


def accuracy_and_chance(seen: Seen) -> str:
    """Plot the validation accuracy with that of always predicting the most frequent class."""
    right, chance = seen.given.epochs("validation_accuracy"), seen.given.plan.chance
    title = f"validation accuracy (o) and always the most frequent class, {100 * (chance or 0):.3g} % (-)"
    return _drawn(title, {"-": [chance] * len(right), "o": right}, "epochs", low=0.5, high=1.0)


def accuracy_and_test(seen: Seen) -> str:
    """Plot the training accuracy by epoch, with the test accuracy at the end."""
    right, test = seen.given.epochs("train_accuracy"), seen.given.end.test_accuracy
    title = f"training accuracy (o) and test accuracy in the end, {100 * (test or 0):.3g} % (-)"
    return _drawn(title, {"-": [test] * len(right), "o": right}, "epochs", low=0.5, high=1.0)


def layers(
    figure: str, words: str, positions: Sequence[int], *, log: bool = False, level: float | None = None
) -> View:
    """Plot a figure of some layers by measurement."""

    def view(seen: Seen) -> str:
        measured = _measured(seen.given)
        marks = dict(zip("o+", positions, strict=False))
        curves: dict[str, Values] = {} if level is None else {"-": [level] * len(measured)}
        for mark, position in marks.items():
            curves[mark] = [getattr(event.layers[position], figure) for event in measured]
        legend = "   ".join(f"{mark} {measured[0].layers[position].name}" for mark, position in marks.items())
        usual = "" if level is None else f"   - {level:g} is usual"
        end = f"{measured[-1].step:,} updates"
        return _drawn(f"{words}:   {legend}{usual}", curves, end, log=log, low=None if log else 0.0)

    return view


def layer(figure: str, words: str, position: int) -> View:
    """Plot a figure of one layer by measurement, as it is and fixed."""

    def read(trained: Trained) -> list[float | None]:
        return [getattr(event.layers[position], figure) for event in _measured(trained)]

    return lambda seen: _pair(words, seen, read, "measurements", low=0.0)


def _measured(trained: Trained) -> list[Layers]:
    return [event for event in trained.events if isinstance(event, Layers)]


def classes(seen: Seen) -> str:
    """Plot the test samples of each class, and the predictions of each class."""
    given, data = seen.given, seen.given.data
    assert data is not None
    network = Network(given.experiment.network, data.input_shape, given.experiment.seed)
    for _ in Trainer(given.experiment, network, data):
        pass
    are = np.bincount(data.test.y, minlength=len(data.class_names))
    predicted = np.bincount(network.logits(data.test.x).argmax(axis=1), minlength=len(are))
    most = max(are.max(), predicted.max())
    lines = [
        f"class {name}   {word} {_bar(count / most)} {count}".replace("  0", " 0")
        for name, pair in zip(data.class_names, zip(are, predicted, strict=True), strict=True)
        for word, count in zip(("are ", "said"), pair, strict=True)
    ]
    return "\n".join(["samples of the test part:", "", *lines])


def sure_and_right(seen: Seen) -> str:
    """Plot mean confidence and accuracy."""
    shown = seen.finding("overconfident").evidence
    pairs = (("sure ", shown["confidence"]), ("right", shown["accuracy"]))
    lines = [f"{word}  {_bar(share)} {100 * share:.3g} %" for word, share in pairs]
    return "\n".join(["guesses on samples that it has not learned from, on average:", "", *lines])


def memorising(seen: Seen, points: int = 20) -> str:
    """Plot the loss over 16 samples by update, with that of a network that memorises them."""
    healthy = next(case for case in load_cases() if case.name == "fresh-by-heart-digits").experiment(CASES)
    curves = {"+": _memorised(healthy, points), "o": _memorised(seen.given.experiment, points)}
    return _drawn(
        "loss over the same 16 digits: o this one, + the course's network", curves, "200 updates", low=0.0
    )


def _memorised(experiment: Experiment, points: int) -> Values:
    plan, data = plan_of(experiment)
    assert data is not None
    network = Network(experiment.network, data.input_shape, experiment.seed)
    steps = (round(200 * i / (points - 1)) for i in range(points))
    return [overfit_batch(plan, network, data, steps=count).last_loss for count in steps]


def _train_loss(trained: Trained) -> list[float | None]:
    return trained.epochs("train_loss")


def _pair(words: str, seen: Seen, read: Read, unit: str, **limits: Any) -> str:
    """Plot a figure of both trainings over the duration of the longer one."""
    given, fixed = read(seen.given), read(seen.fixed) if seen.fixed else []
    n = max(len(given), len(fixed))
    curves: dict[str, Values] = {"+": [*fixed, *[None] * (n - len(fixed))]} if fixed else {}
    curves["o"] = [*given, *[None] * (n - len(given))]
    title = f"{words}: o as it is" + (", + fixed" if fixed else "")
    return _drawn(title, curves, f"{n:,} {unit}", **limits)


def _drawn(title: str, curves: dict[str, Values], end: str, **limits: Any) -> str:
    if end == "epochs":
        end = f"{max(len(values) for values in curves.values())} epochs"
    return f"{title}\n\n{plot(curves, width=WIDTH, height=HEIGHT, x=('0', end), **limits)}"


def _bar(share: float, width: int = 40) -> str:
    return "█" * math.ceil(width * share)
