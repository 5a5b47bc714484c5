"""`nnterm bench`: the engine's speed compared with other libraries, one row per pair as it is measured."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from tui.cli import output
from tui.cli.options import Json
from tui.cli.values import takes

if TYPE_CHECKING:
    from engine.bench import BenchRow, SkippedRow


def bench(
    case: Annotated[
        list[str],
        typer.Option(
            metavar="CASE",
            autocompletion=takes("cases"),
            help="Case; may be repeated: {cases}. [default: all]",
        ),
    ] = [],  # noqa: B006  Typer copies it
    against: Annotated[
        list[str],
        typer.Option(
            metavar="RIVALS",
            autocompletion=takes("rival list"),
            help="Libraries, with commas or repeated: {rivals}. [default: all]",
        ),
    ] = [],  # noqa: B006
    seconds: Annotated[
        float, typer.Option(min=0.01, metavar="SECONDS", help="Seconds of training per measurement.")
    ] = 0.4,
    json: Json = False,
) -> int:
    """Compare the training speed with other libraries.

    A library that is not installed is skipped.

    Examples:
        nnterm bench --case mnist-64-sgd --against torch,limit
        nnterm bench --json
    """
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


COLUMNS = ("case", "against", "ratio", "spread", "steps/s", "theirs", "threads")
WIDTHS = (14, 8, 6, 13, 9, 9, 7)


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
        speeds = (_speed(row.steps_per_s), _speed(row.rival_steps_per_s))
        threads = f"{row.threads}, {row.rival_threads}"
        output.line(_columns((row.case, row.against, ratio, spread, *speeds, threads)))


def _speed(steps_per_s: float) -> str:
    return f"{steps_per_s:,.0f}" if steps_per_s >= 100 else f"{steps_per_s:.3g}"


def _columns(texts: Sequence[str]) -> str:
    cells = [
        f"{text:<{width}}" if position < 2 else f"{text:>{width}}"
        for position, (text, width) in enumerate(zip(texts, WIDTHS, strict=False))
    ]
    return "  ".join(cells)
