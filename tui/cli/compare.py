"""`nnterm compare`: runs side by side, with the settings that differ and the final figures."""

from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from engine.errors import NntermError
from tui.cli import output
from tui.cli.options import Home, Json
from tui.cli.values import takes
from tui.words.figures import duration, figure, percent

if TYPE_CHECKING:
    from engine.runs import Comparison, RunSummary


def compare(
    runs: Annotated[
        list[str],
        typer.Argument(metavar="RUN RUN ...", autocompletion=takes("runs"), help="Two or more runs."),
    ],
    json: Json = False,
    home: Home = None,
) -> int:
    """Compare runs: settings that differ, and results.

    Example:
        nnterm compare mnist-1 mnist-2
    """
    from engine.runs import Run
    from engine.runs import compare as compare_runs

    if len(runs) < 2:
        raise NntermError("name at least two runs to compare", "see nnterm runs")
    comparison = compare_runs([Run.open(name, home) for name in runs])
    if json:
        plain = msgspec.to_builtins(comparison)
        output.json_line({**plain, "runs": [{"run": run["name"], **run} for run in plain["runs"]]})
    else:
        show_comparison(comparison)
    return output.ExitCode.DONE


def show_comparison(comparison: "Comparison") -> None:
    """Write a table of the settings that differ and a table of the figures, one column per run."""
    from tui.cli.table import table

    names = [run.name for run in comparison.runs]
    if comparison.differences:
        rows = [(row.label, *map(_value, row.values)) for row in comparison.differences]
        output.show(table(("differs", *names), rows, left=1 + len(names)))
    else:
        output.line("the experiments are identical")
    output.line()
    output.show(table(("result", *names), _figures(comparison.runs), left=1))


def _figures(runs: "list[RunSummary]") -> list[tuple[str, ...]]:
    rows: list[tuple[str, list[str]]] = [
        ("state", [str(run.state) for run in runs]),
        ("epoch", [f"{run.epoch}/{run.epochs}" for run in runs]),
        ("train loss", [figure(run.train_loss) for run in runs]),
        ("validation loss", [figure(run.validation_loss) for run in runs]),
        ("best validation loss", [figure(run.best_validation_loss) for run in runs]),
        ("validation accuracy", [percent(run.validation_accuracy) for run in runs]),
        ("best validation accuracy", [percent(run.best_validation_accuracy) for run in runs]),
        ("test loss", [figure(run.test_loss) for run in runs]),
        ("test accuracy", [percent(run.test_accuracy) for run in runs]),
        ("parameters", [f"{run.n_parameters:,}" for run in runs]),
        ("training", [duration(run.seconds) for run in runs]),
    ]
    return [(name, *values) for name, values in rows if set(values) != {"-"}]


def _value(value: Any) -> str:
    from engine.experiment.change_groups import value_text

    return "-" if value is None else value_text(value)
