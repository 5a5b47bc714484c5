"""Shuffled labels: how much noise the network can learn by heart, and whether it foretells any, which nobody can."""

import math
import time
from collections.abc import Generator
from typing import NamedTuple

import msgspec

from engine import blas
from engine.data import Data
from engine.events import Epoch, Finished
from engine.inspection.intervals import wilson
from engine.nn.network import Network
from engine.training.predictions import predict
from engine.training.trainer import Trainer
from engine.trials.budget import steps_for
from engine.trials.events import (
    Plot,
    TrialAnswer,
    TrialCurve,
    TrialEvent,
    TrialPoints,
    TrialProgress,
    TrialStarted,
)
from engine.trials.random_labels import CERTAIN, Noise, agreement, noise_of
from engine.trials.reporting import TELL_S, finished, percent
from engine.trials.subject import TrialSubject, first_weights, refuse_rule
from engine.trials.training import TrialShare, constant_score, score, with_train

SOURCE = "Zhang et al. 2017 (arXiv 1611.03530), section 2; Ojala and Garriga 2010, permutation tests"
BUDGET_S, MOST_STEPS = 4.0, 20_000
"""Nominal seconds, and updates, of each of the two trainings at most."""
LOOKS = 60
"""How often it is judged on the way."""
LEARNED = 0.99
"""The score at which a training ends."""
BY_HEART = 0.95
"""The score from which noise counts as learned by heart."""
LITTLE = 0.02
"""Of the variance, or above a constant answer, that is as good as nothing."""
NOISE, TRUE, CHANCE = "shuffled", "true", "constant"
"""The curves: the third is the best constant answer."""


class ShuffledFigures(msgspec.Struct, frozen=True, kw_only=True):
    """What was learned of shuffled labels and of the true ones."""

    measure: str
    """accuracy, or variance: the share of it that is explained."""
    samples: int
    noise: float
    """Reached on the shuffled labels it was trained on."""
    noise_epochs: int
    true: float
    """Reached on the true ones in as many epochs at most."""
    true_epochs: int
    constant: float
    """Of the best constant answer to the shuffled labels."""
    above_constant: bool
    """Whether `noise` is above it by more than chance makes."""
    part: str
    """The samples whose random labels it was to foretell."""
    part_samples: int
    foretold: float
    """The share of them; of values the correlation with them."""
    expected: float
    """By chance."""
    at_most: float
    """What chance exceeds once in a thousand."""
    recurring: int
    """Of those samples, the ones that it was trained on as well."""
    diverged: bool = False


class _Learned(NamedTuple):
    network: Network
    score: float
    epochs: int
    diverged: bool


def shuffled(subject: TrialSubject) -> Generator[TrialEvent, None, None]:
    """Train on permuted labels, then on the true ones; judge on samples that were not learned, permuted likewise.

    Raises:
        NntermError: the network learns by the perceptron's rule, or there are too few different samples.
    """
    refuse_rule(subject, "finds no end on labels that no line divides")
    started = time.perf_counter()
    noise = noise_of(subject)
    epochs = _epochs(subject, len(noise.x))
    yield TrialStarted(
        trial="shuffled",
        subject=subject.words,
        beginning=first_weights(subject.experiment.seed),
        plot=Plot(
            title="accuracy on what it learns" if subject.classifies else "share of the variance explained",
            x_label="epoch",
            curves=(TrialCurve(NOISE, "other"), TrialCurve(TRUE, "main"), TrialCurve(CHANCE, "level")),
        ),
        notes=_notes(subject, noise, epochs),
    )
    with blas.limited():
        figures = yield from _compared(subject, noise, epochs)
    yield finished("shuffled", judged(figures), figures, SOURCE, started)


def _notes(subject: TrialSubject, noise: Noise, epochs: int) -> tuple[str, ...]:
    notes = [f"until {percent(LEARNED)} is learned, {epochs:,} epochs at most; a constant learning rate"]
    if len(noise.x) < len(subject.data.train):
        notes.insert(0, f"to keep it short: {len(noise.x):,} of {len(subject.data.train):,} training samples")
    return tuple(notes)


def _epochs(subject: TrialSubject, samples: int) -> int:
    training = subject.experiment.training
    per_epoch = math.ceil(samples / min(training.batch_size or samples, samples))
    steps = min(MOST_STEPS, steps_for(training, subject.n_parameters, samples, BUDGET_S))
    return max(10, steps // per_epoch)


# learning


def _compared(
    subject: TrialSubject, noise: Noise, epochs: int
) -> Generator[TrialEvent, None, ShuffledFigures]:
    constant = constant_score(noise.y, subject.classifies)
    yield TrialPoints(curve=CHANCE, x=[0.0, 1.0], y=[constant, constant])
    dealt = with_train(subject.data, noise.x, noise.y)
    learned = yield from _learn(subject, dealt, epochs, NOISE, TrialShare(0.0, 0.5))
    yield TrialPoints(curve=CHANCE, x=[float(learned.epochs)], y=[constant])
    honest = with_train(subject.data, noise.x, noise.true_y)
    true = yield from _learn(subject, honest, learned.epochs, TRUE, TrialShare(0.5, 1.0))
    part = with_train(subject.data, noise.part_x, noise.part_y).train
    foretold, expected, at_most = agreement(predict(learned.network, part, subject.classifies))
    n = len(noise.y)
    above = learned.score > LITTLE
    if subject.classifies:
        above = wilson(round(learned.score * n), n, CERTAIN).low > constant
    return ShuffledFigures(
        measure="accuracy" if subject.classifies else "variance",
        samples=n,
        noise=learned.score,
        noise_epochs=learned.epochs,
        true=true.score,
        true_epochs=true.epochs,
        constant=constant,
        above_constant=above,
        part=noise.part,
        part_samples=len(part),
        foretold=foretold,
        expected=expected,
        at_most=at_most,
        recurring=noise.recurring,
        diverged=learned.diverged,
    )


def _learn(
    subject: TrialSubject, data: Data, epochs: int, curve: str, span: TrialShare
) -> Generator[TrialEvent, None, _Learned]:
    """Train until almost all is learned."""
    plan = subject.experiment_with(epochs=epochs, schedule={"name": "constant"}, patience=0)
    network = subject.fresh()
    trainer = Trainer(plan, network, data)
    every, looked, reached = math.ceil(epochs / LOOKS), 0, _score(network, data, subject)
    yield TrialPoints(curve=curve, x=[0.0], y=[reached])
    told_s = time.perf_counter()
    for event in trainer:
        if (isinstance(event, Epoch) and event.epoch >= looked + every) or isinstance(event, Finished):
            looked, reached = trainer.position.epoch, _score(network, data, subject)
            yield TrialPoints(curve=curve, x=[float(looked)], y=[reached])
            if reached >= LEARNED:
                break
        if time.perf_counter() - told_s >= TELL_S:
            share = span.at(trainer.position.epoch / epochs)
            yield TrialProgress(
                share=share, phase=f"learning {curve} labels: epoch {trainer.position.epoch:,}"
            )
            told_s = time.perf_counter()
    return _Learned(network, reached, max(1, looked), trainer.has_diverged)


def _score(network: Network, data: Data, subject: TrialSubject) -> float:
    return score(network, data.train, subject.classifies).value


# words


def judged(figures: ShuffledFigures) -> TrialAnswer:
    """Return what the figures mean."""
    noise, true = _share(figures.noise, figures), _share(figures.true, figures)
    labels = "labels" if figures.measure == "accuracy" else "values"
    after = f"after {_epochs_in_words(figures.noise_epochs)}"
    if figures.diverged:
        sentence = f"The training on shuffled {labels} diverges {after}: {noise} is all it came to."
        return TrialAnswer(outcome="diverged", passed=False, sentence=sentence)
    if figures.foretold > figures.at_most:
        return _leak(figures)
    if not figures.above_constant and figures.true <= figures.constant + LITTLE:
        sentence = f"It learns neither shuffled {labels} ({noise} {after}) nor the true ones ({true})."
        return TrialAnswer(outcome="learns-nothing", passed=False, sentence=sentence)
    foretold = (
        f"on {figures.part_samples:,} {figures.part} samples it foretells {_agreement(figures.foretold, figures)}, as "
        f"chance does ({_agreement(figures.expected, figures)})"
    )
    constant = f"a constant answer has {_share(figures.constant, figures)}"
    if figures.noise >= BY_HEART:
        sentence = (
            f"It learns {figures.samples:,} shuffled {labels} by heart, {noise} {after} (the true ones: {true} after "
            f"{figures.true_epochs:,}), so good figures on training samples prove nothing; {foretold}."
        )
        return TrialAnswer(outcome="by-heart", passed=True, sentence=sentence)
    if figures.above_constant:
        sentence = (
            f"It learns {noise} of {figures.samples:,} shuffled {labels} by heart {after}, where {constant} (the true "
            f"ones: {true}), so its memory for noise is limited; {foretold}."
        )
        return TrialAnswer(outcome="partly", passed=True, sentence=sentence)
    sentence = (
        f"It cannot learn {figures.samples:,} shuffled {labels}: {noise} {after}, where {constant} (the true ones: "
        f"{true}), so what it learns is no mere memory; {foretold}."
    )
    return TrialAnswer(outcome="no-memory", passed=True, sentence=sentence)


def _leak(figures: ShuffledFigures) -> TrialAnswer:
    why = "what tells them must have leaked"
    if figures.recurring:
        why = f"{figures.recurring:,} of them were trained on as well, so figures on them prove nothing"
    labels = "labels" if figures.measure == "accuracy" else "values"
    sentence = (
        f"It foretells {_agreement(figures.foretold, figures)} of the random {labels} of {figures.part_samples:,} "
        f"{figures.part} samples, where chance makes {_agreement(figures.expected, figures)} and hardly ever "
        f"{_agreement(figures.at_most, figures)}: {why}."
    )
    return TrialAnswer(outcome="leak", passed=False, sentence=sentence, code="leakage", severity="error")


def _share(value: float, figures: ShuffledFigures) -> str:
    if figures.measure == "accuracy":
        return percent(value)
    return f"{percent(max(0.0, value))} of the variance"


def _agreement(value: float, figures: ShuffledFigures) -> str:
    return percent(value) if figures.measure == "accuracy" else f"a correlation of {value + 0.0:.2f}"


def _epochs_in_words(epochs: int) -> str:
    return f"{epochs:,} epoch{'s' if epochs != 1 else ''}"
