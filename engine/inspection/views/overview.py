"""The view overview: figures of each split beside chance and the baseline, of the layers and of the classes."""

from typing import Any

import msgspec
import numpy as np

from engine.inspection.baseline import Baseline, score_of
from engine.inspection.epoch_losses import EpochLosses
from engine.inspection.intervals import wilson
from engine.inspection.messages import Answer, UnfitError
from engine.inspection.probe import layer_values
from engine.inspection.rasters import finite
from engine.inspection.snapshot import NetworkSnapshot, SplitName
from engine.inspection.view import InspectionView, Options
from engine.inspection.views.activations import flatness
from engine.inspection.views.classes import ClassesOptions, classes
from engine.inspection.views.confusion import ConfusedPair, ConfusionOptions, confusion
from engine.inspection.views.mistakes import Mistake, MistakesOptions, mistakes
from engine.words import counted

GAP = 0.02
"""Difference of accuracies between training and evaluated split that is worth a sentence."""


MOST_PAIRS, RANKED, WORST = 6, 10, 8
"""Confused pairs, ranked classes and errors, at most."""


class OverviewOptions(Options, frozen=True):
    """No further options."""


class SplitFigures(msgspec.Struct, frozen=True):
    """Figures of one split; shares from 0 to 1, None if the figure does not apply."""

    split: str
    samples: int
    loss: float | None
    right: int | None = None
    accuracy: float | None = None
    low: float | None = None
    """Lower end of the accuracy's 95 % confidence interval (Wilson); `high`: the upper end."""
    high: float | None = None
    r_squared: float | None = None
    """For a regression."""
    broken: int = 0
    """Samples with NaN outputs."""


class BaselineFigures(msgspec.Struct, frozen=True):
    """Figures of a network without hidden layers on the evaluated split."""

    method: str
    accuracy: float | None
    loss: float | None
    r_squared: float | None


class LayerState(msgspec.Struct, frozen=True):
    """A layer with the state of its units on the evaluated split."""

    name: str
    kind: str
    units: int
    activation: str
    parameters: int
    norm: float | None
    """Euclidean norm of its parameters."""
    flat: float | None = None
    """Share of pre-activations at which the activation is flat; None: not applicable."""
    idle: int | None = None
    """Units that are flat for every sample."""


class ClassF1(msgspec.Struct, frozen=True):
    """The F1 score of a class."""

    name: str
    f1: float
    support: int


class Overview(Answer, frozen=True, tag="overview"):
    """The figures of a network."""

    task: str
    judged: str
    """Name of the evaluated split, which `words` describe."""
    splits: tuple[SplitFigures, ...]
    chance: float | None
    """Accuracy of always predicting the evaluated split's most frequent class; None for a regression."""
    chance_class: str
    baseline: BaselineFigures | None
    """None: not trained yet."""
    words: tuple[str, ...]
    parameters: int
    layers: tuple[LayerState, ...] = ()
    losses: EpochLosses = EpochLosses()
    """Loss of the run over its epochs."""
    names: tuple[str, ...] = ()
    """Names of the classes; empty for a regression."""
    pairs: tuple[ConfusedPair, ...] = ()
    """The most confused pairs of classes."""
    ranked: tuple[ClassF1, ...] = ()
    """Best and worst classes, from the highest F1 to the lowest."""
    worst: tuple[Mistake, ...] = ()
    """The most confident errors."""


SPLITS: tuple[SplitName, ...] = ("train", "validation", "test")


def overview(snapshot: NetworkSnapshot, options: OverviewOptions) -> Overview:
    """Return the figures of a network; the baseline if it is available."""
    data = snapshot.data
    splits = [_figures(snapshot, name) for name in SPLITS if len(getattr(data, name))]
    split = snapshot.split_name(options.split)
    figures = next((one for one in splits if one.split == split), None)
    if figures is None:
        raise UnfitError(f"these data have no {split} split")
    chance, chance_class = _chance(snapshot, split)
    baseline = _baseline(snapshot.baseline, split)
    is_gate = data.info.kind == "gate"
    compared = [figures] if is_gate else splits
    words = _words(compared, figures, chance, chance_class, baseline if snapshot.has_hidden else None)
    if is_gate:
        words.append("All splits hold the same samples.")
    return Overview(
        task=data.task,
        judged=split,
        splits=tuple(splits),
        chance=chance,
        chance_class=chance_class,
        baseline=baseline,
        words=tuple(words),
        parameters=snapshot.network.n_parameters,
        layers=_layers(snapshot, options.split),
        losses=snapshot.losses(),
        **(_class_figures(snapshot, options.split) if snapshot.classifies else {}),
    )


@np.errstate(over="ignore", invalid="ignore")
def _layers(snapshot: NetworkSnapshot, split: SplitName) -> tuple[LayerState, ...]:
    """Return every layer that has parameters, and the share of its pre-activations at which no gradient passes."""
    seen = {one.layer.name: one.values.get("pre_activation") for one in layer_values(snapshot, split)}
    found = []
    for layer in snapshot.network.layers:
        values = [view for _, view, _ in layer.parameters()]
        z = seen.get(layer.name)
        flat, idle = (None, None) if z is None else flatness(layer.activation, z)
        found.append(
            LayerState(
                layer.name,
                layer.kind,
                layer.n_out,
                layer.activation.name if z is not None else "",
                sum(view.size for view in values),
                finite(float(np.sqrt(sum(float((view.astype(np.float64) ** 2).sum()) for view in values)))),
                flat,
                idle,
            )
        )
    return tuple(found)


def _class_figures(snapshot: NetworkSnapshot, split: SplitName) -> dict[str, Any]:
    """Return the figures of single classes, as fields of an `Overview`."""
    rows = [
        row for row in classes(snapshot, ClassesOptions(split)).rows if row.support and row.f1 is not None
    ]
    rows.sort(key=lambda row: -(row.f1 or 0.0))
    ranked = rows if len(rows) <= RANKED else [*rows[: RANKED // 2], *rows[-(RANKED // 2) :]]
    return {
        "names": snapshot.class_names,
        "pairs": confusion(snapshot, ConfusionOptions(split)).pairs[:MOST_PAIRS],
        "ranked": tuple(ClassF1(row.name, row.f1 or 0.0, row.support) for row in ranked),
        "worst": mistakes(snapshot, MistakesOptions(split, count=WORST)).shown,
    }


def _figures(snapshot: NetworkSnapshot, name: SplitName) -> SplitFigures:
    predictions = snapshot.predictions(name)
    score = score_of(name, predictions)
    if score.right is None:
        return SplitFigures(
            name, score.samples, score.loss, r_squared=score.r_squared, broken=predictions.broken
        )
    interval = wilson(score.right, score.samples)
    accuracy = score.right / score.samples
    return SplitFigures(
        name, score.samples, score.loss, score.right, accuracy, *interval, broken=predictions.broken
    )


def _chance(snapshot: NetworkSnapshot, name: str) -> tuple[float | None, str]:
    if not snapshot.classifies:
        return None, ""
    counts = np.bincount(getattr(snapshot.data, name).y)
    most = int(counts.argmax())
    return float(counts[most] / counts.sum()), snapshot.class_names[most]


def _baseline(baseline: Baseline | None, name: str) -> BaselineFigures | None:
    score = baseline.score(name) if baseline else None
    if baseline is None or score is None:
        return None
    accuracy = None if score.right is None else score.right / score.samples
    return BaselineFigures(baseline.method, accuracy, score.loss, score.r_squared)


def _words(
    splits: list[SplitFigures],
    figures: SplitFigures,
    chance: float | None,
    chance_class: str,
    baseline: BaselineFigures | None,
) -> list[str]:
    """Return the meaning of the figures, one sentence each."""
    if figures.accuracy is None or chance is None:
        words = _regression_words(figures, baseline)
    else:
        words = [_accuracy_words(figures), _chance_words(figures, chance, chance_class)]
        words += [_baseline_words(figures, baseline)] if baseline else []
        words += _gap_words(splits, figures, chance)
    if figures.broken:
        words.append(
            f"{counted(figures.broken, 'sample')} have outputs that are not finite (NaN or Inf); they count as wrong."
        )
    return words


def _accuracy_words(figures: SplitFigures) -> str:
    samples = counted(figures.samples, f"{figures.split} sample")
    right = f"{figures.right:,} of {samples} correct: {_percent(figures.accuracy)}."
    if figures.samples < 30:
        return f"{right} So few samples are compatible with {_range(figures)} on new ones (95 % confidence)."
    return f"{right} Expected on new samples: {_range(figures)} (95 % confidence)."


def _range(figures: SplitFigures) -> str:
    low, high = _percent(figures.low), _percent(figures.high)
    return f"{low.removesuffix(' %')} to {high}"


def _chance_words(figures: SplitFigures, chance: float, chance_class: str) -> str:
    guess = f'always predicting "{chance_class}" ({_percent(chance)})'
    if (figures.low or 0) > chance:
        return f"Better than {guess}."
    if (figures.high or 0) < chance:
        return f"Worse than {guess}."
    return f"Not significantly different from {guess} on {counted(figures.samples, 'sample')}."


def _baseline_words(figures: SplitFigures, baseline: BaselineFigures) -> str:
    reached, own = baseline.accuracy or 0.0, figures.accuracy or 0.0
    without = f"A network without hidden layers reaches {_percent(reached)}"
    if (figures.low or 0) > reached:
        return f"{without}: the hidden layers gain {100 * (own - reached):.1f} points."
    if (figures.high or 0) < reached:
        return f"{without}: this network is {100 * (reached - own):.1f} points worse."
    return f"{without}: no significant gain by the hidden layers."


def _gap_words(splits: list[SplitFigures], figures: SplitFigures, chance: float) -> list[str]:
    """Compare the training accuracy with that of the evaluated split, if anything was learned."""
    train = splits[0]
    if train.split == figures.split or train.accuracy is None or figures.accuracy is None:
        return []
    gap = train.accuracy - figures.accuracy
    if gap > GAP and (train.low or 0) > (figures.high or 0):
        return [f"Training accuracy is {100 * gap:.1f} points higher: overfitting."]
    if (figures.low or 0) <= chance:
        return []
    if gap > GAP:
        return [f"Training accuracy is {100 * gap:.1f} points higher: not significant with so few samples."]
    return [f"Training accuracy {_percent(train.accuracy)}: no overfitting."]


def _regression_words(figures: SplitFigures, baseline: BaselineFigures | None) -> list[str]:
    share = figures.r_squared
    if share is None:
        return ["The targets are constant: R² is undefined."]
    words = [f"Explains {_percent(share)} of the variance of the {figures.split} targets (R² {share:.4f})."]
    if share <= 0:
        words = [f"Worse than predicting the mean of the {figures.split} targets (R² {share:.4f})."]
    if baseline and baseline.r_squared is not None:
        line = "A network without hidden layers, linear regression, explains"
        words.append(f"{line} {_percent(max(0.0, baseline.r_squared))}.")
    return words


def _percent(share: float | None) -> str:
    """Return `97.1 %`; two decimals near the ends, so that 99.96 % does not read 100 %."""
    if share is None:
        return "-"
    near_end = 0 < share < 0.005 or 0.995 < share < 1
    return f"{100 * share:.2f} %" if near_end else f"{100 * share:.1f} %"


VIEW = InspectionView("overview", OverviewOptions, Overview, overview)
