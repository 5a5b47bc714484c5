"""`nnterm runs`: every run of a home, newest first."""

import time
from typing import TYPE_CHECKING

import msgspec

from tui.cli import output
from tui.cli.options import Home, Json
from tui.cli.words import figure, percent

if TYPE_CHECKING:
    from engine.runs import RunSummary

COLUMNS = ("run", "state", "data", "network", "epoch", "val loss", "val acc", "test acc", "age")


def runs(json: Json = False, home: Home = None) -> int:
    """List the runs, newest first."""
    from engine.runs import default_home, list_runs

    found = list_runs(home)
    if json:
        for summary in found:
            output.json_line({"type": "run", **msgspec.to_builtins(summary)})
    elif not found:
        output.line(f"no runs yet in {home or default_home()}; begin one with: nnterm train --dataset moons")
    else:
        from tui.cli.table import table

        output.show(table(COLUMNS, [_row(summary, time.time()) for summary in found], left=4))
    return output.ExitCode.DONE


def _row(summary: "RunSummary", now: float) -> tuple[str, ...]:
    return (
        summary.name,
        summary.state,
        summary.dataset.rpartition("/")[2],
        summary.network,
        f"{summary.epoch}/{summary.epochs}",
        figure(summary.validation_loss, 3),
        percent(summary.validation_accuracy),
        percent(summary.test_accuracy),
        age(now - summary.created),
    )


def age(seconds: float) -> str:
    """How long ago: `now`, `5 min`, `3 h`, `12 d`."""
    if seconds < 60:
        return "now"
    for limit, unit, word in ((3600, 60, "min"), (86400, 3600, "h")):
        if seconds < limit:
            return f"{int(seconds // unit)} {word}"
    return f"{int(seconds // 86400)} d"
