"""`nnterm evaluate`: a trained network's loss and accuracy per split and class."""

import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from engine.words import counted
from tui.cli import output
from tui.cli.options import Home, Json, RunName
from tui.words.figures import figure, percent

if TYPE_CHECKING:
    from engine.training.evaluation import Evaluation, Figures

SPLITS = ("train", "validation", "test")
FIGURES = ("loss", "accuracy")
MOST_CLASSES = 50
"""Maximum number of classes listed."""


def evaluate(run: RunName, json: Json = False, home: Home = None) -> int:
    """Evaluate a run: loss and accuracy per split and class.

    Example:
        nnterm evaluate mnist-1
    """
    from engine.data import load_data
    from engine.runs import Run
    from engine.runs.data_file import change_of_data
    from engine.training.evaluation import evaluate_network

    opened = Run.open(run, home)
    output.warn(change_of_data(opened))
    with output.working("evaluating every split", json):
        evaluation = evaluate_network(opened.network(), load_data(opened.experiment().data))
    if json:
        plain = msgspec.to_builtins(evaluation)
        flat = flat_figures((name, plain[name]) for name in SPLITS)
        output.json_line({"type": "evaluation", "run": opened.name, **flat, **plain})
    else:
        show_evaluation(opened.name, evaluation)
        output.warn(_doubt(opened.name, evaluation))
    return output.ExitCode.DONE


def flat_figures(splits: "Iterable[tuple[str, Mapping[str, Any]]]") -> dict[str, float | None]:
    """Return `train_loss`, `train_accuracy`, `validation_loss`, ... of named splits, as a training reports them."""
    figures: dict[str, float | None] = {f"{name}_{figure}": None for name in SPLITS for figure in FIGURES}
    return figures | {f"{name}_{figure}": split[figure] for name, split in splits for figure in FIGURES}


def _doubt(name: str, evaluation: "Evaluation") -> str:
    """Return a sentence if the network computes NaN or Inf, else nothing."""
    losses = [part.loss for part in (evaluation.train, evaluation.validation, evaluation.test)]
    if all(loss is None or math.isfinite(loss) for loss in losses):
        return ""
    return f"the loss is not finite (NaN or Inf): the weights are, or overflow; see nnterm diagnose {name}"


def show_evaluation(name: str, evaluation: "Evaluation") -> None:
    """Write a table of the splits and a table of the classes."""
    from tui.cli.table import table

    output.line(f"{name}: evaluated on whole splits at the newest weights")
    splits = (("train", evaluation.train), ("validation", evaluation.validation), ("test", evaluation.test))
    rows = [_row(name, figures) for name, figures in splits if figures.loss is not None]
    columns = ("split", "loss", "accuracy") if evaluation.classes else ("split", "loss")
    output.show(table(columns, [row[: len(columns)] for row in rows]))
    if not evaluation.classes:
        return
    output.line(f"baseline (most frequent class): {percent(evaluation.chance)}")
    output.line()
    shown = evaluation.classes
    if len(shown) > MOST_CLASSES:
        shown = tuple(sorted(shown, key=lambda entry: 2.0 if entry.accuracy is None else entry.accuracy))
    by_class = [
        (entry.name, f"{entry.samples:,}", percent(entry.accuracy), percent(entry.precision))
        for entry in shown[:MOST_CLASSES]
    ]
    output.show(table((f"class ({evaluation.judged})", "samples", "recall", "precision"), by_class))
    if len(shown) > MOST_CLASSES:
        output.line(
            f"the {MOST_CLASSES} of {counted(len(shown), 'class', 'classes')} with the lowest recall; --json lists all"
        )


def _row(name: str, figures: "Figures") -> tuple[str, ...]:
    return name, figure(figures.loss), percent(figures.accuracy)
