"""The options that describe an experiment, in the groups of the help."""

from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from tui.cli.values import KEY_VALUE, takes


def _option(panel: str, metavar: str, help: str, kind: str = "nothing") -> Any:  # noqa: A002  as Typer's
    return typer.Option(rich_help_panel=panel, metavar=metavar, help=help, autocompletion=takes(kind))


class ExperimentOptions(msgspec.Struct, frozen=True):
    """The experiment: a file, or a dataset and options; with both, the options change the file's keys."""

    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="FILE",
            autocompletion=takes("files"),
            help="Experiment file (.toml); options change its keys.",
        ),
    ] = None
    dataset: Annotated[
        str | None, _option("Data", "NAME", "Dataset: {datasets}; or the path of an .npz file.", "dataset")
    ] = None
    task: Annotated[str | None, _option("Data", "NAME", "Task: {tasks}. [default: {default}]", "tasks")] = (
        None
    )
    validation: Annotated[
        float | None,
        _option(
            "Data", "SHARE", "Share of the training samples held out for validation. [default: {default}]"
        ),
    ] = None
    limit: Annotated[
        int | None, _option("Data", "N", "Number of training samples to use; 0: all. [default: {default}]")
    ] = None
    layers: Annotated[
        str | None, _option("Network", "UNITS", 'Units of the hidden layers: "128,64"; "": none.')
    ] = None
    activation: Annotated[
        str | None,
        _option("Network", "NAME", "Activation of the hidden layers: {activations}.", "activations"),
    ] = None
    init: Annotated[
        str | None,
        _option(
            "Network",
            "NAME",
            "Weight initialiser: {initialisers}. [default: by the activation]",
            "initialisers",
        ),
    ] = None
    loss: Annotated[
        str | None, _option("Network", "NAME", "Loss: {losses}. [default: by the task]", "losses")
    ] = None
    optimizer: Annotated[
        str | None, _option("Training", "NAME", "Optimizer: {optimizers}.", "optimizers")
    ] = None
    lr: Annotated[float | None, _option("Training", "RATE", "Learning rate.")] = None
    momentum: Annotated[float | None, _option("Training", "X", "Momentum of sgd. [default: {default}]")] = (
        None
    )
    weight_decay: Annotated[
        float | None, _option("Training", "X", "Weight decay (L2). [default: {default}]")
    ] = None
    batch_size: Annotated[int | None, _option("Training", "N", "Samples per step; 0: full batch.")] = None
    epochs: Annotated[int | None, _option("Training", "N", "Epochs: passes over the training samples.")] = (
        None
    )
    schedule: Annotated[
        str | None,
        _option("Training", "NAME", "Learning rate schedule: {schedules}. [default: {default}]", "schedules"),
    ] = None
    clip_norm: Annotated[
        float | None,
        _option("Training", "X", "Maximum gradient norm (clipping); 0: off. [default: {default}]"),
    ] = None
    patience: Annotated[
        int | None,
        _option(
            "Training",
            "EPOCHS",
            "Early stopping: epochs without a better validation loss; 0: off. [default: {default}]",
        ),
    ] = None
    seed: Annotated[
        int | None,
        _option("Training", "N", "Seed of the initial weights and sample order. [default: {default}]"),
    ] = None
    backend: Annotated[
        str | None, _option("Training", "NAME", "Backend: {backends}. [default: {default}]", "backends")
    ] = None
    device: Annotated[
        str | None,
        _option("Training", "NAME", "Device of PyTorch: {devices}. [default: {default}]", "devices"),
    ] = None
    processes: Annotated[
        int | None,
        _option(
            "Training",
            "N",
            "Processes of PyTorch, which split each batch, one GPU each. [default: {default}]",
        ),
    ] = None
    threads: Annotated[
        str | None,
        _option(
            "Training",
            "N",
            'Threads; "auto": more than one where that is clearly faster. [default: {default}]',
            "threads",
        ),
    ] = None
    dtype: Annotated[
        str | None, _option("Training", "NAME", "Precision: {dtypes}. [default: {default}]", "dtypes")
    ] = None
    force: Annotated[
        bool,
        typer.Option(
            "--force",
            rich_help_panel="Training",
            help="Train despite errors in the settings, to see it fail.",
        ),
    ] = False
    set: Annotated[
        list[str],
        typer.Option(
            rich_help_panel="Training",
            help="Set any key of the experiment file; may be repeated.",
            **KEY_VALUE,
        ),
    ] = []
