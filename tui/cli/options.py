"""The options that several commands share, and the experiment that they describe."""

import re
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from engine.errors import ExperimentError, NntermError, Problem
from engine.experiment.options import LAYER_OPTIONS, OPTION_KEYS, parse_hidden
from engine.files.user_path import expanded
from tui.cli.experiment_file import load_experiment

if TYPE_CHECKING:
    from engine.experiment.experiment import Experiment

Home = Annotated[
    Path | None, typer.Option(help="Folder of the runs; $NNTERM_HOME or the user's data folder otherwise.")
]
Json = Annotated[bool, typer.Option("--json", help="JSON lines on stdout.")]
DOCTOR_HELP = "Collect layer statistics and report problems during training."
MaybeDoctor = Annotated[
    bool | None, typer.Option("--doctor/--no-doctor", help=f"{DOCTOR_HELP} Default: unchanged.")
]
Detach = Annotated[bool, typer.Option("--detach", help="Print the run's name and leave it running.")]
Plain = Annotated[bool, typer.Option("--plain", help="Plain lines instead of a live display.")]
LowBandwidth = Annotated[bool, typer.Option("--low-bandwidth", help="Redraw once a second: for slow lines.")]
RunName = Annotated[str, typer.Argument(metavar="RUN", help="Name of a run; see `nnterm runs`.")]


class ExperimentOptions(msgspec.Struct, frozen=True):
    """The experiment: a file, or a dataset and options; with both, the options change the file's keys."""

    file: Annotated[
        Path | None,
        typer.Argument(metavar="FILE", help="Experiment file (.toml); options change its keys."),
    ] = None
    dataset: Annotated[
        str | None, typer.Option(help="Registered name (`nnterm data list`) or path of an .npz file.")
    ] = None
    layers: Annotated[
        str | None, typer.Option(metavar="UNITS", help='Units of the hidden layers: "128,64"; "": none.')
    ] = None
    activation: Annotated[
        str | None, typer.Option(help="Activation of the hidden layers: relu, tanh, ...")
    ] = None
    optimizer: Annotated[
        str | None, typer.Option(help="Optimizer: sgd, rmsprop, adagrad, adam, adamw, perceptron.")
    ] = None
    lr: Annotated[float | None, typer.Option(help="Learning rate.")] = None
    momentum: Annotated[float | None, typer.Option(help="Momentum of sgd.")] = None
    weight_decay: Annotated[float | None, typer.Option(help="Weight decay (L2).")] = None
    batch_size: Annotated[int | None, typer.Option(help="Samples per step; 0: full batch.")] = None
    epochs: Annotated[int | None, typer.Option(help="Epochs: passes over the training samples.")] = None
    seed: Annotated[int | None, typer.Option(help="Seed of initial weights and sample order.")] = None
    backend: Annotated[str | None, typer.Option(help="Backend: numpy or torch.")] = None
    device: Annotated[str | None, typer.Option(help="Device for PyTorch: auto, cpu, cuda, mps, ...")] = None
    processes: Annotated[
        int | None,
        typer.Option(help="For PyTorch: processes that split each batch, one GPU each."),
    ] = None
    dtype: Annotated[str | None, typer.Option(help="Precision: float32 or float64.")] = None
    init: Annotated[str | None, typer.Option(help="Weight initialiser: he_normal, ...")] = None
    loss: Annotated[str | None, typer.Option(help="Loss: cross_entropy, binary_cross_entropy, mse, ...")] = (
        None
    )
    schedule: Annotated[str | None, typer.Option(help="Learning rate schedule: constant, cosine, ...")] = None
    clip_norm: Annotated[float | None, typer.Option(help="Maximum gradient norm (clipping); 0: off.")] = None
    patience: Annotated[
        int | None, typer.Option(help="Early stopping: epochs without a better validation loss; 0: off.")
    ] = None
    validation: Annotated[
        float | None, typer.Option(help="Share of the training samples held out for validation.")
    ] = None
    limit: Annotated[int | None, typer.Option(help="Number of training samples to use; 0: all.")] = None
    task: Annotated[str | None, typer.Option(help="Task: auto, classification, binary, regression.")] = None
    force: Annotated[
        bool, typer.Option("--force", help="Train despite errors in the settings, to see it fail.")
    ] = False
    set: Annotated[
        list[str],
        typer.Option(metavar="KEY=VALUE", help="Set any key of the experiment file; repeatable."),
    ] = []


def experiment_from(options: ExperimentOptions, **more: Any) -> "Experiment":
    """Return the complete, checked experiment that the options (and `more` of them, as `name`) describe.

    Raises:
        ExperimentError: an option or the file is wrong; a key that an option has set is named as that option.
        DataError: the dataset is unknown or unreadable.
    """
    from engine.experiment.experiment import Experiment

    given = {**msgspec.structs.asdict(options), **more}
    given = {name: value for name, value in given.items() if value is not None and value is not False}
    file, overrides = given.pop("file", None), given.pop("set", [])
    hidden = parse_hidden(given.pop("layers")) if "layers" in given else None
    try:
        if file is None:
            return Experiment.quick(_dataset(given), hidden, overrides=overrides, **given)
        return load_experiment(file, overrides, _beside_file(given, hidden))
    except ExperimentError as error:
        raise _named_as_options(error, given) from None


def refuse_options(
    options: ExperimentOptions,
    beside: str,
    why: str,
    *,
    allowed: Collection[str] = (),
    more: Sequence[str] = (),
) -> None:
    """Refuse every option that was given, with the names in `more`, except those in `allowed`.

    Raises:
        NntermError: one was given; it names that option as the user wrote it, then `beside`, with `why` as the hint.
    """
    values = msgspec.structs.asdict(options)
    given = [name for name, value in values.items() if value not in (None, False, []) and name not in allowed]
    for name in (*given, *more):
        shown = "FILE" if name == "file" else f"--{name.replace('_', '-')}"
        raise NntermError(f"{shown} is incompatible with {beside}", why)


def _dataset(given: dict[str, Any]) -> str:
    if "dataset" not in given:
        from engine.data import dataset_infos

        names = ", ".join(info.name for info in dataset_infos())
        hint = f"for example nnterm train --dataset mnist; known: {names}"
        raise ExperimentError([Problem("--dataset", "an experiment file or --dataset is required", hint)])
    return str(given.pop("dataset"))


def _beside_file(given: dict[str, Any], hidden: list[int] | None) -> dict[str, Any]:
    """Return the options that are laid over a file; a path to data is relative to the current folder, not to the file."""
    options = given if hidden is None else {**given, "layers": hidden}
    if "dataset" in given and Path(given["dataset"]).suffix:
        return {**options, "dataset": str(expanded(given["dataset"]).resolve())}
    return options


def _named_as_options(error: ExperimentError, given: dict[str, Any]) -> ExperimentError:
    """Return the error with each key that an option has set named as that option, without duplicates."""
    renamed = [_renamed(problem, given) for problem in error.problems]
    problems = list({problem.message: problem for problem in renamed}.values())
    return ExperimentError(problems, error.source)


def _renamed(problem: Problem, given: dict[str, Any]) -> Problem:
    option = next((name for name, key in OPTION_KEYS.items() if key == problem.key and name in given), "")
    for name in LAYER_OPTIONS:
        on_layer = re.fullmatch(rf"network\.layers\[\d+\]\.{name}", problem.key)
        if on_layer and problem.message.startswith(f'{problem.key} = "{given.get(name)}"'):
            option = name
    if not option:
        return problem
    message = problem.message.replace(problem.key, f"--{option.replace('_', '-')}", 1)
    return Problem(problem.key, message, problem.hint)
