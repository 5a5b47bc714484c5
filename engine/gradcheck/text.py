"""A gradient report as text for people."""

from collections.abc import Iterator

from engine.gradcheck.report import ParameterReport, Report

HEADINGS = ("parameter", "shape", "at", "analytic", "differences", "PyTorch", "error", "median", "verdict")


def describe(report: Report) -> str:
    """Return the verdict, a table with a line a tensor, the faults, and what could not be seen."""
    return "\n".join(_lines(report))


def _lines(report: Report) -> Iterator[str]:
    yield report.message
    if report.rows:
        yield ""
        yield from _table([HEADINGS, *(_cells(row) for row in report.rows)])
    yield ""
    yield _coverage(report)
    yield from (f"fault: {problem}" for problem in report.problems)
    yield from (f"{row.name}: {row.diagnosis}" for row in report.rows if row.diagnosis)
    yield from (f"{row.name}: {row.odd_one_out} stands alone" for row in report.rows if row.odd_one_out)
    yield from (f"not seen: {spot}" for spot in report.blind_spots)
    yield from (f"note: {note}" for note in report.notes)


def _coverage(report: Report) -> str:
    text = (
        f"{report.n_parameters:,} parameters, {report.samples} samples: "
        f"{report.checked:,} coordinates one by one, {report.directions} random directions, "
        f"{report.kinks} at kinks"
    )
    if report.modes:
        text += f", in {' and '.join(report.modes)} mode each"
    if report.torch_version:
        text += f"; PyTorch {report.torch_version} on {report.device} in {report.dtype}"
    return text


def _cells(row: ParameterReport) -> tuple[str, ...]:
    return (
        row.name,
        "×".join(map(str, row.shape)),
        ",".join(map(str, row.index)),
        _number(row.analytic),
        _number(row.finite_difference),
        _number(row.torch),
        f"{row.relative_error:.1e}",
        f"{row.median_relative_error:.1e}",
        row.verdict.replace("_", " "),
    )


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.8g}"


def _table(rows: list[tuple[str, ...]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip()
