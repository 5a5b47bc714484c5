"""The events with the figures of an epoch and of a whole training."""

from collections.abc import Callable
from typing import NamedTuple

from engine.data import Data, Split
from engine.events import Epoch, FinalState, Finished
from engine.experiment.experiment import Experiment
from engine.training.divergence import DivergenceOrigin
from engine.training.evaluation import Figures
from engine.training.position import Position, is_patience_exhausted
from engine.words import counted

DIVERGED = "the loss or a weight is not finite"


class FinalFigures(NamedTuple):
    """Figures of the final weights over whole splits."""

    train: Figures
    validation: Figures
    test: Figures

    @classmethod
    def of(cls, data: Data, evaluate: Callable[[Split], Figures]) -> "FinalFigures":
        """Return the figures of each split of `data`."""
        return cls(evaluate(data.train), evaluate(data.validation), evaluate(data.test))


def epoch_event(
    position: Position,
    train: Figures,
    validation: Figures,
    *,
    time: float,
    rate: float,
    samples_per_s: float,
    seconds: float,
) -> Epoch:
    """Return the event of an epoch that ends at `position`.

    Args:
        train: means over its batches, each before its update.
        validation: figures after it.
        time: current time, Unix seconds.
        rate: learning rate of its last update.
        samples_per_s: speed of its training.
        seconds: duration of its training and evaluation.
    """
    return Epoch(
        time=time,
        step=position.step,
        epoch=position.epoch,
        train_loss=train.loss,
        train_accuracy=train.accuracy,
        validation_loss=validation.loss,
        validation_accuracy=validation.accuracy,
        learning_rate=rate,
        samples_per_s=round(samples_per_s, 1),
        seconds=round(seconds, 6),
    )


def finished_event(
    experiment: Experiment,
    position: Position,
    figures: FinalFigures,
    stop_reason: FinalState | None,
    origin: DivergenceOrigin | None,
    *,
    kept_step: int,
    time: float,
    seconds: float,
) -> Finished:
    """Return the event that ends a training at `position`.

    Args:
        stop_reason: the reason for an end before the last epoch; None: it was completed.
        origin: the origin of a divergence; None: no divergence, or not found.
        kept_step: updates made when the weights were finite for the last time.
        time: current time, Unix seconds.
        seconds: duration of training and evaluation.
    """
    return Finished(
        time=time,
        step=position.step,
        state=stop_reason or "finished",
        train_loss=figures.train.loss,
        train_accuracy=figures.train.accuracy,
        validation_loss=figures.validation.loss,
        validation_accuracy=figures.validation.accuracy,
        test_loss=figures.test.loss,
        test_accuracy=figures.test.accuracy,
        epochs=position.epoch,
        steps=position.step,
        seconds=round(seconds, 3),
        run=experiment.name,
        reason=_reason(experiment, position, figures, stop_reason, origin, kept_step),
    )


def _reason(
    experiment: Experiment,
    position: Position,
    figures: FinalFigures,
    stop_reason: FinalState | None,
    origin: DivergenceOrigin | None,
    kept_step: int,
) -> str:
    if stop_reason == "diverged":
        reason = origin.describe() if origin else f"diverged by step {position.step:,}: {DIVERGED}"
        return f"{reason}. Its last finite weights, of step {kept_step:,}, are saved as a checkpoint"
    if is_patience_exhausted(position, experiment.training.patience):
        watched = (
            "training loss (no samples are held out)"
            if figures.validation.loss is None
            else "validation loss"
        )
        return (
            f"no better {watched} for {counted(position.bad_epochs, 'epoch')}; the best weights are restored"
        )
    return ""
