"""The comparison of the network's own gradients with PyTorch's, tensor by tensor."""

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from msgspec.structs import replace as replace_field
from threadpoolctl import threadpool_limits

from engine.arrays import AnyArray, Array
from engine.errors import DataError
from engine.gradcheck.analytic import norm_ratio, take_gradients
from engine.gradcheck.checker import architecture_of
from engine.gradcheck.events import ParameterReport, Verdict
from engine.gradcheck.factors import explain_factor, wrong_factor
from engine.gradcheck.finite import fault_in_loss, faults_in_input, not_finite_rows
from engine.gradcheck.in_float64 import in_float64
from engine.gradcheck.modes import EVALUATION, in_mode, join_rows, key_of, modes_of
from engine.gradcheck.raised import fault_of
from engine.gradcheck.report import ANALYTIC, INPUT, TORCH, Fault, Report
from engine.gradcheck.rounding import LOSS, buffer_bounds, rounding_bounds
from engine.gradcheck.tensors import Tensor, gradients_by_name, tensors_of
from engine.nn.network import Network
from engine.torch.devices.choose import FLOAT64, DeviceChoice, choose_device
from engine.torch.float64_check import EXPLAINED, leans_on_rounding, look_again
from engine.torch.library import load_torch

if TYPE_CHECKING:
    from engine.torch.autograd import TorchGradients

TOLERANCES = {"float64": 1e-10, "float32": 1e-5}
"""Largest norm ratio ‖a − t‖ / (‖a‖ + ‖t‖) of a tensor that passes; correct code stays below 1e-15 and 3.2e-7."""
TOLERANCE_ON_ACCELERATOR = {"float64": 1e-10, "float32": 1e-4}
_Finding = tuple[Fault, bool]
"""A difference, and True if rounding explains it."""


def verify_with_torch(
    network: Network, x: AnyArray, y: AnyArray, device: str = "auto", dtype: str = "auto"
) -> Report:
    """Compare the network's own gradient with PyTorch's autograd on a twin with the same parameters.

    The network computes in `dtype` on the CPU, the twin in `dtype` on `device`. A difference that rounding
    alone explains (a saturated unit, a unit at its kink) passes with a note. In float32, where that may be
    large, it passes only if both agree in float64 on the CPU.

    Args:
        network: unchanged afterwards, bit for bit; must not be trained meanwhile.
        x: (m, *input_shape) or (m, n_features).
        y: (m,) classes or (m, n_outputs) values.
        device: auto, cpu, cuda, cuda:1, mps, xpu; auto is the first accelerator, else the CPU.
        dtype: auto, float64 or float32; auto is float64 if the device has it.

    Returns:
        The report, without finite differences; it also compares the loss and the running statistics.

    Raises:
        DeviceError: PyTorch or the device is missing, or a part of the network has no counterpart.
        DataError: x or y does not fit the network, or `network` is no `engine.Network`.
    """
    _refuse_other(network)
    start_s = time.perf_counter()
    choice = choose_device(device, dtype)
    with threadpool_limits(1, user_api="blas"):
        report = _verified(network, x, y, choice)
        if choice.dtype != FLOAT64 and leans_on_rounding(report):
            report = look_again(report, _verified(network, x, y, DeviceChoice("cpu", FLOAT64)))
    return replace(report, seconds=time.perf_counter() - start_s)


def _refuse_other(subject: object) -> None:
    if not isinstance(subject, Network):
        hint = "check functions and modules of your own with engine.check_gradients"
        raise DataError(f"verify_with_torch takes an engine.Network, not a {type(subject).__name__}", hint)


def _verified(network: Network, x: AnyArray, y: AnyArray, choice: DeviceChoice) -> Report:
    with in_float64(network) as borrowed:
        tensors = tensors_of(borrowed)
        rows = borrowed.as_rows(x)[:, :-1]
        faults = tuple(faults_in_input(borrowed, rows, borrowed.encode(y), tensors))
        bad = not_finite_rows(tensors, borrowed.theta)
    with in_float64(network, choice.dtype) as borrowed:
        report = _report(borrowed, tensors, choice, faults, bad)
        if report.faults:
            return report
        x = borrowed.as_rows(x)[:, :-1].copy()
        return _compared(report, borrowed, x, borrowed.encode(y), tensors, choice)


def _report(
    network: Network,
    tensors: list[Tensor],
    choice: DeviceChoice,
    faults: tuple[Fault, ...],
    bad: dict[str, ParameterReport],
) -> Report:
    """Return a report before any comparison."""
    rows = [bad.get(one.name) or ParameterReport(name=one.name, shape=one.shape) for one in tensors]
    return Report(
        parameters={row.name: row for row in rows},
        faults=faults,
        architecture=architecture_of(network),
        n_parameters=len(network.theta),
        device=choice.device,
        dtype=choice.dtype,
        torch_version=str(load_torch().__version__),
        notes=(choice.note,) if choice.note else (),
    )


def _compared(
    report: Report, network: Network, x: Array, targets: Array, tensors: list[Tensor], choice: DeviceChoice
) -> Report:
    """Return the report with the comparison in each mode."""
    from engine.torch.autograd import torch_gradients

    modes = modes_of(network)
    buffers: dict[str, Array] = {}
    report = replace(report, samples=len(x), modes=tuple(mode for mode in modes if mode))
    for mode in modes:
        learns = mode != EVALUATION
        with in_mode(network, mode):
            theirs = torch_gradients(network, x, targets, choice.device, choice.dtype, learns)
            report = _compared_in(mode, theirs, report, network, x, targets, tensors, choice)
        buffers = theirs.buffers if learns else buffers
    report = _with_conventions(report, network, targets)
    return _with_found(report, _buffer_faults(network, x, targets, buffers, _tolerance(choice)))


def _with_conventions(report: Report, network: Network, targets: Array) -> Report:
    """Return the report with each other slope at a kink: a fault if the batch reaches the kink, else a note."""
    from engine.torch.kink_convention import other_conventions

    found = list(other_conventions(network, targets))
    faults = [fault for fault, there in found if there]
    notes = [fault.message for fault, there in found if not there]
    return replace(report, faults=(*report.faults, *faults), notes=(*report.notes, *notes))


def _with_found(report: Report, found: Iterator[_Finding]) -> Report:
    """Return the report with each finding as a fault, or as a note if rounding explains it."""
    faults, notes = list(report.faults), list(report.notes)
    for fault, is_rounding in found:
        if is_rounding:
            notes.append(f"{fault.message}, {EXPLAINED}")
        else:
            faults.append(fault)
    return replace(report, faults=tuple(faults), notes=tuple(notes))


def _compared_in(
    mode: str,
    theirs: "TorchGradients",
    report: Report,
    network: Network,
    x: Array,
    targets: Array,
    tensors: list[Tensor],
    choice: DeviceChoice,
) -> Report:
    try:
        analytic = take_gradients(network, x, targets)
    except Exception as error:
        return replace(report, faults=(fault_of(error, network),), gradients={TORCH: theirs.gradients})
    ours = gradients_by_name(tensors, analytic.gradient) | {INPUT: analytic.input_gradient.reshape(x.shape)}
    tolerance, batch = _tolerance(choice), (len(x), network.n_outputs)
    bounds = rounding_bounds(network, x, targets, theirs.pre_activations)
    rows = {
        name: replace_field(
            _row(name, gradient, theirs.gradients[name], tolerance, bounds[name], batch), mode=mode
        )
        for name, gradient in ours.items()
    }
    inputs = rows.pop(INPUT)
    found = _loss_faults(network, x, (analytic.loss, theirs.loss), tolerance, bounds[LOSS], mode)
    if report.input is not None:  # the second mode
        inputs = join_rows({INPUT: report.input}, {INPUT: inputs})[INPUT]
        rows = join_rows(report.parameters, rows)
    gradients = {key_of(ANALYTIC, mode): ours, key_of(TORCH, mode): theirs.gradients}
    report = replace(report, parameters=rows, input=inputs, gradients=report.gradients | gradients)
    return _with_found(report, found)


def _tolerance(choice: DeviceChoice) -> float:
    return (TOLERANCES if choice.device == "cpu" else TOLERANCE_ON_ACCELERATOR)[choice.dtype]


def _buffer_faults(
    network: Network, x: Array, targets: Array, theirs: dict[str, Array], tolerance: float
) -> Iterator[_Finding]:
    """Compare the running statistics after one training step with PyTorch's; ours are restored."""
    if not len(network.buffers):
        return
    before = network.buffers.copy()
    with np.errstate(all="ignore"):
        network.loss_and_gradient(x, targets)
        ours = {name: view.copy() for name, view in network.named_buffers()}
        bounds = buffer_bounds(network, x)
    network.buffers[:] = before
    for name, values in ours.items():
        off = float(np.linalg.norm(values.astype(np.float64) - theirs[name].astype(np.float64)))
        ratio = norm_ratio(values.astype(np.float64), theirs[name].astype(np.float64))
        if not ratio <= tolerance:
            layer, _, what = name.rpartition(".")
            message = f"{name} after one step is not PyTorch's {what} (norm ratio {ratio:.1e})"
            yield Fault(layer, message), off <= bounds[name]


def _loss_faults(
    network: Network, x: Array, losses: tuple[float, float], tolerance: float, bound: float, mode: str
) -> Iterator[_Finding]:
    ours, theirs = losses
    off = abs(ours - theirs)
    where = f" in {mode} mode" if mode else ""
    if not np.isfinite(ours):
        yield fault_in_loss(network, x, ours), False
    elif not off <= 10 * tolerance * max(1.0, abs(ours), abs(theirs)):
        message = f"the loss is {ours:.10g}, PyTorch's is {theirs:.10g}{where}"
        yield Fault("loss", message), off <= bound


def _row(
    name: str, ours: Array, theirs: Array, tolerance: float, bound: float, batch: tuple[int, int]
) -> ParameterReport:
    ours, theirs = ours.astype(np.float64), theirs.astype(np.float64)
    ratio = norm_ratio(ours, theirs)
    off = np.abs(ours - theirs)
    index = np.unravel_index(int(np.nanargmax(np.where(np.isnan(off), np.inf, off))), off.shape)
    verdict, diagnosis = _verdict_of(ours, theirs, ratio, tolerance, bound, batch)
    return ParameterReport(
        name=name,
        shape=ours.shape,
        index=tuple(int(i) for i in index),
        analytic=float(ours[index]),
        torch=float(theirs[index]),
        torch_norm_ratio=ratio,
        verdict=verdict,
        diagnosis=diagnosis,
    )


def _verdict_of(
    ours: Array, theirs: Array, ratio: float, tolerance: float, bound: float, batch: tuple[int, int]
) -> tuple[Verdict, str]:
    if not np.isfinite(ours).all():
        return "not_finite", "the gradient is not finite"
    if ratio <= tolerance:
        return "ok", ""
    if float(np.linalg.norm(ours - theirs)) <= bound:
        return "ok", f"differs from PyTorch by {ratio:.1e}, {EXPLAINED}"
    factor = wrong_factor(ours.ravel(), theirs.ravel())
    return "wrong", "" if factor is None else explain_factor(factor, *batch)
