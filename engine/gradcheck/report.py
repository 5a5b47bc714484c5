"""The report of a gradient check: a row for each parameter tensor, the verdict, and both as text."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import msgspec

from engine.arrays import Array
from engine.gradcheck.events import USUAL_TOLERANCE, ParameterReport
from engine.words import counted

INPUT = "input"
"""Name of the row that holds the gradient for the data."""
NETWORK = "network"
"""Culprit when each part alone is right: the code that connects them is wrong."""
BUDGET_ENDED = "the time budget ended"
"""The first words of the note on differences that were not taken for lack of time."""
ANALYTIC, TORCH = "analytic", "torch"
"""Keys of a report's gradient vectors."""


@dataclass(frozen=True)
class Fault:
    """An error that does not belong to a single tensor: in a layer's code, in the data, in repeatability."""

    culprit: str
    """A layer's name, "loss", NETWORK, or the array that is not finite."""
    message: str
    of_gradient: bool = True
    """False for what is wrong while gradients may agree: masks, an exception."""


@dataclass(frozen=True, repr=False)
class Report:
    """The outcome of one gradient check; `describe` gives it as text, `to_dict` as plain values."""

    parameters: dict[str, ParameterReport]
    """One row per tensor, in the network's order."""
    input: ParameterReport | None = None
    """The row of the gradient for the data, if it was checked."""
    faults: tuple[Fault, ...] = ()
    """Errors beyond the rows, the most fundamental first."""
    architecture: str = ""
    """Layer sizes, `784-128-10`; empty for a function that is no network."""
    n_parameters: int = 0
    samples: int = 0
    directions_over_all: int = 0
    """Random directions over all parameters at once."""
    modes: tuple[str, ...] = ()
    """The modes that were checked, "training" and "evaluation"; empty if they do not differ."""
    device: str = "cpu"
    dtype: str = "float64"
    torch_version: str = ""
    blind_spots: tuple[str, ...] = ()
    """Coverage gaps: parts of the gradient that this check could not verify."""
    notes: tuple[str, ...] = ()
    seconds: float = 0.0
    gradients: dict[str, dict[str, Array]] = field(default_factory=dict, repr=False, compare=False)
    """Whole gradients by source, ANALYTIC or TORCH, and by tensor, each in its shape."""
    differences: dict[str, Array] = field(default_factory=dict, repr=False, compare=False)
    """Relative errors against finite differences by tensor, each in its shape; NaN where none was taken, −1 at a kink."""

    def __repr__(self) -> str:
        return f"Report({'passed' if self.passed else 'failed'}: {self.message})"

    def __str__(self) -> str:
        return self.describe()

    @property
    def rows(self) -> tuple[ParameterReport, ...]:
        """All rows, the one for the input last."""
        return (*self.parameters.values(), *([self.input] if self.input else []))

    @property
    def passed(self) -> bool:
        """True if nothing disagrees. A kink is reported and does not fail; a NaN does."""
        return not self.faults and not any(row.failed for row in self.rows)

    @property
    def problems(self) -> tuple[str, ...]:
        """The messages of the faults."""
        return tuple(fault.message for fault in self.faults)

    @property
    def culprit(self) -> str:
        """The origin of the error: the wrong part nearest the output; "" if nothing is wrong.

        Of a function, the wrong part with the largest error.
        """
        named = [fault.culprit for fault in self.faults if fault.culprit != NETWORK]
        failed = [row for row in reversed(self.parameters.values()) if row.failed]
        if not self.architecture:  # of a function, nothing tells what is near the output
            failed.sort(key=_badness, reverse=True)
        wrong = [row.layer for row in failed]
        inputs = [next(iter(self.parameters.values())).layer] if self.input and self.input.failed else []
        return next(iter([*named, *wrong, *inputs, *(fault.culprit for fault in self.faults)]), "")

    @property
    def worst(self) -> ParameterReport:
        """The row with the largest error; one that is not finite first of all, then one that is wrong."""
        return max(self.rows, key=_badness)

    @property
    def checked(self) -> int:
        """The number of coordinates checked one by one, over all tensors."""
        return sum(row.checked for row in self.rows)

    @property
    def directions(self) -> int:
        """The number of random directions checked, over single tensors and over all parameters at once."""
        return sum(row.directions for row in self.rows) + self.directions_over_all

    @property
    def kinks(self) -> int:
        """The number of coordinates at a kink, which could not be checked."""
        return sum(row.kinks for row in self.rows)

    @property
    def message(self) -> str:
        """The verdict in one line."""
        if self.passed:
            return self._agreement()
        wrong = [row for row in self.rows if row.failed]
        if self.faults:
            first = self.faults[0]
            checked = first.of_gradient and bool(self.architecture)
            failed = "gradients disagree" if checked else "the check failed"
            return f"{failed}: {first.message}" if checked or not self.architecture else first.message
        if not self.architecture:
            return _of_a_function(max(wrong, key=_badness), len(wrong), len(self.parameters))
        row = next((row for row in wrong if row.layer == self.culprit), wrong[-1])
        why = f" ({row.diagnosis})" if row.diagnosis else ""
        where = f" in {row.mode} mode" if row.mode else ""
        return f"gradients disagree, beginning in {self.culprit}: {row.name} is {row.verdict}{where}{why}"

    def _agreement(self) -> str:
        n = len(self.parameters)
        compared = " and ".join(self._compared_with())
        if not compared:
            entries = (
                f"at kinks: {counted(self.kinks, 'entry', 'entries')}, all that were tried"
                if self.kinks
                else "no entry was checked"
            )
            return f"nothing could be compared: {entries}"
        left = "compared with PyTorch only" if "PyTorch" in compared else "not compared"
        kinks = f"; {counted(self.kinks, 'entry', 'entries')} at kinks: {left}" if self.kinks else ""
        tensors = (
            "the only parameter tensor agrees" if n == 1 else f"all {counted(n, 'parameter tensor')} agree"
        )
        worst = f"largest error {self.worst.relative_error:.1e} in {self.worst.name}{_explained(self.worst)}"
        modes = f" in {' and '.join(self.modes)} mode" if self.modes else ""
        early = "".join(f"; {note}" for note in self.notes if note.startswith(BUDGET_ENDED))
        counts = f"({counted(self.n_parameters, 'parameter')}; {worst})"
        return f"{tensors} with {compared}{modes} {counts}{kinks}{early}"

    def _compared_with(self) -> list[str]:
        rows = self.rows
        names = ["finite differences"] if self.checked or self.directions else []
        return names + (["PyTorch"] if any(row.torch_norm_ratio is not None for row in rows) else [])

    def to_dict(self) -> dict[str, Any]:
        """Return the report without the gradients as plain values for JSON."""
        outcome = ("passed", "message", "device", "dtype", "torch_version", "problems", "culprit")
        coverage = ("modes", "blind_spots", "notes", "architecture", "n_parameters", "samples")
        counts = ("checked", "directions", "kinks", "seconds")
        plain = {name: getattr(self, name) for name in (*outcome, *coverage, *counts)}
        plain["parameters"] = [msgspec.to_builtins(row) for row in self.rows]
        plain["worst"] = msgspec.to_builtins(self.worst) if self.rows else None
        return plain

    def describe(self) -> str:
        """Return the whole report as text."""
        return describe(self)


def _of_a_function(row: ParameterReport, n_wrong: int, n: int) -> str:
    """Return the verdict for a function's gradient: where it is wrong, by how much, and by which pattern."""
    several = f" ({n_wrong} of {n} arrays are wrong)" if n_wrong > 1 else ""
    if row.verdict == "not_finite":
        return f"gradients disagree: {row.diagnosis}{several}"
    where = f"{row.name}[{', '.join(map(str, row.index))}]" if row.index else row.name
    values = ""
    if row.analytic is not None and row.finite_difference is not None:
        values = f" is {row.analytic:.6g}, differences give {row.finite_difference:.6g}"
    why = f": {row.diagnosis}" if row.diagnosis else ""
    return f"gradients disagree: {where}{values}{why}{several}"


def _explained(row: ParameterReport) -> str:
    """Return what rounding may explain of the row's error; empty where that is negligible."""
    if row.allowed is None or row.allowed < 2 * USUAL_TOLERANCE:
        return ""
    return f", where rounding explains up to {row.allowed:.1e}"


def _badness(row: ParameterReport) -> tuple[int, float]:
    rank = {"not_finite": 2, "wrong": 1}.get(row.verdict, 0)
    error = row.strain
    return rank, math.inf if math.isnan(error) else error


HEADINGS = (
    "parameter",
    "shape",
    "at",
    "analytic",
    "differences",
    "PyTorch",
    "error",
    "tolerance",
    "median",
    "verdict",
)


def describe(report: Report) -> str:
    """Return the verdict, a table with one line per tensor, the faults, and the coverage gaps as text."""
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
    yield from (f"{row.name}: outlier {row.odd_one_out}" for row in report.rows if row.odd_one_out)
    yield from (f"not covered: {spot}" for spot in report.blind_spots)
    yield from (f"note: {note}" for note in report.notes)


def _coverage(report: Report) -> str:
    samples = f", {counted(report.samples, 'sample')}" if report.samples else ""
    text = (
        f"{counted(report.n_parameters, 'parameter')}{samples}: "
        f"{counted(report.checked, 'entry', 'entries')} and {counted(report.directions, 'random direction')}, "
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
        "" if row.allowed is None else f"{row.allowed:.1e}",
        f"{math.nan if row.median_relative_error is None else row.median_relative_error:.1e}",
        row.verdict.replace("_", " "),
    )


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.8g}"


def _table(rows: list[tuple[str, ...]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip()
