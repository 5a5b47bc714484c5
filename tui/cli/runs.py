"""`nnterm runs`: the runs of a home, filtered and sorted, in the columns of the Runs screen."""

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from engine.errors import NntermError, did_you_mean
from engine.words import counted
from tui.cli import output
from tui.cli.options import Home, Json
from tui.cli.values import takes
from tui.words.figures import age
from tui.words.plain import plain
from tui.words.run_columns import BY_KEY, RunColumn, columns_for

if TYPE_CHECKING:
    from engine.runs import RunSummary

ALL = "all"
_ANY_WIDTH = 10_000


def runs(
    query: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="QUERY",
            autocompletion=takes("queries"),
            help='Words, or conditions: "lr>=1e-3" dataset=mnist tag=good.',
        ),
    ] = None,
    sort: Annotated[
        str,
        typer.Option(
            metavar="FIELD",
            autocompletion=takes("fields"),
            show_default=False,
            help="Sort by a field; -FIELD: descending. [default: newest first]",
        ),
    ] = "",
    columns: Annotated[
        str,
        typer.Option(
            metavar="NAMES",
            autocompletion=takes("column list"),
            show_default=False,
            help='Columns, such as "name,lr,best_acc": {columns}; all. [default: those that fit]',
        ),
    ] = "",
    json: Json = False,
    home: Home = None,
) -> int:
    """List the runs, newest first.

    Conditions: = != < <= > >= and ~ for "contains". Fields: {fields}. Shares may be written as 97%, ages and times as
    5min, 2h, 3d. best_acc is the best validation accuracy of all epochs, val_acc that of the last one.

    Examples:
        nnterm runs
        nnterm runs dataset=mnist "val_acc>97%" --sort -val_acc
        nnterm runs tag=good --columns name,lr,best_acc
    """
    from engine.runs import Query, default_home, list_runs, sort_runs

    now = time.time()
    wanted = Query.parse(" ".join(query or []))
    chosen = _chosen(columns)
    everything = list_runs(home)
    found = [run for run in everything if wanted.matches(run, now)]
    found = sort_runs(found, sort) if sort else found
    if json:
        for summary in found:
            output.json_line({"type": "run", "run": summary.name, **msgspec.to_builtins(summary)})
    elif not everything:
        output.line(f"no runs yet in {home or default_home()}; start one with: nnterm train --dataset moons")
    elif not found:
        output.line(f"none of {counted(len(everything), 'run')} matches")
    else:
        _show(found, columns_for(found, chosen), bool(chosen), now)
    return output.ExitCode.DONE


def _chosen(text: str) -> list[str]:
    """Return the keys of the requested columns; none for the usual ones.

    Raises:
        NntermError: there is no such column.
    """
    if text.strip() == ALL:
        return list(BY_KEY)
    keys = [key.strip() for key in text.split(",") if key.strip()]
    for key in keys:
        if key not in BY_KEY:
            raise NntermError(
                f'--columns: there is no column "{key}"',
                did_you_mean(key, [*BY_KEY, ALL], "nnterm runs --help"),
            )
    return keys


def _show(runs: "Sequence[RunSummary]", columns: Sequence[RunColumn], all_of_them: bool, now: float) -> None:
    """Write the table: all chosen columns, of the usual ones as many as fit into the terminal; into a pipe all."""
    from rich.text import Text

    from tui.words.column_widths import GAP, cell, fit, measure

    console = output.console()
    longest = measure(columns, runs)
    widths = fit(columns, console.width if output.is_live() and not all_of_them else _ANY_WIDTH, longest)

    def row(texts: Callable[[str], str]) -> str:
        cells = (cell(texts(key), width, BY_KEY[key].right) for key, width in widths.items())
        return (" " * GAP).join(cells)

    head = row(lambda key: BY_KEY[key].head)
    lines = [row(partial(_text, run, now)).rstrip() for run in runs]
    rule = f"\n{'─' * min(len(head), console.width)}" if output.is_live() else ""
    text = Text.assemble((head.rstrip(), "bold" if output.is_live() else ""), rule, "\n", "\n".join(lines))
    console.print(text, soft_wrap=True)


def _text(run: "RunSummary", now: float, key: str) -> str:
    if key == "age":
        return age(now - run.created)
    return plain(BY_KEY[key].text(run))
