"""The view classes: precision, recall and F1 of each class, with an explanation in words."""

import msgspec
import numpy as np

from engine.arrays import AnyArray
from engine.inspection.messages import Answer
from engine.inspection.snapshot import NetworkSnapshot
from engine.inspection.view import InspectionView, Options
from engine.inspection.views.mistakes import Mistakes, MistakesOptions, mistakes
from engine.training.predictions import NO_CLASS, count_by_class
from engine.words import counted

MOST_CLASSES = 200
"""Classes listed at most; of more, those with the lowest F1."""


class ClassesOptions(Options, frozen=True):
    """The class of which errors are returned as examples."""

    chosen: int | None = None
    """Index of the class; None: no examples."""
    count: int = 12
    """Examples, at most."""


class ClassScore(msgspec.Struct, frozen=True):
    """Scores of one class; shares from 0 to 1, None for 0 of 0."""

    index: int
    name: str
    support: int
    """Samples of the class."""
    predicted: int
    """Predictions of the class."""
    right: int
    precision: float | None
    """Share of the predictions of this class that are right."""
    recall: float | None
    """Share of its samples that are predicted as this class."""
    f1: float | None
    """2 right / (support + predicted): the harmonic mean of both."""
    words: str
    never: bool = False
    """True if it has samples and is never predicted."""
    brief: str = ""
    """`words` in about 25 characters."""
    confused: str = ""
    """Class that is predicted most often for the missed samples; "" if none is missed."""
    confused_count: int = 0


class Classes(Answer, frozen=True, tag="classes"):
    """The classes of a split, ordered by their index."""

    split: str
    rows: tuple[ClassScore, ...]
    macro: tuple[float | None, float | None, float | None]
    """Means of precision, recall and F1 over the classes that have samples; 0 of 0 counts as 0."""
    words: str
    examples: Mistakes | None = None
    """The most confident errors of the chosen class."""
    note: str = ""
    """Classes that are not listed, and the reason; "" if all are."""


def classes(snapshot: NetworkSnapshot, options: ClassesOptions) -> Classes:
    """Return the scores of each class on a split."""
    predictions = snapshot.class_predictions(options.split)
    names, n = snapshot.class_names, len(snapshot.class_names)
    truth, predicted = predictions.truth.astype(np.int64), predictions.predicted
    support, guessed, right = count_by_class(truth, predicted, n)
    rows = [
        _score(i, names, (int(support[i]), int(guessed[i]), int(right[i])), _mistaken(truth, predicted, i))
        for i in _shown(support, guessed, right)
    ]
    note = f"the {MOST_CLASSES} classes of {n:,} with the lowest F1" if n > MOST_CLASSES else ""
    never = int(np.count_nonzero((guessed == 0) & (support > 0)))
    return Classes(
        split=snapshot.split_name(options.split),
        rows=tuple(rows),
        macro=_macro(support, guessed, right),
        words=_summary(rows, never),
        examples=_examples(snapshot, options, n),
        note=note,
    )


def _examples(snapshot: NetworkSnapshot, options: ClassesOptions, n: int) -> Mistakes | None:
    """Return the errors of the chosen class, if there is such a class."""
    if options.chosen is None or not 0 <= options.chosen < n:
        return None
    return mistakes(snapshot, MistakesOptions(options.split, truth=options.chosen, count=options.count))


def _shown(support: AnyArray, guessed: AnyArray, right: AnyArray) -> list[int]:
    """Return the indices of the classes to list: all in order, or of too many the worst."""
    if len(support) <= MOST_CLASSES:
        return list(range(len(support)))
    f1 = 2 * right / np.maximum(1, support + guessed)
    worst = np.argsort(np.where(support > 0, f1, 2.0), kind="stable")[:MOST_CLASSES]
    return [int(i) for i in worst]


def _mistaken(truth: AnyArray, predicted: AnyArray, index: int) -> tuple[int, int] | None:
    """Return the class most often predicted for samples of this one, and the count; None without errors."""
    wrong = predicted[(truth == index) & (predicted != index) & (predicted != NO_CLASS)]
    if not len(wrong):
        return None
    counts = np.bincount(wrong)
    return int(counts.argmax()), int(counts.max())


def _score(
    index: int, names: tuple[str, ...], counts: tuple[int, int, int], mistaken: tuple[int, int] | None
) -> ClassScore:
    support, guessed, right = counts
    return ClassScore(
        index=index,
        name=names[index],
        support=support,
        predicted=guessed,
        right=right,
        precision=right / guessed if guessed else None,
        recall=right / support if support else None,
        f1=2 * right / (support + guessed) if support + guessed else None,
        words=_words(names, counts, mistaken),
        never=bool(support) and not guessed,
        brief=_brief(counts),
        confused=names[mistaken[0]] if mistaken else "",
        confused_count=mistaken[1] if mistaken else 0,
    )


def _words(names: tuple[str, ...], counts: tuple[int, int, int], mistaken: tuple[int, int] | None) -> str:
    support, guessed, right = counts
    if not support:
        return "no samples in this split" + (f"; predicted {guessed:,} times" if guessed else "")
    taken = f'; most confused with "{names[mistaken[0]]}" ({mistaken[1]:,})' if mistaken else ""
    if not guessed:
        return f"never predicted: all {support:,} missed{taken}"
    missed, wrong = support - right, guessed - right
    if not missed and not wrong:
        return "no errors"
    misses = _share(missed, support, "missed") if missed else "none missed"
    calls = _share(wrong, guessed, "predictions wrong") if wrong else "no predictions wrong"
    return f"{misses}, {calls}{taken}"


def _brief(counts: tuple[int, int, int]) -> str:
    """Return `18 missed, 22 false calls`."""
    support, guessed, right = counts
    if not support:
        return "no samples"
    if not guessed:
        return "never predicted"
    wrong = guessed - right
    return f"{support - right:,} missed, {wrong:,} predictions wrong"


def _share(part: int, whole: int, what: str) -> str:
    """Return `1 in 25 missed`; `part` is above 0."""
    if part == whole:
        return f"all {what}"
    if part * 2 > whole:
        return f"{part:,} of {whole:,} {what}"
    return f"1 in {whole / part:,.0f} {what}"


def _macro(support: AnyArray, guessed: AnyArray, right: AnyArray) -> tuple[float, float, float]:
    present = support > 0
    precision = right[present] / np.maximum(1, guessed[present])
    recall = right[present] / support[present]
    f1 = 2 * right[present] / (support[present] + guessed[present])
    return float(precision.mean()), float(recall.mean()), float(f1.mean())


def _summary(rows: list[ClassScore], never: int) -> str:
    predictions = [row for row in rows if row.f1 is not None and row.support]
    worst = min(predictions, key=lambda row: row.f1 or 0.0)
    best = max(predictions, key=lambda row: row.f1 or 0.0)
    words = f'Best class: "{best.name}" (F1 {best.f1:.3f}). Worst class: "{worst.name}" (F1 {worst.f1:.3f}).'
    if never:
        many = "1 class is" if never == 1 else f"{counted(never, 'class', 'classes')} are"
        words += f" {many} never predicted."
    return words


VIEW = InspectionView("classes", ClassesOptions, Classes, classes)
