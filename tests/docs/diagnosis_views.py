"""What a finding looks like: a training of the doctor's test set as text plots, as it is and mended."""

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
    """A training and what was known before it."""

    experiment: Experiment
    plan: Plan
    data: Data | None
    events: list[Event]

    @property
    def end(self) -> Finished:
        """The event that it ended with."""
        return next(event for event in self.events if isinstance(event, Finished))

    @property
    def level(self) -> float:
        """The loss of the best constant answer."""
        return (self.plan.facts.baseline if self.plan.facts else None) or math.nan

    def epochs(self, name: str) -> list[float | None]:
        """Return a figure of each epoch."""
        return [getattr(event, name) for event in self.events if isinstance(event, Epoch)]

    def losses(self) -> list[float | None]:
        """Return the loss of each update."""
        return [loss for event in self.events if isinstance(event, Steps) for loss in event.means]


@dataclass(frozen=True)
class Seen:
    """A case that was trained, and once more with what mends it."""

    case: Case
    given: Trained
    mended: Trained | None
    changes: dict[str, Any]

    def finding(self, code: str) -> Finding:
        """Return what the case was found to have, the gravest of a code."""
        return gravest(self.given.events, code)


View = Callable[[Seen], str]
Read = Callable[[Trained], list[float | None]]


def gravest(events: list[Event], code: str) -> Finding:
    """Return the gravest finding of a code; of those one with a remedy, the newest."""
    order = {"info": 0, "warning": 1, "error": 2}
    findings = [event for event in events if isinstance(event, Finding) and event.code == code]
    return max(reversed(findings), key=lambda finding: (order[finding.severity], bool(finding.remedy)))


def see(name: str, code: str, changes: dict[str, Any] | None = None) -> Seen:
    """Train a case, and again with `changes` (None: with the remedy of its finding)."""
    case = next(case for case in load_cases() if case.name == name)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        write_files(folder)
        given = _train(case.experiment(folder), case.overfit)
        wanted = gravest(given.events, code).remedy if changes is None else changes
        if "data.dataset" in wanted:
            wanted = wanted | {"data.dataset": str(folder / wanted["data.dataset"])}
        mended = _train(given.experiment.with_changes(wanted)) if wanted else None
    return Seen(case, given, mended, wanted)


def _train(experiment: Experiment, overfit: bool = False) -> Trained:
    plan, data = plan_of(experiment)
    events: list[Event] = [*diagnose_experiment(experiment, overfit=True)] if overfit else observe(experiment)
    return Trained(experiment, plan, data, events)


def loss(*, log: bool = False, by_update: bool = False, first: int | None = None) -> View:
    """The training loss as it is and mended, by the epoch or by the update: all of them, or the first ones."""

    def read(trained: Trained) -> list[float | None]:
        return (trained.losses() if by_update else _train_loss(trained))[:first]

    return lambda seen: _pair("training loss", seen, read, "updates" if by_update else "epochs", log=log)


def accuracy(seen: Seen) -> str:
    """The training accuracy by the epoch, as it is and mended."""
    read: Read = lambda trained: trained.epochs("train_accuracy")  # noqa: E731
    return _pair("training accuracy", seen, read, "epochs", low=0.0, high=1.0)


def share_of_baseline(seen: Seen) -> str:
    """The training loss over that of the best constant answer, as it is and mended."""
    read: Read = lambda trained: [  # noqa: E731
        None if loss is None else loss / trained.level for loss in _train_loss(trained)
    ]
    return _pair("training loss over that of a constant answer", seen, read, "epochs", low=0.0)


def without_training(seen: Seen) -> str:
    """The training loss of the mended experiment: the other cannot be trained at all."""
    assert seen.mended is not None
    return _drawn(
        "training loss: + mended; as it is, there is none", {"+": _train_loss(seen.mended)}, "epochs", low=0.0
    )


def loss_and_level(seen: Seen) -> str:
    """The training loss beside that of the best constant answer."""
    losses, level = _train_loss(seen.given), seen.given.level
    title = f"training loss (o) and the loss of a constant answer, {level:.3g} (-)"
    return _drawn(title, {"-": [level] * len(losses), "o": losses}, "epochs", low=0.0)


def training_and_validation(seen: Seen) -> str:
    """Both losses by the epoch."""
    curves = {".": _train_loss(seen.given), "o": seen.given.epochs("validation_loss")}
    return _drawn("training loss (.) and validation loss (o)", curves, "epochs", low=0.0)


def accuracy_and_chance(seen: Seen) -> str:
    """The validation accuracy beside that of always guessing the most frequent class."""
    right, chance = seen.given.epochs("validation_accuracy"), seen.given.plan.chance
    title = f"validation accuracy (o) and always the most frequent class, {100 * (chance or 0):.3g} % (-)"
    return _drawn(title, {"-": [chance] * len(right), "o": right}, "epochs", low=0.5, high=1.0)


def accuracy_and_test(seen: Seen) -> str:
    """The accuracy over the training part by the epoch, beside that over the test part in the end."""
    right, test = seen.given.epochs("train_accuracy"), seen.given.end.test_accuracy
    title = f"training accuracy (o) and test accuracy in the end, {100 * (test or 0):.3g} % (-)"
    return _drawn(title, {"-": [test] * len(right), "o": right}, "epochs", low=0.5, high=1.0)


def layers(
    figure: str, words: str, positions: Sequence[int], *, log: bool = False, level: float | None = None
) -> View:
    """A figure of some layers by the measurement."""

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
    """A figure of one layer by the measurement, as it is and mended."""

    def read(trained: Trained) -> list[float | None]:
        return [getattr(event.layers[position], figure) for event in _measured(trained)]

    return lambda seen: _pair(words, seen, read, "measurements", low=0.0)


def _measured(trained: Trained) -> list[Layers]:
    return [event for event in trained.events if isinstance(event, Layers)]


def classes(seen: Seen) -> str:
    """How many samples each class has in the test part, and how often the network says so."""
    given, data = seen.given, seen.given.data
    assert data is not None
    network = Network(given.experiment.network, data.input_shape, given.experiment.seed)
    for _ in Trainer(given.experiment, network, data):
        pass
    are = np.bincount(data.test.y, minlength=len(data.class_names))
    said = np.bincount(network.logits(data.test.x).argmax(axis=1), minlength=len(are))
    most = max(are.max(), said.max())
    lines = [
        f"class {name}   {word} {_bar(count / most)} {count}".replace("  0", " 0")
        for name, pair in zip(data.class_names, zip(are, said, strict=True), strict=True)
        for word, count in zip(("are ", "said"), pair, strict=True)
    ]
    return "\n".join(["samples of the test part:", "", *lines])


def sure_and_right(seen: Seen) -> str:
    """Mean confidence beside accuracy."""
    shown = seen.finding("overconfident").evidence
    pairs = (("sure ", shown["confidence"]), ("right", shown["accuracy"]))
    lines = [f"{word}  {_bar(share)} {100 * share:.3g} %" for word, share in pairs]
    return "\n".join(["guesses on samples that it has not learned from, on average:", "", *lines])


def by_heart(seen: Seen, points: int = 20) -> str:
    """The loss over 16 samples by the update, beside that of a network that learns them."""
    sound = next(case for case in load_cases() if case.name == "fresh-by-heart-digits").experiment(CASES)
    curves = {"+": _learned_by_heart(sound, points), "o": _learned_by_heart(seen.given.experiment, points)}
    return _drawn(
        "loss over the same 16 digits: o this one, + the course's network", curves, "200 updates", low=0.0
    )


def _learned_by_heart(experiment: Experiment, points: int) -> Values:
    plan, data = plan_of(experiment)
    assert data is not None
    network = Network(experiment.network, data.input_shape, experiment.seed)
    steps = (round(200 * i / (points - 1)) for i in range(points))
    return [overfit_batch(plan, network, data, steps=count).last_loss for count in steps]


def _train_loss(trained: Trained) -> list[float | None]:
    return trained.epochs("train_loss")


def _pair(words: str, seen: Seen, read: Read, unit: str, **limits: Any) -> str:
    """A figure of both trainings over the time of the longer one."""
    given, mended = read(seen.given), read(seen.mended) if seen.mended else []
    n = max(len(given), len(mended))
    curves: dict[str, Values] = {"+": [*mended, *[None] * (n - len(mended))]} if mended else {}
    curves["o"] = [*given, *[None] * (n - len(given))]
    title = f"{words}: o as it is" + (", + mended" if mended else "")
    return _drawn(title, curves, f"{n:,} {unit}", **limits)


def _drawn(title: str, curves: dict[str, Values], end: str, **limits: Any) -> str:
    if end == "epochs":
        end = f"{max(len(values) for values in curves.values())} epochs"
    return f"{title}\n\n{plot(curves, width=WIDTH, height=HEIGHT, x=('0', end), **limits)}"


def _bar(share: float, width: int = 40) -> str:
    return "█" * math.ceil(width * share)
