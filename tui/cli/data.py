"""`nnterm data`: lists the datasets and describes one."""

from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from engine.words import counted
from tui.cli import output
from tui.cli.help_text import Group, HelpfulCommand
from tui.cli.options import Json
from tui.cli.values import takes
from tui.words.figures import percent

if TYPE_CHECKING:
    from engine.data import DatasetInfo

HELP = """List the datasets, or describe one.

Examples:
    nnterm data
    nnterm data show mnist
"""
MOST_CLASSES = 20
"""Classes of which the balance is shown."""
data = typer.Typer(help=HELP, cls=Group, invoke_without_command=True)


@data.callback(help=HELP)
def datasets(context: typer.Context) -> int:
    from engine.plugins import load_plugins

    load_plugins()
    return output.ExitCode.DONE if context.invoked_subcommand else list_datasets()


@data.command("list", cls=HelpfulCommand)
def list_datasets(json: Json = False) -> int:
    """List the registered datasets.

    Example:
        nnterm data list
    """
    from engine.data import dataset_infos

    infos = dataset_infos()
    if json:
        for info in infos:
            output.json_line({"type": "dataset", **msgspec.to_builtins(info)})
        return output.ExitCode.DONE
    from tui.cli.table import table

    columns = ("name", "task", "samples", "test", "features", "outputs", "size")
    output.show(table(columns, [_row(info) for info in infos], left=2))
    output.line("your own data: path of an .npz file with arrays x and y")
    return output.ExitCode.DONE


@data.command("show", cls=HelpfulCommand)
def show_dataset(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME", autocompletion=takes("dataset"), help="{datasets}; or the path of an .npz file."
        ),
    ],
    json: Json = False,
) -> int:
    """Describe a dataset: size, class balance, source.

    Examples:
        nnterm data show mnist
        nnterm data show flowers.npz
    """
    from engine.data import preview
    from engine.data.spec import DataSpec

    with output.working(f"reading {name}", json):
        seen = preview(DataSpec(dataset=name), count=1)
    counts = dict(zip(seen.info.class_names, seen.class_counts.tolist(), strict=False))
    if json:
        plain = msgspec.to_builtins(seen.info)
        output.json_line({"type": "dataset", **plain, "class_counts": counts})
        return output.ExitCode.DONE
    for text in _description(seen.info):
        output.line(text)
    _show_balance(counts)
    return output.ExitCode.DONE


def _description(info: "DatasetInfo") -> list[str]:
    suggestion = info.suggestion
    layers = "-".join(str(units) for units in suggestion.layers)
    batch = f"batch {suggestion.batch_size}" if suggestion.batch_size else "full batch"
    optimizer, training = (
        f"{suggestion.optimizer} {suggestion.lr:g}",
        f"{batch}, {counted(suggestion.epochs, 'epoch')}",
    )
    return [
        f"{info.title} ({info.name}): {info.task}",
        info.summary,
        "",
        f"samples   {info.samples:,} training, {info.test_samples:,} test, {size(info.size_bytes)}",
        f"sample    {_shape(info)} -> {_outputs(info)}",
        f"source    {info.source}",
        f"licence   {info.licence}",
        f"defaults  hidden layers {layers or 'none'}, {suggestion.activation}, {optimizer}, {training}",
    ]


def _show_balance(counts: dict[str, int]) -> None:
    from tui.cli.table import table

    total = sum(counts.values())
    if total:
        output.line()
        shown = list(counts.items())
        if len(shown) > MOST_CLASSES:
            shown = sorted(shown, key=lambda item: -item[1])[:MOST_CLASSES]
        rows = [(name, f"{n:,}", percent(n / total)) for name, n in shown]
        output.show(table(("class", "samples", "share"), rows))
        if len(counts) > MOST_CLASSES:
            output.line(
                f"the {MOST_CLASSES} largest of {counted(len(counts), 'class', 'classes')}; --json lists all"
            )


def _shape(info: "DatasetInfo") -> str:
    return " x ".join(str(length) for length in info.input_shape)


def _outputs(info: "DatasetInfo") -> str:
    if info.task == "binary":
        return "binary"
    return (
        counted(info.n_outputs, "value")
        if info.task == "regression"
        else counted(info.n_outputs, "class", "classes")
    )


def _row(info: "DatasetInfo") -> tuple[str, ...]:
    return (
        info.name,
        info.task,
        f"{info.samples:,}",
        f"{info.test_samples:,}",
        _shape(info),
        f"{info.n_outputs:,}",
        size(info.size_bytes),
    )


def size(n_bytes: int) -> str:
    """Return a size in memory as `12 kB` or `52.3 MB`."""
    if n_bytes < 1_000:
        return f"{n_bytes} B"
    return f"{n_bytes / 1e3:.3g} kB" if n_bytes < 1e6 else f"{n_bytes / 1e6:.3g} MB"
