"""The view overview: figures of each split beside chance and the baseline, with an explanation in words."""

import msgspec
import numpy as np

from engine.inspection.baseline import Baseline, score_of
from engine.inspection.intervals import wilson
from engine.inspection.messages import Answer, UnfitError
from engine.inspection.snapshot import NetworkSnapshot, SplitName
from engine.inspection.view import InspectionView, Options

GAP = 0.02
"""Difference of accuracies between training and evaluated split that is worth a sentence."""


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
        words.append("Every split holds the same samples, which are all that there are.")
    return Overview(
        task=data.task,
        judged=split,
        splits=tuple(splits),
        chance=chance,
        chance_class=chance_class,
        baseline=baseline,
        words=tuple(words),
        parameters=snapshot.network.n_parameters,
    )


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
        words.append(f"For {figures.broken:,} samples it computes no number at all: they count as wrong.")
    return words


def _accuracy_words(figures: SplitFigures) -> str:
    right = f"Right on {figures.right:,} of {figures.samples:,} {figures.split} samples: {_percent(figures.accuracy)}."
    if figures.samples < 30:
        return f"{right} So few samples say little: on new ones anything from {_range(figures)} is possible."
    return f"{right} On many new samples of the same kind expect {_range(figures)} (95 % confidence)."


def _range(figures: SplitFigures) -> str:
    low, high = _percent(figures.low), _percent(figures.high)
    return f"{low.removesuffix(' %')} to {high}"


def _chance_words(figures: SplitFigures, chance: float, chance_class: str) -> str:
    guess = f'always guessing "{chance_class}", which reaches {_percent(chance)}'
    if (figures.low or 0) > chance:
        return f"That is better than {guess}."
    if (figures.high or 0) < chance:
        return f"That is worse than {guess}: something is wrong."
    return f"{figures.samples:,} samples cannot tell it from {guess}."


def _baseline_words(figures: SplitFigures, baseline: BaselineFigures) -> str:
    reached, own = baseline.accuracy or 0.0, figures.accuracy or 0.0
    without = f"Without hidden layers {_percent(reached)} can be reached"
    if (figures.low or 0) > reached:
        return f"{without}: here they are worth {100 * (own - reached):.1f} points."
    if (figures.high or 0) < reached:
        return f"{without}: this network does {100 * (reached - own):.1f} points worse; train longer or otherwise."
    return f"{without}: that hidden layers help here is not proved."


def _gap_words(splits: list[SplitFigures], figures: SplitFigures, chance: float) -> list[str]:
    """Compare the training accuracy with that of the evaluated split, if anything was learned."""
    train = splits[0]
    if train.split == figures.split or train.accuracy is None or figures.accuracy is None:
        return []
    gap = train.accuracy - figures.accuracy
    if gap > GAP and train.accuracy > (figures.high or 0):
        return [f"On its training samples it does {100 * gap:.1f} points better: it overfits."]
    if (figures.low or 0) <= chance:
        return []
    better = "hardly" if gap > 0 else "no"
    return [f"On its training samples it does {better} better ({_percent(train.accuracy)}): it generalises."]


def _regression_words(figures: SplitFigures, baseline: BaselineFigures | None) -> list[str]:
    share = figures.r_squared
    if share is None:
        return ["The targets do not vary: there is nothing to explain."]
    words = [f"Explains {_percent(share)} of the variance of the {figures.split} targets (R² {share:.4f})."]
    if share <= 0:
        words = [f"Worse than always predicting the mean of the {figures.split} targets (R² {share:.4f})."]
    if baseline and baseline.r_squared is not None:
        line = "A straight line, which is all that a network without hidden layers can draw, explains"
        words.append(f"{line} {_percent(max(0.0, baseline.r_squared))}.")
    return words


def _percent(share: float | None) -> str:
    """Return `97.1 %`; two decimals near the ends, so that 99.96 % does not read 100 %."""
    if share is None:
        return "-"
    near_end = 0 < share < 0.005 or 0.995 < share < 1
    return f"{100 * share:.2f} %" if near_end else f"{100 * share:.1f} %"


VIEW = InspectionView("overview", OverviewOptions, Overview, overview)
