"""`nnterm runs`: the runs of a home, filtered and sorted."""

import time
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from tui.cli import output
from tui.cli.options import Home, Json
from tui.words.figures import age, figure, percent

if TYPE_CHECKING:
    from engine.runs import RunSummary

COLUMNS = ("run", "state", "data", "network", "from", "epoch", "val loss", "val acc", "test acc", "age")


def runs(
    query: Annotated[
        list[str] | None,
        typer.Argument(metavar="QUERY", help='Words, or conditions: "lr>=1e-3" dataset=mnist state=lost.'),
    ] = None,
    sort: Annotated[
        str, typer.Option(metavar="FIELD", help="Sort by val_acc, lr, ...; -val_acc: down.")
    ] = "",
    json: Json = False,
    home: Home = None,
) -> int:
    """List the runs, newest first.

    Conditions: = != < <= > >= and ~ for "contains". Fields: name state dataset network optimizer lr batch seed epoch
    epochs step steps seconds age val_loss val_acc best_loss best_acc test_loss test_acc train_loss train_acc
    parameters host backend parent. Shares may be written as 97%, ages and times as 5min, 2h, 3d.
    """
    from engine.runs import Query, default_home, list_runs, sort_runs

    now = time.time()
    wanted = Query.parse(" ".join(query or []))
    everything = list_runs(home)
    found = [run for run in everything if wanted.matches(run, now)]
    found = sort_runs(found, sort) if sort else found
    if json:
        for summary in found:
            output.json_line({"type": "run", **msgspec.to_builtins(summary)})
    elif not everything:
        output.line(f"no runs yet in {home or default_home()}; begin one with: nnterm train --dataset moons")
    elif not found:
        output.line(f"none of {len(everything)} runs fits")
    else:
        from tui.cli.table import table

        output.show(table(COLUMNS, [_row(summary, now) for summary in found], left=5))
    return output.ExitCode.DONE


def _row(summary: "RunSummary", now: float) -> tuple[str, ...]:
    return (
        summary.name,
        summary.state,
        summary.dataset.rpartition("/")[2],
        summary.network,
        origin(summary),
        f"{summary.epoch}/{summary.epochs}",
        figure(summary.validation_loss, 3),
        percent(summary.validation_accuracy),
        percent(summary.test_accuracy),
        age(now - summary.created),
    )


def origin(summary: "RunSummary") -> str:
    """Return the run and epoch that a run was forked from, as `mnist-1 @5`; empty if it was not forked."""
    return f"{summary.parent} @{summary.parent_epoch}" if summary.parent else ""
