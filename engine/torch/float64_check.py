"""The second comparison in float64 of differences that float32's rounding may explain; there they must vanish.

A bound on rounding that holds for every correct program is wide in float32, especially behind a batch
normalisation: errors of a tenth may be within it. In float64 the same bound is 1e9 times narrower.
"""

from dataclasses import replace

from msgspec.structs import replace as replace_field

from engine.gradcheck.events import ParameterReport
from engine.gradcheck.report import Report

EXPLAINED = "explained by rounding"
"""The part of a report's text that marks a difference accepted as rounding."""


def leans_on_rounding(report: Report) -> bool:
    """Return True if anything passed only because rounding may explain it."""
    return any(EXPLAINED in text for text in (*report.notes, *(row.diagnosis for row in report.rows)))


def look_again(report: Report, exact: Report) -> Report:
    """Return `report`, of float32, with the further faults of `exact`, the same comparison in float64."""
    if exact.passed:
        note = "what rounding explains is no fault: in float64 on the CPU both agree"
        return replace(report, notes=(*report.notes, note))
    known = {fault.culprit for fault in report.faults}
    return replace(
        report,
        parameters={name: _worse(row, exact.parameters[name]) for name, row in report.parameters.items()},
        input=_worse(report.input, exact.input) if report.input and exact.input else report.input,
        faults=(*report.faults, *(fault for fault in exact.faults if fault.culprit not in known)),
        notes=(*report.notes, "what rounding might explain is wrong in float64 too, compared on the CPU"),
    )


def _worse(row: ParameterReport, exact: ParameterReport) -> ParameterReport:
    """Return the float64 row if only that is wrong, hidden by rounding in float32; else the float32 row."""
    if row.failed or not exact.failed:
        return row
    diagnosis = f"{exact.diagnosis}, seen in float64" if exact.diagnosis else "seen in float64"
    return replace_field(exact, diagnosis=diagnosis)
