"""`nnterm init`: writes an experiment file with a comment on every key."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.errors import ExperimentError, Problem
from tui.cli import output
from tui.cli.experiment_file import STDIN
from tui.cli.options import ExperimentOptions, Json, experiment_from
from tui.cli.values import KEY_VALUE, takes

if TYPE_CHECKING:
    from engine.experiment.experiment import Experiment


def init(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", autocompletion=takes("files"), help="File to write; -: standard output."
        ),
    ] = Path("experiment.toml"),
    dataset: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            autocompletion=takes("dataset"),
            help="Dataset: {datasets}; or the path of an .npz file.",
        ),
    ] = "mnist",
    layers: Annotated[
        str | None, typer.Option(metavar="UNITS", help='Units of the hidden layers: "128,64"; "": none.')
    ] = None,
    activation: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            autocompletion=takes("activations"),
            help="Activation of the hidden layers: {activations}.",
        ),
    ] = None,
    optimizer: Annotated[
        str | None,
        typer.Option(metavar="NAME", autocompletion=takes("optimizers"), help="Optimizer: {optimizers}."),
    ] = None,
    lr: Annotated[float | None, typer.Option(metavar="RATE", help="Learning rate.")] = None,
    epochs: Annotated[
        int | None, typer.Option(metavar="N", help="Epochs: passes over the training samples.")
    ] = None,
    set_: Annotated[
        list[str],
        typer.Option(
            "--set",
            **KEY_VALUE,
            help="Set any key of the file; repeatable.",
        ),
    ] = [],  # noqa: B006  as Typer wants it
    force: Annotated[bool, typer.Option("--force", help="Overwrite FILE if it exists.")] = False,
    json: Json = False,
) -> int:
    """Write an experiment file with a comment on every key.

    It is complete: each key with its meaning, its values and its default, set to what the dataset suggests or the
    options say.

    Examples:
        nnterm init mnist.toml
        nnterm init mine.toml --dataset my.npz --layers 32,32
        nnterm init - --dataset moons
    """
    from engine.experiment.template import commented_toml

    options = ExperimentOptions(
        dataset=dataset,
        layers=layers,
        activation=activation,
        optimizer=optimizer,
        lr=lr,
        epochs=epochs,
        set=set_,
    )
    experiment = experiment_from(options)
    text = commented_toml(experiment)
    if file == STDIN and json:
        raise _refusal(
            "--json is incompatible with -", "nnterm show --config FILE --json prints a file as JSON"
        )
    if file == STDIN:
        output.line(text.rstrip("\n"))
        return output.ExitCode.DONE
    _write(file, text, replace=force)
    if json:
        output.json_line({"type": "written", "path": str(file)})
    else:
        output.line(f"{file}: {_outline(experiment)}; train it with: nnterm train {_typed(file)}")
    return output.ExitCode.DONE


def _write(file: Path, text: str, *, replace: bool) -> None:
    """Write the file, whole or not at all.

    Raises:
        ExperimentError: it exists and is not to be replaced, or the folder is missing, full or read-only.
    """
    from engine.files.atomic import reason_of, replace_file

    if _is_dataset(str(file)):
        raise _refusal(f"FILE is the dataset {file}", f"nnterm init --dataset {file}, or name it {file}.toml")
    if file.is_dir():
        raise _refusal(f"{file} is a folder", "name a file, for example experiment.toml")
    if not replace and (file.exists() or file.is_symlink()):
        raise _refusal(f"{file} exists", "choose another name, or --force to overwrite it")
    try:
        replace_file(file, [text.encode()], durable=True)
    except OSError as error:
        raise _refusal(f"cannot write {file}: {reason_of(error)}", "choose another folder") from None


def _is_dataset(text: str) -> bool:
    from engine.data import DATASETS

    return text in DATASETS


def _typed(file: Path) -> str:
    """Return the file's name as a shell takes it for a file."""
    text = str(file)
    return shlex.quote(f"./{text}" if text.startswith("-") else text)


def _outline(experiment: "Experiment") -> str:
    from engine.data import describe

    return f"{Path(experiment.data.dataset).name}, {describe(experiment.data).n_features}-{experiment.network.outline}"


def _refusal(message: str, hint: str) -> ExperimentError:
    return ExperimentError([Problem("", message, hint)])
