"""`nnterm bench`: the engine's speed compared with other libraries, one row per pair as it is measured."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from tui.cli import output
from tui.cli.options import Json

if TYPE_CHECKING:
    from engine.bench import BenchRow, SkippedRow


def bench(
    case: Annotated[
        list[str], typer.Option(metavar="CASE", help="Case to measure; repeatable; default: all.")
    ] = [],  # noqa: B006  Typer copies it
    against: Annotated[
        list[str],
        typer.Option(metavar="RIVALS", help="naive,sklearn,torch,jax,limit; repeatable; default: all."),
    ] = [],  # noqa: B006
    seconds: Annotated[float, typer.Option(min=0.01, help="Seconds of training per measurement.")] = 0.4,
    json: Json = False,
) -> int:
    """Compare the training speed with other libraries."""
    from engine.bench import run_bench

    rivals = [name.strip() for name in ",".join(against).split(",") if name.strip()]
    words = ["starting"]

    def watch(case: str, name: str, done: int, total: int) -> None:
        words[0] = f"{case}: {'nnterm' if name == 'engine' else name}, turn {done + 1} of {total}"

    rows = run_bench(cases=case, against=rivals, seconds=seconds, watch=watch)
    with output.working(lambda: words[0], json):
        if json:
            for row in rows:
                output.json_line(row)
        else:
            show_rows(rows)
    return output.ExitCode.DONE


COLUMNS = ("case", "against", "ratio", "spread", "steps/s", "theirs")
WIDTHS = (15, 8, 7, 15, 11, 11)


def show_rows(rows: "Iterable[BenchRow | SkippedRow]") -> None:
    """Write each row as soon as it is measured."""
    from engine.bench import SkippedRow

    for position, row in enumerate(rows):
        if not position:
            output.prose(
                "ratio: time per step of the other library / ours; limit: our speed / that of the matrix products"
            )
            output.line(_columns(COLUMNS))
        if isinstance(row, SkippedRow):
            output.line(f"{_columns((row.case, row.against))} skipped: {row.reason}")
            continue
        ratio = f"{row.ratio:.0%}" if row.against == "limit" else f"{row.ratio:.2f} x"
        low, high = row.spread
        spread = f"{low:.2f} to {high:.2f}"
        speeds = (f"{row.steps_per_s:,.0f}", f"{row.rival_steps_per_s:,.0f}")
        output.line(_columns((row.case, row.against, ratio, spread, *speeds)))


def _columns(texts: Sequence[str]) -> str:
    cells = [
        f"{text:<{width}}" if position < 2 else f"{text:>{width}}"
        for position, (text, width) in enumerate(zip(texts, WIDTHS, strict=False))
    ]
    return "  ".join(cells)
