"""An assessed draft as the Build screen shows it: the drawing's columns, figures and the verdict, as plain values."""

from dataclasses import dataclass
from typing import Literal

from engine.experiment.overrides import value_at
from engine.experiment.summary import LayerSummary
from engine.words import counted
from tui.charts.network_map import HIDDEN, INPUT, OUTPUT, NetworkColumn
from tui.draft.assess import Assessment
from tui.draft.tables import Draft, layers_of


@dataclass(frozen=True)
class LayerRow:
    """The derived figures of a layer as text; empty if unknown."""

    kind: str
    output: str
    parameters: str


Verdict = Literal["empty", "checking", "offer", "ready", "forced", "wrong", "starting", "failed"]


@dataclass(frozen=True)
class Readiness:
    """The verdict on a draft in words."""

    verdict: Verdict = "empty"
    message: str = ""
    """The size of the training, or the problem."""
    remedy: str = ""
    """The suggested fix in words."""
    more: int = 0
    """Number of further problems."""
    can_fix: bool = False
    can_force: bool = False


def columns_of(assessment: Assessment) -> tuple[NetworkColumn, ...]:
    """Return the input and each layer as columns of a drawing; empty if the data cannot be described."""
    summary, info = assessment.summary, assessment.info
    if summary is None or info is None:
        return ()
    names = info.class_names if len(info.class_names) == summary.layers[-1].n_out else ()
    last = len(summary.layers) - 1
    return (
        NetworkColumn(
            info.n_features, _shape(info.input_shape) if len(info.input_shape) > 1 else "input", INPUT
        ),
        *(
            NetworkColumn(
                layer.n_out,
                _caption(layer),
                OUTPUT if i == last else HIDDEN,
                names if i == last else (),
                one_to_one=layer.keeps_shape,
            )
            for i, layer in enumerate(summary.layers)
        ),
    )


def _caption(layer: LayerSummary) -> str:
    """Return the text below a layer: its kind, unless it is dense, and its activation."""
    if not layer.short:
        return layer.activation
    is_plain = layer.activation in ("", "linear")
    return layer.short if is_plain else f"{layer.short}+{layer.activation}"


def layer_figures(draft: Draft, assessment: Assessment) -> tuple[LayerRow, ...]:
    """Return the derived figures of each layer of the draft."""
    if assessment.summary is None:
        return tuple(LayerRow(str(layer["type"]), "", "") for layer in layers_of(draft))
    return tuple(
        LayerRow(layer.kind, f"{layer.n_out:,}", f"{layer.parameters:,}")
        for layer in assessment.summary.layers
    )


def input_text(draft: Draft, assessment: Assessment) -> str:
    """Return the network's input in words."""
    info = assessment.info
    name = str(value_at(draft, "data.dataset")).rsplit("/", 1)[-1]
    if info is None:
        return name
    shape = f"{_shape(info.input_shape)} = " if len(info.input_shape) > 1 else ""
    return f"{name} · {shape}{counted(info.n_features, 'feature')} · {info.task}"


def figures(assessment: Assessment) -> tuple[tuple[str, str], ...]:
    """Return the network's figures as pairs of a name and a value with its unit."""
    summary, info = assessment.summary, assessment.info
    if summary is None or info is None:
        return ()
    return (
        ("parameters", f"{summary.parameters:,}"),
        (
            "memory",
            f"{in_bytes(summary.parameter_bytes)} weights · {in_bytes(summary.training_bytes)} training",
        ),
        (
            "FLOPs per sample",
            f"{in_flops(summary.forward_flops)} forward · {in_flops(summary.training_flops)} training",
        ),
        ("steps", f"{summary.steps_per_epoch:,} per epoch · {summary.total_steps:,} total"),
        ("samples", f"{info.samples:,} train + validation · {info.test_samples:,} test"),
    )


def readiness_of(assessment: Assessment, is_offer: bool = False) -> Readiness:
    """Return the verdict in words: the first problem, or the size of the training."""
    if assessment.fatal:
        first = assessment.fatal[0]
        return Readiness(
            "wrong",
            first.message,
            first.hint.partition("; or force")[0],  # the bar names the key that forces
            more=len(assessment.fatal) - 1,
            can_fix=bool(first.remedy),
            can_force=all(problem.forceable for problem in assessment.fatal),
        )
    if assessment.problems:
        return Readiness("forced", f"despite: {assessment.problems[0].message}")
    summary = assessment.summary
    if summary is None:
        return Readiness("ready")
    size = f"{counted(summary.parameters, 'parameter')} · {in_bytes(summary.training_bytes)}"
    work = f"{counted(summary.steps_per_epoch, 'step')}/epoch · {in_flops(summary.training_flops)}/sample"
    return Readiness("offer" if is_offer else "ready", f"{size} · {work}")


def in_bytes(size: int) -> str:
    """Return a memory size with a binary unit."""
    value, units = float(size), ("bytes", "KiB", "MiB", "GiB", "TiB")
    for unit in units:
        if value < 1024 or unit == units[-1]:
            break
        value /= 1024
    return (
        f"{size:,} bytes"
        if unit == "bytes"
        else f"{value:,.3g} {unit}"
        if value < 1000
        else f"{value:,.0f} {unit}"
    )


def in_flops(count: int) -> str:
    """Return a number of floating-point operations with a decimal unit."""
    for power, unit in ((9, "GFLOP"), (6, "MFLOP"), (3, "kFLOP")):
        if count >= 10**power:
            value = count / 10**power
            return f"{value:,.3g} {unit}" if value < 1000 else f"{value:,.0f} {unit}"
    return f"{count:,} FLOP"


def _shape(shape: tuple[int, ...]) -> str:
    kept = shape[1:] if len(shape) == 3 and shape[0] == 1 else shape
    return "×".join(str(size) for size in kept)
