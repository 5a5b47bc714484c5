"""The columns of a list of runs, on the Runs screen and in `nnterm runs`: what they show.

A column is named by the field of `engine.runs.Query` that it shows, so that one name sorts, filters and chooses it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tui.words.figures import count, duration, figure, percent

if TYPE_CHECKING:
    from engine.runs import RunSummary


@dataclass(frozen=True)
class RunColumn:
    """A column of a list of runs."""

    key: str
    head: str
    purpose: str
    """A few words for the list of columns."""
    width: int
    """Cells; of a column that is `measured`, the maximum."""
    rank: int
    """Columns with the highest rank are left out first where there is little room."""
    text: "Callable[[RunSummary], str]"
    is_known: "Callable[[RunSummary], object]"
    """True for a run that has something to show; a column that no run fills is left out."""
    right: bool = False
    descending: bool = False
    """True if the largest value comes first when the column is chosen for the order."""
    measured: tuple[str, ...] = ()
    """The fields that the text depends on, if the column is only as wide as its longest text."""
    optional: bool = False
    """True if the column is shown only when it is chosen."""


def _text_of(field: str) -> "Callable[[RunSummary], str]":
    return lambda run: str(getattr(run, field))


def _known(field: str) -> "Callable[[RunSummary], object]":
    return lambda run: getattr(run, field) not in (None, "", 0)


def _always(run: "RunSummary") -> bool:
    return True


def network_of(run: "RunSummary") -> str:
    """Return the sizes of a network from its inputs on: `784-128-64-10`."""
    return f"{run.n_features}-{run.network}" if run.n_features and run.network else run.network


def origin(run: "RunSummary") -> str:
    """Return the run and epoch that a run was forked from, as `mnist-1 @5`; empty if it was not forked."""
    return f"{run.parent} @{run.parent_epoch}" if run.parent else ""


def _epochs(run: "RunSummary") -> str:
    return f"{_short(run.epoch)}/{_short(run.epochs)}" if run.epochs else ""


def _short(n: int) -> str:
    """A count in at most five characters: 9999, 16.7k."""
    return str(n) if n < 10_000 else count(n).replace(" ", "")


def _rate(run: "RunSummary") -> str:
    return "" if run.base_learning_rate is None else figure(run.base_learning_rate, 3)


def _batch(run: "RunSummary") -> str:
    return str(run.batch_size) if run.batch_size else "all" if run.optimizer else ""


def _share(field: str) -> "Callable[[RunSummary], str]":
    return lambda run: "" if getattr(run, field) is None else percent(getattr(run, field))


def _loss(field: str) -> "Callable[[RunSummary], str]":
    return lambda run: "" if getattr(run, field) is None else figure(getattr(run, field), 3)


def _figure_column(key: str, head: str, field: str, rank: int, optional: bool = False) -> RunColumn:
    is_share = field.endswith("accuracy")
    text = _share(field) if is_share else _loss(field)
    return RunColumn(
        key,
        head,
        head.replace("acc", "accuracy").replace("val ", "validation "),
        max(len(head) + 1, 8),  # a cell for the arrow of the order
        rank,
        text,
        lambda run: getattr(run, field) is not None,
        right=True,
        descending=is_share,
        optional=optional,
    )


RUN_COLUMNS: tuple[RunColumn, ...] = (
    RunColumn("name", "run", "name of the run", 100, -1, _text_of("name"), _always, measured=("name",)),
    RunColumn("state", "state", "running, finished, ...", 10, 0, _text_of("state"), _always),
    RunColumn(
        "tag",
        "tags",
        "your tags",
        20,
        6,
        lambda run: " ".join(run.tags),
        lambda run: bool(run.tags),
        measured=("tags",),
    ),
    RunColumn(
        "dataset",
        "dataset",
        "what it learns",
        14,
        3,
        lambda run: run.dataset.rpartition("/")[2],
        _always,
        measured=("dataset",),
    ),
    RunColumn(
        "network",
        "network",
        "units of the layers",
        22,
        5,
        network_of,
        _known("network"),
        measured=("n_features", "network"),
    ),
    RunColumn("optimizer", "optimizer", "sgd, adam, ...", 10, 7, _text_of("optimizer"), _known("optimizer")),
    RunColumn("lr", "lr", "learning rate", 8, 2, _rate, _known("base_learning_rate"), right=True),
    RunColumn("batch", "batch", "batch size", 6, 13, _batch, _known("optimizer"), right=True),
    RunColumn(
        "parameters",
        "params",
        "number of parameters",
        10,
        12,
        lambda run: f"{run.n_parameters:,}" if run.n_parameters else "",
        _known("n_parameters"),
        right=True,
    ),
    RunColumn(
        "epoch",
        "epochs",
        "completed and planned",
        9,
        4,
        _epochs,
        _known("epochs"),
        right=True,
        descending=True,
    ),
    _figure_column("best_acc", "best val acc", "best_validation_accuracy", 1),
    _figure_column("val_acc", "final val acc", "validation_accuracy", 8),
    _figure_column("test_acc", "test acc", "test_accuracy", 9),
    _figure_column("best_loss", "best val loss", "best_validation_loss", 11),
    _figure_column("val_loss", "final val loss", "validation_loss", 16),
    _figure_column("test_loss", "test loss", "test_loss", 17),
    RunColumn(
        "seconds",
        "time",
        "duration of the training",
        8,
        14,
        lambda run: duration(run.seconds) if run.seconds else "",
        _known("seconds"),
        right=True,
        descending=True,
    ),
    RunColumn("age", "age", "time since it was created", 6, 10, lambda run: "", _always, right=True),
    RunColumn(
        "parent",
        "from",
        "run and epoch that it was forked from",
        24,
        15,
        origin,
        _known("parent"),
        measured=("parent", "parent_epoch"),
    ),
    RunColumn(
        "note",
        "note",
        "your note",
        40,
        18,
        _text_of("note"),
        _known("note"),
        measured=("note",),
        optional=True,
    ),
    RunColumn(
        "host",
        "host",
        "machine",
        12,
        19,
        lambda run: run.host.partition(".")[0],
        _known("host"),
        measured=("host",),
    ),
    RunColumn(
        "seed",
        "seed",
        "seed of weights and batches",
        8,
        20,
        _text_of("seed"),
        _always,
        right=True,
        optional=True,
    ),
    RunColumn(
        "backend", "backend", "numpy or torch", 8, 21, _text_of("backend"), _known("backend"), optional=True
    ),
)
"""The columns from left to right."""
BY_KEY = {column.key: column for column in RUN_COLUMNS}


def columns_for(runs: "Sequence[RunSummary]", chosen: Sequence[str] = ()) -> list[RunColumn]:
    """Return the columns for these runs: the chosen ones in their order, else those that some run fills.

    The host is left out where there is only one, and the name is always there.
    """
    if chosen:
        known = [BY_KEY[key] for key in dict.fromkeys(chosen) if key in BY_KEY]
        return known if BY_KEY["name"] in known else [BY_KEY["name"], *known]
    several_hosts = len({run.host for run in runs if run.host}) > 1
    shown = [
        column
        for column in RUN_COLUMNS
        if not column.optional
        and (column.key != "host" or several_hosts)
        and (not runs or any(column.is_known(run) for run in runs))
    ]
    if BY_KEY["best_acc"] in shown:
        return shown
    first = replace(BY_KEY["best_loss"], rank=BY_KEY["best_acc"].rank)  # what a regression is judged by
    return [first if column.key == first.key else column for column in shown]
