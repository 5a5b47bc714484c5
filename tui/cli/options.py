"""The options that several commands share, and the experiment that they describe."""

import contextlib
import re
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from engine.errors import DataError, ExperimentError, NntermError, Problem
from engine.experiment.options import LAYER_OPTIONS, OPTION_KEYS, parse_hidden
from engine.files.user_path import expanded
from tui.cli import output
from tui.cli.experiment_file import load_experiment
from tui.cli.experiment_options import ExperimentOptions as ExperimentOptions
from tui.cli.values import takes

if TYPE_CHECKING:
    from engine.experiment.experiment import Experiment


def _checked_home(home: Path | None) -> Path | None:
    """Refuse a home that is not a folder; warn of one that other users may change."""
    from engine.runs.names import check_home

    output.warn(check_home(home))
    return home


Home = Annotated[
    Path | None,
    typer.Option(
        callback=_checked_home,
        metavar="FOLDER",
        autocompletion=takes("folders"),
        help="Folder of the runs; by default $NNTERM_HOME, or the user's data folder.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="JSON lines on stdout.")]
DOCTOR_HELP = "Collect layer statistics and report problems during training."
MaybeDoctor = Annotated[
    bool | None, typer.Option("--doctor/--no-doctor", help=f"{DOCTOR_HELP} Default: unchanged.")
]
Detach = Annotated[bool, typer.Option("--detach", help="Print the run's name and leave it running.")]
Plain = Annotated[bool, typer.Option("--plain", help="Plain lines instead of a live display.")]
LowBandwidth = Annotated[bool, typer.Option("--low-bandwidth", help="Redraw once a second: for slow lines.")]
RunName = Annotated[
    str,
    typer.Argument(
        metavar="RUN", autocompletion=takes("runs"), help="A run: its name (`nnterm runs`) or its folder."
    ),
]
OldRun = Annotated[
    str | None,
    typer.Option("--run", metavar="RUN", autocompletion=takes("runs"), hidden=True, help="The same as RUN."),
]
"""The option that was the only way to name a run in some commands."""


def experiment_from(options: ExperimentOptions, **more: Any) -> "Experiment":
    """Return the complete, checked experiment that the options (and `more` of them, as `name`) describe.

    Raises:
        ExperimentError: an option or the file is wrong; a key that an option has set is named as that option.
        DataError: the dataset is unknown or unreadable.
    """

    given = {**msgspec.structs.asdict(options), **more}
    given = {name: value for name, value in given.items() if value is not None and value is not False}
    file, overrides = given.pop("file", None), given.pop("set", [])
    with contextlib.suppress(KeyError, ValueError):  # else "auto", or refused later
        given["threads"] = int(given["threads"])
    found: list[Problem] = []
    hidden = _hidden(given, found)
    overrides = _assignments(overrides, found)
    source = ""
    try:
        if file is None:
            rest = {name: value for name, value in given.items() if name != "dataset"}
            experiment = _quick(_dataset(given), hidden, overrides, rest)
        else:
            experiment = load_experiment(file, overrides, _beside_file(given, hidden))
    except ExperimentError as error:
        source = error.source
        found += error.problems
        experiment = None
    if found or experiment is None:
        raise _named_as_options(ExperimentError(found, source), given)
    return experiment


def _hidden(given: dict[str, Any], found: list[Problem]) -> list[int] | None:
    """Take `layers` out of the options and return it as numbers; what is wrong with it is added to `found`."""
    if "layers" not in given:
        return None
    try:
        return parse_hidden(given.pop("layers"))
    except ExperimentError as error:
        found += error.problems
        return None


def _assignments(texts: Sequence[str], found: list[Problem]) -> list[str]:
    """Return the texts that are `KEY=VALUE` with a known key; what is wrong with others is added to `found`."""
    from engine.experiment.overrides import parse_assignment

    good = []
    for text in texts:
        try:
            parse_assignment(text)
        except ExperimentError as error:
            found += error.problems
        else:
            good.append(text)
    return good


def _quick(
    dataset: str, hidden: list[int] | None, overrides: Sequence[str], given: dict[str, Any]
) -> "Experiment":
    """Return the experiment of a dataset and options.

    Raises:
        DataError: the dataset is unknown or unreadable, and nothing else is wrong.
        ExperimentError: it holds all mistakes at once, an unknown dataset included.
    """
    from engine.experiment.experiment import Experiment

    try:
        return Experiment.quick(dataset, hidden, overrides=overrides, **given)
    except DataError:
        others = _problems_beside(dataset, hidden, overrides, given)
        if len(others) > 1:
            raise ExperimentError(others) from None
        raise


def _problems_beside(
    dataset: str, hidden: list[int] | None, overrides: Sequence[str], given: dict[str, Any]
) -> list[Problem]:
    """Return the problems of an unusable dataset and those that do not depend on it."""
    from engine.data import describe
    from engine.data.spec import DataSpec
    from engine.experiment.experiment import problems, with_overrides
    from engine.experiment.quick import quick_tables

    any_other = describe(DataSpec(dataset="xor"))  # only its suggestions are used, which are valid
    raw = quick_tables(dataset, hidden, given, describe=lambda spec: any_other)
    return problems(with_overrides(raw, overrides))


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
        hint = f"for example --dataset mnist; known: {names}"
        raise ExperimentError([Problem("--dataset", "an experiment file or --dataset is required", hint)])
    return str(given["dataset"])


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
    keys = (problem.key, f"{problem.key}.name")  # of an unknown member the whole table is named
    option = next((name for name, key in OPTION_KEYS.items() if key in keys and name in given), "")
    for name in LAYER_OPTIONS:
        on_layer = re.fullmatch(rf"network\.layers\[\d+\]\.{name}", problem.key)
        if on_layer and problem.message.startswith(f'{problem.key} = "{given.get(name)}"'):
            option = name
    if not option:
        return problem
    message = problem.message.replace(problem.key, f"--{option.replace('_', '-')}", 1)
    return Problem(problem.key, message, problem.hint)
