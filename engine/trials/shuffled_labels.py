"""Shuffled labels: how much noise the network can memorise, and a test for leakage by predicting unseen noise."""

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
from engine.trials.reporting import REPORT_S, finished
from engine.trials.subject import TrialSubject, first_weights, refuse_perceptron
from engine.trials.training import TrialShare, constant_score, score, with_train
from engine.words import counted, percent

SOURCE = "Zhang et al. 2017 (arXiv 1611.03530), section 2; Ojala and Garriga 2010, permutation tests"
BUDGET_S, MOST_STEPS = 4.0, 20_000
"""Nominal seconds, and updates, of each of the two trainings at most."""
EVALUATIONS = 60
"""Evaluations during a training."""
LEARNED = 0.99
"""Score at which a training ends."""
MEMORISED = 0.95
"""Score from which the noise counts as memorised."""
LITTLE = 0.02
"""Share of the variance, or score above a constant prediction, that counts as nothing."""
NOISE, TRUE, CHANCE = "shuffled", "true", "constant"
"""Names of the curves; the third is the best constant prediction."""


class ShuffledFigures(msgspec.Struct, frozen=True, kw_only=True):
    """Figures of the trainings on shuffled and on true labels."""

    measure: str
    """accuracy, or variance: the explained share of it."""
    samples: int
    noise: float
    """Score on the shuffled training labels."""
    noise_epochs: int
    true: float
    """Epochs of that training."""
    true_epochs: int
    constant: float
    """Score of the best constant prediction of the shuffled labels."""
    above_constant: bool
    """True if `noise` exceeds it by more than chance."""
    part: str
    """Name of the part whose shuffled labels are predicted."""
    part_samples: int
    foretold: float
    """Share of them predicted correctly; for values the correlation."""
    expected: float
    """The same by chance."""
    at_most: float
    """Bound that chance exceeds once in a thousand."""
    recurring: int
    """Samples of the part that are training samples too."""
    diverged: bool = False


class _Learned(NamedTuple):
    network: Network
    score: float
    epochs: int
    diverged: bool


def shuffled(subject: TrialSubject) -> Generator[TrialEvent, None, None]:
    """Train on shuffled labels, then on the true ones, and predict the shuffled labels of samples not trained on.

    Raises:
        NntermError: the network learns by the perceptron's rule, or there are too few different samples.
    """
    refuse_perceptron(subject, "finds no end on labels that no line divides")
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
        figures = yield from _compare(subject, noise, epochs)
    yield finished("shuffled", answer_of(figures), figures, SOURCE, started)


def _notes(subject: TrialSubject, noise: Noise, epochs: int) -> tuple[str, ...]:
    notes = [
        f"until {percent(LEARNED)} is learned, {counted(epochs, 'epoch')} at most; a constant learning rate"
    ]
    if len(noise.x) < len(subject.data.train):
        notes.insert(
            0, f"to keep it short: {len(noise.x):,} of {counted(len(subject.data.train), 'training sample')}"
        )
    return tuple(notes)


def _epochs(subject: TrialSubject, samples: int) -> int:
    training = subject.experiment.training
    per_epoch = math.ceil(samples / min(training.batch_size or samples, samples))
    steps = min(MOST_STEPS, steps_for(training, subject.n_parameters, samples, BUDGET_S))
    return max(10, steps // per_epoch)


# learning


def _compare(
    subject: TrialSubject, noise: Noise, epochs: int
) -> Generator[TrialEvent, None, ShuffledFigures]:
    constant = constant_score(noise.y, subject.classifies)
    yield TrialPoints(curve=CHANCE, x=[0.0, 1.0], y=[constant, constant])
    with_shuffled_labels = with_train(subject.data, noise.x, noise.y)
    learned = yield from _learn(subject, with_shuffled_labels, epochs, NOISE, TrialShare(0.0, 0.5))
    yield TrialPoints(curve=CHANCE, x=[float(learned.epochs)], y=[constant])
    with_true_labels = with_train(subject.data, noise.x, noise.true_y)
    true = yield from _learn(subject, with_true_labels, learned.epochs, TRUE, TrialShare(0.5, 1.0))
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
    """Train until almost all samples are learned."""
    plan = subject.experiment_with(epochs=epochs, schedule={"name": "constant"}, patience=0)
    network = subject.fresh()
    trainer = Trainer(plan, network, data)
    every, evaluated_at, reached = math.ceil(epochs / EVALUATIONS), 0, _score(network, data, subject)
    yield TrialPoints(curve=curve, x=[0.0], y=[reached])
    reported_s = time.perf_counter()
    for event in trainer:
        if (isinstance(event, Epoch) and event.epoch >= evaluated_at + every) or isinstance(event, Finished):
            evaluated_at, reached = trainer.position.epoch, _score(network, data, subject)
            yield TrialPoints(curve=curve, x=[float(evaluated_at)], y=[reached])
            if reached >= LEARNED:
                break
        if time.perf_counter() - reported_s >= REPORT_S:
            share = span.at(trainer.position.epoch / epochs)
            yield TrialProgress(
                share=share, phase=f"learning {curve} labels: epoch {trainer.position.epoch:,}"
            )
            reported_s = time.perf_counter()
    return _Learned(network, reached, max(1, evaluated_at), trainer.has_diverged)


def _score(network: Network, data: Data, subject: TrialSubject) -> float:
    return score(network, data.train, subject.classifies).value


# words


def answer_of(figures: ShuffledFigures) -> TrialAnswer:
    """Return the meaning of the figures."""
    noise, true = _share(figures.noise, figures), _share(figures.true, figures)
    labels = "labels" if figures.measure == "accuracy" else "values"
    after = f"after {_epochs_in_words(figures.noise_epochs)}"
    if figures.diverged:
        sentence = f"The training on shuffled {labels} diverged {after}, at {noise}."
        return TrialAnswer(outcome="diverged", passed=False, sentence=sentence)
    if figures.foretold > figures.at_most:
        return _leak(figures)
    if not figures.above_constant and figures.true <= figures.constant + LITTLE:
        sentence = f"It learned neither the shuffled {labels} ({noise} {after}) nor the true ones ({true})."
        return TrialAnswer(outcome="learns-nothing", passed=False, sentence=sentence)
    foretold = (
        f"of the shuffled {labels} of {counted(figures.part_samples, figures.part + ' sample')} it gets "
        f"{_agreement(figures.foretold, figures)} right, as expected by chance ({_agreement(figures.expected, figures)})"
    )
    constant = f"a constant prediction has {_share(figures.constant, figures)}"
    if figures.noise >= MEMORISED:
        sentence = (
            f"It memorised {figures.samples:,} shuffled {labels}: {noise} {after} (the true ones: {true} after "
            f"{figures.true_epochs:,}), so good training scores alone are no evidence of learning; {foretold}."
        )
        return TrialAnswer(outcome="by-heart", passed=True, sentence=sentence)
    if figures.above_constant:
        sentence = (
            f"It memorised {noise} of {figures.samples:,} shuffled {labels} {after}; {constant} (the true ones: {true}), "
            f"so it can memorise noise only in part; {foretold}."
        )
        return TrialAnswer(outcome="partly", passed=True, sentence=sentence)
    sentence = (
        f"It cannot memorise {figures.samples:,} shuffled {labels}: {noise} {after}; {constant} (the true ones: {true}), "
        f"so what it learns from the true ones is not memorised; {foretold}."
    )
    return TrialAnswer(outcome="no-memory", passed=True, sentence=sentence)


def _leak(figures: ShuffledFigures) -> TrialAnswer:
    why = "these samples or their labels must have leaked into the training"
    if figures.recurring:
        why = f"{figures.recurring:,} of them are training samples too, so scores on them are no evidence"
    labels = "labels" if figures.measure == "accuracy" else "values"
    sentence = (
        f"Of the shuffled {labels} of {counted(figures.part_samples, figures.part + ' sample')} it gets "
        f"{_agreement(figures.foretold, figures)} right; chance gives {_agreement(figures.expected, figures)}, and above "
        f"{_agreement(figures.at_most, figures)} once in 1,000 times: {why}."
    )
    return TrialAnswer(outcome="leak", passed=False, sentence=sentence, code="leakage", severity="error")


def _share(value: float, figures: ShuffledFigures) -> str:
    if figures.measure == "accuracy":
        return percent(value)
    return f"{percent(max(0.0, value))} of the variance"


def _agreement(value: float, figures: ShuffledFigures) -> str:
    return percent(value) if figures.measure == "accuracy" else f"a correlation of {value + 0.0:.2f}"


def _epochs_in_words(epochs: int) -> str:
    return counted(epochs, "epoch")
