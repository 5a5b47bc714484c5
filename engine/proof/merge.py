"""The union of two reports, of finite differences and of PyTorch: three values in a row, with the outlier named."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from msgspec.structs import replace as with_fields

from engine.arrays import Array
from engine.gradcheck.events import ParameterReport, Verdict
from engine.gradcheck.modes import gradients_in
from engine.gradcheck.report import TORCH, Report

ALIKE = 1e-4
"""Relative difference up to which a finite difference and PyTorch's value at a coordinate count as equal."""

Odd = Literal["", "analytic", "finite differences", "PyTorch"]


def merge(differences: Report, twin: Report) -> Report:
    """Return one report of both, three values in each row; device, dtype and PyTorch's version are the twin's."""
    gradients = twin.gradients
    rows = {
        row.name: _merge_rows(row, other, gradients)
        for row, other in zip(differences.parameters.values(), twin.parameters.values(), strict=True)
    }
    inputs = differences.input or twin.input
    if differences.input and twin.input:
        inputs = _merge_rows(differences.input, twin.input, gradients)
    known = set(differences.problems)
    return replace(
        differences,
        parameters=rows,
        input=inputs,
        faults=differences.faults + tuple(fault for fault in twin.faults if fault.message not in known),
        device=twin.device,
        dtype=twin.dtype,
        torch_version=twin.torch_version,
        blind_spots=differences.blind_spots + twin.blind_spots,
        notes=differences.notes + twin.notes,
        seconds=differences.seconds + twin.seconds,
        gradients=differences.gradients | twin.gradients,
    )


def _merge_rows(
    row: ParameterReport, twin: ParameterReport, gradients: Mapping[str, dict[str, Array]]
) -> ParameterReport:
    """Return the row at the differences' worst coordinate, or at PyTorch's if that alone disagrees."""
    if twin.failed and not row.failed:
        at = with_fields(
            row,
            index=twin.index,
            analytic=twin.analytic,
            finite_difference=None,
            torch=twin.torch,
            mode=twin.mode,
        )
    else:
        values = gradients_in(gradients, TORCH, row.mode).get(row.name)
        at = with_fields(row, torch=None if values is None or not row.index else float(values[row.index]))
    return with_fields(
        at,
        torch_norm_ratio=twin.torch_norm_ratio,
        verdict=_verdict(row, twin),
        odd_one_out=_odd_one_out(at, row.failed, twin.failed),
        diagnosis=row.diagnosis or twin.diagnosis,
    )


def _verdict(row: ParameterReport, twin: ParameterReport) -> Verdict:
    """Return the worse verdict of both; an unchecked row takes the other's verdict, but a kink remains a kink."""
    for verdict in ("not_finite", "wrong", "kink"):
        if verdict in (row.verdict, twin.verdict):
            return verdict
    return "ok" if "ok" in (row.verdict, twin.verdict) else "unchecked"


def _odd_one_out(row: ParameterReport, differs_from_differences: bool, differs_from_torch: bool) -> Odd:
    if differs_from_differences and differs_from_torch:
        n, t = row.finite_difference, row.torch
        agree = n is not None and t is not None and abs(n - t) <= ALIKE * max(abs(n), abs(t))
        return "analytic" if agree else ""
    if differs_from_torch:
        return "" if row.verdict == "kink" else "PyTorch"  # at a kink there is no difference to decide
    return "finite differences" if differs_from_differences and row.torch is not None else ""
